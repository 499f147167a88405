"""Which frame is shown when. Pure arithmetic in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from paints_undo_engine.export.options import DEFAULT_FRAMES_PER_SECOND, ExportOptions


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame (by its index in the process) and how long it is shown, in seconds."""

    frame: int
    seconds: Fraction


@dataclass(frozen=True, slots=True)
class Timeline:
    """The shots in the order in which they are shown; `rate` is the frames per second of all but the held ones."""

    shots: tuple[Shot, ...]
    rate: Fraction

    @property
    def seconds(self) -> Fraction:
        """The whole length, holds included."""
        return sum((shot.seconds for shot in self.shots), Fraction(0))

    def ticks(self, per_second: Fraction | int) -> tuple[int, ...]:
        """Whole ticks of each shot, at least 1; rounding errors do not add up."""
        ends, elapsed, last = [], Fraction(0), 0
        for shot in self.shots:
            elapsed += shot.seconds
            end = max(last + 1, round(elapsed * per_second))
            ends.append(end - last)
            last = end
        return tuple(ends)


def timeline(frame_count: int, options: ExportOptions, fastest: Fraction | int = 120) -> Timeline:
    """The timeline of a process of `frame_count` frames, the last of which is the painting.

    With a target length, or a frame rate above `fastest` frames per second (what the format can show), frames are left
    out evenly so that the length is kept; the first and last stay. The hold is that of the painting, wherever it stands
    in the order. Raises `ValueError` without frames.
    """
    if frame_count < 1:
        raise ValueError("A timeline needs at least one frame.")
    order = _order(frame_count, options)
    if options.duration_seconds:
        length = _exact(options.duration_seconds)
    else:
        length = len(order) / _exact(options.frames_per_second or DEFAULT_FRAMES_PER_SECOND)
    order = _thinned(order, max(1, int(length * fastest)))
    each = length / len(order)
    painting = frame_count - 1
    shots = [Shot(frame, each) for frame in order]
    held = order.index(painting)
    shots[held] = Shot(painting, each + _exact(options.hold_last_seconds))
    if options.result_first_seconds:
        shots.insert(0, Shot(painting, _exact(options.result_first_seconds)))
    return Timeline(tuple(shots), 1 / each)


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(10_000)


def _order(count: int, options: ExportOptions) -> list[int]:
    order = list(range(count))
    if options.reverse:
        order.reverse()
    return order + order[-2::-1] if options.ping_pong else order


def _thinned(order: list[int], most: int) -> list[int]:
    """At most `most` of the frames, evenly chosen; the painting always stays."""
    if len(order) <= most:
        return order
    painting = max(order)
    if most == 1:
        return [painting]
    chosen = [round(i * (len(order) - 1) / (most - 1)) for i in range(most)]
    nearest = min(range(most), key=lambda i: abs(chosen[i] - order.index(painting)))
    chosen[nearest] = order.index(painting)
    return [order[position] for position in chosen]


def chosen_states(count: int, states: int) -> Sequence[int]:
    """Indices of `states` evenly spread frames (fewer when there are fewer), first and last included."""
    if count <= states:
        return range(count)
    return [round(i * (count - 1) / (states - 1)) for i in range(states)]
