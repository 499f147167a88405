"""In which order an artist would take up a set of marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.strokes import Labels
from paints_undo_engine.request import OrderTemplate


@dataclass(frozen=True, slots=True)
class Habit:
    """How the imagined artist orders work: `focus` is where it begins (x, y); weights are in diagonals.

    `near` pulls to the last mark, `large` to big marks, `down` from top to bottom, `right` from left to right;
    `background_first` whether what touches the border is filled before the subject; `pace` how many times as long as
    usual a phase takes.
    """

    focus: tuple[float, float]
    near: float
    large: float
    down: float
    right: float
    background_first: bool
    pace: Mapping[str, float]


def habit(template: OrderTemplate, seed: int, focus: tuple[float, float], jitter: np.random.Generator) -> Habit:
    """The habit of a template; AUTO takes the next one for the next seed, so that neighbouring seeds differ."""
    named = [known for known in OrderTemplate if known is not OrderTemplate.AUTO]
    chosen = named[seed % len(named)] if template is OrderTemplate.AUTO else template
    side = float(jitter.uniform(-0.12, 0.12))
    match chosen:
        case OrderTemplate.BACKGROUND_FIRST:
            return Habit(focus, 1.0, 0.5, 0.05, side, True, {"sketch": 0.6, "ink": 0.7, "flats": 1.5})
        case OrderTemplate.INKER:
            return Habit(focus, 1.0, 0.15, 0.1, 0.35 + side, False, {"sketch": 1.3, "ink": 1.8, "flats": 0.7})
        case OrderTemplate.PAINTER:
            pace = {"sketch": 0.5, "ink": 0.5, "hard shadow": 1.6, "soft shading": 1.8}
            return Habit(focus, 0.8, 1.1, 0.0, side, True, pace)
        case OrderTemplate.TOP_DOWN:
            return Habit((focus[0], 0.0), 0.8, 0.2, 0.9, side, False, {"sketch": 1.6, "details": 0.6})
        case _:
            return Habit(focus, 1.0, 0.35, 0.0, side, False, {})


def centres(labels: Labels, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres [count, 2] (x, y) and areas [count] of labelled marks; -1 belongs to none."""
    height, width = labels.shape
    flat = labels.ravel().astype(np.int64) + 1
    area = np.bincount(flat, minlength=count + 1)[1:].astype(np.float64)
    xs = np.bincount(flat, np.tile(np.arange(width, dtype=np.float64), height), count + 1)[1:]
    ys = np.bincount(flat, np.repeat(np.arange(height, dtype=np.float64), width), count + 1)[1:]
    safe = np.maximum(area, 1)
    return np.stack([xs / safe, ys / safe], axis=1), area


def areas(labels: Labels, count: int) -> NDArray[np.float64]:
    """The areas [count] of labelled marks; -1 belongs to none."""
    return np.bincount(labels.ravel() + 1, minlength=count + 1)[1:].astype(np.float64)


def visit(at: NDArray[np.float64], size: NDArray[np.float64], diagonal: float, ways: Habit) -> NDArray[np.int64]:
    """Greedy: near to the last mark, larger ones sooner, in the habit's direction, from its focus."""
    count = len(at)
    if count == 0:
        return np.zeros(0, np.int64)
    scaled = at / diagonal
    relative = size / max(float(size.max()), 1e-9)
    fixed = ways.down * scaled[:, 1] + ways.right * scaled[:, 0] - ways.large * relative
    here = np.array(ways.focus) / diagonal
    free = np.ones(count, bool)
    order = np.empty(count, np.int64)
    for i in range(count):
        cost = fixed + ways.near * np.hypot(scaled[:, 0] - here[0], scaled[:, 1] - here[1])
        cost[~free] = np.inf
        chosen = int(cost.argmin())
        order[i] = chosen
        free[chosen] = False
        here = scaled[chosen]
    return order


def following(parents: NDArray[np.int64], parent_order: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Marks in the order of their parents; inside one parent in their own order."""
    place = np.empty(len(parent_order), np.int64)
    place[parent_order] = np.arange(len(parent_order))
    rank = np.empty(len(own), np.int64)
    rank[own] = np.arange(len(own))
    return np.lexsort((rank, place[parents]))
