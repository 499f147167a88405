"""Making and exporting a process in this program, without a daemon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from paints_undo_daemon import signing_key
from paints_undo_daemon.cli.happenings import (
    Exported,
    FrameKnown,
    Happening,
    KeyframeKnown,
    Noted,
    OutputSize,
    PlanTaken,
    ProcessAnnounced,
    Saved,
    Stepped,
    TagsKnown,
)
from paints_undo_daemon.cli.progress import Display
from paints_undo_daemon.client.saving import total_bytes
from paints_undo_daemon.home import home_folder
from paints_undo_engine import engines, events, painting, process
from paints_undo_engine.descriptions import Ability, require
from paints_undo_engine.export import ExportOptions
from paints_undo_engine.provenance.signing import SigningKey
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.result import Result


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
    complete.
    """
    source_painting = painting.decode(picture)
    for note in source_painting.notes:
        display.show(Noted(note))
    own = {step: painting.decode(path).picture() for step, path in own_keyframes.items()}
    engine = engines.load(request.engine, settings)
    try:
        with Result(engine, source_painting, request, own) as result:
            if any(output.options.wants_split(has_split=False) for output in outputs):
                require(request.engine, Ability.LAYERS)
            for output in outputs:
                result.check_export(output.options)
            show_process(result, display)
            for output in outputs:
                _save(result, output, display)
    finally:
        engine.close()


def key_for(options: ExportOptions) -> SigningKey | None:
    """This account's key, where files are signed."""
    pair = signing_key.for_export(options, home_folder())
    return SigningKey(*pair) if pair else None


def show_process(result: Result, display: Display) -> None:
    """Make a process, and show what happens."""
    display.show(ProcessAnnounced(None, process.frame_count(result.request), result.request.engine))
    for happening in _happenings(result.run()):
        display.show(happening)


def _save(result: Result, output: Output, display: Display) -> None:
    """Write one output, whole or not at all."""
    display.show(OutputSize(str(output.path), **asdict(result.estimate(output.options))))
    encoder = ""

    def steps() -> Iterator[tuple[int, int]]:
        nonlocal encoder
        encoder = yield from result.export(output.path, output.options, key_for(output.options))

    for step, of in steps():
        display.show(Exported(str(output.path), step, of))
    display.show(Saved(str(output.path), total_bytes(output.path), encoder))


def _happenings(told: Iterator[events.Event]) -> Iterator[Happening]:
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
                yield KeyframeKnown(event.index, event.operation_step)
            case events.FrameMade():
                yield FrameKnown(event.index, event.interval, event.operation_step, event.label)
