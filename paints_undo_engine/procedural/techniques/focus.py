"""Where an artist looks first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.source import Source

_EYE = 1.7, 2.2
"""In an eye's radii: how far around its middle its lashes and its brow are."""


def focus_of(source: Source) -> tuple[float, float]:
    """The place on the grid that matters most: between the eyes, else a head, a figure's upper part, the middle."""
    reading = source.reading
    if reading.faces:
        left, right = (eye.centre for eye in reading.faces[0].eyes)
        return (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    if reading.heads:
        return reading.heads[0].centre
    if reading.figure.boxes:
        box = reading.figure.boxes[0]
        return box.x + box.width / 2, box.y + 0.2 * box.height
    height, width = reading.shape
    return width / 2, height * 0.45


def eyes_together(source: Source, middles: NDArray[np.floating], order: Sequence[int]) -> list[int]:
    """An order of strokes whose middles are [n, 2] on the grid, changed so that nobody comes from one eye of a face to
    anything else before the other one is there.
    """
    order = list(order)
    for face in source.reading.faces:
        eyes: list[list[int]] = []
        for eye in face.eyes:
            away = np.abs(middles[order] - eye.centre) / np.maximum(eye.radius, 1)
            near = np.flatnonzero((away < _EYE).all(axis=1)) if order else ()
            eyes.append([order[at] for at in near])
        first = [order.index(own[0]) for own in eyes if own]
        if len(first) == len(eyes):
            begin = min(first)
            both = list(dict.fromkeys(at for _, own in sorted(zip(first, eyes, strict=True)) for at in own))
            rest = [at for at in order[begin:] if at not in both]
            order = [*order[:begin], *both, *rest]
    return order
