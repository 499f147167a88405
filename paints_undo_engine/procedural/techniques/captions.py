"""Outlines of balloons and caption boxes for which the picture has no line."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.model import InkPath, Part
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import densified

_NEAR, _DRAWN, _OWN = 0.006, 0.5, 0.6
"""Of the diagonal: how near to a balloon's border a line is its outline; of the border, what is drawn where it has one;
of a contour, what runs along it.
"""
_COVERED, _WHITE, _SEEN = 90, 235, 60
"""Of 255: what ink of a line covers; levels of what is bare paper, and how far what is about it is off it where
that has a border.
"""


def captions(source: Source, found: Sequence[InkPath]) -> tuple[InkPath, ...]:
    """Contours, and among them each balloon's in one stroke, if that has a border and the picture no outline of it."""
    reading = source.reading
    reach = max(2, round(_NEAR * source.diagonal))
    inked = _grown(reading.ink.cover > _COVERED, reach)
    along = np.zeros(reading.shape, bool)
    drawn: list[InkPath] = []
    for region in reading.regions:
        if region.part is not Part.TEXT:
            continue
        mask = (reading.labels == region.label).astype(np.uint8)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        outline = max(outlines, key=cv2.contourArea)
        rough = cv2.approxPolyDP(outline, 1.5, True)[:, 0].astype(np.float32)
        points = densified(np.concatenate([rough, rough[:1]]), 1.0)
        if len(points) < 2 or float(values_along(inked, points).mean()) > _DRAWN:
            continue
        border = cv2.drawContours(np.zeros_like(mask), [outline], -1, 1, 1) > 0
        about = _grown(border, reach) & (mask == 0)
        step = np.abs(source.small[about].astype(np.int16) - np.array(source.colour(region.colour))).max(axis=1)
        white = min(region.colour) > _WHITE
        if white and (not about.any() or float(np.median(step)) < _SEEN):
            continue
        along |= _grown(border, reach)
        length = float(np.hypot(*np.diff(points, axis=0).T).sum())
        drawn.append(InkPath(points, np.ones(len(points), np.float32), length, region.label, region.colour))
    kept = [path for path in found if float(values_along(along, path.points).mean()) < _OWN] if drawn else found
    return (*kept, *drawn)


def _grown(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    side = 2 * reach + 1
    return cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
