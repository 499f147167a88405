"""The painterly phases: a toned ground, three brushes, coarse to fine, region by region, then fine work."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import brushwork, order, strokes
from paints_undo_engine.procedural.analysis import Analysis
from paints_undo_engine.procedural.compositor import UNIT
from paints_undo_engine.procedural.filling import flats_order
from paints_undo_engine.procedural.material import Material, moved
from paints_undo_engine.procedural.timetable import Work


def laid_in(a: Analysis) -> list[Material]:
    """A toned ground, then three brushes, coarse to fine, region by region."""
    regions_order = flats_order(a)
    made = _toned_ground(a)
    below = made[-1].small if made else np.full_like(a.small, 255)
    opaque = False
    for phase, share, threshold in (("flats", 30, 0.0), ("hard shadow", 66, 9.0), ("soft shading", 140, 8.0)):
        radius = max(1.5, a.diagonal / share)
        at = brushwork.seeds(a.small, below, radius, threshold, a.brush_jitter)
        if not len(at):
            continue
        parent = a.regions.flats[at[:, 1].astype(int), at[:, 0].astype(int)].astype(np.int64)
        own = np.argsort(
            at @ np.array([0.55, 0.83]) // (radius * 4) * a.diagonal * 4 + at @ np.array([0.83, -0.55]),
            kind="stable",
        )
        painted = brushwork.brush(
            a.small, below, at, order.following(parent, regions_order, own), radius, a.brush_jitter, closed=not opaque
        )
        made.append(_strokes(a, phase, painted, radius, 1.0))
        below, opaque = painted.target, True
    cells = strokes.cells(a.regions.flats, max(5.0, a.diagonal / 34), a.brush_jitter)
    count = int(cells.max()) + 1
    parent = np.zeros(count, np.int64)
    parent[cells.ravel()] = a.regions.flats.ravel()
    at, _ = order.centres(cells, count)
    ordered = order.following(parent, regions_order, np.argsort(at[:, 1] + 0.4 * at[:, 0], kind="stable"))
    softened = np.asarray(cv2.bilateralFilter(a.small, 5, 22, 4), np.uint8)
    turn = strokes.zigzag(cells, a.angle, max(2.0, a.diagonal / 160))
    work = Work(
        "details",
        "fine brush",
        cells,
        turn,
        ordered,
        moved(cells, count, below, softened),
        a.regions.flat_colours[parent],
        a.diagonal / 240,
    )
    full = cv2.addWeighted(a.grid.smooth(softened), 0.5, a.rgb, 0.5, 0)
    shown = softened if a.grid.same else np.asarray(full, np.uint8)
    made.append(Material(work, softened, shown, ramp=UNIT))
    return made


def _toned_ground(a: Analysis) -> list[Material]:
    """Broad muted strokes that take the white off the canvas, from large mass to large mass."""
    radius = max(2.0, a.diagonal / 15)
    white = np.full_like(a.small, 255)
    at = brushwork.seeds(a.small, white, radius, 40.0, a.brush_jitter)
    if not len(at):
        return []
    tone = np.broadcast_to(a.small.mean(axis=(0, 1)).astype(np.uint8), a.small.shape)
    muted = np.asarray(cv2.addWeighted(a.small, 0.6, np.ascontiguousarray(tone), 0.4, 0), np.uint8)
    ordered = order.visit(at, np.ones(len(at)), a.diagonal, a.habit)
    return [
        _strokes(a, "flats", brushwork.brush(muted, white, at, ordered, radius, a.brush_jitter, False), radius, 0.25)
    ]


def _strokes(a: Analysis, phase: str, painted: brushwork.Brushed, radius: float, effort: float) -> Material:
    """The layer of one brush; `effort` is what a pixel of it takes, beside other strokes of the phase."""
    count = len(painted.colours)
    inside = (painted.labels >= 0).ravel()
    weight = effort * np.bincount(painted.labels.ravel()[inside], minlength=count).astype(np.float64)
    work = Work(
        phase, "brush stroke", painted.labels, painted.progress, np.arange(count), weight, painted.colours, radius
    )
    touched = np.where(painted.labels >= 0, 255, 0).astype(np.uint8)
    return Material(work, painted.target, a.grid.smooth(painted.target), touched, touched, UNIT // 2)
