"""What is dark, or was taken into a flat of another colour, is a flat of its own; what is only shaded is not."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.flats import find_flats
from paints_undo_engine.procedural.reading.model import Colour, Pixels
from paints_undo_engine.procedural.reading.segments import find_segments
from paints_undo_engine.procedural.reading.zones import Zone
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.shades import find_shades, soft_tones

JERSEY, TROUSERS, HAIR, SKIN = (42, 42, 42), (31, 21, 51), (24, 19, 39), (241, 203, 176)
SIDE = 640


@cache
def doll(jersey: Colour, trousers: Colour, hair: Colour) -> tuple[Pixels, Pixels]:
    """A cut-out doll without lines, and its alpha."""
    picture, alpha = np.full((SIDE, SIDE, 3), 255, np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    legs = np.array([(210, 430), (430, 430), (480, 640), (340, 640), (320, 520), (300, 640), (160, 640)])
    body = np.array([(250, 220), (390, 220), (480, 430), (440, 450), (200, 450), (160, 430)])
    for shape, colour in ((legs, trousers), (body, jersey)):
        cv2.fillPoly(alpha, [shape], 255)
        cv2.fillPoly(picture, [shape], colour)
    for at, half, colour in (((320, 130), (110, 110), hair), ((320, 150), (72, 80), SKIN)):
        cv2.ellipse(alpha, at, half, 0, 0, 360, 255, -1)
        cv2.ellipse(picture, at, half, 0, 0, 360, colour, -1)
    return picture, alpha


def flats_at(picture: Pixels, alpha: Pixels, *places: tuple[int, int]) -> list[tuple[int, Colour]]:
    """The region in the middle of each place, by x and y, and its colour."""
    found = read(picture, alpha)
    scale = found.shape[0] / SIDE
    labels = [int(found.labels[round(y * scale), round(x * scale)]) for x, y in places]
    return [(label, found.regions[label].colour) for label in labels]


def test_dark_clothes_and_dark_hair_are_three_flats() -> None:
    dark = JERSEY, TROUSERS, HAIR
    found = flats_at(*doll(*dark), (320, 330), (250, 560), (230, 130))
    assert len({label for label, _ in found}) == 3
    for (_, colour), painted in zip(found, dark, strict=True):
        assert np.abs(np.subtract(colour, painted)).max() < 8


@pytest.mark.parametrize("lines", [False, True])
def test_paints_side_by_side_are_one_flat_only_where_lines_part_others(lines: bool) -> None:
    picture = np.full((160, 160, 3), (176, 165, 177), np.uint8)
    picture[:, 80:] = (190, 145, 140)
    picture[100:] = (40, 60, 120)
    ink, zones = np.zeros((160, 160), np.uint8), np.full((160, 160), Zone.FIGURE, np.int32)
    ink[98:102] = 255 if lines else 0
    segments = find_segments(picture, ink, zones)
    flats = find_flats(segments, True, np.zeros((0, 3)), np.zeros((160, 160), bool))
    left, right = (int(flats.of[segments.labels[40, x]]) for x in (40, 120))
    assert (left == right) is lines


def test_what_is_shaded_softly_is_one_flat() -> None:
    picture, alpha = doll(JERSEY, TROUSERS, HAIR)
    lit = picture.copy()
    light = np.linspace(20, 150, SIDE)[None, :, None] * np.array((0.9, 0.95, 1.0))
    body = (picture == JERSEY).all(axis=2)
    lit[body] = np.broadcast_to(light, picture.shape)[body]
    (left, _), (right, _) = flats_at(lit, alpha, (230, 400), (420, 400))
    assert left == right


@pytest.mark.parametrize("width", [160, 1])
def test_paints_that_blend_into_each_other_are_one_flat_and_beside_an_edge_they_are_two(width: int) -> None:
    picture, alpha = doll((200, 190, 60), (52, 50, 62), HAIR)
    along = np.clip((np.arange(SIDE) - 530) / width + 0.5, 0, 1)[:, None, None]
    legs = (picture == (52, 50, 62)).all(axis=2)
    lit = (1 - along) * np.array((90, 80, 66)) + along * np.array((30, 30, 130))
    picture = picture.copy()
    picture[legs] = np.broadcast_to(lit, picture.shape)[legs]
    found = read(picture, alpha)
    source = Source(
        np.dstack([picture, alpha]), found, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options()
    )
    sides = find_shades(source, [region.label for region in found.regions])
    scale = found.shape[0] / SIDE
    upper, lower = (int(found.labels[round(y * scale), round(210 * scale)]) for y in (470, 620))
    assert (sides.get(upper, upper) == sides.get(lower, lower)) is (width > 1)
    soft = {source.reading.cels[label].region for label in soft_tones(source, sides)}
    assert bool(soft & {upper, lower}) is (width > 1), "no lasso goes round what an airbrush shades"


def test_a_small_figures_coat_and_legs_are_two_flats_that_are_filled_apart() -> None:
    picture, alpha = doll((96, 72, 56), (160, 128, 108), HAIR)
    wide, cover = np.full((SIDE, 3 * SIDE, 3), 255, np.uint8), np.zeros((SIDE, 3 * SIDE), np.uint8)
    wide[:, SIDE : 2 * SIDE], cover[:, SIDE : 2 * SIDE] = picture, alpha
    found = read(wide, cover)
    scale = found.shape[0] / SIDE
    coat, legs = (int(found.labels[round(y * scale), round((SIDE + x) * scale)]) for x, y in ((320, 330), (250, 560)))
    assert coat != legs
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(np.dstack([wide, cover]), found, unchanged, Options())
    assert not {coat, legs} & set(find_shades(source, [region.label for region in found.regions]))
