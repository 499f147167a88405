"""Flat graphics: construction with ruler and circles, shapes filled with even colours, lettering."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Keys, Phase, Tool
from paints_undo_engine.procedural.methods.inking import SHARES as DRAWN
from paints_undo_engine.procedural.methods.method import Recipe, gathered
from paints_undo_engine.procedural.methods.pieces import Pieces
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.construction import outline_pieces
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil, ellipse

SHARES = {
    **DRAWN,
    Phase.CONSTRUCTION: 0.08,
    Phase.SKETCH: 0.14,
    Phase.LINE: 0.14,
    Phase.FLATS: 0.26,
    Phase.DETAILS: 0.12,
}
_ROUND = 0.88
"""Of the ellipse about it: a shape that fills more is round."""


def filled_in(source: Source) -> Recipe:
    """Axes, circles and outlines, flats by lasso, what shading there is, letters, details."""
    pieces = Pieces(source, contoured=False)
    hand = Hand((96, 106, 128), 0.0014, 0.0004, 1, 0.9)
    guides, outlines = Pencil(source, hand, "Construction", ("Sketch",)), Pencil(source, hand, "Outlines", ("Sketch",))
    built = _guides(source, guides)
    drawn = _outlines(source, outlines)
    line = lined(source) if source.reading.ink.explained > 0.4 and pieces.lines_tell else None
    details = pieces.details(lined=line is not None)
    hidden: list[tuple[int, int]] = []
    flats = list(pieces.flats)
    colour = [
        *flats,
        *pieces.ground.coarse,
        *pieces.ground.fine,
        *pieces.finish(),
        *pieces.tones.steps,
        *pieces.soft.steps,
        *pieces.render.steps,
    ]
    steps: list[ScriptStep] = [*built, *drawn, *colour, *(line.steps if line else ())]
    steps += [_hide(source, hidden), *pieces.adjusting.among(details.steps)]

    def layers() -> list[Layer]:
        sketch: list[Layer] = [pencil.layer() for pencil in (guides, outlines) if not pencil.empty]
        for layer in sketch:
            begin, end = hidden[0]
            layer.opacity = Keys(((0, 1.0), (begin, 1.0), (end, 0.0)))
        shaded = [
            *pieces.tones.layers(),
            *pieces.soft.layers(),
            *pieces.render.layers(),
        ]
        below = [*gathered(pieces.ground_layers()), pieces.filling.layer(), *shaded]
        lines = [*pieces.small_layers(), *(line.layers() if line else ())]
        return [*below, *lines, *sketch, *details.layers()]

    return Recipe(steps, pieces.shares(SHARES), layers, pieces.adjusting.curves, pieces.mirroring.view)


def _hide(source: Source, hidden: list[tuple[int, int]]) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        hidden.append((begin, end))

    height, width = source.size
    return ScriptStep(
        Phase.EFFECTS, Tool.LAYERS, "construction hidden", (0.0, 0.0, float(width), float(height)), 1, when, most=3
    )


def _guides(source: Source, pencil: Pencil) -> list[ScriptStep]:
    """The middle axes, and for each large shape its circle or its box."""
    height, width = source.reading.shape
    axes = [np.array([[width / 2, 0], [width / 2, height]]), np.array([[0, height / 2], [width, height / 2]])]
    steps = [
        pencil.line(axis.astype(np.float32), Phase.CONSTRUCTION, "middle axis", strength=0.6, tool=Tool.RULER)
        for axis in axes
    ]
    for region in sorted(source.reading.regions, key=lambda region: -region.area)[:9]:
        box = region.box
        if not 0.003 < region.area / (height * width) < 0.6:
            continue
        x, y = box.centre
        filled = region.area / max(np.pi / 4 * box.area, 1)
        if filled > _ROUND and max(box.width, box.height) < 1.3 * min(box.width, box.height):
            line = ellipse(x, y, box.width / 2, box.height / 2)
            steps.append(pencil.line(line, Phase.CONSTRUCTION, f"{region.called}, circle", strength=0.7))
        else:
            right, bottom = box.x + box.width, box.y + box.height
            ring = np.array([[box.x, box.y], [right, box.y], [right, bottom], [box.x, bottom], [box.x, box.y]])
            label = f"{region.called}, box"
            steps.append(pencil.line(ring.astype(np.float32), Phase.CONSTRUCTION, label, strength=0.5, tool=Tool.RULER))
    return steps


def _outlines(source: Source, pencil: Pencil) -> list[ScriptStep]:
    """The shapes' outlines with few nodes, as a vector pen has them; letters are written later."""
    height, width = source.reading.shape
    steps = []
    for region in sorted(source.reading.regions, key=lambda region: -region.area)[:60]:
        mask = (source.reading.labels == region.label).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        for outline in sorted(outlines, key=len, reverse=True)[:6]:
            if len(outline) < 0.02 * source.diagonal:
                continue
            for piece in outline_pieces(outline[:, 0], (height, width), 0.0018 * source.diagonal):
                steps.append(pencil.line(piece, Phase.SKETCH, f"{region.called}, outline", strength=0.8, tool=Tool.PEN))
    return steps
