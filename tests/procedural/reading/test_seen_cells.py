"""Flats of a ground end where somebody would draw a line, and only there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.reading import read, regions
from paints_undo_engine.procedural.reading.cells import find_seen_cells
from paints_undo_engine.procedural.reading.flats import find_flats
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.segments import find_segments
from paints_undo_engine.procedural.reading.zones import Zone

SIDE = 320


def flats_of(picture: Pixels, edges: np.ndarray | None, zone: Zone, *places: tuple[int, int]) -> list[int]:
    """The flats in some places, by row and column, of a picture that is all one zone."""
    ink, zones = np.zeros((SIDE, SIDE), np.uint8), np.full((SIDE, SIDE), zone, np.int32)
    cells = None if edges is None else find_seen_cells(ink, edges)
    segments = find_segments(picture, ink, zones, edges, cells)
    found = find_flats(segments, False, np.zeros((0, 3)), np.zeros((SIDE, SIDE), bool))
    return [int(found.of[segments.labels[place]]) for place in places]


def wall_with_a_window() -> tuple[Pixels, np.ndarray]:
    """A pale window in a wall of nearly its colour, and the edges about it."""
    picture, edges = np.full((SIDE, SIDE, 3), (226, 222, 214), np.uint8), np.zeros((SIDE, SIDE), np.float32)
    picture[80:240, 100:220] = (228, 232, 232)
    cv2.rectangle(edges, (100, 80), (220, 240), 1.0, 3)
    return picture, edges


def test_what_has_nearly_one_colour_is_two_flats_where_somebody_would_draw_a_line() -> None:
    picture, edges = wall_with_a_window()
    window, wall = flats_of(picture, edges, Zone.GROUND, (160, 160), (30, 30))
    assert window != wall
    for looked in (None, np.zeros_like(edges)):
        window, wall = flats_of(picture, looked, Zone.GROUND, (160, 160), (30, 30))
        assert window == wall


@pytest.mark.parametrize("looked", [True, False])
def test_light_on_the_ground_is_no_flat_where_nobody_would_draw_a_line(looked: bool) -> None:
    share = np.clip((np.arange(SIDE) - 160) / 6 + 0.5, 0, 1)[None, :, None]
    paint = (1 - share) * np.array((96, 80, 190.0)) + share * np.array((140, 110, 200.0))
    picture = np.broadcast_to(paint, (SIDE, SIDE, 3)).astype(np.uint8)
    edges = np.zeros((SIDE, SIDE), np.float32) if looked else None
    left, right = flats_of(picture, edges, Zone.GROUND, (160, 20), (160, 300))
    assert (left == right) is looked


def test_a_figures_shadow_that_has_an_edge_stays_in_its_flat() -> None:
    picture, edges = np.full((SIDE, SIDE, 3), (196, 110, 60), np.uint8), np.zeros((SIDE, SIDE), np.float32)
    picture[:, 200:] = (170, 92, 52)
    edges[:, 198:203] = 1.0
    light, shadow = flats_of(picture, edges, Zone.FIGURE, (160, 60), (160, 260))
    assert light == shadow


def test_a_whole_picture_is_read_with_its_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    small, edges = wall_with_a_window()
    picture = np.asarray(cv2.resize(small, (2 * SIDE, 2 * SIDE)), np.uint8)

    def window_is_wall() -> bool:
        labels = read(picture).labels
        height, width = labels.shape
        return bool(labels[height // 2, width // 2] == labels[height // 12, width // 12])

    monkeypatch.setattr(regions, "find_likely_edges", lambda pixels: None)
    assert window_is_wall()
    monkeypatch.setattr(regions, "find_likely_edges", lambda pixels: cv2.resize(edges, pixels.shape[1::-1]))
    assert not window_is_wall()
