"""One line of `paints-undo doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckResult(StrEnum):
    """How a check ended: `NOTE` is for what only some need, and for what works without."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `mending` are commands, one after the other, that `doctor --fix` runs."""

    name: str
    verdict: CheckResult
    text: str
    advice: str = ""
    mending: tuple[tuple[str, ...], ...] = ()
