"""How masses are laid in: their forms are seen from the first brushes on, and their borders stay clean."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.painting import _DIVISORS
from paints_undo_engine.procedural.mount import mounted
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques import brushing as brushing_module
from paints_undo_engine.procedural.techniques.brush_view import ClearEdges
from paints_undo_engine.procedural.techniques.brushing import Brushing, levels_of
from paints_undo_engine.request import Corrections, Method

OPTIONS = Options(method=Method.PAINTER, corrections=Corrections.NONE)
SIDE = 320


def dabbed(picture: Pixels, levels: float, count: int) -> Pixels:
    """A picture with so many dabs that differ by so many levels."""
    chance = np.random.default_rng(3)
    layer = np.zeros(picture.shape[:2], np.float32)
    for x, y, level in zip(*chance.uniform(0, SIDE, (2, count)), chance.normal(0, levels, count), strict=True):
        cv2.circle(layer, (int(x), int(y)), 5, float(level), -1)
    return np.clip(picture + cv2.GaussianBlur(layer, (0, 0), 2)[..., None], 0, 255).astype(np.uint8)


def rough(picture: Pixels) -> Pixels:
    """A picture with grain."""
    grain = np.random.default_rng(1).normal(0, 6, (*picture.shape[:2], 1))
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def test_the_forms_of_a_dark_picture_are_seen_after_the_broadest_brush() -> None:
    picture = np.full((SIDE, SIDE, 3), (44, 40, 36), np.uint8)
    inside = np.zeros((SIDE, SIDE), np.uint8)
    for x, y in ((60, 100), (110, 200), (160, 100), (210, 200), (260, 100)):
        cv2.ellipse(inside, (x, y), (16, 40), 20, 0, 360, 1, -1)
    picture[inside > 0] = (68, 62, 50)
    picture = dabbed(np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8), 5, 400)
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, read(picture), unchanged, OPTIONS)
    # All is one mass, as what is dark is often read.
    whole, masses = np.ones(source.reading.shape, bool), np.zeros(source.reading.shape, np.int32)
    canvas = np.full_like(source.small, 150)
    brushing = Brushing(source, source.small, whole, masses, ["dark"], [0], canvas, "masses")
    for level in levels_of(_DIVISORS[:1], (1.0,), (Phase.BLOCK_IN,)):
        brushing.level(level)
    form = cv2.resize(inside, source.reading.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    painted = brushing.canvas.astype(int).mean(axis=2)
    assert painted[form].mean() - painted[~form].mean() > 0.45 * 20


def test_no_brush_takes_the_colour_of_what_lies_beside_it() -> None:
    picture = np.full((SIDE, SIDE, 3), 255, np.uint8)
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(inside, (160, 170), (70, 120), 15, 0, 360, 1, -1)
    figure = dabbed(np.full_like(picture, (30, 40, 60)), 22, 500)
    picture[inside > 0] = figure[inside > 0]
    document = make_document(picture, OPTIONS)
    beside = cv2.dilate(inside, np.ones((9, 9), np.uint8)) == 0
    for share in (0.4, 0.5, 0.6, 0.7):
        grey = document.render(document.count * share).astype(int).mean(axis=2) < 235
        assert grey[beside].mean() < 0.004


def brushing_of(side: int, wave: float) -> tuple[Brushing, Pixels, np.ndarray]:
    """Brush work on a canvas that is to be covered with shapes of some pixels a side, that canvas, and where."""
    y, x = np.mgrid[:SIDE, :SIDE]
    shapes = (y // side) * 40 + (x + wave * np.sin(y / 9)).astype(int) // side
    colours = np.random.default_rng(2).integers(30, 120, (int(shapes.max()) + 1, 3))
    picture = colours[shapes].astype(np.uint8)
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, read(picture), unchanged, OPTIONS)
    grid = source.reading.shape[::-1]
    masses = cv2.resize(shapes.astype(np.float32), grid, interpolation=cv2.INTER_NEAREST).astype(np.int32)
    canvas = np.full_like(source.small, 200)
    whole, names = masses >= 0, ["shape"] * len(colours)
    return Brushing(source, source.small, whole, masses, names, range(len(colours)), canvas, "masses"), canvas, whole


def test_broad_brushes_leave_little_bare_between_small_shapes() -> None:
    brushing, canvas, _ = brushing_of(side=18, wave=5)
    for level in levels_of(_DIVISORS[:2], (1.0, 1.0), (Phase.BLOCK_IN,) * 2):
        brushing.level(level)
    assert float((brushing.canvas == canvas).all(axis=2).mean()) < 0.22


def test_the_broadest_masses_are_joined_without_holes_between_them() -> None:
    brushing, canvas, whole = brushing_of(side=40, wave=9)
    for level in levels_of(_DIVISORS[:1], (1.0,), (Phase.BLOCK_IN,)):
        brushing.level(level, closed=whole)
    assert float((brushing.canvas == canvas).all(axis=2).mean()) < 0.002


def test_each_picture_has_its_ground_toned_in_another_way() -> None:
    grounds = []
    for colour in ((90, 60, 40), (40, 90, 120)):
        picture = dabbed(np.full((SIDE, SIDE, 3), colour, np.uint8), 20, 400)
        unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        source = Source(picture, read(picture), unchanged, OPTIONS)
        whole, masses = np.ones(source.reading.shape, bool), np.zeros(source.reading.shape, np.int32)
        canvas = np.full_like(source.small, 255)
        brushing = Brushing(source, source.small, whole, masses, ["all"], [0], canvas, "painting")
        brushing.tone((150, 150, 150), Phase.BLOCK_IN, 1.0)
        grounds.append(brushing.canvas[..., 0].astype(float))
    assert all(float((ground < 200).mean()) > 0.97 for ground in grounds)
    one, other = (ground[(grounds[0] < 200) & (grounds[1] < 200)] for ground in grounds)
    assert abs(float(np.corrcoef(one, other)[0, 1])) < 0.2
    assert max(one.std(), other.std()) < 4  # thin paint, and no wood


def test_smooth_paint_is_smooth_from_the_first_brush_on_and_rough_paint_is_not() -> None:
    flat = np.full((SIDE, SIDE, 3), (120, 90, 60), np.uint8)
    flat[:, SIDE // 2 :] = (180, 60, 50)
    rough = np.clip(flat + np.random.default_rng(4).normal(0, 9, (SIDE, SIDE, 1)), 0, 255).astype(np.uint8)
    strays = []
    for picture in (flat, rough):
        unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        source = Source(picture, read(picture), unchanged, OPTIONS)
        height, width = source.reading.shape
        whole, masses = np.ones((height, width), bool), np.zeros((height, width), np.int32)
        canvas = np.full_like(source.small, 255)
        brushing = Brushing(source, source.small, whole, masses, ["all"], [0], canvas, "painting")
        for level in levels_of(_DIVISORS[:1], (1.0,), (Phase.BLOCK_IN,)):
            brushing.level(level, closed=whole)
        strays.append(float(brushing.canvas[:, : width * 3 // 8, 0].astype(float).std()))
    assert strays[0] < 0.68 * strays[1]


def test_a_toned_ground_leaves_nothing_bare_up_to_the_corners() -> None:
    for colour in ((90, 60, 40), (40, 90, 120), (70, 70, 70), (120, 100, 60)):
        picture = dabbed(np.full((SIDE, SIDE, 3), colour, np.uint8), 20, 400)
        unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        source = Source(picture, read(picture), unchanged, OPTIONS)
        whole, masses = np.ones(source.reading.shape, bool), np.zeros(source.reading.shape, np.int32)
        canvas = np.full_like(source.small, 255)
        brushing = Brushing(source, source.small, whole, masses, ["all"], [0], canvas, "painting")
        brushing.tone((150, 150, 150), Phase.BLOCK_IN, 1.0)
        assert not (brushing.canvas == 255).any()


def test_a_ground_is_toned_before_two_hundredths_of_the_time() -> None:
    picture = dabbed(np.full((SIDE, SIDE, 3), (110, 90, 60), np.uint8), 25, 700)
    document = make_document(picture, OPTIONS)
    assert float((document.render(document.count * 0.02).min(axis=2) > 230).mean()) < 0.03


def test_the_ground_shows_nowhere_through_its_tone() -> None:
    for number in range(6):
        picture = dabbed(np.full((SIDE, SIDE * 3 // 4, 3), (70 + 9 * number, 110, 60), np.uint8), 20, 400)
        unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        source = Source(picture, read(picture), unchanged, replace(OPTIONS, seed=number))
        whole, masses = np.ones(source.reading.shape, bool), np.zeros(source.reading.shape, np.int32)
        canvas = np.full_like(source.small, 255)
        brushing = Brushing(source, source.small, whole, masses, ["all"], [0], canvas, "painting")
        brushing.tone((150, 150, 150), Phase.BLOCK_IN, 1.0)
        assert not (brushing.canvas == 255).any()


def test_no_brush_frays_a_shape_that_it_has_no_room_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brushing_module, "is_clean", lambda _: False)  # a brush of bristles
    picture = np.full((SIDE, SIDE, 3), (60, 70, 80), np.uint8)
    bar = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(bar, (30, 60), (290, 250), 1, 7)
    picture[bar > 0] = (220, 180, 90)
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, read(picture), unchanged, OPTIONS)
    size = source.reading.shape[::-1]
    inside = cv2.resize(bar, size, interpolation=cv2.INTER_NEAREST)
    beside = cv2.dilate(inside, np.ones((5, 5), np.uint8)) == 0
    canvas = np.full_like(source.small, (60, 70, 80))
    whole, masses = np.ones(size[::-1], bool), np.zeros(size[::-1], np.int32)
    brushing = Brushing(source, source.small, whole, masses, ["all"], [0], canvas, "painting")
    painted = []
    fine = _DIVISORS[2:]
    for level in levels_of(fine, (1.0,) * len(fine), (Phase.PAINTING,) * len(fine)):
        brushing.level(level)
        light = brushing.canvas[..., 0] > 130
        assert float(light[beside].mean()) < 0.0005
        painted.append(float(light[inside > 0].mean()))
    assert painted[0] < 0.1
    assert painted[-1] > 0.95


def test_a_brush_follows_parallel_edges_that_it_has_room_between_and_no_foliage() -> None:
    stripes = np.zeros((2 * SIDE, 2 * SIDE, 3), np.uint8)
    stripes[:, (np.arange(2 * SIDE) // 6) % 2 == 0] = 200
    leaves = cv2.GaussianBlur(
        np.random.default_rng(5).uniform(0, 255, (2 * SIDE, 2 * SIDE)).astype(np.float32), (0, 0), 2
    )
    foliage = np.repeat(np.where(leaves > np.median(leaves), 200, 0).astype(np.uint8)[..., None], 3, axis=2)
    middle = np.s_[40:-40, 40:-40]
    assert float(ClearEdges(stripes).depth(3)[middle].max()) < 4
    assert float(ClearEdges(stripes).depth(10)[middle].min()) > 10
    assert float(np.median(ClearEdges(foliage).depth(3)[middle])) > 10


def test_a_painting_goes_down_to_fine_forms_step_by_step() -> None:
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    waves = 120 + 50 * np.sin(x / 40) * np.cos(y / 55) + 30 * (np.sin((x + 0.4 * y) / 2.2) > 0.3)
    picture = rough(dabbed(np.clip(waves[..., None] * (1.0, 0.8, 0.6), 0, 255).astype(np.uint8), 15, 300))
    document = make_document(picture, OPTIONS)
    away = []
    for share in (0.25, 0.4, 0.6, 0.8, 0.97):
        state = document.render(document.count * share)[..., :3].astype(int)
        away.append(float(np.abs(state - picture).mean()))
    assert away == sorted(away, reverse=True)
    assert away[1] > 0.5 * away[0]
    assert away[-1] < 0.3 * away[0]


def test_the_first_coat_covers_the_drawing_and_no_tone_does() -> None:
    names = [layer.name for layer in make_document(striped(30), OPTIONS).layers]
    assert names.index("Toned ground") < names.index("Rough sketch") < names.index("Block-in") < names.index("Masses")


def striped(waves: float) -> Pixels:
    """Rough paint in six stripes, each with fine light and dark forms."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    light = 100 + 60 * ((y // 54) % 2) + waves * np.sign(np.sin(x / 2.5) * np.sin(y / 3.5))
    return rough(dabbed(np.clip(light[..., None] * (1.0, 0.8, 0.6), 0, 255).astype(np.uint8), 15, 500))


def test_a_scene_is_brought_up_as_a_whole_and_then_finished_area_by_area() -> None:
    picture = striped(30)
    document = make_document(picture, OPTIONS)
    states = [document.render(document.count * share)[..., :3].astype(int) for share in (0.4, 0.75)]
    away = [cv2.blur(np.abs(state - picture).mean(axis=2), (33, 33))[20:-20, 20:-20] for state in states]
    assert np.quantile(away[0], 0.95) < 2 * np.quantile(away[0], 0.05)  # no place is far ahead of another one
    assert float((away[1] < 3).mean()) > 0.2  # finished beside what is formed
    assert float((away[1] > 10).mean()) > 0.2


def test_no_place_of_a_painting_is_a_blurred_picture() -> None:
    picture = striped(30)
    document = make_document(picture, OPTIONS)
    soft = cv2.GaussianBlur(picture, (0, 0), 3).astype(int)
    for share in (0.4, 0.55, 0.7, 0.85):
        state = document.render(document.count * share)[..., :3].astype(int)
        alike = cv2.blur(np.abs(state - soft).max(axis=2).astype(np.float32), (25, 25))
        assert float((alike < 4).mean()) < 0.01


def woven(picture: Pixels) -> Pixels:
    """A picture on canvas."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    weave = 7 * np.sin(x * 1.6) * np.sin(y * 1.6) + np.random.default_rng(2).normal(0, 2, picture.shape[:2])
    return np.clip(picture + weave[..., None], 0, 255).astype(np.uint8)


def hills(levels: float) -> Pixels:
    """Two broad masses with soft forms."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    light = np.where(y < 150 + 30 * np.sin(x / 50), 190, 110) + 8 * np.sin(x / 60)
    return dabbed(np.clip(light[..., None] * (1.0, 0.9, 0.7), 0, 255).astype(np.uint8), levels, 200)


def test_canvas_shows_through_the_paint_from_the_first_brush_on() -> None:
    picture = woven(hills(4))
    document = make_document(picture, OPTIONS)

    def grain(state: Pixels) -> float:
        grey = state[..., :3].astype(np.float32).mean(axis=2)
        return float(np.median(cv2.blur(np.abs(grey - cv2.blur(grey, (9, 9))), (25, 25))[40:-40, 40:-40]))

    for share in (0.35, 0.5, 0.7, 0.9):
        assert 0.5 < grain(document.render(document.count * share)) / grain(picture) < 1.5


def test_smooth_paint_shows_no_canvas() -> None:
    layers = make_document(hills(4), OPTIONS).layers
    assert all(getattr(layer, "grain", None) is None for layer in layers)


def test_each_sixteenth_of_the_time_brings_a_painting_forward() -> None:
    picture = striped(30)
    document = make_document(picture, OPTIONS)
    states = [document.render(document.count * step / 16)[..., :3].astype(int) for step in range(5, 16)]
    away = [float(np.abs(state - picture).mean()) for state in states]
    assert all(before - after > 0.02 * away[0] for before, after in pairwise(away))


def test_a_margin_is_never_painted_and_ends_straight_from_the_beginning() -> None:
    picture = np.full((SIDE, SIDE, 3), 252, np.uint8)
    painting = dabbed(np.full_like(picture, (120, 70, 40)), 25, 700)
    picture[20:-24, 28:-18] = painting[20:-24, 28:-18]
    margin = np.ones((SIDE, SIDE), bool)
    margin[20:-24, 28:-18] = False
    document = make_document(picture, OPTIONS)
    for share in (0.05, 0.3, 0.5, 0.7):
        white = document.render(document.count * share).min(axis=2) > 235
        assert white[margin].mean() > 0.99
        if share > 0.3:
            assert white[~margin].mean() < 0.005


def test_a_white_ground_around_a_figure_is_no_margin() -> None:
    picture = np.full((SIDE, SIDE, 3), 252, np.uint8)
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(inside, (160, 170), (120, 140), 15, 0, 360, 1, -1)
    picture[inside > 0] = dabbed(np.full_like(picture, (120, 70, 40)), 25, 700)[inside > 0]
    assert not mounted(picture).sides
