"""Line, flats, hard and soft shading: how most drawn figures are made, before a ground of their own kind."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.grounds import grounded, split
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.script import Step
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.airbrushing import airbrushed
from paints_undo_engine.procedural.techniques.filling import Filling
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.toning import toned

SHARES = {
    Phase.CONSTRUCTION: 0.05,
    Phase.SKETCH: 0.15,
    Phase.LINE: 0.24,
    Phase.FLATS: 0.08,
    Phase.SHADING: 0.12,
    Phase.SOFT_SHADING: 0.12,
    Phase.BACKGROUND: 0.11,
    Phase.DETAILS: 0.09,
    Phase.EFFECTS: 0.02,
    Phase.ADJUSTMENT: 0.035,
}
"""About what a digital illustrator spends."""

FIGURE = ("Figure",)


def inked(source: Source) -> Recipe:
    """Sketch, ink, flats, tones, airbrush on the figure; the ground by brush; details; curves."""
    figure, ground = split(source)
    drawn = drawing(source)
    line = lined(source, group=FIGURE)
    filling = Filling(source, figure, FIGURE, Phase.FLATS)
    flats = filling.steps()
    trial = filling.trial(source.chance("trial"))
    tones = toned(source, figure, FIGURE)
    behind, painted_ground = grounded(source, ground)
    soft = airbrushed(source, figure, evenly(source), source.small_clean, FIGURE)
    within = np.asarray(source.reading.labels >= 0, bool)
    standing = before_details(source, figure, painted_ground)
    details = refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details")
    adjusting, mirroring = Adjusting(source), Mirroring(source)
    drawn.fade(line.steps, 0.4)
    drawn.fade(flats, 0.0)
    ground_first = source.chance("ground").random() < 0.4
    cut = len(tones.steps) // 2
    steps: list[Step] = [*drawn.steps, *line.steps]
    steps += behind.steps if ground_first else []
    steps += [*flats, *(trial[:1] if trial else ()), *tones.steps[:cut], *(trial[1:] if trial else ())]
    steps += [] if ground_first else behind.steps
    steps += [*tones.steps[cut:], *soft.steps, *details.steps, *adjusting.steps()]

    def layers() -> list[Layer]:
        below = [*behind.layers(), *drawn.layers(), filling.layer(), *tones.layers(), *soft.layers()]
        return [*below, *line.layers(), *details.layers()]

    return Recipe(steps, SHARES, layers, adjusting.curves, mirroring.view)


def evenly(source: Source) -> Pixels:
    """Flats and hard tones on the grid: the colours from which the airbrush starts. uint8 [h, w, 3]."""
    cels = source.reading.cels
    palette = np.full((len(cels) + 1, 3), 255, np.uint8)
    for cel in cels:
        flat = source.reading.regions[cel.region].colour if cel.step == 0 else cel.colour
        palette[cel.label] = source.colour(flat)
    return palette[source.reading.cel_labels]


def before_details(source: Source, figure: list[int], ground: Pixels) -> Pixels:
    """About what is on the canvas before details, on the grid."""
    inside = np.isin(source.reading.labels, figure)
    standing = np.where(inside[..., None], evenly(source), ground)
    cover = source.reading.ink.cover[..., None].astype(np.float32) / 255
    return np.rint(standing * (1 - cover) + source.ink_colour * cover).astype(np.uint8)
