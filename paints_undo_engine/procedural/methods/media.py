"""Pencil and watercolour: media in which light is the paper's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.script import PlannedWork
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.hatching import hatched
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.papering import on_grid, sheet_of
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.washing import standing_after, washed

PENCIL_SHARES = {
    Phase.CONSTRUCTION: 0.06,
    Phase.SKETCH: 0.16,
    Phase.LINE: 0.3,
    Phase.SHADING: 0.38,
    Phase.DETAILS: 0.1,
}
WASH_SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.16,
    Phase.PAINTING: 0.48,
    Phase.LINE: 0.1,
    Phase.DETAILS: 0.22,
}


def pencilled(source: Source) -> Recipe:
    """Construction, sketch, lines, then tone by hatching, light to dark, and details."""
    drawn = drawing(source, most=150)
    line = lined(source, name="Pencil")
    # The picture's own hatching is drawn stroke by stroke; tone without strokes is hatched.
    sheet = sheet_of(source)
    shade = PlannedWork([], list) if source.hatching.any() else hatched(source, source.pixels, sheet)
    within = np.asarray(source.reading.labels >= 0, bool)
    standing = np.where(cover_of(source) > 0.5, source.small, on_grid(source, sheet))
    details = refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details", divisor=300)
    drawn.fade(line.steps, 0.6)
    lines = sum(step.phase is Phase.LINE for step in line.steps)
    tone = [*line.steps[lines:], *shade.steps, *details.steps]
    drawn.fade(tone, 0.0, operations=40)

    def layers() -> list[Layer]:
        return [*drawn.layers(), *shade.layers(), *line.layers(), *details.layers()]

    steps = [*drawn.steps, *line.steps[:lines], *tone]
    return Recipe(steps, PENCIL_SHARES, layers, Adjusting(source).curves, Mirroring(source).view, sheet)


def cover_of(source: Source) -> NDArray[np.float32]:
    """How dark the picture is, 0 to 1, on the grid: float [h, w, 1]."""
    return np.asarray(1 - source.small.astype(np.float32).mean(axis=2, keepdims=True) / 255, np.float32)


def in_washes(source: Source) -> Recipe:
    """A light drawing, washes from light to dark, lines where the picture has them, and details with a fine brush."""
    drawn = drawing(source, most=90)
    sheet = sheet_of(source)
    wash = washed(source, on_grid(source, sheet))
    line = lined(source, name="Line art")
    within = np.asarray(source.reading.labels >= 0, bool)
    details = refined(
        source,
        standing_after(source, on_grid(source, sheet)),
        source.small,
        source.pixels,
        within,
        source.alpha,
        name="Details",
        divisor=260,
    )
    adjusting = Adjusting(source)
    drawn.fade(wash.steps, 0.6)
    drawn.fade(details.steps, 0.0, operations=40)
    cut = len(wash.steps) * 2 // 3

    def layers() -> list[Layer]:
        return [*wash.layers(), *drawn.layers(), *line.layers(), *details.layers()]

    steps = [*drawn.steps, *wash.steps[:cut], *line.steps, *wash.steps[cut:], *details.steps, *adjusting.steps()]
    shares = {**WASH_SHARES, Phase.ADJUSTMENT: 0.03}
    return Recipe(steps, shares, layers, adjusting.curves, Mirroring(source).view, sheet)
