"""What lies behind a figure: an even ground by bucket, a painted one by brush."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.model import FigureSource, TextLine
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur
from paints_undo_engine.procedural.techniques.brushing import Brushing, levels_of
from paints_undo_engine.procedural.techniques.filling import filled
from paints_undo_engine.procedural.techniques.lettering import letters_of, without

GROUND = ("Background",)
_WHITE = 250
"""Lighter ground is the paper, and needs no paint."""
_UNDER_FIGURE = -2
"""The mass of what lies well under the figure."""
_COARSE = 3
"""Brush sizes that lay the ground in; the others finish it, once the figure stands."""
_ON = 0.6
"""Of the box of a line of text, what is ground: it is written on that."""
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
    they leave on the grid, uint8 [h, w, 3]. `painted`: with a brush; `area` 0 to 1 of the picture, if so.
    """

    coarse: list[ScriptStep]
    fine: list[ScriptStep]
    layers: Callable[[], list[Layer]]
    canvas: Pixels
    painted: bool = False
    area: float = 0.0


def grounded(source: Source, ground: list[int]) -> Ground:
    """The work on the ground's regions."""
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
    letters = letters_of(source, written(source, mask))
    goal = without(behind(source, mask), letters)
    # Paint goes on a little under the figure, so that no paper shows along its edge.
    reach = max(3, round(source.diagonal / 45))
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    # Beyond that no stroke goes on.
    masses = np.where(wide, _masses(reading.labels, mask), _UNDER_FIGURE)
    names = [region.called for region in reading.regions]
    order = [region.label for region in sorted(reading.regions, key=lambda region: region.order)]
    brushing = Brushing(source, goal, wide, masses, names, order, blank, "ground")
    levels = levels_of((30, 55, 100, 190, 340), (0.24, 0.22, 0.2, 0.18, 0.16), [Phase.BACKGROUND] * 5)
    coarse = [step for level in levels[:_COARSE] for step in brushing.level(level)]
    fine = [step for level in levels[_COARSE:] for step in brushing.level(level)]

    def layers() -> list[Layer]:
        return brushing.layers("Painted background", GROUND)

    return Ground(coarse, fine, layers, brushing.canvas, painted=True, area=float(mask.mean()))


def written(source: Source, mask: NDArray[np.bool_]) -> list[TextLine]:
    """The lines of text that lie on a ground bool [h, w]."""
    return [line for line in source.reading.text if float(mask[line.box.slices(mask.shape)].mean()) > _ON]


def _masses(labels: NDArray[np.int32], mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The ground's regions, carried on behind the figure: each pixel there has the nearest region's number."""
    _, nearest = cv2.distanceTransformWithLabels(
        np.where(mask, 0, 1).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[mask]] = labels[mask]
    return np.asarray(table[nearest], np.int32)


def _is_flat(source: Source, mask: NDArray[np.bool_]) -> bool:
    """Whether a ground bool [h, w] is one even colour, or even shapes."""
    if not mask.any():
        return True
    some = source.small_clean[mask].astype(np.float32)
    colours = [source.colour(region.colour) for region in source.reading.regions]
    flats = np.array(colours, np.float32)[source.reading.labels[mask]]
    return any(float(np.abs(some - near).max(axis=1).mean()) < _EVEN for near in (np.median(some, axis=0), flats))


def behind(source: Source, mask: NDArray[np.bool_]) -> Pixels:
    """The ground with what lies behind the figure filled from around, ever wider: uint8 [h, w, 3] on the grid."""
    # What is filled in is broad, and is found on half of the grid.
    height, width = mask.shape
    half = (-(-width // 2), -(-height // 2))
    weight = np.asarray(cv2.resize(mask.astype(np.float32), half, interpolation=cv2.INTER_AREA), np.float32)
    shown = np.where(mask[..., None], source.small_clean, np.uint8(0))
    coloured = np.asarray(cv2.resize(shown, half, interpolation=cv2.INTER_AREA), np.float32)
    fill = np.asarray(cv2.resize(source.small_clean, half, interpolation=cv2.INTER_AREA), np.float32)
    known = np.zeros(weight.shape, bool)
    for divisor in (160, 60, 20, 6):
        sigma = source.diagonal / divisor / 2
        mass = wide_blur(weight, sigma)
        new = ~known & (mass > 0.05)
        fill[new] = wide_blur(coloured, sigma)[new] / mass[new][:, None]
        known |= new
    around = np.asarray(cv2.resize(fill, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.where(mask[..., None], source.small_clean, np.clip(np.rint(around), 0, 255)).astype(np.uint8)
