"""What lies behind a figure: an even ground by bucket, any other by its shapes, and with a brush what has texture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import FigureSource
from paints_undo_engine.procedural.script import ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.blending import blended
from paints_undo_engine.procedural.techniques.brushing import Brushing, levels_of
from paints_undo_engine.procedural.techniques.filling import filled
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.scenery import Scenery, scenery_of
from paints_undo_engine.procedural.techniques.toning import toned

GROUND = ("Background",)
_WHITE = 250
"""Lighter ground is the paper, and needs no paint."""
_FIGURE = -2
"""The mass of what is not ground."""
_FLATS, _GRADIENTS, _TONES, _SOFT = 0.6, 0.15, 0.35, 0.25
"""Of a ground's time, beside that of its brushes, which weighs as much as they are."""
_AROUND, _MISSING = 70.0, 7.0
"""The diagonal divided by it is the side of a square in which is looked how many levels are missing on the mean."""
_DRAWN = 0.5
"""Of what is missing: where more of it lies at crisp borders it is drawn, and not painted."""
_WIDE, _UNEVEN, _GRAINY = 14.0, 5, 0.3
"""The diagonal divided by it is the side of a square in which so much lies more levels off its neighbours: texture."""
_SMALL, _FORMS = 190.0, 0.9
"""The diagonal divided by it: the soft brush that paints forms without texture; its time, beside that of bristles, of a
ground that is nothing else."""
_LEVELS = levels_of((110, 200, 340), (0.2, 0.18, 0.16), [Phase.BACKGROUND] * 3, apart=1.0)
"""Brushes that go densely over the shapes of a ground."""
_EVEN = 5.0
"""Levels: a ground that strays less from its median is one even colour, and from its regions' colours, flats."""


def split(source: Source) -> tuple[list[int], list[int]]:
    """Labels of the figure's regions and of the ground's. Without a figure, or cut out, all is figure."""
    regions = source.reading.regions
    figure = [region.label for region in regions if region.figure is not None]
    cut_out = source.reading.figure.source is FigureSource.ALPHA or source.reading.alpha is None
    # Faces whose figures are not known are no figures themselves.
    unknown = source.reading.figure.source is FigureSource.NONE
    if not figure or unknown or (source.alpha is not None and cut_out):
        return [region.label for region in regions], []
    return figure, [region.label for region in regions if region.figure is None]


@dataclass(slots=True)
class Ground:
    """The work on the ground: `coarse` steps and `fine` ones, which may come later, their layers, and `canvas`, what
    they leave on the grid, uint8 [h, w, 3]. `painted`: it takes more than flats; `area` 0 to 1 of the picture, if so.
    `scenery`: its shapes, if so.
    """

    coarse: list[ScriptStep]
    fine: list[ScriptStep]
    layers: Callable[[], list[Layer]]
    canvas: Pixels
    painted: bool = False
    area: float = 0.0
    scenery: Scenery | None = None


def grounded(source: Source, ground: list[int]) -> Ground:
    """The work on the ground's regions: an even one is filled; of any other the shapes are, they get their tones and
    gradients, and what has texture then is gone over with middle and small brushes.
    """
    reading = source.reading
    blank = np.full_like(source.small, 255)
    if not ground:
        return Ground([], [], list, blank)
    mask = np.isin(reading.labels, ground)
    if _is_flat(source, mask):
        coloured = [label for label in ground if min(reading.regions[label].colour) < _WHITE]
        if not coloured:
            return Ground([], [], list, blank)
        palette = np.array([source.colour(region.colour) for region in reading.regions] + [(255, 255, 255)], np.uint8)
        work = filled(source, coloured, GROUND, Phase.BACKGROUND)
        return Ground(work.steps, [], work.layers, palette[reading.labels])
    scenery = scenery_of(source, ground, mask, GROUND)
    goal = source.small_clean
    flats = filled(source, ground, GROUND, Phase.BACKGROUND, scenery.shades, scenery.flats, "Background flats")
    tones = toned(source, ground, GROUND, Phase.BACKGROUND, scenery.shades, scenery.tones, "Background tones")
    soft, canvas = blended(source, scenery.standing, goal, mask, Phase.BACKGROUND, _SOFT, GROUND, Tool.AIRBRUSH)
    rough = _rough(source, canvas, goal, mask, scenery.crisp)
    # No bristles leave forms without grain.
    grainy = rough & _grain(source, mask)
    forms = refined(source, canvas, goal, goal, rough & ~grainy, None, name="Background forms", divisor=_SMALL,
                    group=GROUND, phase=Phase.BACKGROUND, what="forms")  # fmt: skip
    brushing = _brushing(source, goal, mask, canvas)
    brushed = [step for level in _LEVELS for step in brushing.level(level, within=grainy, careful=True)]
    canvas = np.where((rough & ~grainy)[..., None], goal, brushing.canvas) if forms.steps else brushing.canvas

    def layers() -> list[Layer]:
        below = [*flats.layers(), *scenery.gradient.layers(), *tones.layers(), *soft.layers()]
        return [*below, *brushing.layers("Painted background", GROUND), *forms.layers()]

    painting = [*weighing(forms.steps, _FORMS * float((rough & ~grainy).sum()) / float(mask.sum())), *brushed]
    return Ground(
        [*weighing(flats.steps, _FLATS), *weighing(scenery.gradient.steps, _GRADIENTS)],
        [*weighing(tones.steps, _TONES), *soft.steps, *painting],
        layers,
        np.asarray(canvas, np.uint8),
        painted=True,
        area=float(mask.mean()),
        scenery=scenery,
    )


def _brushing(source: Source, goal: Pixels, mask: NDArray[np.bool_], canvas: Pixels) -> Brushing:
    """Brush work on the shapes of a ground."""
    reading = source.reading
    masses = np.where(mask, reading.cel_labels, _FIGURE).astype(np.int32)
    names = [reading.regions[cel.region].called for cel in reading.cels]
    order = sorted(range(len(names)), key=lambda cel: reading.regions[reading.cels[cel].region].order)
    return Brushing(source, goal, mask, masses, names, order, canvas, "ground")


def _rough(
    source: Source, canvas: Pixels, goal: Pixels, mask: NDArray[np.bool_], crisp: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where shapes and gradients leave so much of the ground that it calls for a brush: small crisp things do not."""
    around = (max(3, round(source.diagonal / _AROUND)),) * 2
    weight = np.maximum(cv2.blur(mask.astype(np.float32), around), np.float32(0.1))
    missing = difference(canvas, goal).astype(np.float32) * mask
    away, sharp = cv2.blur(missing, around), cv2.blur(missing * crisp, around)
    return np.asarray(mask & (away > _MISSING * weight) & (sharp < _DRAWN * away), bool)


def _grain(source: Source, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a ground has the texture of foliage, of paint or of a photograph: bool [h, w]."""
    around = (max(3, round(source.diagonal / _WIDE)),) * 2
    clean = source.small_clean
    uneven = (difference(clean, np.asarray(cv2.medianBlur(clean, 5), np.uint8)) > _UNEVEN) & mask
    weight = np.maximum(cv2.blur(mask.astype(np.float32), around), np.float32(0.1))
    return np.asarray(cv2.blur(uneven.astype(np.float32), around) > _GRAINY * weight, bool)


def _is_flat(source: Source, mask: NDArray[np.bool_]) -> bool:
    """Whether a ground bool [h, w] is one even colour, or even shapes."""
    if not mask.any():
        return True
    some = source.small_clean[mask].astype(np.float32)
    colours = [source.colour(region.colour) for region in source.reading.regions]
    flats = np.array(colours, np.float32)[source.reading.labels[mask]]
    return any(float(np.abs(some - near).max(axis=1).mean()) < _EVEN for near in (np.median(some, axis=0), flats))
