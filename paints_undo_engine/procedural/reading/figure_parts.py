"""Figures and heads beside the parts that are seen: where a figure ends, and what on its ground is no head."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.figure import made
from paints_undo_engine.procedural.reading.model import Box, Figure, FigureSource, Labels, Pixels
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.reading.seen_parts import along_edges

_IN, _OUT = 0.6, 0.4
"""Of a part: how much of it lies in the figure that all of it belongs to, and in one that none of it belongs to."""
_GROUND, _SIDES, _ON_GROUND = 0.2, 3, 0.4
"""Of the picture: a part so large, at so many of its sides, is its ground; of a head, what lies on that."""


def ended_by_parts(figure: Figure, parts: SeenParts | None, pixels: Pixels) -> Figure:
    """The figure with parts of uint8 [h, w, 3] wholly inside or outside, where a network found it."""
    if figure.source is not FigureSource.NETWORK or parts is None or not len(parts.masks):
        return figure
    labels = along_edges(parts.labels(figure.cover.shape), pixels)
    inside = figure.cover > 127
    count = int(labels.max()) + 1
    share = np.bincount(labels[inside], minlength=count) / np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    known = np.arange(count) > 0
    taken, left = (known & (share > _IN))[labels], (known & (share < _OUT))[labels]
    cover = np.where(taken & ~inside, 255, np.where(left & inside, 0, figure.cover)).astype(np.uint8)
    return made(np.asarray(cv2.medianBlur(cover, 3), np.uint8), figure.source, figure.reason)


def before_ground(heads: tuple[Box, ...], parts: SeenParts | None, shape: tuple[int, int]) -> tuple[Box, ...]:
    """The heads on a grid [h, w] that do not lie on what is seen as its ground."""
    if parts is None or not heads:
        return heads
    labels = parts.labels(shape)
    ground = np.isin(labels, _grounds(labels))
    return tuple(head for head in heads if float(ground[head.slices(shape)].mean()) < _ON_GROUND)


def _grounds(labels: Labels) -> list[int]:
    """The parts that are large and reach to most sides of the picture int32 [h, w]."""
    area = np.bincount(labels.ravel())
    sides = [np.unique(side) for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1])]
    large = [part for part in range(1, len(area)) if area[part] > _GROUND * labels.size]
    return [part for part in large if sum(part in side for side in sides) >= _SIDES]
