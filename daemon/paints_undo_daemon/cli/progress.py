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
    """A progress bar on the standard error output where it is a terminal; lines for what should stay."""

    def __enter__(self) -> Self:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = console.err()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[steps]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._progress.start()
        self._task = self._progress.add_task("Waiting", total=None, steps="", left="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, happening: Happening) -> None:
        """Draw it, or print a line."""
        match happening["event"]:
            case "accepted":
                self._line(f"Job {happening['job']}")
            case "queued":
                before = happening["position"]
                self._bar("Waiting", None, 0, f"{before} before this one" if before else "")
            case "progress":
                self._bar(_title(happening["unit"]), happening["of"], happening["step"], "", happening["seconds_left"])
            case "frame":
                self._progress.update(self._task, steps=f"frame {happening['index'] + 1}")
            case "tags":
                self._line(f"Tags: {happening['tags']}")
            case "warning":
                self._line(f"Note: {happening['message']}")
            case "plan":
                self._line(f"Memory plan {happening['memory_plan']}: {happening['reason']}")
            case "export":
                self._bar(f"Writing {happening['output']}", happening["of"], happening["step"], "")
            case "saved":
                self._line(f"Wrote {happening['output']} ({console.size(happening['bytes'])})")
            case "transfer":
                done, total = happening["done_bytes"], happening["total_bytes"]
                note = f"{console.size(done)} of {console.size(total)}"
                self._bar(f"{happening['model']}: {happening['file']}", total, done, note)
            case "model":
                self._line(f"{happening['model']}: {happening['state']}")
            case "cancelled":
                self._line("Cancelled.")

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False)

    def _bar(self, title: str, of: int | None, step: int, note: str, left: float | None = None) -> None:
        self._progress.update(
            self._task,
            description=title,
            total=of or None,
            completed=step,
            steps=note or (f"{step}/{of}" if of else ""),
            left="" if left is None else f"{console.duration(left)} left",
        )


def _title(unit: str) -> str:
    """A unit for people: ``interval-0`` is "Interval 1"."""
    name, _, number = unit.partition("-")
    return f"{name.capitalize()} {int(number) + 1}" if number else name.capitalize()
