"""The sheet before the first stroke."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import make_document
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.request import Corrections, Method


def blank(picture: Pixels, method: Method) -> np.ndarray:
    """What stands before the first stroke: float32 [h, w]."""
    document = make_document(picture, Options(seed=2, method=method, corrections=Corrections.NONE))
    return np.asarray(document.render(0)[..., :3].astype(np.float32).mean(axis=2))


def test_a_white_sheet_is_even_however_dense_the_ink_on_it_is() -> None:
    chance = np.random.default_rng(3)
    picture = np.full((360, 320), 255.0)
    for top in range(0, 360, 5):
        cv2.line(picture, (0, top + 12), (int(chance.integers(120, 190)), top), 20, 2, cv2.LINE_AA)
    cv2.circle(picture, (240, 190), 60, 10, 3, cv2.LINE_AA)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8) - np.abs(chance.normal(0, 1.5, picture.shape))
    drawing = np.repeat(np.clip(np.rint(soft), 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    assert float(np.ptp(blank(drawing, Method.OUTLINE))) == 0
