"""Where a painter looks first: faces that no finder knows."""

from __future__ import annotations

import cv2
import numpy as np
from procedural.reading.drawn import BLACK, HAIR, SHIRT, SKIN

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.likely_faces import likely_faces
from paints_undo_engine.request import Corrections, Method

MIDDLE, EYES = (140, 110), ((126, 106), (154, 106))


def painted(*, marked: bool = True) -> Pixels:
    """Somebody before a soft night, with a hand at the chest: uint8 [360, 480, 3]. `marked`: with eyes and a mouth."""
    down, across = np.mgrid[:360, :480].astype(np.float32)
    soft = np.stack([60 + 0.1 * down, 70 + 0.08 * across, 110 + 0.1 * down], axis=2)
    cv2.ellipse(soft, (MIDDLE[0], 330), (90, 170), 0, 0, 360, SHIRT, -1)
    cv2.ellipse(soft, (MIDDLE[0], 100), (52, 62), 0, 0, 360, HAIR, -1)
    cv2.ellipse(soft, MIDDLE, (34, 42), 0, 0, 360, SKIN, -1)
    hand = (MIDDLE[0] + 10, 210)
    cv2.ellipse(soft, hand, (24, 26), 0, 0, 360, SKIN, -1)
    for side in (-10, 0, 10):
        cv2.line(soft, (hand[0] + side, 196), (hand[0] + side, 218), BLACK, 3)
    for x, y in EYES if marked else ():
        cv2.ellipse(soft, (x, y), (8, 5), 0, 0, 360, BLACK, -1)
    noise = np.random.default_rng(3).normal(0, 5, soft.shape)
    return np.clip(cv2.GaussianBlur(soft, (0, 0), 1.2) + noise, 0, 255).astype(np.uint8)


def test_a_face_is_likely_where_skin_has_marks_and_not_the_hand_below_it() -> None:
    (box,) = likely_faces(painted())
    assert abs(box.centre[0] - MIDDLE[0]) < 8
    assert abs(box.centre[1] - MIDDLE[1]) < 14
    assert all(other.centre[1] > 180 for other in likely_faces(painted(marked=False)))


def test_eyes_are_placed_with_the_masses() -> None:
    picture = painted()
    document = make_document(picture, Options(method=Method.PAINTER, corrections=Corrections.NONE))
    masses = max(op.index for op in document.operations if op.phase is Phase.BLOCK_IN) + 1
    state = document.render(masses).astype(int).mean(axis=2)
    cheek = state[MIDDLE[1] + 8 : MIDDLE[1] + 24, MIDDLE[0] - 20 : MIDDLE[0] + 20].mean()
    for x, y in EYES:
        assert state[y - 3 : y + 4, x - 5 : x + 6].mean() < cheek - 50
