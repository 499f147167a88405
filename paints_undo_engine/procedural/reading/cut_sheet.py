"""A sheet that was cut to a shape on nothing: a circle, a hexagon, a card with round corners, torn paper."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.model import Box, Labels, Pixels, Reading, Region
from paints_undo_engine.procedural.reading.segments import lab_of
from paints_undo_engine.procedural.reading.view import resized

_SIDE = 512
"""Pixels of the longer side on which the shape is looked at."""
_CONVEX, _LEAST = 0.98, 0.2
"""Of the convex hull, covered: a figure that was cut out leaves more of it open; of the picture, the hull at least."""
_OPAQUE, _SOLID = 255, 0.95
"""Alpha that is opaque, and of the sheet, how much is: a figure whose ground was rubbed out has a soft rim."""
_RIM, _SAME, _ALL, _PALE = (5, 11), 9.0, 0.8, 190
"""Pixels of two squares, between whose erosions the rim lies; how unlike its colour, whatever light falls on it, and
how much of it is nearer; levels of paper in all channels.
"""
_MOSTLY = 0.5
"""Of a line, on the sheet."""


def is_cut_sheet(picture: Pixels) -> bool:
    """Whether what uint8 [H, W, 4] shows is one convex piece with a hard border: no figure is. A thing of one colour
    along all of its border, that is not pale as paper, may be.
    """
    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    small = resized(np.ascontiguousarray(picture[..., 3]), (height, width))
    shown = small > 127
    if not shown.any() or float((small[shown] >= _OPAQUE).mean()) < _SOLID:
        return False
    outline = np.concatenate(cv2.findContours(shown.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0])
    hull = np.zeros(shown.shape, np.uint8)
    cv2.fillPoly(hull, [cv2.convexHull(outline)], 1)
    if float(hull.mean()) < _LEAST or float(shown.sum()) < _CONVEX * float(hull.sum()):
        return False
    return not _is_of_one_colour(resized(np.ascontiguousarray(picture[..., :3]), (height, width)), shown)


def _is_of_one_colour(pixels: Pixels, shown: NDArray[np.bool_]) -> bool:
    """Whether the rim of what is shown has one colour that no paper has."""
    core, inner = (
        cv2.erode(
            shown.astype(np.uint8), np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
        )
        for side in _RIM
    )
    rim = pixels[(core > 0) & (inner == 0)]
    if not len(rim):
        return True
    lab = lab_of(rim[None])[0].astype(np.float64)
    alike = float((unlike(lab, np.median(lab, axis=0), light=0.0) < _SAME).mean())
    return alike > _ALL and float(np.median(rim, axis=0).min()) < _PALE


def mirrored(pixels: Pixels, shown: NDArray[np.bool_]) -> Pixels:
    """uint8 [h, w, 3] that goes on as in a mirror beyond what is shown, bool [h, w]."""
    if not shown.any():
        return pixels
    labels = cv2.distanceTransformWithLabels((~shown).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[
        1
    ]
    at = np.zeros((int(labels.max()) + 1, 2), np.int64)
    at[labels[shown]] = np.argwhere(shown)
    places = np.argwhere(~shown)
    nearest = at[labels[~shown]]
    across = np.clip(2 * nearest - places, 0, np.array(shown.shape) - 1)
    across = np.where(shown[across[:, 0], across[:, 1]][:, None], across, nearest)
    whole = pixels.copy()
    whole[~shown] = pixels[across[:, 0], across[:, 1]]
    return whole


def within_sheet(reading: Reading, shown: NDArray[np.bool_]) -> Reading:
    """A reading without what lies beyond a sheet, bool [H, W] of any size: no region has it, and no line."""
    seen = resized(shown.astype(np.uint8) * 255, reading.shape) > 127
    labels = _labels_within(reading.labels, seen, len(reading.regions))
    cels = _labels_within(reading.cel_labels, seen, len(reading.cels))
    toned = np.bincount(cels[cels >= 0], minlength=len(reading.cels))
    ink = reading.ink
    paths = tuple(path for path in ink.paths if float(values_along(seen, path.points).mean()) > _MOSTLY)
    return replace(
        reading,
        labels=labels,
        regions=tuple(_region_within(region, labels) for region in reading.regions),
        cel_labels=cels,
        cels=tuple(replace(cel, area=int(toned[cel.label])) for cel in reading.cels),
        ink=replace(ink, cover=np.where(seen, ink.cover, 0).astype(np.uint8), paths=paths),
    )


def _labels_within(labels: Labels, seen: NDArray[np.bool_], count: int) -> Labels:
    """Labels int32 [h, w] of so many areas, -1 beyond the sheet. What nobody sees of its own stays, as all areas have
    pixels.
    """
    left = np.bincount(labels[seen & (labels >= 0)], minlength=count)
    hidden = np.append(left == 0, False)
    return np.where(seen | hidden[labels], labels, np.int32(-1)).astype(np.int32)


def _region_within(region: Region, labels: Labels) -> Region:
    mask = (labels == region.label).astype(np.uint8)
    y, x = np.nonzero(mask)
    box = Box(*(float(side) for side in cv2.boundingRect(mask)))
    return replace(region, area=len(x), box=box, centre=(float(x.mean()), float(y.mean())))
