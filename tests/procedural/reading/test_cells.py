"""What lines and crisp edges enclose is filled with one colour, however its paints blend."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.reading.cells import (
    find_cells,
    find_seen_cells,
    flats_by_cell,
    hair_by_cell,
    outlined,
    without_rims,
)
from paints_undo_engine.procedural.reading.flats import FlatGraph
from paints_undo_engine.procedural.reading.model import Cover, Pixels
from paints_undo_engine.procedural.reading.segments import find_segments, lab_of
from paints_undo_engine.procedural.reading.zones import Zone

SIDE = 320
PINK, CREAM = np.array((248, 180, 188.0)), np.array((252, 236, 226.0))


def lock_of_hair(blend: int) -> tuple[Pixels, Cover]:
    """An oval that a line with a gap goes round, pink on the left and cream on the right, and its line art."""
    share = np.clip((np.arange(SIDE) - SIDE // 2) / blend + 0.5, 0, 1)[None, :, None]
    paint = (1 - share) * PINK + share * CREAM
    oval, ink = np.zeros((SIDE, SIDE), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(oval, (160, 160), (120, 60), 0, 0, 360, 1, -1)
    cv2.ellipse(ink, (160, 160), (120, 60), 0, 8, 356, 255, 3)
    picture = np.where(oval[..., None] > 0, np.broadcast_to(paint, (SIDE, SIDE, 3)), 255.0)
    return picture.astype(np.uint8), ink


@pytest.mark.parametrize(("blend", "alike"), [(120, True), (1, False)])
def test_a_cell_ends_at_lines_with_their_gaps_and_at_crisp_edges(blend: int, alike: bool) -> None:
    picture, ink = lock_of_hair(blend)
    cells = find_cells(picture, ink)
    left, right, outside = (int(cells[at]) for at in ((160, 80), (160, 240), (30, 30)))
    assert (left == right) is alike
    assert outside not in (left, right)
    assert (cells > 0).all()


@pytest.mark.parametrize(("blend", "alike"), [(120, True), (1, False)])
def test_paints_that_blend_in_one_cell_are_one_flat(blend: int, alike: bool) -> None:
    picture, ink = lock_of_hair(blend)
    zones = np.full((SIDE, SIDE), Zone.FIGURE, np.int32)
    zones[find_cells(picture, ink) == find_cells(picture, ink)[30, 30]] = Zone.GROUND
    segments = find_segments(picture, ink, zones)
    light = segments.graph.mean[:, 0] > 85
    of = np.where(segments.graph.zone == Zone.GROUND, 0, np.where(light, 1, 2)).astype(np.int64)
    graph = segments.graph.contracted(of)
    flats = FlatGraph(of, graph.mean, graph, np.arange(3))
    found = flats_by_cell(segments, flats, find_cells(picture, ink), np.zeros((0, 3)))
    left, right = (int(found.of[segments.labels[160, x]]) for x in (80, 240))
    assert (left == right) is alike


def test_hair_is_whole_cells() -> None:
    picture, ink = lock_of_hair(120)
    cells = find_cells(picture, ink)
    inside = cells == cells[160, 160]
    zones = np.where(inside, Zone.FIGURE, Zone.GROUND).astype(np.int32)
    zones[inside & (np.arange(SIDE)[None] < 200)] = Zone.HAIR
    made = hair_by_cell(zones, cells)
    assert (made[inside] == Zone.HAIR).all()
    assert (made[~inside] == Zone.GROUND).all()


@pytest.mark.parametrize("blend", [1, 120])
@pytest.mark.parametrize("seen", [True, False])
def test_only_edges_that_somebody_would_draw_part_cells(blend: int, seen: bool) -> None:
    edges = np.zeros((SIDE, SIDE), np.float32)
    edges[:, 158:163] = seen
    cells = find_cells(*lock_of_hair(blend), edges)
    assert (int(cells[160, 80]) != int(cells[160, 240])) is seen


def test_edges_with_gaps_enclose_a_cell() -> None:
    edges = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(edges, (160, 160), (120, 60), 0, 3, 358, 1.0, 3)
    cells = find_seen_cells(np.zeros((SIDE, SIDE), np.uint8), edges)
    assert cells[160, 80] == cells[160, 240] != cells[30, 30]


@pytest.mark.parametrize("alike", [True, False])
def test_a_figure_ends_at_its_outline_where_what_is_beyond_has_the_grounds_colour(alike: bool) -> None:
    picture = np.full((SIDE, SIDE, 3), (220, 170, 90), np.uint8)
    picture[100:220, 100:220] = (60, 60, 70)
    zones = np.full((SIDE, SIDE), Zone.GROUND, np.int32)
    zones[80:230, 90:220] = Zone.FIGURE
    edges = np.zeros((SIDE, SIDE), np.float32)
    cv2.rectangle(edges, (100, 100), (220, 220), 1.0, 3)
    if not alike:
        picture[zones == Zone.FIGURE] = (60, 60, 70)
    made = outlined(zones, find_seen_cells(np.zeros((SIDE, SIDE), np.uint8), edges), lab_of(picture))
    assert made[85, 150] == (Zone.GROUND if alike else Zone.FIGURE)
    assert made[160, 160] == Zone.FIGURE
    assert made[300, 20] == Zone.GROUND


def test_no_rim_of_the_old_outline_is_left() -> None:
    before = np.full((SIDE, SIDE), Zone.GROUND, np.int32)
    before[80:230, 90:220] = Zone.FIGURE
    made = before.copy()
    made[81:100, 91:220] = Zone.GROUND
    made = without_rims(before, made)
    assert (made[:100, 100:210] == Zone.GROUND).all()
    assert (made[110:220, 100:210] == Zone.FIGURE).all()
