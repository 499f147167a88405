"""Pieces of the ground that were taken for a piece of the figure beside its head."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Face, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of

_LINE = 14
"""Levels of a drawn line."""
_TONES, _FEW = 5, 60
"""Colours that tell a palette, and the least pixels to take one from."""
_LIKE = 10.0
"""In Lab: what is so near to a tone of the head is a part of it."""
_NEARER = 0.7
"""Of its distance to the figure's colours: how near to the ground's a piece has to be."""
_LEAST, _MOST = 0.008, 0.6
"""Of the figure."""


def without_ground(found: Cover, small: Pixels, faces: tuple[Face, ...], scale: float) -> Cover:
    """The figure without what lies between its heads and the picture's border and has the ground's colours.

    `found` uint8 [h, w], 0 or 1, and `small` uint8 [h, w, 3] are of a grid that is `scale` times the faces'. A piece
    goes that a drawn line or its colour parts from the head, that reaches the border above the chin and is nearer to
    the colours of the ground than to those of the figure.
    """
    lab = lab_of(small)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    lines = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, disk) > _LINE
    y, x = np.mgrid[: found.shape[0], : found.shape[1]].astype(np.float32)
    kept = found.copy()
    for face in faces:
        box = face.box.scaled(scale)
        cx, cy = box.centre
        around = ((x - cx) / (0.7 * box.width)) ** 2 + ((y - (cy - 0.12 * box.height)) / (0.8 * box.height)) ** 2 < 1
        body = (kept > 0) & (y > cy + 0.7 * box.height) & (np.abs(x - cx) < 1.2 * box.width)
        above = y < cy + 0.5 * box.height
        head, ground = _palette(lab[around & (kept > 0)]), _palette(lab[(found == 0) & above])
        if not len(head) or not len(ground):
            continue
        own = np.concatenate([head, _palette(lab[body])])
        loose = (kept > 0) & ~around & ~lines & (_nearest(lab, head) > _LIKE)
        _, pieces, stats, _ = cv2.connectedComponentsWithStats(loose.astype(np.uint8), connectivity=4)
        for piece in _reaching_border(pieces, round(float(cy + 0.5 * box.height)), cx, box.width):
            share = float(stats[piece, cv2.CC_STAT_AREA]) / max(int(found.sum()), 1)
            of = lab[pieces == piece]
            alike = float(_nearest(of, ground).mean()) < _NEARER * float(_nearest(of, own).mean())
            if _LEAST < share < _MOST and alike:
                kept[cv2.dilate((pieces == piece).astype(np.uint8), disk) > 0] = 0
    return kept


def _palette(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """A few colours, Lab [k, 3], of many, [n, 3]; none of too few."""
    if len(colours) < _FEW:
        return np.zeros((0, 3), np.float32)
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 0.5)
    samples = np.ascontiguousarray(colours, np.float32)
    found = cv2.kmeans(samples, _TONES, np.empty(0, np.int32), criteria, 1, cv2.KMEANS_PP_CENTERS)[2]
    return np.asarray(found, np.float32)


def _nearest(lab: NDArray[np.float32], palette: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each colour is from the nearest of a palette."""
    return np.asarray(np.sqrt(np.min([((lab - tone) ** 2).sum(axis=-1) for tone in palette], axis=0)), np.float32)


def _reaching_border(pieces: NDArray[np.int32], chin: int, middle: float, width: float) -> list[int]:
    """The pieces that reach the border at a side above the chin, or at the top beside the head."""
    columns = np.arange(pieces.shape[1])
    beside = np.abs(columns - middle) > 0.9 * width
    edge = np.concatenate([pieces[: max(chin, 0), 0], pieces[: max(chin, 0), -1], pieces[0][beside]])
    return [int(piece) for piece in np.unique(edge) if piece]
