"""What of a line art a pen has drawn: firm strokes, and neither soft shades nor crumbs."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.reading.ink import find_dirt, with_lashes, without
from paints_undo_engine.procedural.reading.model import Ink
from paints_undo_engine.procedural.reading.pen_lines import drawn_with_a_pen, rims, thinned_within, with_lights
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


def test_the_dark_between_two_lights_in_hair_is_inked_as_a_thin_line() -> None:
    cover = np.zeros((640, 640), np.uint8)
    cover[100:540, 198:200] = 255
    cover[100:540, 400:409] = 255
    colour = np.full((640, 640, 3), 40, np.uint8)
    ink = Ink(cover, colour, find_strokes(cover, colour), 0.0, 0.0, 0.0)
    clean = np.array([float(path.points[:, 0].mean() < 300) for path in ink.paths])
    everywhere = np.ones(cover.shape, bool)
    thin, gone = thinned_within(ink, everywhere, clean)
    across = (thin.cover > 127).sum(axis=1)[200:440]
    assert across.max() <= 6
    assert (thin.cover[200:440, 390:420] > 127).any(axis=1).all()
    assert (thin.cover[200:440, 198:200] == 255).all()
    assert gone[300, 401]
    assert thinned_within(ink, ~everywhere, clean)[0] is ink


def test_narrow_lights_in_hair_are_hair() -> None:
    hair = np.zeros((640, 640), bool)
    hair[100:500, 100:500] = True
    hair[200:300, 250:258] = False
    hair[200:400, 320:420] = False
    whole = with_lights(hair)
    assert whole[200:300, 250:258].all()
    assert not whole[300, 370]


def test_pale_lines_that_hang_on_no_dark_one_are_dirt() -> None:
    cover, shown = np.zeros((640, 640), np.uint8), np.zeros((640, 640), bool)
    colour, pixels = np.full((640, 640, 3), 40, np.uint8), np.full((640, 640, 3), 250, np.uint8)
    for at, level in ((100, 30), (108, 190), (400, 190)):
        cover[100:500, at : at + 3] = 255
        colour[:, at - 2 : at + 5] = level
    shown[90:510, 90:120] = shown[100:500, 400:403] = True
    pixels[shown] = colour[shown]
    ink = Ink(cover, colour, find_strokes(cover, colour), 0.0, 0.0, 0.0)
    dirt = find_dirt(ink, pixels, shown)
    found = without(ink, dirt)
    assert not found.cover[:, 390:].any()
    assert found.cover[300, 101] == 255
    assert found.cover[300, 109] == 255
    assert len(found.paths) == 2
    colour[:, 390:410] = (240, 120, 170)
    pink = Ink(cover, colour, find_strokes(cover, colour), 0.0, 0.0, 0.0)
    assert not find_dirt(pink, pixels, shown).any()


def test_a_dark_shape_is_a_lash_if_it_does_not_fill_the_eye() -> None:
    for depth, whole in ((10, True), (60, False)):
        pixels, cover = np.full((200, 200, 3), 230, np.uint8), np.zeros((200, 200), np.uint8)
        eyes = np.zeros((200, 200), bool)
        eyes[60:140, 60:140] = True
        pixels[60 : 60 + depth, 60:140] = 20
        cover[60:63, 60:140] = 255
        ink = with_lashes(Ink(cover, pixels, (), 0.0, 0.0, 0.0), pixels, eyes)
        assert bool(ink.cover[67, 100] == 255) == whole
