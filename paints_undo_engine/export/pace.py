"""How time is shared out among frames: shares for each frame, by a `Pace` or by a curve given as points."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

from paints_undo_engine.errors import InvalidRequestError

Curve = tuple[tuple[float, float], ...]
"""Points (share of the time, share of the process), from (0, 0) to (1, 1)."""

_MOST_POINTS = 64
_FACES = frozenset({"face", "faces", "eye", "eyes", "mouth", "nose", "lips", "head"})
_SLOWER = 3.0


def eased(count: int) -> list[float]:
    """The shares of time of `count` frames whose progress is 3t² - 2t³: slow at both ends, fast in the middle."""
    ends = [0.5 - math.sin(math.asin(1 - 2 * number / count) / 3) for number in range(count + 1)]
    return [later - earlier for earlier, later in pairwise(ends)]


def by_phase(phases: Sequence[str]) -> list[float]:
    """The shares of time of frames in these phases: each phase takes as long as any other."""
    frames = Counter(phases)
    return [1 / (len(frames) * frames[phase]) for phase in phases]


def by_operation(operations: Sequence[str]) -> list[float]:
    """The shares of time of `count` frames with these operations: each run of the same one takes as long as any other.

    >>> by_operation(["hair", "hair", "eyes"])
    [0.25, 0.25, 0.5]
    """
    lengths = [len(list(run)) for _, run in groupby(operations)]
    return [1 / (len(lengths) * length) for length in lengths for _ in range(length)]


def slow_for_faces(operations: Sequence[str]) -> list[float]:
    """The shares of time of frames with these operations: those that name a face or a part of one take three times as
    long as others."""
    weights = [_SLOWER if names_face(operation) else 1.0 for operation in operations]
    return [weight / math.fsum(weights) for weight in weights]


def names_face(operation: str) -> bool:
    """Whether an operation is at a face or a part of one."""
    return not _FACES.isdisjoint(operation.replace(",", " ").split())


def by_curve(curve: Curve, count: int) -> list[float]:
    """The shares of time of `count` frames by a curve. Where it is flat, the frame that is reached there stays.

    >>> by_curve(((0, 0), (0.5, 0.25), (1, 1)), 4)
    [0.5, 0.16666666666666663, 0.16666666666666674, 0.16666666666666663]
    """
    times = [0.0, *(_time_at(curve, number / count) for number in range(1, count)), 1.0]
    return [later - earlier for earlier, later in pairwise(times)]


def parse_curve(text: str) -> Curve:
    """The curve of a text such as ``0:0,0.5:0.3,1:1``. Raises `InvalidRequestError`."""
    try:
        points = tuple((float(time), float(done)) for time, done in (point.split(":") for point in text.split(",")))
    except ValueError:
        points = ()
    rises = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points))
    if not (2 <= len(points) <= _MOST_POINTS and points[0] == (0, 0) and points[-1] == (1, 1) and rises):
        allowed = f"2 to {_MOST_POINTS} points TIME:PROGRESS that rise from 0:0 to 1:1, such as 0:0,0.5:0.3,1:1"
        raise InvalidRequestError("pace_curve", text, allowed)
    return points


def _time_at(curve: Curve, progress: float) -> float:
    """The latest time at which no more than `progress` is done; `progress` lies below 1."""
    after = bisect_right(curve, progress, key=lambda point: point[1])
    (start, low), (end, high) = curve[after - 1], curve[after]
    return start + (end - start) * (progress - low) / (high - low)
