"""Heads whose face is not known: in profile, under hats, painted. They are told by skin with hair or a hat above it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.colours import like_skin
from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Figure, FigureSource, Pixels

_HIGH = 0.4
"""Of the figure's height: no head lies lower."""
_LEAST, _MOST = 0.004, 0.3
"""Of the figure: the skin of a face."""
_SLIM, _BROAD = 0.45, 1.7
"""Width by height of a face's skin."""
_FULL, _TORN = 0.42, 0.3
"""Of its box: with less, skin is an arm or a strip; what has a little less may be a face in pieces."""
_MARKED = 0.02
"""Of the face's box: eyes, brows, nose and mouth are darker than skin by `_DARKER` levels."""
_DARKER = 28
_HAIR = 1.3
"""In heights of a face's skin: how far hair or a hat reaches above it at most."""
_TALL, _CHIN = 0.95, 1.35
"""The least and the greatest height of a face by its width: shadow hides a chin; what reaches lower is the neck."""
_NECK = 0.45
"""Of a face's width: what is less broad below it is the chin's point and the neck."""


def find_heads(pixels: Pixels, figure: Figure, faces: tuple[Face, ...]) -> tuple[Box, ...]:
    """The heads of figures that stand clear of their ground, where uint8 [h, w, 3] shows no known face: their boxes,
    with hair and chin, at most one for each figure. Empty where faces are known or nothing is sure.
    """
    if faces or figure.source not in (FigureSource.ALPHA, FigureSource.PLAIN_GROUND):
        return ()
    inside = (figure.cover > 127).astype(np.uint8)
    skin = like_skin(np.asarray(cv2.medianBlur(pixels, 5), np.uint8)) & inside
    grey = cv2.medianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), 3)
    found = (_head(box, inside, skin, np.asarray(grey, np.uint8)) for box in figure.boxes)
    return tuple(head for head in found if head is not None)


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
        if y + 0.5 * height > _HIGH * body.shape[0] or not _LEAST * area < covered < _MOST * area:
            continue
        if not _SLIM < width / height < _BROAD or covered < _TORN * width * height:
            continue
        hair = _above(body, x, y, width)
        if _is_marked(grey[rows, columns][face], pieces[face] == piece) and 0.05 * height < hair:
            if covered < _FULL * width * height:
                # Behind glasses, a beard or strands of hair: what is whole below it is a hand.
                return None
            top = min(hair, round(_HAIR * height))
            wide = 0.22 * width
            tall = max(float(height), _TALL * width)
            return Box(figure.x + x - wide, figure.y + y - top, width + 2 * wide, tall + top)
    return None


def _above(body: Cover, x: int, y: int, width: int) -> int:
    """How far the figure reaches above a face, over its middle."""
    middle = body[:y, x + width // 4 : x + width - width // 4]
    filled = middle.mean(axis=1) > 0.5 if middle.size else np.zeros(0, bool)
    gaps = np.flatnonzero(~filled)
    return len(filled) - (int(gaps[-1]) + 1 if len(gaps) else 0)


def _is_marked(grey: Cover, skin: NDArray[np.bool_]) -> bool:
    """Whether a piece of skin has dark marks to the left and to the right of its upper part, as eyes and brows are."""
    height, width = grey.shape
    rows = slice(height // 8, height - height // 3)
    halves = slice(width // 8, width // 2), slice(width // 2, width - width // 8)
    if not skin[rows].any():
        return False
    light = float(np.median(grey[rows][skin[rows]]))
    dark = grey[rows] < light - _DARKER
    return all(dark[:, half].size and float(dark[:, half].mean()) > _MARKED for half in halves)
