"""The painter's way: a toned ground, then masses from large brushes to small, accents with the pen, and details."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour, Phase, Pixels
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.methods.pieces import evenly
from paints_undo_engine.procedural.script import Step, Work
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.blending import blended
from paints_undo_engine.procedural.techniques.brushing import Brushing, levels_of
from paints_undo_engine.procedural.techniques.erasing import trimmed
from paints_undo_engine.procedural.techniques.filling import filled
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined

SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.09,
    Phase.BLOCK_IN: 0.2,
    Phase.PAINTING: 0.34,
    Phase.LINE: 0.09,
    Phase.DETAILS: 0.17,
    Phase.EFFECTS: 0.02,
    Phase.ADJUSTMENT: 0.035,
}
"""Masses and forms take most of the time; small brushes as much as large ones."""

_DIVISORS = (24, 46, 90, 170, 300, 520)
_TIME = (0.2, 0.28, 0.3, 0.32, 0.34, 0.36)
_PHASES = (Phase.BLOCK_IN, Phase.BLOCK_IN, Phase.PAINTING, Phase.PAINTING, Phase.PAINTING, Phase.PAINTING)
_BLENDING = 0.22
"""Beside the brush work of `_TIME`."""
PAINTING = ("Painting",)
_LINED = 0.35
"""Of the length of all lines, what lies in long ones: with less, the lines are the texture of things."""


def painted_through(source: Source) -> Recipe:
    """Drawing, toned ground, brushes large to small, lines in between, details, curves."""
    reading = source.reading
    drawn = drawing(source, most=70)
    mask = np.asarray(reading.labels >= 0, bool)
    names = [region.called for region in reading.regions] + ["paper"]
    by_depth = [region.label for region in sorted(reading.regions, key=lambda region: region.order)]
    base = laid_in(source)
    canvas = evenly(source, tones=False) if base.steps else np.full_like(source.small, 255)
    brushing = Brushing(source, goal(source), mask, reading.labels, names, by_depth, canvas, "painting")
    levels = levels_of(_DIVISORS, _TIME, _PHASES)
    tone = brushing.tone(_tone(source), Phase.BLOCK_IN, 0.12) if source.alpha is None else []
    blocked = [brushing.level(level) for level in levels[:2]]
    formed = [brushing.level(level) for level in levels[2:4]]
    fine = [brushing.level(level) for level in levels[4:]]
    blend, smooth = blended(source, brushing.canvas, goal(source), mask, Phase.PAINTING, _BLENDING, PAINTING)
    accents = lined(source, name="Pen accents", group=PAINTING, accents=True)
    trim = trimmed(source)
    cover = source.inked
    standing = np.rint(smooth * (1 - cover) + source.ink_colour * cover).astype(np.uint8)
    details = refined(source, standing, source.small, source.pixels, mask, source.alpha, name="Details", divisor=260)
    adjusting, mirroring = Adjusting(source), Mirroring(source)
    first = base.steps or blocked[0]
    drawn.fade(first, 0.7)
    drawn.fade(blocked[1], 0.0, operations=60)
    steps: list[Step] = [*drawn.steps, *tone, *base.steps, *blocked[0], *blocked[1], *formed[0], *trim.steps]
    steps += [*formed[1], *accents.steps, *fine[0], *fine[1], *blend.steps, *details.steps, *adjusting.steps()]

    def layers() -> list[Layer]:
        paint = [*base.layers(), *brushing.layers("Paint", PAINTING), *blend.layers()]
        below = [*paint, *drawn.layers(), *trim.layers()]
        return [*below, *accents.layers(), *details.layers()]

    return Recipe(steps, SHARES, layers, adjusting.curves, mirroring.view)


def laid_in(source: Source) -> Work:
    """The flats of a cut-out figure by lasso: it stands whole before brushes model it. Nothing for other pictures."""
    if source.alpha is None:
        return Work([], list)
    return filled(source, [region.label for region in source.reading.regions], PAINTING, Phase.BLOCK_IN)


def goal(source: Source) -> Pixels:
    """What the brush aims at, on the grid: the picture without the lines that a pen will draw, where it has such."""
    return source.small_clean if source.reading.ink.connected > _LINED else source.small


def _tone(source: Source) -> Colour:
    """The ground's colour: the picture's mean, warmer and nearer to a middle tone."""
    mean = source.small_clean.reshape(-1, 3).mean(axis=0)
    warm = np.clip(mean * 0.55 + np.array([150, 128, 105]) * 0.45, 0, 255)
    red, green, blue = (int(value) for value in warm)
    return red, green, blue
