"""When every mark is made: budgets for the phases, a span for each mark, and operations none of which is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.compositor import NEVER, UNIT, Times
from paints_undo_engine.procedural.order import areas
from paints_undo_engine.procedural.strokes import Labels, Progress

OPERATIONS = 1000
PRIORS = {
    "construction": 30.0,
    "sketch": 110.0,
    "ink": 150.0,
    "flats": 160.0,
    "hard shadow": 160.0,
    "soft shading": 90.0,
    "details": 130.0,
    "highlights": 80.0,
}
"""How many of 1000 operations a phase takes when every phase changes as much as usual: taste, not a measurement."""

LARGEST_SHARE = 0.16
"""Of the canvas, for one operation of a fill."""


@dataclass(frozen=True, eq=False)
class Work:
    """The marks of one phase, on the analysis grid.

    `labels` int32 [h, w] (-1: not touched), `progress` float32 within the mark, `order` mark numbers as they are
    painted, `weight` how much each takes, `colours` uint8 [n, 3], `width` of the brush in analysis pixels (0: a fill).
    """

    phase: str
    kind: str
    labels: Labels
    progress: Progress
    order: NDArray[np.int64]
    weight: NDArray[np.float64]
    colours: NDArray[np.uint8]
    width: float


@dataclass(frozen=True, eq=False)
class Span:
    """When the marks of a phase are made: `begin` and `length` in operations, by mark."""

    begin: NDArray[np.float64]
    length: NDArray[np.float64]

    def times(self, work: Work) -> Times:
        """uint16 [h, w]: arrival in 1/32 operation; NEVER where the phase does not touch."""
        begin = np.append(self.begin, 0.0).astype(np.float32) * UNIT
        length = np.append(self.length, 0.0).astype(np.float32) * UNIT
        at = begin[work.labels] + work.progress * length[work.labels]
        at[work.labels < 0] = NEVER
        return at.astype(np.uint16)


def spans(
    works: list[Work], visible: dict[str, float], extra: dict[str, int], pace: Mapping[str, float]
) -> tuple[list[Span], dict[str, float]]:
    """Spans of all works in sequence, and the operation at which each phase ends.

    `visible` is the share of the canvas that a phase changes; `extra` single operations before a phase; `pace` how much
    longer than usual this artist takes for a phase.
    """
    raw = {name: PRIORS[name] * pace.get(name, 1.0) * max(share, 1e-4) ** 0.5 for name, share in visible.items()}
    room = OPERATIONS - 6 - sum(extra.values())
    scale = room / sum(raw.values())
    listed, ends, clock = [], {}, 0.0
    for work in works:
        clock += extra.get(work.phase, 0)
        siblings = [other for other in works if other.phase == work.phase]
        share = work.weight.sum() / max(sum(other.weight.sum() for other in siblings), 1e-9)
        budget = max(1.0, raw[work.phase] * scale * share)
        area = areas(work.labels, len(work.weight))
        size = np.maximum(work.weight, 1e-3) ** 0.55
        length = np.maximum(size * (budget / size.sum()), area / work.labels.size / LARGEST_SHARE)
        length *= max(1.0, budget) / length.sum() if length.sum() < budget else 1.0
        begin = np.empty(len(length))
        begin[work.order] = clock + np.concatenate([[0.0], np.cumsum(length[work.order])[:-1]])
        clock = float(np.ceil(clock + length.sum()))
        listed.append(Span(begin, length))
        ends[work.phase] = clock
    return listed, ends


Arrivals = list[tuple[NDArray[np.int32], NDArray[np.bool_]]]
"""Arrival times, each with the pixels that count."""


def compaction(changed: Arrivals, keep: set[int], length: int, least: int, faint: Arrivals) -> NDArray[np.float64]:
    """float64 [length + 1]: the new operation number of each old one; operations that change too little vanish.

    `changed` are arrivals that can clearly be seen, `faint` those that can hardly be; of these no large part of the
    canvas is left over for a single operation. `keep` are operations without marks.
    """
    kept = _counted(changed, length) >= least
    kept[list(keep)] = True
    if faint:
        waiting, bearable = 0, 0.1 * faint[0][1].size
        for operation, count in enumerate(_counted(faint, length)):
            waiting = 0 if kept[operation] else waiting + int(count)
            if waiting > bearable:
                kept[operation], waiting = True, 0
    kept[length:] = False
    new = np.concatenate([[0], np.cumsum(kept)]).astype(np.float64)
    return new[: length + 1]


def _counted(arrivals: Arrivals, length: int) -> NDArray[np.int64]:
    """How many pixels arrive in each operation."""
    counts = np.zeros(length + 1, np.int64)
    for times, pixels in arrivals:
        counts += np.bincount(np.minimum(times[pixels] // UNIT, length), minlength=length + 1)
    return counts


def remap(times: Times, new: NDArray[np.float64]) -> Times:
    """Arrival times in the new numbering; within a vanished operation everything arrives at its successor's begin."""
    table = np.arange(NEVER + 1)
    old = np.minimum(table // UNIT, len(new) - 2)
    stays = new[old + 1] > new[old]
    moved = new[old] * UNIT + np.where(stays, table % UNIT, 0)
    moved[NEVER] = NEVER
    return moved.astype(np.uint16)[times]
