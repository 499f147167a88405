"""The work of `paints-undo bench`: run the trials, show how far they are, write what there is after each of them."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.places import BenchPlaces
from paints_undo_engine import engines, painting
from paints_undo_engine.diffusion import comparing
from paints_undo_engine.diffusion.measured import Switched
from paints_undo_engine.diffusion.measured import switch_on as switch
from paints_undo_engine.diffusion.residency.devices import available_memory, choose_device, device_name
from paints_undo_engine.diffusion.residency.plans import plan_named
from paints_undo_engine.provenance import Provenance
from paints_undo_engine.request import Preset, ProcessRequest

NOTE = (
    "Keyframes and frames are compared with those of exact; the run with another seed is the yardstick. Calls are "
    "those of the keyframe UNet, then of the 3D UNet, whole and shallow, each side of the guidance apart."
)
HEAD = ("run", "plan", "keyframes", "interval", "job", "peak", "calls", "keyframes like", "frames like")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured: presets, plans (None: all that fit), techniques (None: those that can be tried)."""

    picture: Path
    request: ProcessRequest
    presets: Sequence[Preset]
    plans: Sequence[str] | None
    techniques: tuple[str, ...] | None


def run(asked: Asked, *, device: str, models: Path | None, places: BenchPlaces, switch_on: bool | None) -> None:
    """Measure, and write figures, sheet and pictures. Raises what the engine raises, and `OSError`."""
    target = choose_device(device)
    trials, left_out = comparing.plan_trials(
        asked.presets, asked.plans, device=target.type, free=available_memory(target)
    )
    source, request = painting.decode(asked.picture), asked.request
    report = _Report(places, request, _head(asked.picture, source, request, target, left_out))
    err = console.err()
    err.print("Measuring in this program; a running daemon should be idle (paints-undo stop ends it).", markup=False)
    for plan in left_out:
        err.print(f"Left out: the plan {plan.plan}. {plan.reason}", markup=False)
    if not plan_named(trials[0].plan).exact:
        err.print(f"The plan {trials[0].plan} is not exact, and all comparisons are made under it.", markup=False)
    plain = engines.EngineSettings(device=str(target), models=models, compiling="off", attention="sdpa")
    try:
        with _bar() as bar:
            engine = engines.load("diffusion", plain)
            with closing(engine), closing(comparing.compare(engine, source, request, trials, target)) as running:
                for event in _drawn(bar, running):
                    match event:
                        case comparing.Described():
                            report.described(event)
                        case comparing.Outcome():
                            report.take(event)
                            err.print(_said(event), markup=False)
            for technique in comparing.techniques(asked.techniques, plain, target.type):
                engine = engines.load("diffusion", technique.settings)
                tagged = replace(request, tags=replace(request.tags, text=report.tags))
                measuring = comparing.measure(engine, technique, source, tagged, report.exact, target)
                with closing(engine), closing(measuring):
                    report.tried(_finished(bar, measuring))
    except KeyboardInterrupt:
        err.print(f"Stopped. {report.kept()}", markup=False)
        raise
    finally:
        report.show()
    _offer(report.measured, device_name(target), switch_on)


def _drawn(bar: Progress, events: Iterable[Any]) -> Iterator[Any]:
    """The events that are no steps; steps are drawn."""
    task = bar.add_task("Describing the painting", total=None)
    for event in events:
        if isinstance(event, comparing.ComparisonStep):
            what = f"{event.trial.name} ({event.number} of {event.of}): {event.what}"
            bar.update(task, description=what, completed=event.done, total=event.total)
        else:
            yield event
    bar.remove_task(task)


def _finished(
    bar: Progress, measuring: Generator[comparing.ComparisonStep, None, comparing.Measured]
) -> comparing.Measured:
    """Run it to its end, drawing its steps."""
    found: list[comparing.Measured] = []

    def events() -> Iterator[comparing.ComparisonStep]:
        found.append((yield from measuring))

    list(_drawn(bar, events()))
    return found[0]


def _offer(measured: Sequence[comparing.Measured], device: str, switch_on: bool | None) -> None:
    """Switch on what pays, if the user wants that."""
    paying = [found for found in measured if found.pays]
    if not paying:
        return
    names = " and ".join(found.technique.name for found in paying)
    if switch_on is None and sys.stdin.isatty():
        switch_on = typer.confirm(f"Switch on {names} for {device} with the installed versions?", err=True)
    if not switch_on:
        console.out().print(f"Left off: {names}. Switch it on with --switch-on.", markup=False)
        return
    on = Switched(
        compiling=any(found.technique.on.compiling for found in paying),
        attention=next((f.technique.on.attention for f in paying if f.technique.on.attention != "sdpa"), "sdpa"),
    )
    switch(device, on)
    console.out().print(f"Switched on for {device} with these versions: {names}.", markup=False)


class _Report:
    """Everything that was measured so far."""

    def __init__(self, places: BenchPlaces, request: ProcessRequest, head: dict[str, Any]) -> None:
        self._places = places
        self._head = head
        self._runs: list[comparing.Outcome] = []
        self.measured: list[comparing.Measured] = []
        self._sheet = comparing.ComparisonSheet(
            Provenance("diffusion", request.keyframes.seed, head["machine"]["paints_undo"])
        )

    def described(self, event: comparing.Described) -> None:
        """Note the tags."""
        self._head |= {"tags": event.tags, "tags_seconds": round(event.seconds, 3)}

    def take(self, outcome: comparing.Outcome) -> None:
        """Write a finished run, and figures and sheet anew."""
        places = self._places
        places.folder.mkdir(exist_ok=True)
        comparing.write_pictures(places.folder, outcome)
        self._sheet.add(outcome)
        self._runs.append(outcome)
        self._write()
        if self._sheet:
            comparing.write(places.sheet, self._sheet.png())
        if len(self._runs) > 1:
            outcome.frames.clear()

    @property
    def tags(self) -> str:
        """What the painting was described as."""
        return str(self._head["tags"])

    @property
    def exact(self) -> comparing.Outcome:
        """The first run."""
        return self._runs[0]

    def tried(self, measured: comparing.Measured) -> None:
        """Take in what a technique gives."""
        self.measured.append(measured)
        self._write()

    def _write(self) -> None:
        found = [
            {"name": m.technique.name, "seconds": round(m.seconds, 3), "without": round(m.without, 3)}
            | {"psnr": None if math.isinf(m.psnr) else m.psnr, "pays": m.pays, "failure": m.failure or None}
            for m in self.measured
        ]
        figures = self._head | {"runs": [comparing.as_json(run) for run in self._runs], "techniques": found}
        comparing.write(self._places.json, (json.dumps(figures, indent=1) + "\n").encode())

    def kept(self) -> str:
        """Where the results are."""
        places = self._places
        return f"{len(self._runs)} runs are kept in {places.json} and {places.sheet}." if self._runs else ""

    def show(self) -> None:
        """Print the table."""
        if not self._runs:
            return
        rows = [HEAD, *map(_row, self._runs)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        out = console.out()
        for row in rows:
            out.print("  ".join(map(str.ljust, row, widths)).rstrip(), markup=False, soft_wrap=True)
        for run in self._runs:
            if run.failure:
                out.print(f"{run.trial.name}: {run.failure}", markup=False)
        for measured in self.measured:
            out.print(_tried(measured), markup=False)
        out.print(NOTE, markup=False)
        out.print(f"Written: {self._places.json}, {self._places.sheet}, and the frames in {self._places.folder}.")


def _row(outcome: comparing.Outcome) -> tuple[str, ...]:
    trial, seconds = outcome.trial, outcome.job_seconds
    if seconds is None:
        return trial.name, trial.plan, "failed", *[""] * (len(HEAD) - 3)
    return (
        trial.name,
        trial.plan,
        f"{outcome.keyframes_seconds:.2f} s",
        f"{sum(outcome.intervals) / len(outcome.intervals):.2f} s",
        f"{'about ' * trial.one_interval}{seconds:.2f} s",
        "-" if outcome.peak_bytes is None else f"{outcome.peak_bytes / 2**30:.2f} GiB",
        f"{outcome.keyframe_calls}, {outcome.whole_calls} + {outcome.shallow_calls}",
        _alike(outcome.keyframe_likeness),
        _alike(outcome.frame_likeness),
    )


def _tried(measured: comparing.Measured) -> str:
    if measured.failure:
        return f"{measured.technique.name}: {measured.failure}"
    gain = (
        f"{measured.without / measured.seconds:.2f} times as fast ({measured.without:.2f} to {measured.seconds:.2f} s)"
    )
    alike = "equal" if math.isinf(measured.psnr) else f"{measured.psnr:.1f} dB like exact"
    return f"{measured.technique.name}: {gain}, {alike}; it {'pays' if measured.pays else 'does not pay'} here"


def _alike(likeness: comparing.Likeness | None) -> str:
    if likeness is None:
        return "-"
    if math.isinf(likeness.psnr):
        return "equal"
    return f"{likeness.psnr:.1f} dB" + ("" if likeness.ssim is None else f", {likeness.ssim:.3f}")


def _said(outcome: comparing.Outcome) -> str:
    """One line when a run is finished."""
    if outcome.job_seconds is None:
        return f"{outcome.trial.name}: {outcome.failure}"
    return (
        f"{outcome.trial.name}: {console.duration(outcome.job_seconds)} for a job under the plan {outcome.trial.plan}"
    )


def _head(
    picture: Path, source: painting.Painting, request: ProcessRequest, device: Any, left_out: Sequence[Any]
) -> dict[str, Any]:
    keyframes, interpolation = request.keyframes, request.interpolation
    return {
        "picture": picture.name,
        "size": [source.width, source.height],
        "machine": comparing.machine(device),
        "operation_steps": list(request.operation_steps),
        "keyframe_steps": keyframes.steps,
        "interpolation_steps": interpolation.steps,
        "frames_of_an_interval": interpolation.frames,
        "seeds": [keyframes.seed, interpolation.seed],
        "note": NOTE,
        "left_out": [asdict(plan) for plan in left_out],
    }


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TimeElapsedColumn(),
        console=console.err(),
        transient=True,
        expand=True,
        disable=not sys.stderr.isatty(),
    )
