"""Masses that a painter lays in with the lasso, and what comes after colour curves."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.techniques.adjusting import curves_table
from paints_undo_engine.request import Corrections, Method

SKIN = (214, 170, 140)


def face() -> Pixels:
    """A cut-out head with soft light, dark eyes and a red mouth: uint8 [220, 200, 4]."""
    y, x = np.mgrid[:220, :200].astype(np.float32)
    light = np.clip(1.12 - np.hypot(x - 80, y - 80) / 420, 0.6, 1.1)
    canvas = np.array(SKIN) * light[..., None] + np.random.default_rng(1).normal(0, 4, (220, 200, 1))
    picture = np.clip(canvas, 0, 255).astype(np.uint8)
    for side in (70, 130):
        cv2.circle(picture, (side, 100), 6, (24, 20, 30), -1)
    cv2.ellipse(picture, (100, 150), (16, 4), 0, 0, 360, (170, 50, 50), -1)
    alpha = np.zeros((220, 200), np.uint8)
    cv2.ellipse(alpha, (100, 112), (78, 96), 0, 0, 360, 255, -1)
    return np.dstack([picture, alpha])


def painted() -> Document:
    return make_document(face(), Options(method=Method.PAINTER, corrections=Corrections.NONE))


def test_a_mass_has_no_holes_where_eyes_will_be() -> None:
    document = painted()
    lasso = [op.index for op in document.operations if op.phase is Phase.BLOCK_IN and op.label.endswith("flat")]
    canvas = document.render(max(lasso) + 1)
    for x, y in ((70, 100), (130, 100), (100, 150)):
        spot = canvas[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 4).mean(axis=0)
        assert spot[3] > 240
        assert np.abs(spot[:3] - SKIN).max() < 60
    assert (document.render(document.count)[98:103, 68:73, :3].mean(axis=2) < 60).all()


def test_the_last_touches_come_after_the_curves() -> None:
    phases = [operation.phase for operation in painted().operations]
    curves = phases.index(Phase.ADJUSTMENT)
    assert Phase.DETAILS in phases[curves:]
    assert phases[-1] is Phase.ADJUSTMENT


def test_the_last_curves_are_seen_and_turn_no_picture_into_another() -> None:
    levels = np.arange(256)[:, None]
    for seed in range(40):
        table = curves_table(np.random.default_rng(seed), colour=True)
        assert 2 <= np.abs(table.astype(int) - levels).max() < 10
