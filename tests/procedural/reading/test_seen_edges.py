"""Lines that a network sees. The network is not installed here: what it would see is drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.reading import edge_network, face_lines, seen_edges
from paints_undo_engine.procedural.reading.edges import Edge
from paints_undo_engine.procedural.reading.hand_lines import length_of
from paints_undo_engine.procedural.reading.main_edges import find_edges
from paints_undo_engine.procedural.reading.model import Box, Cover, Figure, FigureSource, Pixels
from paints_undo_engine.procedural.reading.seen_edges import find_seen_edges

WHITE = np.full((420, 560, 3), 255, np.uint8)


def seen(picture: Pixels) -> np.ndarray:
    """A network that sees what is dark."""
    return np.asarray((255 - picture[..., 1].astype(np.float32)) / 255, np.float32)


def nobody() -> Cover:
    return np.zeros(WHITE.shape[:2], np.uint8)


def by_length(edge: Edge) -> float:
    return edge.weight / length_of(edge.points)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (edge_network, seen_edges, face_lines):
        monkeypatch.setattr(module, "find_likely_edges", seen)


def hatched() -> Pixels:
    """One long line, and many short ones close together."""
    picture = WHITE.copy()
    cv2.line(picture, (60, 40), (60, 380), (0, 0, 0), 4, cv2.LINE_AA)
    for x in range(200, 500, 9):
        for y in range(60, 360, 50):
            cv2.line(picture, (x, y), (x + 3, y + 36), (0, 0, 0), 2, cv2.LINE_AA)
    return picture


@pytest.mark.usefixtures("network")
def test_a_line_that_the_network_sees_is_an_edge_where_it_lies() -> None:
    picture = WHITE.copy()
    cv2.ellipse(picture, (280, 210), (150, 90), 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    found = find_seen_edges(picture, nobody())
    assert found is not None
    main, everything = found
    assert len(everything) == 1
    assert len(main) == 1
    away = np.hypot(*((main[0].points - (280, 210)) / (150, 90)).T)
    assert np.abs(away - 1).max() < 0.04


@pytest.mark.usefixtures("network")
def test_texture_weighs_less_than_a_line_by_itself() -> None:
    found = find_seen_edges(hatched(), nobody())
    assert found is not None
    heaviest, *others = found[1]
    assert np.abs(heaviest.points[:, 0] - 60).max() < 3
    assert max(map(by_length, others)) < 0.75 * by_length(heaviest)
    within = find_seen_edges(hatched(), np.full(WHITE.shape[:2], 255, np.uint8))
    assert within is not None
    assert sum(edge.weight for edge in within[1]) > 1.5 * sum(edge.weight for edge in found[1])


@pytest.mark.usefixtures("network")
def test_a_pictures_edges_are_those_that_the_network_sees() -> None:
    picture = WHITE.copy()
    picture[100:300, 100:300] = (120, 255, 120)
    cv2.line(picture, (60, 40), (500, 380), (0, 0, 0), 4, cv2.LINE_AA)
    alone = Figure(nobody(), (), FigureSource.NONE, "")
    edges = find_edges(picture, alone)
    # The square's green light hides it from this network.
    assert len(edges.all) == 1


def test_without_the_network_edges_are_found_by_contrast() -> None:
    assert find_seen_edges(hatched(), nobody()) is None


@pytest.mark.usefixtures("network")
def test_a_page_is_looked_at_panel_by_panel() -> None:
    picture = WHITE.copy()
    cv2.line(picture, (30, 210), (530, 210), (0, 0, 0), 3, cv2.LINE_AA)
    panels = (Box(10, 10, 260, 400), Box(290, 10, 260, 400))
    edges = find_edges(picture, Figure(nobody(), (), FigureSource.NONE, ""), panels)
    assert len(edges.all) == 2
    for edge, panel in zip(edges.all, panels, strict=True):
        assert all(panel.holds((float(x), float(y))) for x, y in edge.points)
        assert np.abs(edge.points[:, 1] - 210).max() < 2
