"""Which frame is shown when. Pure arithmetic in exact fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate

from paints_undo_engine.export.options import (
    DEFAULT_FRAMES_PER_SECOND,
    END_CARD_SECONDS,
    ExportFormat,
    ExportOptions,
    Fill,
    Pace,
)
from paints_undo_engine.export.pace import by_curve, by_operation, by_phase, eased, parse_curve, slow_for_faces

_LEAST_PROCESS = Fraction(1, 2)
"""The share of a target length that the process keeps, however long the holds are."""
FASTEST: Mapping[ExportFormat, int] = {
    ExportFormat.GIF: 50,
    ExportFormat.HTML: 25,
    ExportFormat.SPRITE_SHEET: 60,
}
"""Frames per second of what shows fewer than `_FASTEST`: players slow down a GIF that is faster, and more pictures
would make a page or a sheet larger and not smoother."""
_FASTEST = Fraction(120)
_SMOOTH = 24
"""Pictures in a second that a video of a given length has at least: players seek, and platforms take, no fewer."""
_PACED_RATE = Fraction(30)
"""Frames per second where the pace is not linear or something moves; frames that are shown longer are repeated."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame (by its index in the process) and how long it is shown, in seconds."""

    frame: int
    seconds: Fraction


class Ending(StrEnum):
    """What may follow the process in a video, in this order."""

    ZOOM = "zoom"
    WIPE = "wipe"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Timeline:
    """The shots in the order in which they are shown; `rate` is the frames per second of all but the held ones, in the
    mean where the pace is not linear. `endings` is what follows them, and how long, in seconds."""

    shots: tuple[Shot, ...]
    rate: Fraction
    endings: tuple[tuple[Ending, Fraction], ...] = ()

    @property
    def seconds(self) -> Fraction:
        """The whole length: the process, the holds and the endings."""
        return sum((*(shot.seconds for shot in self.shots), *(seconds for _, seconds in self.endings)), Fraction(0))

    def ticks(self, per_second: Fraction | int) -> tuple[int, ...]:
        """Whole ticks of each shot, then of each ending; at least 1. Rounding errors do not add up."""
        ends, elapsed, last = [], Fraction(0), 0
        for seconds in (*(shot.seconds for shot in self.shots), *(seconds for _, seconds in self.endings)):
            elapsed += seconds
            end = max(last + 1, round(elapsed * per_second))
            ends.append(end - last)
            last = end
        return tuple(ends)

    def by_tick(self, per_second: Fraction | int) -> Timeline:
        """The same with a shot for every tick, for a view that moves also while a frame stays."""
        shown = zip(self.shots, self.ticks(per_second), strict=False)
        tick = Fraction(1) / per_second
        return replace(self, shots=tuple(Shot(shot.frame, tick) for shot, ticks in shown for _ in range(ticks)))


def timeline(
    frame_count: int,
    options: ExportOptions,
    phases: Sequence[str] = (),
    operations: Sequence[str] = (),
    fastest: Fraction | int | None = None,
) -> Timeline:
    """The timeline of a process of `frame_count` frames, the last of which is the painting.

    A target length is that of the whole: holds and endings are taken from it, and are shortened together where they
    would leave less than half of it to the process. With a target length, or a frame rate above `fastest` frames per
    second (by default what the format can show), frames are left out so that the length is kept; the first and last
    stay. The hold is that of the painting, wherever it stands in the order. `phases` names what is being done in each
    frame, for the pace by phases; `operations` in the same way, more closely. Raises `ValueError` without frames.
    """
    if frame_count < 1:
        raise ValueError("A timeline needs at least one frame.")
    fastest = FASTEST.get(options.format, _FASTEST) if fastest is None else fastest
    order = _order(frame_count, options)
    first, hold = _exact(options.result_first_seconds), _exact(options.hold_last_seconds)
    endings = _endings(options)
    if options.duration_seconds:
        whole, around = _exact(options.duration_seconds), sum(endings.values(), first + hold)
        length = max(whole - around, whole * _LEAST_PROCESS)
        share = (whole - length) / around if around else Fraction(1)
        first, hold = first * share, hold * share
        endings = {ending: seconds * share for ending, seconds in endings.items()}
    else:
        length = len(order) / _exact(options.frames_per_second or DEFAULT_FRAMES_PER_SECOND)
    painting = frame_count - 1
    if options.has_steady_pace:
        order = _thinned(order, max(1, int(length * fastest)))
        shots = [Shot(frame, length / len(order)) for frame in order]
    else:
        weights = _weights(frame_count, options, phases, operations)
        shots = _merged(_weighted(order, weights, length), Fraction(1) / fastest, painting)
    rate = len(shots) / length
    held = next(position for position, shot in enumerate(shots) if shot.frame == painting)
    shots[held] = Shot(painting, shots[held].seconds + hold)
    if first:
        shots.insert(0, Shot(painting, first))
    return Timeline(tuple(shots), rate, tuple(endings.items()))


def film_timeline(
    frame_count: int, options: ExportOptions, phases: Sequence[str] = (), operations: Sequence[str] = ()
) -> tuple[Timeline, Fraction]:
    """A video's timeline and its constant rate in frames per second; where something moves it has a shot a frame.

    Where a length is given and the pace is steady, the rate is a multiple of that of the process' frames, so that each
    is shown for the same number of pictures.
    """
    follows = options.fill is Fill.FOLLOW
    moves = follows or options.has_overlays or bool(options.zoom_seconds or options.wipe_seconds)
    steady = options.has_steady_pace and not moves
    plan = timeline(frame_count, options, phases, operations, _FASTEST if steady else _PACED_RATE)
    rate = _smooth(plan.rate, options) if steady else _PACED_RATE
    return plan.by_tick(rate) if follows or options.has_overlays else plan, rate


def _smooth(rate: Fraction, options: ExportOptions) -> Fraction:
    return rate * max(1, math.ceil(_SMOOTH / rate)) if options.duration_seconds else rate


def _endings(options: ExportOptions) -> dict[Ending, Fraction]:
    """What follows the process, and how many seconds it asks for."""
    if not options.is_video:
        return {}
    wanted = {
        Ending.ZOOM: options.zoom_seconds,
        Ending.WIPE: options.wipe_seconds,
        Ending.CARD: END_CARD_SECONDS if options.has_end_card else 0,
    }
    return {ending: _exact(seconds) for ending, seconds in wanted.items() if seconds}


def _weights(count: int, options: ExportOptions, phases: Sequence[str], operations: Sequence[str]) -> Sequence[float]:
    if options.pace_curve:
        return by_curve(parse_curve(options.pace_curve), count)
    match options.pace:
        case Pace.EASED:
            return eased(count)
        case Pace.OPERATIONS:
            return by_operation(operations or [""] * count)
        case Pace.FACES:
            return slow_for_faces(operations or [""] * count)
        case _:
            return by_phase(phases or [""] * count)


def _weighted(order: Sequence[int], weights: Sequence[float], length: Fraction) -> list[Shot]:
    """A shot for each frame of `order`, by the frames' weights; together they take exactly `length`."""
    total = math.fsum(weights[frame] for frame in order)
    ends = [_share(part / total) * length for part in accumulate(weights[frame] for frame in order)]
    ends[-1] = length
    return [Shot(frame, end - start) for frame, start, end in zip(order, [Fraction(0), *ends], ends, strict=False)]


def _share(value: float) -> Fraction:
    return Fraction(round(value * 2**40), 2**40)


def _merged(shots: Sequence[Shot], shortest: Fraction, painting: int) -> list[Shot]:
    """The shots without those shorter than `shortest`, whose time goes to the next one; the painting always stays, and
    gets that of those after it if it is short itself.
    """
    kept: list[Shot] = []
    waiting = Fraction(0)
    for position, shot in enumerate(shots):
        last = position == len(shots) - 1
        if not last and kept and kept[-1].frame == painting and kept[-1].seconds < shortest:
            kept[-1] = Shot(painting, kept[-1].seconds + shot.seconds)
            continue
        waiting += shot.seconds
        if waiting < shortest and not last and shot.frame != painting:
            continue
        if waiting < shortest and kept and kept[-1].frame != painting:
            waiting += kept.pop().seconds
        kept.append(Shot(shot.frame, waiting))
        waiting = Fraction(0)
    return kept


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
