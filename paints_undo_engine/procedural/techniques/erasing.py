"""The outline of a cut-out figure, cleaned with the eraser: paint had gone beyond it."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail

_PIECE = 0.12
"""Of the diagonal: one pull of the eraser."""


def trimmed(source: Source, phase: Phase = Phase.PAINTING) -> PlannedWork:
    """Erase around the silhouette, pull by pull along it. Nothing for an opaque painting."""
    if source.alpha is None:
        return PlannedWork([], list)
    alpha = source.alpha
    inside = (cv2.resize(alpha, source.reading.shape[::-1], interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    trail = Trail(source.reading.shape)
    steps = []
    length = max(8, round(_PIECE * source.diagonal))
    for outline in sorted(outlines, key=len, reverse=True)[:12]:
        points = outline[:, 0].astype(np.float32)
        for begin in range(0, len(points), length):
            steps.append(_pull(source, points[begin : begin + length + 2], trail, phase))

    def layers() -> list[Layer]:
        cover = np.where(alpha == 255, 0, 255 - alpha).astype(np.uint8)
        return [Arrival("Eraser", (0, 0, 0), trail.arrivals(), cover=cover, erases=True)]

    return PlannedWork(steps, layers if steps else list)


def _pull(source: Source, points: Points, trail: Trail, phase: Phase) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        trail.pass_over(points, begin, end)

    reach = source.diagonal / 40
    bounds = source.bounds(points, reach)
    return ScriptStep(phase, Tool.ERASER, "outline, cleaned with the eraser", bounds, 0.006, when, most=3)
