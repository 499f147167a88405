"""Showing what happens, for people or for programs.

`JsonDisplay` prints what happens, `TerminalDisplay` draws it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.happenings import (
    Exported,
    FrameKnown,
    Happening,
    JobMoved,
    KeyframeKnown,
    ListedModel,
    Noted,
    OutputSize,
    PictureBegun,
    PlanTaken,
    ProcessAnnounced,
    Queued,
    Saved,
    Stepped,
    TagsKnown,
    Transferred,
)
from paints_undo_daemon.privacy import without_controls
from paints_undo_engine.descriptions import describe
from paints_undo_engine.stages import Unit

_LINE_SECONDS = 10.0
"""Between two lines of progress where there is no terminal."""


class Display(Protocol):
    """What commands tell about their progress."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, happening: Happening, sequence: int | None = None) -> None:
        """Show one happening; `sequence` is the number of a daemon's event."""


def display(*, as_json: bool) -> Display:
    """The display that the user asked for."""
    return JsonDisplay() if as_json else TerminalDisplay()


class _PlainDisplay:
    """A display with nothing to begin and nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class Renaming(_PlainDisplay):
    """Shows one output under another name, such as what goes to the standard output from a hidden file."""

    def __init__(self, shown: Display, output: Path, name: str) -> None:
        self._shown, self._output, self._name = shown, str(output), name

    def show(self, happening: Happening, sequence: int | None = None) -> None:
        """Show it, by the other name where it is of the output."""
        if isinstance(happening, OutputSize | Exported | Saved) and happening.output == self._output:
            happening = replace(happening, output=self._name)
        self._shown.show(happening, sequence)


class JsonDisplay(_PlainDisplay):
    """One JSON object on each line of the standard output."""

    def show(self, happening: Happening, sequence: int | None = None) -> None:
        """Print it."""
        number = {} if sequence is None else {"sequence": sequence}
        console.print_json(number | happening.as_json())


class TerminalDisplay:
    """A progress bar on the standard error output where it is a terminal; lines for what should stay.

    Until the first frame the bar shows the running unit, then the whole process. Without a terminal a line says now and
    then how far it is.
    """

    def __enter__(self) -> Self:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = console.err()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[note]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=self._console,
            transient=True,
            expand=True,
            disable=not sys.stderr.isatty(),
        )
        self._progress.start()
        self._said = time.monotonic()
        self._task = self._progress.add_task("Waiting", total=None, note="", left="")
        self._frames = 0
        self._made = 0
        self._works_from_tags = True
        self._tags = ""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if self._tags and kind is None:  # nothing else came of the job
            self._line(f"Tags: {self._tags}")

    def show(self, happening: Happening, sequence: int | None = None) -> None:  # noqa: ARG002
        """Draw it, or print a line."""
        match happening:
            case PictureBegun(picture, number, of):
                self._line(f"Picture {number} of {of}: {picture}")
            case ProcessAnnounced(job, frames, engine):
                self._frames, self._made = frames, 0
                self._works_from_tags = describe(engine).is_trained
                if job:
                    self._line(f"Job {job}")
            case Queued(before):
                self._bar("Waiting", 0, 0, f"{before} before this one" if before else "")
            case Stepped():
                self._step(happening)
            case FrameKnown():
                self._made += 1
                self._progress.update(self._task, completed=self._made, total=self._frames, note=self._count())
            case TagsKnown(tags) if self._works_from_tags:
                self._line(f"Tags: {tags}")
            case TagsKnown(tags):
                self._tags = tags
            case KeyframeKnown():
                self._tags = ""
            case Noted(message):
                self._line(f"Note: {message}")
            case PlanTaken(plan, reason):
                self._line(f"Memory plan {plan}: {reason}")
            case OutputSize() as told:
                self._line(f"{told.output}: {_extent(told)}")
            case Exported(output, step, of):
                self._bar(f"Writing {output}", step, of, f"{step}/{of}")
            case Saved(output, count, encoder):
                self._line(f"Wrote {output} ({console.size(count)}{encoder and f', encoded by {encoder}'})")
            case Transferred(model, file, done, total):
                self._bar(f"{model}: {file}", done, total, f"of {console.size(total)}")
            case ListedModel(model=model, state=state):
                self._line(f"{model}: {state}")
            case JobMoved("cancelled"):
                self._line("Cancelled.")

    def _step(self, told: Stepped) -> None:
        title = f"{_title(told.unit)}, step {told.step} of {told.of}"
        if self._made:
            self._bar(title, self._made, self._frames, self._count(), told.seconds_left)
        else:
            self._bar(title, told.step, told.of, "", told.seconds_left)

    def _count(self) -> str:
        return f"frame {self._made} of {self._frames}"

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False)

    def _bar(self, title: str, done: int, total: int, note: str, left: float | None = None) -> None:
        remaining = "" if left is None else f"{console.duration(left)} left"
        if self._progress.disable and time.monotonic() - self._said >= _LINE_SECONDS:
            self._said = time.monotonic()
            self._line(", ".join(filter(None, (title, note, remaining))))
        self._progress.update(
            self._task,
            description=without_controls(title),
            completed=done,
            total=total or None,
            note=note,
            left=remaining,
        )


def _extent(told: OutputSize) -> str:
    """What an output will be, for people: "640 x 480 pixels, 15 seconds, about 3.0 MB (2.0 MB to 4.5 MB), ..."."""
    about, least, most = (console.size(count) for count in (told.size_bytes, told.least_bytes, told.most_bytes))
    length = f", {told.seconds:.3g} seconds" if told.seconds else ""
    memory = console.size(told.memory_bytes)
    return f"{told.width} x {told.height} pixels{length}, about {about} ({least} to {most}), {memory} of memory at most"


def _title(unit: str) -> str:
    """A unit for people: ``interval-0`` is "Interval 1"."""
    known = Unit.parse(unit)
    return f"Interval {known.interval + 1}" if known.is_interval else known.name.capitalize()
