"""Coloured lines are drawn in one ink and take their colours late; so are highlights set, after all other tones."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.request import Corrections, Method

HEAD, COAT, BOOTS = (210, 110), (210, 300), (210, 470)
OUTLINES = ((HEAD, (70, 70), (230, 190, 160), (40, 30, 30)), (COAT, (110, 110), (90, 150, 210), (30, 50, 150)),
            (BOOTS, (90, 50), (220, 130, 120), (160, 40, 30)))  # fmt: skip


def figure() -> Pixels:
    """Three lined shapes on white, two of them with lines in their own colour, and a small bright spot on the coat."""
    picture = np.full((540, 420, 3), 255, np.uint8)
    for at, half, colour, line in OUTLINES:
        cv2.ellipse(picture, at, half, 0, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(picture, at, half, 0, 0, 360, line, 4, cv2.LINE_AA)
    cv2.ellipse(picture, (170, 270), (28, 16), 30, 0, 360, (205, 230, 250), -1, cv2.LINE_AA)
    return picture


def document() -> Document:
    return make_document(figure(), Options(method=Method.LINE, corrections=Corrections.NONE))


def chroma(state: Pixels) -> float:
    """The most chroma, in levels, along the coat's outline."""
    ring = np.zeros(state.shape[:2], np.uint8)
    cv2.ellipse(ring, COAT, (110, 110), 0, 0, 360, 1, 2)
    colours = state[..., :3][ring > 0].astype(np.int16)
    return float(np.percentile(colours.max(axis=1) - colours.min(axis=1), 75))


def test_coloured_lines_are_drawn_in_one_ink_and_take_their_colours_after_the_tones() -> None:
    made = document()
    operations = made.operations
    coloured = [operation.index for operation in operations if operation.label.endswith("colour of lines")]
    flats = [operation.index for operation in operations if operation.phase is Phase.FLATS]
    assert coloured
    assert min(coloured) > max(flats)
    assert chroma(made.render(min(flats))) < 50
    assert chroma(made.render(max(coloured) + 1)) > 90


def test_the_last_state_and_moments_in_any_order_stay_as_they_are() -> None:
    made = document()
    assert (made.render(made.count)[..., :3] == figure()).all()
    late = [operation.index for operation in made.operations if operation.phase is Phase.EFFECTS]
    moments = [late[0] + 0.5, 3.25, late[-1] + 0.75]
    first = [made.render(moment).copy() for moment in moments]
    assert all((made.render(moment) == state).all() for moment, state in zip(moments[::-1], first[::-1], strict=True))


def test_lines_of_one_ink_are_not_coloured_again() -> None:
    picture = figure()
    for at, half, _, _ in OUTLINES:
        cv2.ellipse(picture, at, half, 0, 0, 360, (30, 28, 30), 5, cv2.LINE_AA)
    made = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    assert not [operation for operation in made.operations if operation.label.endswith("colour of lines")]
