"""Which options have an effect on which formats, as the files themselves tell it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

from paints_undo_engine import painting
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.export.effect import idle_options
from paints_undo_engine.export.options import (
    Aspect,
    ExportFormat,
    ExportOptions,
    Fill,
    FrameSize,
    Language,
    LayerContent,
    Pace,
)
from paints_undo_engine.export.side_by_side import export_side_by_side
from paints_undo_engine.export.source import Steps
from paints_undo_engine.painting import Painting
from paints_undo_engine.procedural.engine import ProceduralEngine
from paints_undo_engine.request import (
    InterpolationParameters,
    KeyframeParameters,
    ProceduralParameters,
    ProcessRequest,
)
from paints_undo_engine.result import Result

PICTURE = Path(__file__).parents[2] / "assets" / "illustration.png"
OTHERS: dict[str, Any] = {
    "frames_per_second": 5.0,
    "duration_seconds": 7.0,
    "hold_last_seconds": 1.0,
    "result_first_seconds": 1.0,
    "reverse": True,
    "ping_pong": True,
    "aspect": Aspect.TALL,
    "fill": Fill.CROP,
    "max_side": 40,
    "size": FrameSize.MODEL,
    "layer_content": LayerContent.FRAMES,
    "omit_metadata": False,
    "omit_end_card": True,
    "language": Language.DE,
    "pace": Pace.EASED,
    "pace_curve": "0:0,0.5:0.2,1:1",
    "show_operation": True,
    "show_progress": True,
    "show_palette": True,
    "show_brush": True,
    "title": "A title",
    "author": "An author",
    "zoom_seconds": 1.0,
    "wipe_seconds": 1.0,
    "omit_layers": "background tones",
}
"""Another value of each option than that of `BEFORE`."""
BEFORE: dict[str, Any] = {"omit_provenance": True, "omit_metadata": True}
BESIDE: dict[str, dict[str, Any]] = {"fill": {"aspect": Aspect.TALL}}
ELSEWHERE = {"format", "omit_provenance", "omit_corrections"}
"""The first is what is tried; the second needs a key; the third needs a process in which something goes wrong."""


@pytest.fixture(scope="module")
def painted() -> Iterator[Result]:
    with made_of(variant=0) as result:
        yield result


@contextmanager
def made_of(variant: int) -> Iterator[Result]:
    pixels = cv2.resize(painting.decode(PICTURE).rgb8(), (96, 120), interpolation=cv2.INTER_AREA)
    request = ProcessRequest(
        engine="procedural",
        procedural=ProceduralParameters(max_side=96),
        keyframes=KeyframeParameters(operation_steps=(300, 600)),
        interpolation=InterpolationParameters(frames=5),
        variant=variant,
    )
    with Result(ProceduralEngine(EngineSettings()), Painting(pixels), request) as result:
        for _ in result.run():
            pass
        yield result


def test_all_options_are_tried():
    assert OTHERS.keys() | ELSEWHERE == {field.name for field in fields(ExportOptions)}


def content(path: Path) -> Any:
    """What a file holds, without the times and random numbers that archives and Matroska have beside it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    if path.suffix == ".webm":
        with av.open(str(path)) as film:
            return film.metadata.get("COMMENT"), [(packet.pts, bytes(packet)) for packet in film.demux()]
    return path.read_bytes()


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_what_has_an_effect_changes_the_file_and_nothing_else_does(tmp_path: Path, painted: Result, kind: ExportFormat):
    def export(path: Path, options: ExportOptions) -> Steps:
        return painted.export(path, options)

    assert without_effect(tmp_path, kind, export, OTHERS) == idle_options(OTHERS, [kind])


@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.GIF, ExportFormat.CONTACT_SHEET])
def test_the_same_of_several_processes_side_by_side(tmp_path: Path, painted: Result, kind: ExportFormat):
    with made_of(variant=3) as other:

        def export(path: Path, options: ExportOptions) -> Steps:
            return export_side_by_side([each.source_for(options) for each in (painted, other)], path, options)

        tried = OTHERS | {"max_side": 90}
        assert without_effect(tmp_path, kind, export, tried) == idle_options(tried, [kind], side_by_side=True)
        assert without_effect(tmp_path, kind, export, {"fill": Fill.FOLLOW}) == ["fill"]


def without_effect(
    folder: Path, kind: ExportFormat, export: Callable[[Path, ExportOptions], Steps], others: dict[str, Any]
) -> list[str]:
    def made(**values: Any) -> Any:
        path = folder / f"{len(list(folder.iterdir()))}{kind.suffix}"
        for _ in export(path, ExportOptions(format=kind, **BEFORE | values)):
            pass
        return content(path)

    plain = {name: made(**BESIDE.get(name, {})) for name in ("", *BESIDE)}
    return [
        name
        for name, value in others.items()
        if made(**BESIDE.get(name, {}) | {name: value}) == plain[name if name in BESIDE else ""]
    ]
