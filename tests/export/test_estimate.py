"""What is said of an export before it is made is what it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from export.sources import process
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from paints_undo_engine import painting, png
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export.estimate import EncodedFrame, estimate
from paints_undo_engine.export.extent import picture_size
from paints_undo_engine.export.film import Film
from paints_undo_engine.export.geometry import canvas_for
from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, Fill, LayerContent, Pace
from paints_undo_engine.export.sizing import with_size
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.export.timeline import timeline
from paints_undo_engine.painting import Painting
from paints_undo_engine.procedural.engine import ProceduralEngine
from paints_undo_engine.request import InterpolationParameters, Method, ProceduralParameters, ProcessRequest
from paints_undo_engine.result import Result
from paints_undo_engine.stages import Stage

PICTURE = Path(__file__).parents[2] / "assets" / "illustration.png"
SIDES = st.integers(1, 300)


def stored(source: ProcessSource) -> list[EncodedFrame]:
    pictures = [still.read().pixels for still in source.frames]
    return [EncodedFrame(each.shape[1], each.shape[0], len(png.encode(each))) for each in pictures]


@given(
    width=SIDES,
    height=SIDES,
    kind=st.sampled_from(ExportFormat),
    max_side=st.sampled_from((0, 16, 97, 256)),
    aspect=st.sampled_from(Aspect),
    fill=st.sampled_from(Fill),
)
def test_the_size_that_is_told_is_the_canvas(
    width: int, height: int, kind: ExportFormat, max_side: int, aspect: Aspect, fill: Fill
):
    options = ExportOptions(format=kind, max_side=max_side, aspect=aspect, fill=fill)
    blank = Painting(np.zeros((height, width, 3), np.uint8))
    canvas = canvas_for(blank, blank.picture(), with_size(blank, options), even=options.is_video)
    assert picture_size(width, height, options) == (canvas.width, canvas.height)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"duration_seconds": 15, "pace": Pace.EASED, "zoom_seconds": 2},
        {"fill": Fill.FOLLOW, "result_first_seconds": 1.5},
        {"show_progress": True, "ping_pong": True, "omit_end_card": True},
    ],
)
def test_the_length_that_is_told_is_that_of_the_film(options: dict[str, Any]):
    chosen = ExportOptions(format=ExportFormat.MP4, **options)
    source = process(40)
    film = Film(source, chosen)
    told = estimate(64, 48, stored(source), chosen)
    assert told.seconds == pytest.approx(film.length / float(film.rate), abs=0.5 / float(film.rate))


def test_what_does_not_play_has_no_length():
    for kind in ExportFormat:
        told = estimate(64, 48, [EncodedFrame(64, 48, 900)] * 20, ExportOptions(format=kind), 7)
        still = kind.is_sheet or kind.is_layered
        wanted = 0.0 if still else float(timeline(20, ExportOptions(format=kind)).seconds)
        assert told.seconds == wanted
        assert 0 < told.least_bytes < told.size_bytes < told.most_bytes


@pytest.fixture(scope="module")
def painted() -> Iterator[Result]:
    """A process of a real painting, made small."""
    with _made(160, interpolation=InterpolationParameters(frames=5)) as result:
        yield result


@pytest.fixture(scope="module")
def keyframes() -> Iterator[Result]:
    """The keyframes alone."""
    with _made(400, stop_after=Stage.KEYFRAMES) as result:
        yield result


@pytest.fixture(scope="module")
def smooth() -> Iterator[Result]:
    """A process of a plain gradient, in which there is no detail."""
    x, y = np.meshgrid(np.linspace(0, 255, 160), np.linspace(0, 255, 120))
    pixels = np.stack([x, y, 255 - x], axis=2).astype(np.uint8)
    in_steps = ProceduralParameters(method=Method.FLAT)
    with _of(pixels, interpolation=InterpolationParameters(frames=5), procedural=in_steps) as it:
        yield it


@contextmanager
def _made(side: int, **parameters: Any) -> Iterator[Result]:
    pixels = cv2.resize(painting.decode(PICTURE).rgb8(), (side, side), interpolation=cv2.INTER_AREA)
    with _of(np.asarray(pixels, np.uint8), **parameters) as result:
        yield result


@contextmanager
def _of(pixels: NDArray[np.uint8], **parameters: Any) -> Iterator[Result]:
    request = ProcessRequest(engine="procedural", **parameters)
    with Result(ProceduralEngine(EngineSettings()), Painting(pixels), request) as result:
        for _ in result.run():
            pass
        yield result


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_the_file_is_about_as_large_as_was_told(tmp_path: Path, painted: Result, kind: ExportFormat):
    path, options = tmp_path / f"a{kind.suffix}", ExportOptions(format=kind)
    for _ in painted.export(path, options):
        pass
    told = painted.estimate(options)
    assert told.least_bytes / 2.2 < path.stat().st_size < told.most_bytes * 2.2, path.stat().st_size / told.size_bytes


@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.WEBM, ExportFormat.GIF])
def test_few_pictures_that_differ_much_are_told_as_large_as_they_become(
    tmp_path: Path, keyframes: Result, kind: ExportFormat
):
    path, options = tmp_path / f"a{kind.suffix}", ExportOptions(format=kind)
    for _ in keyframes.export(path, options):
        pass
    assert 0.5 < path.stat().st_size / keyframes.estimate(options).size_bytes < 2


@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.WEBM])
@pytest.mark.parametrize("more", [{"zoom_seconds": 2.5}, {"zoom_seconds": 8}, {"wipe_seconds": 3}, {"max_side": 1600}])
def test_what_moves_at_the_end_is_told_and_what_is_enlarged_is_not_told_as_detail(
    tmp_path: Path, painted: Result, kind: ExportFormat, more: dict[str, Any]
):
    path, options = tmp_path / f"a{kind.suffix}", ExportOptions(format=kind, duration_seconds=10, **more)
    for _ in painted.export(path, options):
        pass
    assert 0.5 < path.stat().st_size / painted.estimate(options).size_bytes < 1.5


@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.WEBM])
def test_a_zoom_into_what_has_no_detail_is_not_told_as_detail(tmp_path: Path, smooth: Result, kind: ExportFormat):
    path = tmp_path / f"a{kind.suffix}"
    options = ExportOptions(format=kind, duration_seconds=6, zoom_seconds=2.5, wipe_seconds=3)
    for _ in smooth.export(path, options):
        pass
    assert 0.5 < path.stat().st_size / smooth.estimate(options).size_bytes < 2


@given(size=st.integers(1, 2**40), count=st.integers(1, 300), kind=st.sampled_from(ExportFormat))
def test_more_in_the_frames_makes_a_larger_file(size: int, count: int, kind: ExportFormat):
    options = ExportOptions(format=kind, layer_content=LayerContent.FRAMES)
    plain, rich = (estimate(640, 480, [EncodedFrame(640, 480, bytes_)] * count, options) for bytes_ in (size, 2 * size))
    assert plain.size_bytes <= rich.size_bytes


def test_larger_pictures_take_more_memory():
    frames = [EncodedFrame(64, 64, 1000)] * 106
    small, large = (estimate(side, side, frames, ExportOptions(format=ExportFormat.PSD)) for side in (500, 1000))
    assert 2 * small.memory_bytes < large.memory_bytes


def test_of_nothing_nothing_is_told():
    for width, frames in ((0, [EncodedFrame(9, 9, 9)]), (9, [])):
        with pytest.raises(ExportError, match="nothing to export"):
            estimate(width, width, frames, ExportOptions(format=ExportFormat.MP4))
