"""Drawings whose lines have the colour of the dark ground that they lie on."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.model import FigureSource, PictureKind, Pixels
from paints_undo_engine.request import Corrections

_GROUND = (4, 22, 84)
_SHAPES = (
    ((300, 300), (150, 190), (12, 158, 218)),
    ((380, 420), (150, 120), (140, 134, 210)),
    ((260, 240), (90, 90), (246, 92, 164)),
    ((300, 270), (54, 40), (196, 212, 236)),
)


def on_dark_ground(line: tuple[int, int, int] | None) -> Pixels:
    """Even shapes on dark blue, with or without outlines and folds in some colour."""
    picture = np.full((640, 640, 3), _GROUND, np.uint8)
    for centre, axes, colour in _SHAPES:
        cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)
        if line is not None:
            cv2.ellipse(picture, centre, axes, 0, 0, 360, line, 3, cv2.LINE_AA)
    if line is not None:
        for at in range(4):
            cv2.ellipse(picture, (320 + 40 * at, 440), (20, 60), 20, 150, 330, line, 3, cv2.LINE_AA)
            cv2.ellipse(picture, (190 + 12 * at, 360 + 16 * at), (16, 50), 20, 60, 240, line, 3, cv2.LINE_AA)
    return picture


def test_lines_of_the_dark_ground_s_colour_are_drawn_around_all_that_lies_on_it() -> None:
    picture = on_dark_ground((18, 8, 86))
    found = read(picture)
    assert found.kind is PictureKind.INKED
    assert found.figure.source is FigureSource.PLAIN_GROUND
    outline = np.zeros(found.shape, np.uint8)
    cv2.ellipse(outline, _SHAPES[1][0], _SHAPES[1][1], 0, 10, 170, 1, 1)
    near = cv2.dilate(found.ink.cover, np.ones((9, 9), np.uint8)) > 127
    assert near[outline > 0].mean() > 0.9
    document = make_document(picture, Options(corrections=Corrections.NONE))
    phases = [op.phase for op in document.operations]
    assert Phase.LINE in phases
    assert phases.index(Phase.LINE) < phases.index(Phase.FLATS)
    # No sheet has the ground's colour before it is laid.
    assert document.render(0)[..., :3].min() > 250


def test_shapes_without_lines_on_a_dark_ground_get_none() -> None:
    assert read(on_dark_ground(None)).kind is not PictureKind.INKED
