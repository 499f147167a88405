"""What is drawn before a painting: its large shapes in long lines, and not the borders of its brush strokes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.hand_lines import as_drawn, straightened
from paints_undo_engine.procedural.reading.model import InkPath, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.roughing import Rough, rough_lines
from paints_undo_engine.procedural.techniques.underdrawing import is_drawn_first
from paints_undo_engine.request import Corrections, Method

OPTIONS = Options(method=Method.PAINTER, corrections=Corrections.NONE)
WIDTH, HEIGHT = 420, 340


def painting(light: float) -> tuple[Pixels, NDArray[np.bool_]]:
    """Hills under a moon, dabbed all over, and where their borders are; `light` 0 to 1 is that of the picture."""
    chance = np.random.default_rng(7)
    ground = (HEIGHT * (0.55 + 0.13 * np.sin(np.arange(WIDTH) / 55))).astype(int)
    hill = np.arange(HEIGHT)[:, None] > ground[None]
    moon = np.hypot(*(np.mgrid[0:HEIGHT, 0:WIDTH] - np.array([70, 300])[:, None, None])) < 42
    picture = np.full((HEIGHT, WIDTH, 3), (120, 130, 150), np.float32)
    picture[hill], picture[moon] = (80, 80, 70), (200, 200, 190)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 4), np.float32)
    for x, y, level in zip(*chance.uniform(0, 1, (2, 1500)), chance.normal(0, 13, 1500), strict=True):
        at, way = np.array([x * WIDTH, y * HEIGHT]), chance.normal(0, 8, 2)
        stroke = np.zeros(picture.shape[:2], np.uint8)
        cv2.line(stroke, (at - way).astype(int).tolist(), (at + way).astype(int).tolist(), 1, 7)
        picture[stroke > 0] += level
    shapes = hill + 2 * moon.astype(np.uint8)
    border = cv2.morphologyEx(shapes, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    return np.clip(picture * light, 0, 255).astype(np.uint8), border


def sketched(picture: Pixels) -> tuple[Source, list[Rough]]:
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, read(picture), unchanged, OPTIONS)
    return source, rough_lines(source, 70)


def drawn(shape: tuple[int, int], lines: list[Rough], width: int) -> NDArray[np.bool_]:
    """Where lines run, each so many pixels wide."""
    where = np.zeros(shape, np.uint8)
    for line in lines:
        cv2.polylines(where, [np.rint(line.points).astype(np.int32)], False, 1, width)
    return where > 0


@pytest.mark.parametrize("light", [1.0, 0.3])
def test_the_large_shapes_are_drawn_and_no_brush_strokes(light: float) -> None:
    picture, border = painting(light)
    source, lines = sketched(picture)
    whole = cv2.resize(border.astype(np.uint8), source.reading.shape[::-1], interpolation=cv2.INTER_NEAREST)
    near = cv2.dilate(whole, np.ones((17, 17), np.uint8)) > 0
    assert drawn(whole.shape, lines, 17)[whole > 0].mean() > 0.9
    assert near[drawn(whole.shape, lines[: len(lines) // 4], 1)].mean() > 0.6


@pytest.mark.parametrize("method", [Method.PAINTER, Method.VALUES])
def test_a_toned_ground_comes_before_the_drawing_and_leaves_it_visible(method: Method) -> None:
    document = make_document(painting(0.3)[0], replace(OPTIONS, method=method))
    ground = [op.index for op in document.operations if op.label == "toned ground"]
    drawing = [op.index for op in document.operations if op.phase in (Phase.CONSTRUCTION, Phase.SKETCH)]
    assert ground
    assert drawing
    assert max(ground) < min(drawing)
    before, after = (document.render(at).astype(int).mean(axis=2) for at in (min(drawing), max(drawing) + 1))
    assert np.percentile(before - after, 99) > 40


@pytest.mark.parametrize(("connected", "first"), [(0.5, False), (0.7, True)])
def test_a_painting_without_faces_is_inked_first_where_its_lines_hold_together(
    connected: float, *, first: bool
) -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    reading = read(picture)
    length = 5 * float(np.hypot(*reading.shape))
    path = InkPath(np.zeros((2, 2), np.float32), np.ones(2, np.float32), length, 0, (0, 0, 0))
    ink = replace(reading.ink, paths=(path,), connected=connected, explained=0.7)
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert is_drawn_first(Source(picture, replace(reading, ink=ink), unchanged, OPTIONS)) is first


@pytest.mark.parametrize(("brush", "first"), [(0.2, True), (0.7, False)])
def test_lines_of_what_a_brush_has_made_are_not_inked_first(brush: float, *, first: bool) -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    reading = read(picture)
    length = 5 * float(np.hypot(*reading.shape))
    path = InkPath(np.zeros((2, 2), np.float32), np.ones(2, np.float32), length, 0, (0, 0, 0))
    ink = replace(reading.ink, paths=(path,), connected=0.7, explained=0.7)
    made_by = {Method.PAINTER: brush, Method.LINE: 1 - brush}
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert is_drawn_first(Source(picture, replace(reading, ink=ink, made_by=made_by), unchanged, OPTIONS)) is first


def test_what_is_nearly_straight_is_drawn_straight_and_an_arc_is_not() -> None:
    t = np.linspace(0, 1, 200)
    wall = np.stack([300 * t, 40 + 2.5 * np.sin(9 * t)], axis=1)
    arc = np.stack([300 + 120 * np.sin(np.pi * t), 160 - 120 * np.cos(np.pi * t)], axis=1)
    line = straightened(np.concatenate([wall, arc[1:]]).astype(np.float32), 40.0)
    drawn = line[(line[:, 0] < 280) & (line[:, 1] < 60)]
    off = drawn[:, 1] - np.polyval(np.polyfit(drawn[:, 0], drawn[:, 1], 1), drawn[:, 0])
    assert np.abs(off).max() < 0.6
    curved = line[line[:, 0] > 340]
    assert np.abs(np.hypot(curved[:, 0] - 300, curved[:, 1] - 160) - 120).max() < 3


def test_a_small_window_keeps_its_corners_and_a_circle_gets_none() -> None:
    side = np.arange(18)
    window = np.concatenate(
        [
            np.stack([side, 0 * side], axis=1),
            np.stack([18 + 0 * side, side], axis=1),
            np.stack([18 - side, 18 + 0 * side], axis=1),
            np.stack([0 * side, 18 - side], axis=1),
        ]
    ).astype(np.float32)
    drawn = as_drawn(window, 1.8, 40.0)
    for corner in ((18, 0), (18, 18), (0, 18)):
        assert np.hypot(*(drawn - corner).T).min() < 1.5
    turn = np.linspace(0, 2 * np.pi, 100)
    circle = np.rint(15 * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.float32)
    assert np.abs(np.hypot(*as_drawn(circle, 1.8, 40.0).T) - 15).max() < 1.2
