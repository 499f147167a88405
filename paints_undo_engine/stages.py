"""The stages of every engine, and the units that a process is made of. Only the standard library."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering

_INTERVAL = "interval-"


class Stage(StrEnum):
    """The three stages of every engine, in their order."""

    TAGS = "tags"
    KEYFRAMES = "keyframes"
    INTERPOLATION = "interpolation"


@total_ordering
@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of a process that is scheduled, stored and resumed. `interval` is -1 outside interpolation.

    Units are ordered as one worker runs them.

    >>> Unit.parse("interval-3")
    Unit(stage=<Stage.INTERPOLATION: 'interpolation'>, interval=3)
    """

    stage: Stage
    interval: int = -1

    @property
    def name(self) -> str:
        """``tags``, ``keyframes`` or ``interval-3``."""
        return f"{_INTERVAL}{self.interval}" if self.stage is Stage.INTERPOLATION else str(self.stage)

    @property
    def is_interval(self) -> bool:
        """Whether it is one interval of the interpolation."""
        return self.stage is Stage.INTERPOLATION

    @property
    def needs(self) -> tuple[int, ...]:
        """Chronological indices of the keyframes that it needs as inputs."""
        return (self.interval, self.interval + 1) if self.is_interval else ()

    def __lt__(self, other: Unit) -> bool:
        order = list(Stage)
        return (order.index(self.stage), self.interval) < (order.index(other.stage), other.interval)

    @classmethod
    def parse(cls, name: str) -> Unit:
        """The unit whose `name` this is. Raises `ValueError` for what is no unit's name."""
        if not name.startswith(_INTERVAL):
            stage = Stage(name)
            if stage is Stage.INTERPOLATION:
                raise ValueError(f"{name!r} is a stage of many units, not a unit.")
            return cls(stage)
        number = name.removeprefix(_INTERVAL)
        if not (number.isascii() and number.isdecimal()):
            raise ValueError(f"{name!r} is no unit: the interval's number is missing.")
        return cls(Stage.INTERPOLATION, int(number))
