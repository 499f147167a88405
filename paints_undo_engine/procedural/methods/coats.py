"""Coats: brush work of one size over a picture, and what is done beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, FigureSource, Labels
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.brush_view import Side, Stretch
from paints_undo_engine.procedural.techniques.brushing import Brushing, Level
from paints_undo_engine.procedural.techniques.features import Features, known_features
from paints_undo_engine.procedural.techniques.finishing import head_boxes

_CLEANING = 0.15
"""Beside the brush work of the same size: what cleaning the ground along edges takes."""
_AHEAD, _HEADS, _COARSEST, _FINE = (1.5, 5.0), 0.12, 30.0, 200.0
"""How many times smaller the brush is that paints a head, at least and for a small head at most, its share of the time
beside the brush for the rest, and the divisors between which a brush has another one for heads.
"""
_FEATURE, _FORMED = 26.0, 170.0
"""A head's width divided by it: the brush that paints a head beside one of that divisor; before that it is coarser."""
_PARTED, _FRINGE = (0.02, 0.9), 1 / 56
"""Of the picture, figures that are laid in beside the ground; of the diagonal, how wide the strip along their outline
is whose colours may be the figure's."""
_BROADLY, _FINER = 0.4, 2.0
"""Of the picture, figures so large are laid in with the ground's brushes; how much finer those for small ones are."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The faces and heads that were found, and where others are likely; the features of the faces among them."""

    boxes: list[Box]
    features: list[Features]


def known_heads(source: Source) -> Heads:
    """All heads of a picture."""
    return Heads(head_boxes(source), known_features(source))


@dataclass(frozen=True, slots=True)
class Coats:
    """Brush work on one layer: on the `front`, `within` a part of it, bool [h, w], and on even ground at the `back`.

    `depth` in pixels is how far each pixel is from the border of its lasso's shape: no brush frays clean borders.
    """

    source: Source
    brushing: Brushing
    heads: Heads
    front: Stretch
    back: Stretch
    within: NDArray[np.bool_]
    depth: NDArray[np.float32] | None

    def coat(self, level: Level, *, closed: bool = False, areas: NDArray[np.int32] | None = None) -> list[ScriptStep]:
        """One brush size, area by area if `areas`, int32 [h, w], are told; then the even ground cleans up what has gone
        over an edge, and heads are worked on.
        """
        covered = self.front.mask if closed and self.depth is None else None
        careful, depth = self.depth is not None, self.depth
        steps = self.brushing.level(
            level, within=self.within, careful=careful, stretch=self.front, closed=covered, first=areas, borders=depth
        )
        if self.back.mask.any():
            cleaning = replace(level, share=_CLEANING * level.share)
            steps += self.brushing.level(cleaning, within=self.back.mask, careful=True, stretch=self.back)
        return (
            [*self._on_heads(level, self.front), *steps]
            if areas is not None
            else steps + self._on_heads(level, self.front)
        )

    def both_sides(self, level: Level, sides: tuple[Side, Side], *, closed: bool) -> list[ScriptStep]:
        """One broad brush on ground and figure by turns; then the figure's heads."""
        return self.brushing.sides(level, sides, closed=closed) + self._on_heads(level, sides[1].stretch)

    def _on_heads(self, level: Level, front: Stretch) -> list[ScriptStep]:
        """Heads, which are looked at first, are painted with a smaller brush than what is around them."""
        if not self.heads.boxes or not _COARSEST < level.divisor < _FINE:
            return []
        where = np.zeros(self.source.reading.shape, bool)
        for box in self.heads.boxes:
            where[box.slices(where.shape)] = True
        fitting = _FEATURE * self.source.diagonal / max(box.width for box in self.heads.boxes)
        fitting *= (level.divisor / _FORMED) ** 0.5
        smaller = float(np.clip(fitting, _AHEAD[0] * level.divisor, _AHEAD[1] * level.divisor))
        level = replace(level, divisor=smaller, share=_HEADS * level.share)
        careful = self.depth is not None
        return self.brushing.level(level, within=where & front.mask, careful=careful, stretch=front, borders=self.depth)


def parted_figure(source: Source) -> NDArray[np.bool_] | None:
    """Where figures are that a network has seen, bool [h, w]; None where they are not laid in apart from the ground."""
    figure = source.reading.figure
    inside = np.asarray(figure.cover > 127, bool)
    apart = figure.source is FigureSource.NETWORK and _PARTED[0] < float(inside.mean()) < _PARTED[1]
    return inside if apart else None


def both_sides_of(source: Source, figure: NDArray[np.bool_], mask: NDArray[np.bool_]) -> tuple[Side, Side]:
    """Ground and figure, as they are laid in: neither takes the colours of the other, which the ground's last pixels
    beside it have.
    """
    reach = max(3, round(_FRINGE * source.diagonal)) | 1
    grown = cv2.dilate(figure.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    ground = np.asarray(mask & ~figure, bool)
    finer = float(np.clip((_BROADLY / figure.mean()) ** 0.5, 1, _FINER))
    return Side(ground, Stretch(np.asarray((grown == 0) & mask, bool))), Side(figure, Stretch(figure), finer)


def depth_of(labels: Labels) -> NDArray[np.float32]:
    """How far each pixel is from the border of its region: float32 [h, w]."""
    border = np.zeros(labels.shape, np.uint8)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    return np.asarray(cv2.distanceTransform(1 - border, cv2.DIST_L2, 3), np.float32)
