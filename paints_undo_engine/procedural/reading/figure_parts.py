"""A figure that a network parted roughly from its ground, ended where the parts end that another one sees."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.figure import made
from paints_undo_engine.procedural.reading.model import Figure, FigureSource, Pixels
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.reading.seen_parts import along_edges

_IN, _OUT = 0.6, 0.4
"""Of a part: how much of it lies in the figure that all of it belongs to, and in one that none of it belongs to."""


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
