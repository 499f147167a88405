"""The painterly phases: three brushes, coarse to fine, region by region, then fine work."""

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
    """Three brushes, coarse to fine, region by region."""
    regions_order = flats_order(a)
    below = np.full_like(a.small, 255)
    made: list[Material] = []
    for phase, share, threshold in (("flats", 30, 0.0), ("hard shadow", 66, 9.0), ("soft shading", 140, 8.0)):
        radius = max(1.5, a.diagonal / share)
        at = brushwork.seeds(a.small, below, radius, threshold, a.jitter)
        if not len(at):
            continue
        parent = a.regions.flats[at[:, 1].astype(int), at[:, 0].astype(int)].astype(np.int64)
        own = np.argsort(
            at @ np.array([0.55, 0.83]) // (radius * 4) * a.diagonal * 4 + at @ np.array([0.83, -0.55]),
            kind="stable",
        )
        painted = brushwork.brush(
            a.small, below, at, order.following(parent, regions_order, own), radius, a.jitter, closed=not made
        )
        inside = (painted.labels >= 0).ravel()
        weight = np.bincount(painted.labels.ravel()[inside], minlength=len(at)).astype(np.float64)
        work = Work(
            phase,
            "brush stroke",
            painted.labels,
            painted.progress,
            np.arange(len(at)),
            weight,
            painted.colours,
            radius,
        )
        full = a.grid.smooth(painted.target)
        touched = np.where(painted.labels >= 0, 255, 0).astype(np.uint8)
        made.append(Material(work, painted.target, full, touched, touched, UNIT // 2))
        below = painted.target
    cells = strokes.cells(a.regions.flats, max(5.0, a.diagonal / 34), a.jitter)
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
