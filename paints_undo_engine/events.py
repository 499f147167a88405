"""What an engine tells while it works, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass

from paints_undo_engine.picture import Picture
from paints_undo_engine.stages import Unit


@dataclass(frozen=True, slots=True)
class Progress:
    """`step` of `of` within the running unit (1-based); `seconds_left` for the unit, where it is known."""

    step: int
    of: int
    seconds_left: float | None = None
    preview: Picture | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the artist should know; the process goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The memory plan that runs from here on, and why."""

    plan: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tags: a comma-separated prompt."""

    text: str


@dataclass(frozen=True, slots=True)
class KeyframeMade:
    """One keyframe; `index` is chronological (0 blank, n+1 the painting), `picture` None for the painting itself."""

    index: int
    operation_step: float
    picture: Picture | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class FrameMade:
    """One frame of the process; `picture` is None for the last one, which is the painting itself."""

    index: int
    interval: int
    operation_step: float
    picture: Picture | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class UnitStarted:
    """A unit begins; units that the request makes unnecessary are not announced."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class UnitFinished:
    """A unit is complete: everything it gives has been yielded before."""

    unit: Unit


Event = Progress | Warned | PlanChanged | Tagged | KeyframeMade | FrameMade | UnitStarted | UnitFinished
