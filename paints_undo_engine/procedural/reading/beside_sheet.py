"""What lies beside a photographed sheet, or on it: a table, a binding, a pen; none of it was drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import PaperSheet, Pixels

_SIDE = 160
"""Pixels of the longer side on which it is looked for."""
_INNER = 0.12
"""Of what lies beside a sheet, in the inner half of the picture: what has more is drawn."""
_BESIDE, _LINES, _CORNER = 0.2, 0.03, 0.03
"""By the logarithm, how far from paper a table is; of the longer side, how thick lines are at most, and how near to a
corner of the picture the table comes."""
_SURROUNDED, _HUE, _DEEP = 0.5, 0.15, 0.9
"""Of the rim of a thing that lies on a table, and of a table; between the channels of a table by the logarithm; or how
much darker than paper it is: a shadow has less of both."""
_UNCOLOURED = 0.004
"""Of the picture: with less that has a hue a drawing is without colour."""
_CONVEX = 0.95
"""Of its hull, what a sheet fills: four fill .996 and more, a painted face .85."""
_CALM, _REACHED = 4, 2
"""Levels from pixel to pixel: a table and a shadow change by less, and what is drawn on them begins with more;
the number by which what has been reached is marked."""
_BENT, _STRAIGHT, _MOSTLY, _LONG, _MOST_BEYOND = 1.5, 0.11, 0.45, 0.3, 0.25
"""Pixels by which an edge may be bent; of the longer side, how long a straight one is at least; of all edges, straight;
of the longer side, an edge beyond which nothing belongs to the sheet; and of the picture, how much that is at most."""


def beside(pixels: Pixels, sheet: PaperSheet) -> NDArray[np.bool_]:
    """bool [h, w]: what lies beside the sheet or shades it, in a corner of uint8 [h, w, 3]: a table, a binding."""
    if not sheet.grained:
        return np.zeros(pixels.shape[:2], bool)
    scale = _SIDE / max(pixels.shape[:2])
    size = tuple(max(8, round(side * scale)) for side in pixels.shape[1::-1])
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    light = cv2.resize(sheet.light, size, interpolation=cv2.INTER_AREA)
    seen = np.log(np.maximum(small.astype(np.float32), 4.0) / light)
    away = np.abs(seen)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(_LINES * _SIDE) | 1,) * 2)
    off = cv2.morphologyEx((greatest(away) > _BESIDE).astype(np.uint8), cv2.MORPH_OPEN, disk) > 0
    corners = _in_corners(off)
    reached = _by_small_steps(small, corners)
    if reached.any() and not _is_shade(seen[reached]):
        reached = _with_things(reached, corners)
    found = _with_straight_edges(reached) | _on_the_sheet(seen, corners)
    # What is left of a sheet has no notches: a face between dark hair has.
    if not _is_convex(~found):
        return np.zeros(pixels.shape[:2], bool)
    return _straightened(found, (pixels.shape[0], pixels.shape[1]))


def _is_convex(sheet: NDArray[np.bool_]) -> bool:
    """Whether bool [h, w] fills nearly all of its hull."""
    y, x = np.nonzero(sheet)
    hull = cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32))
    return len(y) > _CONVEX * float(cv2.contourArea(hull))


def _on_the_sheet(seen: NDArray[np.float32], off: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The coloured pieces of bool [h, w] with straight edges, where all else on the sheet, `seen` float32 [h, w, 3] by
    the logarithm from paper, is without colour: a pen or a ruler lies there, and what is beyond it is beside the sheet.
    """
    hued = greatest(seen) + greatest(-seen) > _HUE
    count, pieces = cv2.connectedComponents(off.astype(np.uint8))
    area = np.bincount(pieces.ravel(), minlength=count)
    coloured = np.bincount(pieces.ravel(), hued.ravel(), count) > _SURROUNDED * area
    coloured[0] = False
    found = _with_straight_edges(np.asarray(coloured[pieces]))
    drawn = hued & (cv2.dilate(found.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0)
    return found if float(drawn.mean()) < _UNCOLOURED else np.zeros_like(found)


def _straightened(found: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """bool [h, w] of a small picture, a pixel of it broader, on a larger one of some shape, without stairs: between
    straight lines.
    """
    wide = cv2.copyMakeBorder(found.astype(np.uint8), 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    pieces = cv2.findContours(wide, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]
    scale = np.array([shape[1] / found.shape[1], shape[0] / found.shape[0]])
    corners = [(cv2.approxPolyDP(piece, _BENT, closed=True)[:, 0] - 1.5) * scale - 0.5 for piece in pieces]
    drawn = np.zeros(shape, np.uint8)
    outlines = [np.rint(one).astype(np.int32) for one in corners]
    cv2.fillPoly(drawn, outlines, 1)
    cv2.polylines(drawn, outlines, True, 1, max(1, round(2 * float(scale.max()))))
    return drawn > 0


def _in_corners(off: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pieces of bool [h, w] that reach into a corner and hardly into the inner half."""
    height, width = off.shape
    count, pieces = cv2.connectedComponents(off.astype(np.uint8))
    near = max(1, round(_CORNER * _SIDE))
    ends = slice(None, near), slice(-near, None)
    corners = np.concatenate([pieces[rows, columns].ravel() for rows in ends for columns in ends])
    inner = pieces[height // 4 : height - height // 4, width // 4 : width - width // 4].ravel()
    area = np.bincount(pieces.ravel(), minlength=count)
    among = np.isin(np.arange(count), corners) & (np.bincount(inner, minlength=count) <= _INNER * area)
    among[0] = False
    return np.asarray(among[pieces])


def _by_small_steps(pixels: Pixels, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of bool [h, w] is reached by small steps of uint8 [h, w, 3] from the picture's border. What is drawn into
    a shadow begins with a greater step.
    """
    calm = np.asarray(cv2.medianBlur(pixels, 5), np.uint8)
    shut = np.pad((~some).astype(np.uint8), 1, constant_values=1)
    rim = some.copy()
    rim[1:-1, 1:-1] = False
    how = 4 | cv2.FLOODFILL_MASK_ONLY | _REACHED << 8
    for row, column in np.argwhere(rim).tolist():
        if not shut[row + 1, column + 1]:
            cv2.floodFill(calm, shut, (column, row), 0, (_CALM,) * 3, (_CALM,) * 3, how)
    found = (shut[1:-1, 1:-1] == _REACHED).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(some & (cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0))


def _is_shade(seen: NDArray[np.float32]) -> bool:
    """Whether float32 [n, 3], by the logarithm from paper, is a shadow on the sheet: of no other hue, nor black."""
    return float(((greatest(seen) + greatest(-seen) > _HUE) | (greatest(seen) < -_DEEP)).mean()) < _SURROUNDED


def _with_things(table: NDArray[np.bool_], off: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A table and what lies on it: the pieces of the rest of bool [h, w], `off` the paper, that are mostly surrounded
    by it and the picture's border.
    """
    count, pieces = cv2.connectedComponents((off & ~table).astype(np.uint8), connectivity=4)
    wide = np.pad(pieces, 1)
    # Beyond the picture's border lies more of the table.
    beside_it = np.pad(table, 1, constant_values=True)
    touching, around = np.zeros(count), np.zeros(count)
    for rows, columns in (
        (np.s_[:-2], np.s_[1:-1]),
        (np.s_[2:], np.s_[1:-1]),
        (np.s_[1:-1], np.s_[:-2]),
        (np.s_[1:-1], np.s_[2:]),
    ):
        own = pieces[wide[rows, columns] != pieces]
        around += np.bincount(own, minlength=count)
        touching += np.bincount(pieces[(wide[rows, columns] != pieces) & beside_it[rows, columns]], minlength=count)
    lying = touching > _SURROUNDED * np.maximum(around, 1)
    lying[0] = False
    return np.asarray(table | lying[pieces])


def _with_straight_edges(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pieces of bool [h, w] whose edges within the picture are mostly straight, as a sheet's are, and all that lies
    beyond their long ones: what is drawn in a corner is bent.
    """
    height, width = found.shape
    y, x = np.mgrid[:height, :width]
    count, pieces = cv2.connectedComponents(found.astype(np.uint8))
    kept = np.zeros(found.shape, bool)
    for piece in range(1, count):
        whole = pieces == piece
        starts, ends = _edges(whole)
        length = np.hypot(*(ends - starts).T)
        if length[length > _STRAIGHT * _SIDE].sum() <= _MOSTLY * length.sum():
            continue
        kept |= whole
        for (left, top), (right, bottom) in zip(starts, ends, strict=True):
            side = (right - left) * (y - top) - (bottom - top) * (x - left)
            beyond = side * side[height // 2, width // 2] < 0
            if np.hypot(right - left, bottom - top) > _LONG * _SIDE and float(beyond.mean()) < _MOST_BEYOND:
                kept |= beyond
    return kept


def _edges(piece: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the straight edges of bool [h, w] but for the picture's own start and end: float32 [n, 2] each, x and y."""
    found = cv2.findContours(piece.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]
    corners = [cv2.approxPolyDP(contour, _BENT, closed=True)[:, 0].astype(np.float32) for contour in found]
    starts = np.concatenate(corners)
    ends = np.concatenate([np.roll(one, -1, axis=0) for one in corners])
    border = np.zeros(len(starts), bool)
    for axis, last in enumerate((piece.shape[1] - 1, piece.shape[0] - 1)):
        for at in (0, last):
            border |= (np.abs(starts[:, axis] - at) <= 1) & (np.abs(ends[:, axis] - at) <= 1)
    return starts[~border], ends[~border]
