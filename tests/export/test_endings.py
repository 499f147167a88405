"""What follows the process in a film: the painting beside its sketch, and a detail from near."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from export.filming import SIZE, difference, rgb, shown
from export.readers import decoded, made, probed
from export.sources import process
from export.test_camera import across

from paints_undo_engine.export import Aspect, ExportFormat, ExportOptions, Fill
from paints_undo_engine.export.camera import views, whole_view
from paints_undo_engine.export.endings import detail_of, sketch_of
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.source import Still
from paints_undo_engine.export.timeline import timeline
from paints_undo_engine.painting import from_raw
from paints_undo_engine.picture import Picture


def test_the_painting_is_compared_with_its_sketch(tmp_path):
    source = process(**SIZE)
    options = {"wipe_seconds": 2, "omit_end_card": True, "duration_seconds": 8, "hold_last_seconds": 1}
    path = made(tmp_path / "a.mp4", source, **options)
    assert float(probed(path)[1]["duration"]) == pytest.approx(8, abs=0.05)
    seen = decoded(path, 320, 240).astype(int)
    wiping, painting = seen[-60:], seen[-61]
    away = np.abs(wiping - painting).mean(axis=(1, 3))
    assert away[0][:310].max() < 12
    assert away[-1][:310].max() < 12
    middle = away[30]
    assert (middle > 3).mean() > 0.4
    assert (away[15][:120] < 8).all()


def test_lines_that_come_after_the_colours_are_no_sketch():
    source = process(12)
    phases = [
        "blank canvas",
        "construction, a",
        *["sketch, a"] * 2,
        *["block-in, a"] * 4,
        *["line, a"] * 3,
        "the painting",
    ]
    named = [replace(still, label=label) for still, label in zip(source.frames, phases, strict=True)]
    assert sketch_of(replace(source, frames=named)) == named[3]
    assert sketch_of(source) == source.frames[3]


def test_a_zoom_goes_to_the_detail_and_back():
    pixels = np.full((240, 320, 3), 120, np.uint8)
    pixels[150:190, 200:260] = np.random.default_rng(2).integers(0, 256, (40, 60, 1), np.uint8)
    x, y = detail_of(cv2.resize(pixels, (96, 72), interpolation=cv2.INTER_AREA).astype(np.uint8))
    assert 180 < x * 320 < 280
    assert 130 < y * 240 < 210
    pictures = shown(process(**SIZE), zoom_seconds=2, hold_last_seconds=1, duration_seconds=9, omit_end_card=True)
    zooming, painting = pictures[-60:], pictures[-61]
    assert difference(zooming[30], painting).mean() > 10
    assert difference(zooming[-1], painting).mean() < 4


def test_endings_begin_and_end_with_the_whole_painting_also_behind_a_camera():
    source = across(240, 80)
    options = ExportOptions(format=ExportFormat.MP4, aspect=Aspect.TALL, fill=Fill.FOLLOW, max_side=160)
    canvas = canvas_for(source.painting, source.sample(), options, even=True)
    last = views(source, canvas, timeline(48, options).by_tick(30), options)[-1]
    whole = whole_view(canvas, source.painting)
    assert whole.region.width == pytest.approx(last.region.width)
    assert whole.inner == last.inner


def test_a_zoom_looks_at_a_face_where_one_was_worked_at():
    """The finest detail lies elsewhere, and would be looked at otherwise."""
    painted = [np.full((240, 320, 3), 230, np.uint8)]
    for place, colour in ((np.s_[30:80, 40:90], (200, 40, 40)), (np.s_[140:210, 180:280], None)):
        after = painted[-1].copy()
        after[place] = colour or np.random.default_rng(3).integers(0, 256, (70, 100, 1), np.uint8)
        painted.append(after)
    painting = from_raw(painted[-1].tobytes(), 320, 240, 3)
    labels = ["sketch, all", "line, eyes 3", "details, ground"]
    stills = [
        Still(900.0 - 300 * number, partial(Picture, pixels, painting.placement), label)
        for number, (pixels, label) in enumerate(zip(painted, labels, strict=True))
    ]
    source = replace(process(), painting=painting, frames=[*stills, Still(0.0, painting.picture, "the painting")])
    given = {"zoom_seconds": 2, "hold_last_seconds": 1, "duration_seconds": 9, "omit_end_card": True}
    near = rgb(shown(source, **given)[-30]).reshape(-1, 3)
    assert (np.abs(near.astype(int) - (200, 40, 40)).max(axis=1) < 40).mean() > 0.2
