"""Making and exporting a process in this program, without a daemon."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import paints_undo_engine
from paints_undo_daemon.cli.happenings import (
    Exported,
    FrameKnown,
    Happening,
    KeyframeKnown,
    Noted,
    PlanTaken,
    ProcessAnnounced,
    Saved,
    Stepped,
    TagsKnown,
)
from paints_undo_daemon.cli.progress import Display
from paints_undo_daemon.client.saving import total_bytes
from paints_undo_engine import engines, events, painting, png, process
from paints_undo_engine.contract import layers_of
from paints_undo_engine.export import ExportFormat, ExportOptions, LayerContent, export
from paints_undo_engine.export.source import ProcessSource, Provenance, Still
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.request import ProcessRequest


@dataclass(frozen=True, slots=True)
class Output:
    """Where a result goes and how it is exported."""

    path: Path
    options: ExportOptions


def run(
    picture: Path,
    request: ProcessRequest,
    own_keyframes: Mapping[int, Path],
    outputs: list[Output],
    settings: engines.EngineSettings,
    display: Display,
) -> None:
    """Make a process and write the outputs.

    Raises what the engine, the painting's decoding and the exporters raise; then no output is touched that is not
    complete. Pictures wait for their export in a temporary folder.
    """
    source_painting = painting.decode(picture)
    for note in source_painting.notes:
        display.show(Noted(note))
    display.show(ProcessAnnounced(None, process.frame_count(request)))
    own = {step: painting.decode(path).picture() for step, path in own_keyframes.items()}
    engine = engines.load(request.engine, settings)
    with tempfile.TemporaryDirectory(prefix="paints-undo-") as folder:
        spool = _Spool(Path(folder), source_painting)
        try:
            split = layers_of(engine, source_painting, request) if _wants_split(outputs) else ()
            told = process.run(engine, source_painting, request, own)
            for happening in _happenings(told, spool):
                display.show(happening)
            source = ProcessSource(
                painting=source_painting,
                provenance=Provenance(request.engine, request.keyframes.seed, paints_undo_engine.__version__),
                frames=spool.frames,
                keyframes=spool.keyframes,
                layers=tuple(split),
            )
            for output in outputs:
                save(source, output, display)
        finally:
            engine.close()


def save(source: ProcessSource, output: Output, display: Display) -> None:
    """Write one output, whole or not at all."""

    for step, of in export(source, output.path, output.options):
        display.show(Exported(str(output.path), step, of))
    display.show(Saved(str(output.path), total_bytes(output.path)))


def _wants_split(outputs: list[Output]) -> bool:
    layered = [output.options for output in outputs if output.options.format in (ExportFormat.ORA, ExportFormat.PSD)]
    return any(options.layer_content is LayerContent.SPLIT for options in layered)


class _Spool:
    """Keeps pictures on disk until they are exported."""

    def __init__(self, folder: Path, source_painting: painting.Painting) -> None:
        self._folder = folder
        self._painting = source_painting
        self._frames: dict[int, Still] = {}
        self._keyframes: dict[int, Still] = {}

    @property
    def frames(self) -> list[Still]:
        """All frames, chronological."""
        return [self._frames[index] for index in sorted(self._frames)]

    @property
    def keyframes(self) -> list[Still]:
        """All keyframes, chronological."""
        return [self._keyframes[index] for index in sorted(self._keyframes)]

    def keep(self, made: events.FrameMade | events.KeyframeMade) -> None:
        """Keep a frame or keyframe."""
        stills = self._frames if isinstance(made, events.FrameMade) else self._keyframes
        if made.picture is None:
            stills[made.index] = Still(made.operation_step, self._painting.picture, made.label)
            return
        path = self._folder / f"{type(made).__name__}-{made.index}.png"
        path.write_bytes(png.encode(made.picture.pixels))
        stills[made.index] = Still(made.operation_step, partial(_read, path, made.picture.placement), made.label)


def _read(path: Path, placement: Placement) -> Picture:
    return Picture(png.decode(path.read_bytes()), placement)


def _happenings(told: Iterator[events.Event], spool: _Spool) -> Iterator[Happening]:
    unit = ""
    for event in told:
        match event:
            case events.UnitStarted():
                unit = event.unit.name
            case events.Progress():
                yield Stepped(unit, event.step, event.of, event.seconds_left)
            case events.Tagged():
                yield TagsKnown(event.text)
            case events.Warned():
                yield Noted(event.text)
            case events.PlanChanged():
                yield PlanTaken(event.plan, event.reason)
            case events.KeyframeMade():
                spool.keep(event)
                yield KeyframeKnown(event.index, event.operation_step)
            case events.FrameMade():
                spool.keep(event)
                yield FrameKnown(event.index, event.interval, event.operation_step, event.label)
