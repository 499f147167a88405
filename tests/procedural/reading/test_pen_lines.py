"""What of a line art a pen has drawn: firm strokes, and neither soft shades nor crumbs."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.reading.model import Ink
from paints_undo_engine.procedural.reading.pen_lines import drawn_with_a_pen, rims
from paints_undo_engine.procedural.reading.strokes import find_strokes


def two_lines() -> Ink:
    """A pen's line at the left, and at the right a shade that is as dark and soft at one side."""
    cover = np.zeros((640, 640), np.uint8)
    cover[100:540, 199:204] = (90, 255, 255, 255, 90)
    cover[100:540, 400:404] = 255
    cover[100:540, 404:412] = np.linspace(190, 30, 8)
    colour = np.full((640, 640, 3), 40, np.uint8)
    return Ink(cover, colour, find_strokes(cover, colour), 0.0, 0.0, 0.0)


def test_a_soft_shade_is_no_line() -> None:
    found = two_lines()
    nowhere = np.zeros(found.cover.shape, bool)
    ink = drawn_with_a_pen(found, nowhere)
    assert not ink.cover[:, 380:].any()
    assert ink.cover[320, 201] == 255
    assert len(ink.paths) < len(found.paths)
    assert drawn_with_a_pen(found, ~nowhere).paths == found.paths


def test_what_no_line_goes_through_is_no_ink() -> None:
    found = two_lines()
    cover = found.cover.copy()
    cover[300:303, 225:228] = 255
    crumbs = Ink(cover, found.colour, found.paths, 0.0, 0.0, 0.0)
    assert not drawn_with_a_pen(crumbs, np.zeros(cover.shape, bool)).cover[300:303, 225:228].any()


def test_softer_pictures_may_have_softer_lines() -> None:
    found = two_lines()
    broadest = float(rims(found.cover, found.paths).max())
    assert len(drawn_with_a_pen(found, np.zeros(found.cover.shape, bool), broadest).paths) == len(found.paths)
