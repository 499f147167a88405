"""The camera that follows the work."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from export.readers import decoded, made, opened, probed
from export.sources import PROVENANCE

from paints_undo_engine.export import Aspect, ExportFormat, ExportOptions, Fill
from paints_undo_engine.export.camera import views
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.export.timeline import timeline
from paints_undo_engine.painting import from_raw
from paints_undo_engine.picture import Picture


def across(width: int = 240, height: int = 80, frames: int = 48) -> ProcessSource:
    """A process that paints from the left to the right."""
    pixels = np.random.default_rng(5).integers(0, 200, (height, width, 3), np.uint8)
    painting = from_raw(pixels.tobytes(), width, height, 3)

    def state(number: int) -> Picture:
        shown = np.full_like(pixels, 255)
        columns = width * (number + 1) // frames
        shown[:, :columns] = pixels[:, :columns]
        return Picture(shown, painting.placement)

    stills = [Still(1000 - 1000 * (n + 1) / frames, partial(state, n), "line, x") for n in range(frames)]
    return ProcessSource(painting, PROVENANCE, stills, stills[::8])


@pytest.mark.parametrize("aspect", [Aspect.TALL, Aspect.SQUARE, Aspect.OWN])
def test_the_camera_goes_along_with_the_work_and_ends_with_the_whole(aspect):
    source = across()
    options = ExportOptions(aspect=aspect, fill=Fill.FOLLOW, duration_seconds=12)
    plan = timeline(48, options)
    shown = views(source, canvas_for(source.painting, source.sample(), options), plan, options)
    regions = [view.region for view in shown]
    centres = np.array([region.x + region.width / 2 for region in regions])

    for region in (regions[0], regions[-1]):
        assert region.width >= 240 - 1e-6
        assert region.height >= 80 - 1e-6
    close = regions[24]
    assert close.width < 0.65 * regions[0].width
    assert close.x >= 0
    assert close.x + close.width <= 240
    assert (np.diff(centres[10:38]) >= -1e-6).all()
    assert centres[36] - centres[10] > 60
    for number in range(14, 34):
        assert regions[number].x <= 240 * (number + 0.5) / 48 <= regions[number].x + regions[number].width
    widths = np.array([region.width for region in regions])
    assert np.abs(np.diff(widths)).max() < 0.2 * widths.max()
    assert (np.abs(np.diff(centres)) < 0.3 * widths[1:]).all()
    assert np.abs(np.diff(centres[10:38])).max() < 0.05 * 240


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.gif", "a.webp", "a.apng", "a.zip", "a.ora", "a.psd", "a.png"])
def test_every_format_takes_a_moving_camera(tmp_path, name):
    path = made(tmp_path / name, across(), aspect=Aspect.TALL, fill=Fill.FOLLOW, max_side=160)
    assert path.stat().st_size > 0
    if name == "a.mp4":
        assert (probed(path)[0]["width"], probed(path)[0]["height"]) == (90, 160)
    if name == "a.webp":
        frames, _, _ = opened(path)
        assert frames[0].shape == (160, 90, 4)


def test_in_a_video_the_camera_moves_between_the_frames_too(tmp_path):
    """Eight frames in eight seconds: the view moves on thirty times a second, by little each time."""
    path = made(tmp_path / "a.mp4", across(frames=8), fill=Fill.FOLLOW, duration_seconds=8, max_side=240)
    stream, container = probed(path)
    assert stream["avg_frame_rate"] == "30/1"
    assert float(container["duration"]) == pytest.approx(8, abs=0.05)
    shown = decoded(path, stream["width"], stream["height"]).astype(int)
    moved = np.abs(np.diff(shown[: 4 * 30], axis=0)).mean(axis=(1, 2, 3))
    assert (moved > 0.02).mean() > 0.7


def test_a_camera_between_frames_goes_the_same_way():
    source = across()
    options = ExportOptions(format=ExportFormat.MP4, fill=Fill.FOLLOW, duration_seconds=12)
    plan = timeline(48, options).by_tick(30)
    assert float(plan.seconds) == pytest.approx(12, abs=0.05)
    shown = views(source, canvas_for(source.painting, source.sample(), options), plan, options)
    centres = np.array([view.region.x + view.region.width / 2 for view in shown])
    assert np.abs(np.diff(centres)).max() < 0.01 * 240
    assert centres.max() - centres.min() > 60
