"""Where output goes: results to the standard output, everything else to the standard error output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

UNITS = ("B", "KB", "MB", "GB", "TB")


def out() -> Console:
    """For what was asked for."""
    from paints_undo_daemon.cli.plain_console import PlainConsole

    return PlainConsole(highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """For progress, warnings and remarks."""
    from paints_undo_daemon.cli.plain_console import PlainConsole

    return PlainConsole(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_json(value: Any) -> None:
    """One JSON value on one line of the standard output, at once; in ASCII, which every encoding has."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def size(count: float) -> str:
    """A number of bytes for people, in powers of 1000."""
    for unit in UNITS:
        if count < 1000 or unit == UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def duration(seconds: float) -> str:
    """A time span for people."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
