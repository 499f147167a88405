"""Flat graphics: construction with ruler and circles, shapes filled with even colours, lettering."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Keys, Phase, Tool
from paints_undo_engine.procedural.methods.inking import SHARES as DRAWN
from paints_undo_engine.procedural.methods.late import finished_pieces
from paints_undo_engine.procedural.methods.method import Recipe, gathered
from paints_undo_engine.procedural.methods.pieces import Pieces
from paints_undo_engine.procedural.reading.model import Path
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.silhouettes import smoothed
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
_SQUARE, _LOOSE = 0.85, 0.02
"""Of the box about it: a shape that fills more is square; of its length, the sigma that makes an outline loose."""


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
    # Guides have done their work once the outlines stand.
    steps = [*built, *drawn, *([_hide(source, "guides hidden", hidden)] if built else ())]
    steps += [*colour, *(line.steps if line else ())]
    steps += [_hide(source, "construction hidden", hidden), *finished_pieces(pieces, [[]], details.steps)]

    def layers() -> list[Layer]:
        sketch: list[Layer] = []
        for pencil, (begin, end) in ((guides, hidden[0]), (outlines, hidden[-1])):
            if not pencil.empty:
                sketch.append(pencil.layer())
                sketch[-1].opacity = Keys(((0, 1.0), (begin, 1.0), (end, 0.0)))
        shaded = [
            *pieces.tones.layers(),
            *pieces.soft.layers(),
            *pieces.render.layers(),
        ]
        below = [*gathered(pieces.ground_layers()), pieces.filling.layer(), *shaded]
        lines = [*pieces.small_layers(), *(line.layers() if line else ())]
        return [*below, *lines, *sketch, *details.layers()]

    return Recipe(steps, pieces.shares(SHARES), layers, pieces.adjusting.curves, pieces.mirroring.view)


def _hide(source: Source, label: str, hidden: list[tuple[int, int]]) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        hidden.append((begin, end))

    height, width = source.size
    return ScriptStep(Phase.EFFECTS, Tool.LAYERS, label, (0.0, 0.0, float(width), float(height)), 1, when, most=3)


def _guides(source: Source, pencil: Pencil) -> list[ScriptStep]:
    """For each large shape its circle or its box, with the middle axes, or a loose line about it if it is neither."""
    height, width = source.reading.shape
    steps = []
    ruled = False
    for region in sorted(source.reading.regions, key=lambda region: -region.area)[:9]:
        box = region.box
        if not 0.003 < region.area / (height * width) < 0.6:
            continue
        x, y = box.centre
        filled = region.area / max(np.pi / 4 * box.area, 1)
        if filled > _ROUND and max(box.width, box.height) < 1.3 * min(box.width, box.height):
            line = ellipse(x, y, box.width / 2, box.height / 2)
            steps.append(pencil.line(line, Phase.CONSTRUCTION, f"{region.called}, circle", strength=0.7))
            ruled = True
        elif region.area > _SQUARE * box.area:
            right, bottom = box.x + box.width, box.y + box.height
            ring = np.array([[box.x, box.y], [right, box.y], [right, bottom], [box.x, bottom], [box.x, box.y]])
            label = f"{region.called}, box"
            steps.append(pencil.line(ring.astype(np.float32), Phase.CONSTRUCTION, label, strength=0.5, tool=Tool.RULER))
            ruled = True
        else:
            label = f"{region.called}, mass"
            steps.append(pencil.line(_mass(source, region.label), Phase.CONSTRUCTION, label, strength=0.6))
    axes = [np.array([[width / 2, 0], [width / 2, height]]), np.array([[0, height / 2], [width, height / 2]])]
    middle = [
        pencil.line(axis.astype(np.float32), Phase.CONSTRUCTION, "middle axis", strength=0.6, tool=Tool.RULER)
        for axis in (axes if ruled else ())
    ]
    return [*middle, *steps]


def _mass(source: Source, label: int) -> Path:
    """A loose line about the largest piece of a region: float32 [n, 2]."""
    mask = (source.reading.labels == label).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)[:, 0].astype(np.float32)
    soft = smoothed(outline, _LOOSE * len(outline), closed=True)
    return np.concatenate([soft, soft[: max(1, len(soft) // 12)]])


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
            for piece in _outline_pieces(outline[:, 0], (height, width), 0.0018 * source.diagonal):
                steps.append(pencil.line(piece, Phase.SKETCH, f"{region.called}, outline", strength=0.8, tool=Tool.PEN))
    return steps


def _outline_pieces(
    outline: NDArray[np.integer | np.floating], shape: tuple[int, int], tolerance: float
) -> list[Points]:
    """A closed outline as simplified strokes of two to four corners, without what runs along the picture's border."""
    simple = cv2.approxPolyDP(outline.astype(np.float32)[:, None], tolerance, True)[:, 0]
    if len(simple) < 3:
        return []
    ring = np.vstack([simple, simple[:1]])
    height, width = shape
    along = [
        (min(a[0], b[0]) < 3 and max(a[0], b[0]) < 3)
        or (min(a[0], b[0]) > width - 4)
        or (max(a[1], b[1]) < 3)
        or (min(a[1], b[1]) > height - 4)
        for a, b in pairwise(ring)
    ]
    pieces: list[Points] = []
    current = [ring[0]]
    for number, corner in enumerate(ring[1:]):
        if along[number]:
            if len(current) > 1:
                pieces.append(np.array(current, np.float32))
            current = [corner]
            continue
        current.append(corner)
        if len(current) == 4:
            pieces.append(np.array(current, np.float32))
            current = [corner]
    if len(current) > 1:
        pieces.append(np.array(current, np.float32))
    return pieces
