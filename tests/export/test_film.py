"""What is drawn over a video, and what follows the process in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from export.filming import SIZE, difference, shown
from export.sources import process
from export.test_camera import across
from hypothesis import given, settings
from hypothesis import strategies as st

from paints_undo_engine.export import Aspect, ExportOptions, Fill
from paints_undo_engine.export.beside import Beside
from paints_undo_engine.export.camera import thumbnail
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.overlays import Moment, Overlays, words_for
from paints_undo_engine.export.palette import Palette
from paints_undo_engine.export.planes import Planes
from paints_undo_engine.export.pyramid import Pyramid
from paints_undo_engine.export.steady_view import SteadyView
from paints_undo_engine.painting import from_raw
from paints_undo_engine.picture import Picture, Placement


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.tuples(*[st.integers(0, 255)] * 3), st.integers(0, 2**32 - 1))
def test_planes_are_those_of_swscale(half_width, half_height, colour, seed):
    size = (half_height * 2, half_width * 2, 3)
    noise = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    assert np.abs(Planes.of(noise).y.astype(int) - by_swscale(noise)[: size[0]]).max() <= 1
    plain = np.broadcast_to(np.array(colour, np.uint8), size)
    assert np.abs(Planes.of(np.ascontiguousarray(plain)).buffer.astype(int) - by_swscale(plain)).max() <= 1


def by_swscale(pixels: np.ndarray) -> np.ndarray:
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG").to_ndarray().astype(int)


@pytest.mark.parametrize("aspect", [Aspect.TALL, Aspect.WIDE, Aspect.OWN])
@pytest.mark.parametrize("fill", [Fill.BLUR, Fill.BARS, Fill.CROP])
def test_a_view_that_is_resampled_once_shows_what_the_canvas_shows(aspect, fill):
    source = process(width=240, height=180)
    picture = source.painting.picture()
    canvas = canvas_for(source.painting, picture, ExportOptions(aspect=aspect, fill=fill, max_side=150), even=True)
    pyramid = Pyramid(picture.pixels, picture.placement, lambda: Beside(canvas).of(picture))
    drawn = Planes.of(canvas.show(picture))
    assert difference(pyramid.show(canvas, source.painting.placement), drawn).mean() < 3


@pytest.mark.parametrize("scale", [0.13, 0.4, 0.9, 1.0, 1.7, 4.0, 9.0])
def test_a_moving_view_neither_shifts_nor_flickers_at_any_scale(scale):
    source = process(width=240, height=180)
    picture = source.painting.picture()
    canvas = canvas_for(source.painting, picture, ExportOptions(max_side=120), even=True)
    region = Placement(60, 45, 120 / scale, 90 / scale)
    view = canvas.at(region, source.painting)
    seen = Pyramid(picture.pixels, picture.placement, lambda: Beside(canvas).of(picture)).show(view, picture.placement)
    left, top, right, bottom = view.inner
    expected = Planes.of(view.show(Picture(picture.pixels, picture.placement))).y[top:bottom, left:right]
    shifts = {
        (x, y): np.abs(np.roll(seen.y[top:bottom, left:right].astype(int), (y, x), (0, 1)) - expected)[
            2:-2, 2:-2
        ].mean()
        for x in (-1, 0, 1)
        for y in (-1, 0, 1)
    }
    assert shifts[0, 0] == min(shifts.values())
    assert shifts[0, 0] < 4


@pytest.mark.parametrize("scale", [0.4, 0.9, 1.0, 1.7, 3.3])
def test_a_swift_view_is_within_a_pixel_of_the_slow_one(scale):
    source = smooth(240, 180)
    picture = source.painting.picture()
    canvas = canvas_for(source.painting, picture, ExportOptions(max_side=120), even=True)
    pyramid = Pyramid(picture.pixels, picture.placement, lambda: Beside(canvas).of(picture))
    for left in (-20.0, 0.0, 30.3, 61.7):
        view = canvas.at(Placement(left, left / 2, 120 / scale, 90 / scale), source.painting)
        slow, swift = (pyramid.show(view, picture.placement, swift=choice) for choice in (False, True))
        assert difference(swift, slow).max() <= 1 + STEEPEST / scale
        for plane, other in ((swift.u, slow.u), (swift.v, slow.v)):
            assert np.abs(plane.astype(int) - other).max() <= 1 + 2 * STEEPEST / scale


@pytest.mark.parametrize("size", [(240, 180), (241, 179), (97, 160)])
@pytest.mark.parametrize("rows", [(0, 1), (60, 75), (90, 179), (0, 179)])
def test_a_picture_that_changes_in_part_shows_what_a_new_one_shows(size, rows):
    source = process(width=size[0], height=size[1])
    before = source.painting.picture()
    pixels = before.pixels.copy()
    pixels[slice(*rows)] = 255 - pixels[slice(*rows)]
    after = Picture(pixels, before.placement)
    canvas = canvas_for(source.painting, before, ExportOptions(aspect=Aspect.TALL, max_side=240), even=True)

    def seen(pyramid):
        scales = [(240 / size[1], size[1], False), *((scale, 240 / scale, scale > 1) for scale in (0.2, 0.7, 1.3, 2.9))]
        regions = [Placement(2 / scale, 0, canvas.width / scale, height) for scale, height, _ in scales]
        views = [canvas.at(region, source.painting) for region in regions]
        shown = [
            pyramid.show(view, before.placement, swift=swift) for view, (*_, swift) in zip(views, scales, strict=True)
        ]
        return [planes.buffer.astype(int) for planes in shown]

    def ground(picture):
        return lambda: Beside(canvas).of(picture)

    pyramid = Pyramid(before.pixels, before.placement, ground(before))
    seen(pyramid)
    for picture in (after, before, after):
        pyramid = pyramid.change(picture.pixels, picture.placement, ground(picture))
        expected = Pyramid(picture.pixels, picture.placement, ground(picture))
        for now, new in zip(seen(pyramid), seen(expected), strict=True):
            assert np.abs(now - new).max() <= 4  # OpenCV 4.13; 2 with the locked one


STEEPEST = 1.1
"""Levels from one pixel of `smooth` to the next."""


def smooth(width, height):
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.dstack([across, down, 255 - across]).astype(np.uint8)
    source = process(width=width, height=height)
    return replace(source, painting=from_raw(np.ascontiguousarray(pixels).tobytes(), width, height, 3))


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("fill", [Fill.BLUR, Fill.BARS, Fill.CROP])
@pytest.mark.parametrize("max_side", [0, 150, 301, 512])
def test_a_steady_view_shows_what_the_canvas_shows(aspect, fill, max_side):
    source = process(width=241, height=180)
    picture = source.painting.picture()
    options = ExportOptions(aspect=aspect, fill=fill, max_side=max_side)
    canvas = canvas_for(source.painting, picture, options, even=True)
    expected = Planes.of(canvas.show(picture))
    seen = SteadyView(canvas).show(picture)
    assert difference(seen, expected).mean() < 2
    assert np.abs(seen.u.astype(int) - expected.u).mean() < 2
    assert np.abs(seen.v.astype(int) - expected.v).mean() < 2


def test_what_lies_beside_the_painting_follows_it_in_a_steady_view():
    source = process(width=240, height=180)
    canvas = canvas_for(source.painting, source.sample(), ExportOptions(aspect=Aspect.TALL, max_side=160), even=True)
    view = SteadyView(canvas)
    for level in (255, 254, 250, 128, 40):
        picture = Picture(np.full((180, 240, 3), level, np.uint8), source.painting.placement)
        assert difference(view.show(picture), Planes.of(canvas.show(picture))).max() <= 3


def test_a_view_on_whole_pixels_is_cut_out_and_shows_the_same():
    source = process(width=240, height=180)
    picture = source.painting.picture()
    options = ExportOptions(aspect=Aspect.TALL, fill=Fill.FOLLOW, max_side=320)
    canvas = canvas_for(source.painting, picture, options, even=True)
    scale = canvas.height / 180
    pyramid = Pyramid(picture.pixels, picture.placement, lambda: Beside(canvas).of(picture))
    for left in (0, 33, 134):
        region = Placement(left / scale, 0, canvas.width / scale, 180)
        seen = pyramid.show(canvas.at(region, source.painting), picture.placement)
        expected = Planes.of(canvas.at(region, source.painting).show(picture))
        assert difference(seen, expected).mean() < 2
        assert np.abs(seen.u.astype(int) - expected.u).mean() < 2


def test_without_overlays_nothing_is_drawn():
    source = process(**SIZE)
    assert not any(difference(a, b).any() for a, b in zip(shown(source), shown(source, fill=Fill.BARS), strict=True))


@pytest.mark.parametrize(
    ("option", "rows", "columns"),
    [
        ({"show_operation": True}, slice(160, 240), slice(0, 320)),
        ({"show_progress": True}, slice(215, 240), slice(0, 320)),
        ({"show_palette": True}, slice(200, 240), slice(160, 320)),
        ({"title": "A day by the sea"}, slice(0, 60), slice(0, 320)),
    ],
)
@pytest.mark.parametrize("fill", [Fill.BLUR, Fill.FOLLOW])
def test_each_overlay_is_seen_in_its_place_and_nowhere_else(option, rows, columns, fill):
    given = {"duration_seconds": 3, "hold_last_seconds": 0.5, "omit_end_card": True, "fill": fill}
    plain = shown(process(**SIZE), **given, pace_curve="0:0,1:1")
    drawn = shown(process(**SIZE), **given, **option, pace_curve="0:0,1:1")
    changed = [difference(one, other) for one, other in zip(plain, drawn, strict=True)]
    assert max(each.max() for each in changed) > 60
    for each in changed:
        inside = each[rows, columns].copy()
        each[rows, columns] = 0
        assert not each.any()
        each[rows, columns] = inside
    edge = 10
    for each in changed:
        assert not each[:edge].any()
        assert not each[-edge + 2 :].any()


def test_the_bar_grows_and_the_ring_goes_where_the_work_is():
    source = across(240, 160)
    given = {"duration_seconds": 5, "hold_last_seconds": 1, "omit_end_card": True, "pace_curve": "0:0,1:1"}
    plain = shown(source, **given)
    bars = shown(source, **given, show_progress=True)
    filled = [
        (bar.y[140:].astype(int) > 200).sum() - (old.y[140:].astype(int) > 200).sum()
        for bar, old in zip(bars, plain, strict=True)
    ]
    assert filled[100] > filled[20] + 50
    rings = shown(source, **given, show_brush=True)
    places = [difference(a, b).sum(axis=0) for a, b in zip(plain, rings, strict=True)]
    middles = [float(place @ np.arange(240) / place.sum()) for place in places[10:110]]
    assert middles[-1] - middles[0] > 70
    assert not places[-20].any()


@pytest.mark.parametrize("size", [(16, 16), (33, 19), (400, 30)])
def test_tiny_and_flat_films_take_every_overlay(size):
    drawn = shown(
        process(width=size[0], height=size[1]), title="A", author="B", show_operation=True, show_progress=True,
        show_palette=True, show_brush=True, zoom_seconds=1, wipe_seconds=1, duration_seconds=2,
    )  # fmt: skip
    assert len(drawn) == 60


def test_words_of_a_moment():
    moment = Moment(1.0, 0.4, 400.0, "", None, (), False)
    assert words_for(moment) == "60 %"


def test_a_palette_grows_and_is_whole_at_the_end():
    source = process(30, 320, 240)
    palette = Palette(thumbnail(source.painting.picture(), source.painting))
    counts = [sum(palette.see(thumbnail(state.read(), source.painting))) for state in source.states]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == len(palette.colours)


@pytest.mark.parametrize("ground", [0, 255])
def test_each_colour_of_the_palette_is_seen_on_white_and_on_black(ground):
    colours = np.array([[0, 0, 0], [243, 243, 243], [255, 255, 255]], np.uint8)
    bare = Planes.of(np.full((240, 320, 3), ground, np.uint8))
    drawn = bare.copy()
    overlays = Overlays(ExportOptions(show_palette=True), 320, 240, colours)
    overlays.draw(drawn, Moment(1.0, 0.4, 600.0, "", None, (False, True, True), False))
    columns = (difference(bare, drawn) > 60).any(axis=0)
    assert np.diff(columns.astype(int)).tolist().count(1) >= 2
    for_one = bare.copy()
    overlays.draw(for_one, Moment(1.0, 0.4, 600.0, "", None, (False, False, True), False))
    assert (difference(bare, for_one) > 60).sum() > 12
