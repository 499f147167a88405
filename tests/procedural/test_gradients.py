"""Paints of a ground that go over into each other are one flat, with a gradient over it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.reading.tflite import install_red_network, red_figure

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading import regions
from paints_undo_engine.procedural.techniques.gradients import blends
from paints_undo_engine.request import Corrections, Method


def under_water() -> Pixels:
    """A red figure in water that is pale above and dark below, with a rock: uint8."""
    picture, inside = red_figure(480, 400)
    height, width = picture.shape[:2]
    down = np.clip(np.linspace(-0.2, 1.2, height), 0, 1)[:, None, None]
    water = np.array([150, 210, 240]) * (1 - down) + np.array([20, 30, 110]) * down
    picture = np.broadcast_to(np.rint(water), (height, width, 3)).astype(np.uint8).copy()
    cv2.rectangle(picture, (width - 90, height - 120), (width, height), (90, 70, 60), -1)
    picture[inside] = (220, 60, 40)
    return picture


@pytest.mark.parametrize("looked", [False, True])
def test_water_that_darkens_downwards_never_has_a_border(
    looked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_red_network(tmp_path, monkeypatch)
    if looked:
        nothing = np.zeros((1, 1), np.float32)
        monkeypatch.setattr(regions, "find_likely_edges", lambda pixels: cv2.resize(nothing, pixels.shape[1::-1]))
    document = make_document(under_water(), Options(method=Method.LINE, corrections=Corrections.NONE))
    drawn = [op for op in document.operations if "gradient" in op.label]
    assert drawn
    assert all(op.phase is Phase.BACKGROUND for op in drawn)
    for at in range(drawn[-1].index + 1, document.count + 1, 16):
        column = document.render(at)[10:-10, 20].astype(int)
        assert np.abs(column[6:] - column[:-6]).max() < 24, at


def test_paints_go_over_into_each_other_where_their_border_is_soft() -> None:
    labels = np.repeat(np.arange(3, dtype=np.int32), 20)[:, None].repeat(60, axis=1)
    crisp = np.zeros(labels.shape, bool)
    crisp[38:42] = True
    area = np.array([1200, 1300, 1200])
    assert blends(labels, (0, 1, 2), crisp, area) == {0: 1}
    assert not blends(labels, (0, 2), crisp, area)
