"""The order of work: steps that artists would make, and how a method's time is shared out among them.

A technique describes what it does as steps, in their order, each with a weight. The method says how much of the time
each phase takes. Then every step learns when it happens and tells it to the layer that it works on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, PaintOperation, Phase, Tool

OPERATIONS = 1000
"""How many operations a rich picture takes."""
_UNEVEN, _TURNS = 1.15, 8
"""How much more of its time than all phases on the mean one of them may take, and how often that is evened out."""
_VISIBLE = 0.03
"""Levels, on the mean over the canvas: an operation that changes less is hardly seen to do anything."""

_LOOKS = (Tool.VIEW, Tool.LAYERS)
"""What is done for a look changes the whole canvas."""

Bounds = tuple[float, float, float, float]
"""x, y, width, height in the canvas' pixels."""


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """One thing that the artist does: `weight` is its share of the phase's time, `most` its longest time in operations.

    `when` is told the ticks from which and to which it lasts. `region` is the number of the region it works on, or -1,
    `area` that of the part of the picture that is worked on in one go, or -1.
    """

    phase: Phase
    tool: Tool
    label: str
    bounds: Bounds
    weight: float
    when: Callable[[int, int], None]
    most: float = 6.0
    region: int = -1
    area: int = -1


@dataclass(slots=True)
class PlannedWork:
    """What a technique has planned: its steps in order, and what makes its layers once times are known."""

    steps: list[ScriptStep]
    layers: Callable[[], list[Layer]]


@dataclass(slots=True)
class ScriptTimes:
    """When each step happens, in ticks, and the operations that this makes."""

    operations: list[PaintOperation]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    total: int = field(default=0)


def visible(change: float) -> float:
    """The longest time in operations of a step that changes the canvas by so many levels on the mean."""
    return change / _VISIBLE


def weighing(steps: Sequence[ScriptStep], weight: float) -> list[ScriptStep]:
    """The same steps with so much weight together."""
    total = sum(step.weight for step in steps)
    return [replace(step, weight=step.weight * weight / max(total, 1e-9)) for step in steps]


def scheduled(steps: Sequence[ScriptStep], shares: Mapping[Phase, float], size: tuple[int, int]) -> ScriptTimes:
    """Share out the time: each phase gets its share of `OPERATIONS`, each step its weight within the phase.

    A phase without steps leaves its time to the others. Curves share no operation with what is done before them. Every
    step is told when it happens.
    """
    if not steps:
        # A picture in which nothing is seen.
        steps = [ScriptStep(Phase.SKETCH, Tool.PENCIL, "blank canvas", (0, 0, size[1], size[0]), 1.0, lambda *_: None)]
    lengths = lengths_of(steps, shares)
    begin, end = np.zeros(len(steps), np.int64), np.zeros(len(steps), np.int64)
    now = 0.0
    drawing = False
    for number, (step, length) in enumerate(zip(steps, lengths, strict=True)):
        if drawing and step.tool is Tool.CURVES:
            now = float(ceil(now))
        drawing = step.tool is not Tool.CURVES
        begin[number] = round(now * UNIT)
        now += length
        end[number] = max(begin[number] + 1, round(now * UNIT))
    count = max(1, int(np.ceil(now)))
    for step, first, last in zip(steps, begin.tolist(), end.tolist(), strict=True):
        step.when(first, last)
    return ScriptTimes(_operations(steps, begin, end, count, size), begin, end, count)


def lengths_of(steps: Sequence[ScriptStep], shares: Mapping[Phase, float]) -> list[float]:
    """How long each step takes, in operations: what one leaves of its time goes to the others of its phase.

    Where a simple picture's steps fill little of their phases' time, no other phase takes much more of its own.
    """
    phases = {step.phase for step in steps}
    given = sum(shares.get(phase, 0.0) for phase in phases)
    whole = {phase: OPERATIONS * shares.get(phase, 0.0) / max(given, 1e-9) for phase in phases}
    lengths = _shared_out(steps, whole)
    for _ in range(_TURNS):
        taken = dict.fromkeys(phases, 0.0)
        for step, length in zip(steps, lengths, strict=True):
            taken[step.phase] += length
        most = _UNEVEN * sum(taken.values()) / OPERATIONS
        slower = {phase: min(1.0, most * whole[phase] / max(taken[phase], 1e-9)) for phase in phases}
        lengths = [length * slower[step.phase] for step, length in zip(steps, lengths, strict=True)]
    return lengths


def _shared_out(steps: Sequence[ScriptStep], whole: Mapping[Phase, float]) -> list[float]:
    """How long each step would take if its phase had as many operations as `whole` says, in operations."""
    lengths = [0.0] * len(steps)
    for phase, operations in whole.items():
        among = [number for number, step in enumerate(steps) if step.phase is phase]
        weight = np.array([max(steps[number].weight, 1e-9) for number in among])
        most = np.array([steps[number].most for number in among])
        # The longer a step may take for its weight, the later it is given time: it gets what the others leave.
        order = np.argsort(most / weight, kind="stable")
        left, of = float(operations), float(weight.sum())
        for at in order.tolist():
            length = min(left * float(weight[at]) / max(of, 1e-9), float(most[at]))
            lengths[among[at]] = length
            left, of = left - length, of - float(weight[at])
    return lengths


def _letters(steps: Sequence[ScriptStep], spans: Mapping[int, int]) -> list[int]:
    """The steps of an operation that write letters, if they take as long as any other; `spans`: how long each takes."""
    letters = [number for number in spans if steps[number].label.startswith("lettering, letter")]
    longest = max((span for number, span in spans.items() if number not in letters), default=0)
    return letters if sum(spans[number] for number in letters) >= longest else []


def _operations(
    steps: Sequence[ScriptStep], begin: NDArray[np.int64], end: NDArray[np.int64], count: int, size: tuple[int, int]
) -> list[PaintOperation]:
    """What is going on in each whole operation: a look at the whole picture, however short, letters if all of them take
    as long as anything else, or the step that takes most of it, and where all of them work.
    """
    made = []
    first = np.searchsorted(end, np.arange(count) * UNIT, "right")
    last = np.searchsorted(begin, (np.arange(count) + 1) * UNIT, "left")
    for index in range(count):
        among = range(int(first[index]), max(int(first[index]) + 1, int(last[index])))
        low, high = index * UNIT, (index + 1) * UNIT
        some = [number for number in among if number < len(steps)] or [len(steps) - 1]
        looks = [at for at in some if steps[at].tool in _LOOKS and low <= (begin[at] + end[at]) // 2 < high]
        spans = {number: min(int(end[number]), high) - max(int(begin[number]), low) for number in some}
        chief = max(looks or _letters(steps, spans) or some, key=lambda number: spans[number])
        bounds = within(union(steps[number].bounds for number in some), size)
        made.append(PaintOperation(index, steps[chief].phase, steps[chief].tool, steps[chief].label, bounds))
    return made


def union(bounds: Iterable[Bounds]) -> Bounds:
    """The smallest rectangle around several."""
    some = list(bounds)
    x, y = min(one[0] for one in some), min(one[1] for one in some)
    return x, y, max(one[0] + one[2] for one in some) - x, max(one[1] + one[3] for one in some) - y


def within(bounds: Bounds, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A rectangle cut off at the canvas' border, in whole pixels, at least one pixel large."""
    height, width = size
    left, top = int(min(max(bounds[0], 0), width - 1)), int(min(max(bounds[1], 0), height - 1))
    right = min(max(ceil(bounds[0] + bounds[2]), left + 1), width)
    bottom = min(max(ceil(bounds[1] + bounds[3]), top + 1), height)
    return left, top, right - left, bottom - top
