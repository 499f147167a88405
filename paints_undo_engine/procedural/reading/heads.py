"""Heads of figures: what was seen deep in one and is no face, and heads whose face is not known.

These are in profile, under hats, or painted, and are told by skin with hair or a hat above it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import like_skin
from paints_undo_engine.procedural.reading.looking import is_certain
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Figure, FigureSource, Pixels

_HIGH, _LOW = 0.4, 0.5
"""Of the figure's height: no face from in front lies lower, none with its hair behind it."""
_LEAST, _MOST = 0.004, 0.3
"""Of the figure: the skin of a face."""
_SLIM, _BROAD = 0.45, 1.7
"""Width by height of a face's skin."""
_BURIED = 6.0
"""In widths of a face: where a figure is broader, skin is in the middle of a thing."""
_FULL, _TORN = 0.42, 0.3
"""Of its box: with less, skin is an arm or a strip; what has a little less may be a face in pieces."""
_MARKED, _WITHIN = 0.02, 0.012
"""Of the face's box: eyes, brows, nose, mouth are darker than skin by `_DARKER` levels; those with skin all round."""
_DARKER = 28
_HAIR = 1.3
"""In heights of a face's skin: how far hair or a hat reaches above it at most."""
_TALL, _CHIN = 0.95, 1.35
"""The least and the greatest height of a face by its width: shadow hides a chin; what reaches lower is the neck."""
_NECK = 0.45
"""Of a face's width: what is less broad below it is the chin's point and the neck."""
_HAIR_ASIDE, _MARKS, _BESIDE, _BEHIND, _BEFORE, _DEPTH = 0.4, 0.04, 0.35, 0.9, 0.4, 0.9
"""Of a face seen from the side: hair above it in its heights; marks in it; in its widths, how far beside it one looks,
how much of that is hair behind it, and ground before it; its head's depth by its height.
"""
_SMALL = 0.1
"""Of its figure's height: no head is smaller, as a tail's end is."""
_NEAR = 0.01
"""Of the picture's width: what is nearer to its border lies at it."""
_DEEP = 1.6
"""Of a face's width: what a head seldom has above the face, with hair or a hat."""
_CLEAR = (FigureSource.ALPHA, FigureSource.PLAIN_GROUND)
"""Where a figure ends as its outline does."""
_PARTED = (*_CLEAR, FigureSource.NETWORK)
"""Where what lies above a face's skin is the figure's, and so hair or a hat."""


def without_buried(pixels: Pixels, figure: Figure, faces: tuple[Face, ...]) -> tuple[Face, ...]:
    """The faces that uint8 [h, w, 3] shows, without what lies deep in a figure that stands clear of its ground and may
    be an eye, an apron or a hand.
    """
    if figure.source not in _CLEAR:
        return faces
    inside = (figure.cover > 127).astype(np.uint8)
    return tuple(face for face in faces if not _is_deep(face.box, inside) or is_certain(pixels, face))


def _is_deep(face: Box, inside: Cover) -> bool:
    rows, columns = face.slices(inside.shape)
    return _above(inside, columns.start, rows.start, columns.stop - columns.start) > _DEEP * face.width


def find_heads(pixels: Pixels, figure: Figure, faces: tuple[Face, ...]) -> tuple[Box, ...]:
    """The heads of figures that are surely parted from their ground, where uint8 [h, w, 3] shows no known face: their
    boxes, with hair and chin, at most one for each figure. Empty where faces are known or nothing is sure.
    """
    if faces or figure.source not in _PARTED:
        return ()
    inside = (figure.cover > 127).astype(np.uint8)
    skin = like_skin(np.asarray(cv2.medianBlur(pixels, 5), np.uint8)) & inside
    grey = cv2.medianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), 3)
    found = ((_head(box, inside, skin, np.asarray(grey, np.uint8)), box.height) for box in figure.boxes)
    return tuple(head for head, tall in found if head is not None and head.height > _SMALL * tall)


def _head(figure: Box, inside: Cover, skin: Cover, grey: Cover) -> Box | None:
    """The head of one figure: the highest piece of skin that may be a face."""
    rows, columns = figure.slices(inside.shape)
    body = inside[rows, columns]
    side = max(3, round(0.012 * max(body.shape))) | 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    own = cv2.morphologyEx(cv2.morphologyEx(skin[rows, columns], cv2.MORPH_OPEN, brush), cv2.MORPH_CLOSE, brush)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(np.asarray(own, np.uint8))
    area = float(body.sum())
    for piece in np.argsort(stats[1:, cv2.CC_STAT_TOP], kind="stable") + 1:
        x, y, width, height = (int(value) for value in stats[piece, :4])
        across = (pieces[y : y + height, x : x + width] == piece).sum(axis=1)
        height = min(int(np.flatnonzero(across > _NECK * across.max())[-1]) + 1, round(_CHIN * width))
        face = slice(y, y + height), slice(x, x + width)
        covered = int((pieces[face] == piece).sum())
        down = (y + 0.5 * height) / body.shape[0]
        if down > _LOW or not _LEAST * area < covered < _MOST * area:
            continue
        if not _SLIM < width / height < _BROAD or covered < _TORN * width * height:
            continue
        if float(body[y : y + height].sum()) > _BURIED * width * height:
            continue
        hair = _above(body, x, y, width)
        own_skin = pieces[face] == piece
        dark = marks(grey[rows, columns][face], own_skin)
        if down < _HIGH and both_sides(dark, _MARKED) and 0.05 * height < hair:
            if covered < _FULL * width * height or not both_sides(dark & within(own_skin), _WITHIN):
                # Behind glasses, a beard or strands of hair: what is whole below it is a hand. Or hair beside a neck.
                return None
            if _is_cut_off(figure.x + x, width, inside.shape[1]):
                return None
            top = min(hair, round(_HAIR * height))
            wide = 0.22 * width
            tall = max(float(height), _TALL * width)
            return Box(figure.x + x - wide, figure.y + y - top, width + 2 * wide, tall + top)
        level = slice(y, y + height)
        looks = _aside(body[level], np.asarray(own[level], np.uint8), x, width)
        if looks and _HAIR_ASIDE * height < hair and float((dark & within(own_skin)).mean()) > _MARKS:
            back = int(np.clip(x - looks * width, 0, body.shape[1] - width))
            hair = min(max(hair, _above(body, back, y, width)), round(_HAIR * height))
            return _from_side(figure, (x, y, width, height), hair, looks)
    return None


def _aside(body: Cover, skin: Cover, x: int, width: int) -> int:
    """-1 left, 1 right: where a face looks whose skin has the ground before it and hair behind it in the rows uint8
    [h, w] of its figure; 0 where it has not.
    """
    reach = max(2, round(_BESIDE * width))
    behind, before = [], []
    for columns in (slice(max(0, x - reach), x), slice(x + width, x + width + reach)):
        part, own = body[:, columns] > 0, skin[:, columns] > 0
        behind.append(float((part & ~own).mean()) if part.size else 0.0)
        before.append(float((~part).mean()) if part.size else 1.0)
    if behind[0] > _BEHIND and before[1] > _BEFORE:
        return 1
    return -1 if behind[1] > _BEHIND and before[0] > _BEFORE else 0


def _from_side(figure: Box, face: tuple[int, int, int, int], hair: int, looks: int) -> Box:
    """The head of a face seen from the side: as deep as it is high with its hair, which lies behind it."""
    x, y, width, height = face
    tall = height + hair
    front = figure.x + (x if looks < 0 else x + width)
    deep = max(_DEPTH * tall, width)
    return Box(front if looks < 0 else front - deep, figure.y + y - hair, deep, tall)


def _is_cut_off(left: float, width: int, whole: int) -> bool:
    """Whether a piece of skin leaves a picture at its left or right border, as a shoulder or a back does."""
    near = max(1.0, _NEAR * whole)
    return left <= near or left + width >= whole - near


def _above(body: Cover, x: int, y: int, width: int) -> int:
    """How far the figure reaches above a face, over its middle."""
    middle = body[:y, x + width // 4 : x + width - width // 4]
    filled = middle.mean(axis=1) > 0.5 if middle.size else np.zeros(0, bool)
    gaps = np.flatnonzero(~filled)
    return len(filled) - (int(gaps[-1]) + 1 if len(gaps) else 0)


def marks(grey: Cover, skin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is darker than a piece of skin in its upper part, as eyes and brows are: bool [h, w]."""
    rows = _upper(skin)
    dark = np.zeros(skin.shape, bool)
    if skin[rows].any():
        dark[rows] = grey[rows] < float(np.median(grey[rows][skin[rows]])) - _DARKER
    return dark


def both_sides(dark: NDArray[np.bool_], share: float) -> bool:
    """Whether more than this share of the upper part is dark to the left and to the right."""
    width = dark.shape[1]
    halves = slice(width // 8, width // 2), slice(width // 2, width - width // 8)
    upper = dark[_upper(dark)]
    return all(upper[:, half].size and float(upper[:, half].mean()) > share for half in halves)


def _upper(face: NDArray[np.bool_]) -> slice:
    height = len(face)
    return slice(height // 8, height - height // 3)


def within(skin: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What has skin to the left and to the right, above and below it: bool [h, w]. Hair beside a face has not."""
    reach = np.logical_or.accumulate
    across = reach(skin, axis=1) & reach(skin[:, ::-1], axis=1)[:, ::-1]
    along = reach(skin, axis=0) & reach(skin[::-1], axis=0)[::-1]
    return np.asarray(across & along, bool)
