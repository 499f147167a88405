"""How an export shares out its time: one of the engine's paces, or a curve that the artist draws."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .translate import tr

Point = tuple[float, float]
"""Share of the time, share of the work that is shown by then."""

GAP = 0.02
"""The least time between two points."""
MOST_POINTS = 12


class Pace(Enum):
    """By the protocol's name; an own one is told by its curve instead."""

    EVEN = "LINEAR"
    EASED = "EASED"
    PHASES = "PHASES"
    OPERATIONS = "OPERATIONS"
    FACES = "FACES"
    OWN = "own"


def words(pace: Pace) -> str:
    """The pace's name."""
    return {
        Pace.EVEN: tr("Even"),
        Pace.EASED: tr("Slow at both ends"),
        Pace.PHASES: tr("As long for each phase"),
        Pace.OPERATIONS: tr("As long for each piece of work"),
        Pace.FACES: tr("Slow for faces"),
        Pace.OWN: tr("By my curve"),
    }[pace]


@dataclass(frozen=True)
class Curve:
    """Points from (0, 0) to (1, 1), rising in time and never falling in work; both ends stay where they are.

    >>> Curve().moved(1, 0.25, 0.6).text()
    '0:0,0.25:0.6,1:1'
    """

    points: tuple[Point, ...] = ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))

    def moved(self, place: int, time: float, work: float) -> Curve:
        """The curve with one of its points moved, as far as its neighbours leave room."""
        if not 0 < place < len(self.points) - 1:
            return self
        (before, low), (after, high) = self.points[place - 1], self.points[place + 1]
        point = min(max(time, before + GAP), after - GAP), min(max(work, low), high)
        return Curve((*self.points[:place], point, *self.points[place + 1 :]))

    def added(self, time: float, work: float) -> tuple[Curve, int]:
        """The curve with one more point, and its place; the curve itself and -1 where there is no room for it."""
        place = sum(known <= time for known, _ in self.points)
        room = 0 < place < len(self.points) and len(self.points) < MOST_POINTS
        if not room or self.points[place][0] - self.points[place - 1][0] < 2 * GAP:
            return self, -1
        more = Curve((*self.points[:place], (time, work), *self.points[place:]))
        return more.moved(place, time, work), place

    def removed(self, place: int) -> Curve:
        """The curve without one of its points."""
        if not 0 < place < len(self.points) - 1:
            return self
        return Curve(self.points[:place] + self.points[place + 1 :])

    @staticmethod
    def of(text: str) -> Curve:
        """The curve of such a `text`; the straight one where there is none."""
        points = [tuple(float(number) for number in point.split(":")) for point in text.split(",") if point]
        return Curve(tuple((time, work) for time, work in points)) if len(points) > 1 else Curve()

    def text(self) -> str:
        """As the protocol takes it."""
        return ",".join(f"{round(time, 3):g}:{round(work, 3):g}" for time, work in self.points)
