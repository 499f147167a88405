"""Where a painter looks first: faces that no finder knows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from procedural.reading.drawn import BLACK, HAIR, SHIRT, SKIN

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.likely_faces import likely_faces
from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource, FigureSource
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.features import known_features
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


def test_who_stands_beside_a_found_face_is_a_figure_as_well() -> None:
    """One face is known, the other one is seen by its skin, its marks and its hair."""
    one, other = painted(), np.ascontiguousarray(painted()[:, ::-1])
    other[220:, 240:] = np.where(other[220:, 240:, :1] > 150, (60, 130, 70), other[220:, 240:])
    picture = np.concatenate([one[:, :300], other[:, 180:]], axis=1)
    x, y = MIDDLE
    face = Face(
        box=Box(x - 42, y - 42, 84, 84),
        eyes=(Eye(EYES[0], (8, 5), BLACK), Eye(EYES[1], (8, 5), BLACK)),
        mouth=Box(x - 8, y + 22, 16, 6),
        nose=(x, y + 10),
        chin=(x, y + 42),
        tilt=0.0,
        skin=SKIN,
        hair=HAIR,
        confidence=1.0,
        source=FaceSource.ANIMEFACE,
    )
    figure = find_figure(picture, None, (face,))
    middle = picture.shape[1] - x
    assert figure.source is FigureSource.FACE
    for shoulder in (np.s_[250:340, x - 30 : x + 30], np.s_[250:340, middle - 30 : middle + 30]):
        assert (figure.cover[shoulder] > 127).mean() > 0.9
    assert (figure.cover[:120, 230:370] > 127).mean() < 0.1


def test_eyes_are_placed_with_the_masses() -> None:
    picture = painted()
    document = make_document(picture, Options(method=Method.PAINTER, corrections=Corrections.NONE))
    masses = max(op.index for op in document.operations if op.phase is Phase.BLOCK_IN) + 1
    state = document.render(masses).astype(int).mean(axis=2)
    cheek = state[MIDDLE[1] + 8 : MIDDLE[1] + 24, MIDDLE[0] - 20 : MIDDLE[0] + 20].mean()
    for x, y in EYES:
        assert state[y - 3 : y + 4, x - 5 : x + 6].mean() < cheek - 50


def test_where_all_finders_have_looked_nothing_else_is_a_likely_face() -> None:
    picture = painted()
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    reading = replace(read_picture(picture), faces=(), poses=(), heads=())
    looked = replace(reading, faceless=True)
    assert known_features(Source(picture, replace(reading, faceless=False), table, Options()))
    assert not known_features(Source(picture, looked, table, Options()))
