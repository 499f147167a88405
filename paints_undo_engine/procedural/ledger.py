"""The list of a plan's operations: what an artist would call each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.analysis import Analysis
from paints_undo_engine.procedural.drawing import PENCIL_BLUE
from paints_undo_engine.procedural.material import Material
from paints_undo_engine.procedural.plan import Operation
from paints_undo_engine.procedural.strokes import Labels
from paints_undo_engine.procedural.timetable import Span


def operations(
    a: Analysis,
    materials: list[Material],
    listed: list[Span],
    new: NDArray[np.float64],
    total: int,
    fades: tuple[tuple[float, float], ...],
) -> list[Operation]:
    """`total` operations in their order; `new` renumbers those of the spans, `fades` are the layer settings."""
    made: dict[int, Operation] = {}
    scale = a.rgb.shape[1] / a.width
    for material, span in zip(materials, listed, strict=True):
        work = material.work
        boxes = _boxes(work.labels, len(work.weight), scale)
        for mark in work.order:
            begin, end = float(span.begin[mark]), float(span.begin[mark] + span.length[mark])
            for old in range(int(begin), max(int(begin) + 1, int(np.ceil(end)))):
                index = int(new[min(old, len(new) - 1)])
                if index < total and index not in made and new[min(old + 1, len(new) - 1)] > index:
                    red, green, blue = (int(value) for value in work.colours[mark])
                    made[index] = Operation(
                        index,
                        work.phase,
                        work.kind,
                        int(mark),
                        (red, green, blue),
                        work.width * scale,
                        boxes[mark],
                        float(index),
                        index + 1.0,
                    )
    everything = (0, 0, a.rgb.shape[1], a.rgb.shape[0])
    for (fade, _), phase in zip(fades, ("sketch", "ink"), strict=False):
        index = int(new[int(fade)])
        made[index] = Operation(
            index, phase, "layer opacity", 0, PENCIL_BLUE, 0.0, everything, float(index), index + 1.0
        )
    last = made[min(made)]
    listed_operations = []
    for index in range(total):
        last = made.get(index, replace(last, index=index, begin=float(index), end=index + 1.0))
        listed_operations.append(last)
    return listed_operations


def adjustments(a: Analysis, total: int, count: int) -> list[Operation]:
    """The curves at the very end."""
    everything = (0, 0, a.rgb.shape[1], a.rgb.shape[0])
    grey = (128, 128, 128)
    return [
        Operation(index, "adjustments", "curve", index - total, grey, 0.0, everything, float(index), index + 1.0)
        for index in range(total, total + count)
    ]


def _boxes(labels: Labels, count: int, scale: float) -> list[tuple[int, int, int, int]]:
    """Bounding boxes (x, y, width, height) of the marks in the painting's pixels."""
    ys, xs = np.nonzero(labels >= 0)
    mine = labels[ys, xs]
    low = np.full((count, 2), 1 << 30)
    high = np.full((count, 2), -1)
    for axis, values in enumerate((xs, ys)):
        np.minimum.at(low[:, axis], mine, values)
        np.maximum.at(high[:, axis], mine, values)
    boxes = []
    for (left, top), (right, bottom) in zip(low, high, strict=True):
        if right < 0:
            boxes.append((0, 0, 0, 0))
        else:
            boxes.append(
                (
                    int(left * scale),
                    int(top * scale),
                    max(1, round((right - left + 1) * scale)),
                    max(1, round((bottom - top + 1) * scale)),
                )
            )
    return boxes
