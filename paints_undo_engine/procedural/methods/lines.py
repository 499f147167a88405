"""Line art without colour: nearly all of the time goes into lines; black areas and what is left come last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.methods.standing import with_lines
from paints_undo_engine.procedural.script import PlannedWork
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.blacks import GROUP, Blacks, find_blacks, outside, pairs_in, spotted
from paints_undo_engine.procedural.techniques.filling import filled
from paints_undo_engine.procedural.techniques.lining import filled_soon, in_order, lined
from paints_undo_engine.procedural.techniques.papering import on_grid, sheet_of
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.screentone import screentoned

SHARES = {
    Phase.CONSTRUCTION: 0.06,
    Phase.SKETCH: 0.2,
    Phase.LINE: 0.44,
    Phase.SHADING: 0.16,
    Phase.FLATS: 0.05,
    Phase.DETAILS: 0.07,
}
_HATCHED = {Phase.SKETCH: 0.17, Phase.LINE: 0.31, Phase.SHADING: 0.2}
"""What they take of a drawing with hatching."""
_TONE, _TONE_ON_PAPER = 9, 45
"""Levels: what differs more from the paper has been filled; real paper has stains and shades."""
_MOST_BLACK = 0.14
"""Of the time, at most, for solid blacks and screentone, which take by their share of the picture."""
_ALL_BLACK = 0.4
"""Of a region: where more is solid black no bucket fills it."""


def outlined(source: Source) -> Recipe:
    """Construction, a full sketch, the lines, solid blacks outlined with them and filled at once, greys, details."""
    drawn = drawing(source, most=260)
    blacks = find_blacks(source)
    black = spotted(source, blacks)
    strokes = in_order(source, [*outside(source, blacks), *black.rims])
    line = lined(source, group=GROUP, strokes=strokes, within=~blacks.around())
    sheet = sheet_of(source)
    toned = _toned(source, blacks, _TONE if isinstance(sheet, tuple) else _TONE_ON_PAPER)
    grey = filled(source, toned, ("Fills",)) if toned else PlannedWork([], list)
    standing = with_lines(source, _grounds(source, on_grid(source, sheet), toned))
    standing[blacks.around()] = source.small[blacks.around()]
    tone, where = screentoned(source, standing)
    standing[where] = source.small[where]
    within = np.asarray(source.reading.labels >= 0, bool)
    details = refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details", divisor=400)
    drawn.fade(line.steps, 0.45)
    paths = [stroke.path for stroke in strokes]
    lines = filled_soon(line.steps, paths, blacks.numbered(), black.fills, pairs=pairs_in(blacks))
    fills = [*grey.steps, *tone.steps]
    drawn.fade(fills or details.steps, 0.0)

    def layers() -> list[Layer]:
        greys = [*grey.layers(), *tone.layers()]
        return [*greys, *drawn.layers(), *black.layers(), *line.layers(), *details.layers()]

    # Hatching takes long: greys come once the forms stand and do not wait for it.
    forms = [step for step in lines if step.phase is not Phase.SHADING]
    hatching = [step for step in lines if step.phase is Phase.SHADING]
    steps = [*drawn.steps, *forms, *fills, *hatching, *details.steps]
    shares = {**SHARES, **_HATCHED} if source.hatching.any() else {**SHARES}
    shares[Phase.FLATS] += min(_MOST_BLACK, float((blacks.mask | where).mean()))
    return Recipe(steps, shares, layers, Adjusting(source).curves, Mirroring(source).view, sheet)


def _toned(source: Source, blacks: Blacks, least: int) -> list[int]:
    """The regions that are so many levels from paper, and not among the solid blacks: even greys."""
    paper = np.array(source.paper, np.int64)
    colours = [(region.label, np.array(source.colour(region.colour), np.int64)) for region in source.reading.regions]
    labels = source.reading.labels
    shown = labels >= 0
    black = np.bincount(labels[shown], blacks.mask[shown], len(colours))
    area = np.bincount(labels[shown], minlength=len(colours))
    toned = [label for label, colour in colours if np.abs(colour - paper).max() > least]
    return [label for label in toned if black[label] < _ALL_BLACK * area[label]]


def _grounds(source: Source, sheet: Pixels, toned: list[int]) -> NDArray[np.float32]:
    """The sheet (of the grid) and what is filled on it: float32 [h, w, 3]."""
    standing = sheet.astype(np.float32)
    for label in toned:
        standing[source.reading.labels == label] = source.colour(source.reading.regions[label].colour)
    return standing
