"""Editing a list of operation steps: what the strip of keyframe thumbnails does. Steps are ascending, 0 to 999."""

from __future__ import annotations

import itertools

from .parameters import LAST_STEP, MAX_STEPS


def nearest(steps: tuple[int, ...], moment: float) -> int:
    """The step next to a moment of the process. Raises ValueError when there is none."""
    return min(steps, key=lambda step: abs(step - moment))


def add(steps: tuple[int, ...]) -> tuple[int, ...]:
    """One more step, in the middle of the widest gap (between the painting, step 0, and the blank canvas, 1000)."""
    if len(steps) >= MAX_STEPS:
        return steps
    ends = [0, *steps, LAST_STEP + 1]
    gaps = [(later - earlier, earlier) for earlier, later in itertools.pairwise(ends)]
    width, earlier = max(gaps, key=lambda gap: (gap[0], gap[1]))
    if width < 2:
        return steps
    return tuple(sorted((*steps, earlier + width // 2)))


def remove(steps: tuple[int, ...], step: int) -> tuple[int, ...]:
    """Without one step; the last one stays."""
    left = tuple(item for item in steps if item != step)
    return left or steps


def move(steps: tuple[int, ...], step: int, target: int) -> tuple[int, ...]:
    """One step moved to `target`, kept between its neighbours so that the order never changes."""
    if step not in steps:
        return steps
    place = steps.index(step)
    low = steps[place - 1] + 1 if place > 0 else 0
    high = steps[place + 1] - 1 if place + 1 < len(steps) else LAST_STEP
    return (*steps[:place], min(max(target, low), high), *steps[place + 1 :])
