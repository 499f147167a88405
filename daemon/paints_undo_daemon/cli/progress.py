"""Showing what happens, for people or for programs.

Whatever happens is a small JSON object with the key ``event`` (`docs/cli.md` lists them), whether it comes from the
daemon or from an engine in this process. `JsonDisplay` prints it, `TerminalDisplay` draws it.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Protocol, Self

from paints_undo_daemon.cli import console

Happening = dict[str, Any]


class Display(Protocol):
    """What commands tell about their progress."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, happening: Happening) -> None:
        """Show one happening."""


def display(*, as_json: bool) -> Display:
    """The display that the user asked for."""
    return JsonDisplay() if as_json else TerminalDisplay()


class JsonDisplay:
    """One JSON object on each line of the standard output."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, happening: Happening) -> None:
        """Print it."""
        console.print_json(happening)


class TerminalDisplay:
    """A progress bar on the standard error output where it is a terminal; lines for what should stay.

    Until the first frame the bar shows the running unit, then the whole process.
    """

    def __enter__(self) -> Self:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = console.err()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            transient=True,
            expand=True,
            disable=not sys.stderr.isatty(),
        )
        self._progress.start()
        self._task = self._progress.add_task("Waiting", total=None, note="", left="")
        self._frames = 0
        self._made = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, happening: Happening) -> None:
        """Draw it, or print a line."""
        match happening["event"]:
            case "process":
                self._frames = happening["frames"]
                if happening["job"]:
                    self._line(f"Job {happening['job']}")
            case "queued":
                before = happening["position"]
                self._bar("Waiting", 0, 0, f"{before} before this one" if before else "")
            case "progress":
                self._step(happening)
            case "frame":
                self._made += 1
                self._progress.update(self._task, completed=self._made, total=self._frames, note=self._count())
            case "tags":
                self._line(f"Tags: {happening['tags']}")
            case "warning":
                self._line(f"Note: {happening['message']}")
            case "plan":
                self._line(f"Memory plan {happening['memory_plan']}: {happening['reason']}")
            case "export":
                step, of = happening["step"], happening["of"]
                self._bar(f"Writing {happening['output']}", step, of, f"{step}/{of}")
            case "saved":
                self._line(f"Wrote {happening['output']} ({console.size(happening['bytes'])})")
            case "transfer":
                done, total = happening["done_bytes"], happening["total_bytes"]
                self._bar(f"{happening['model']}: {happening['file']}", done, total, f"of {console.size(total)}")
            case "model":
                self._line(f"{happening['model']}: {happening['state']}")
            case "cancelled":
                self._line("Cancelled.")

    def _step(self, happening: Happening) -> None:
        step, of = happening["step"], happening["of"]
        title = f"{_title(happening['unit'])}, step {step} of {of}"
        if self._made:
            self._bar(title, self._made, self._frames, self._count(), happening["seconds_left"])
        else:
            self._bar(title, step, of, "", happening["seconds_left"])

    def _count(self) -> str:
        return f"frame {self._made} of {self._frames}"

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False)

    def _bar(self, title: str, done: int, total: int, note: str, left: float | None = None) -> None:
        self._progress.update(
            self._task,
            description=title,
            completed=done,
            total=total or None,
            note=note,
            left="" if left is None else f"{console.duration(left)} left",
        )


def _title(unit: str) -> str:
    """A unit for people: ``interval-0`` is "Interval 1"."""
    name, _, number = unit.partition("-")
    return f"{name.capitalize()} {int(number) + 1}" if number else name.capitalize()
