"""Figures that a network has seen: which of what it saw they are, joined with what faces tell, their borders drawn."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Pixels
from paints_undo_engine.procedural.reading.view import fitted, resized

_FIGURE, _SURELY = 127, 230
"""Levels of how surely a place belongs to a figure."""
_SURE, _SURE_WIDE, _SURE_FACED = 0.5, 0.7, 0.15
"""Of a figure, sure: of one that is upright, of one that is wider than high, and of one in which a face was found.
Mountains and houses are less often sure."""
_WIDE = 1.5
_LEAST, _OTHER = 0.01, 0.25
"""Of the picture: a figure; of the largest figure: what is as large beside it is another one, however unsure."""
_MOST = 0.94
_BACKDROP, _EVEN, _MOSTLY = 0.15, 16, 0.6
"""Of all that stands out: a backdrop; levels within which it is one colour, and how much of it is."""
_THIN, _SHIRT = 0.012, 0.012
"""Of the longer side, of the picture: what is thinner or smaller beside what stands out is the network's border."""
_HELD = 0.5
"""Of a face's box: with so much in a figure the face is the figure's."""
_EDGE = 3
"""Pixels of the small grid to both sides of a border within which it may move."""
_HARDLY, _RATHER = 26, 153
"""Levels of how surely a place is seen: what is less is ground, what is more and not at a border is figure."""
_SPECK = 0.002
"""Of the picture: smaller pieces are none."""


def figures_in(seen: Cover, faces: Sequence[Face], side: int) -> Cover | None:
    """The figures in what was seen, uint8 [h, w] on the small grid: 0 or 255; None where nothing is sure enough.

    `faces` are those of the picture, whose longer side is `side`.
    """
    scale = max(seen.shape) / side
    heads = [face.box.scaled(scale) for face in faces]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((seen > _FIGURE).astype(np.uint8))
    pieces = np.asarray(labels)
    large = [at for at in range(1, len(stats)) if stats[at, cv2.CC_STAT_AREA] > _LEAST * seen.size]
    sure = [at for at in large if _is_figure(seen, pieces == at, stats[at], heads)]
    if not sure:
        return None
    least = _OTHER * max(int(stats[at, cv2.CC_STAT_AREA]) for at in sure)
    chosen = np.isin(pieces, [at for at in large if at in sure or stats[at, cv2.CC_STAT_AREA] > least])
    return np.where(chosen, np.uint8(255), np.uint8(0)) if float(chosen.mean()) < _MOST else None


def has_backdrop(whole: Cover, seen: Cover, pixels: Pixels) -> bool:
    """Whether much of what stands out from a plain ground, uint8 [h, w], is one even colour beside what was seen in it:
    a coloured shape that figures were put before, and no part of them.
    """
    beside = (whole > _FIGURE) & (seen <= _FIGURE)
    if float(beside.sum()) < _BACKDROP * float((whole > _FIGURE).sum()):
        return False
    colours = pixels[beside].astype(np.int16)
    away = np.abs(colours - np.median(colours, axis=0)).max(axis=1)
    return float((away <= _EVEN).mean()) > _MOSTLY


def with_seen(plain: Cover, seen: Cover) -> Cover:
    """What stands out from a plain ground, uint8 [h, w], with the large pieces beside it that were seen, such as a
    white shirt on paper.
    """
    side = max(3, round(_THIN * max(plain.shape))) | 1
    beside = ((seen > _FIGURE) & (plain <= _FIGURE)).astype(np.uint8)
    beside = np.asarray(cv2.morphologyEx(beside, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(beside)
    large = stats[:, cv2.CC_STAT_AREA] > _SHIRT * plain.size
    large[0] = False
    return np.where(large[labels], np.maximum(plain, seen), plain)


def missed(cover: Cover, faces: Sequence[Face], side: int) -> tuple[Face, ...]:
    """The faces that lie in none of the figures of a cover on the small grid."""
    return tuple(face for face in faces if _held(cover > 0, face.box.scaled(max(cover.shape) / side)) < _HELD)


def _is_figure(seen: Cover, piece: NDArray[np.bool_], place: NDArray[np.int32], heads: Sequence[Box]) -> bool:
    sure = float((seen[piece] > _SURELY).mean())
    if any(_held(piece, head) > _HELD for head in heads):
        return sure > _SURE_FACED
    wide = place[cv2.CC_STAT_WIDTH] > _WIDE * place[cv2.CC_STAT_HEIGHT]
    return sure > (_SURE_WIDE if wide else _SURE)


def _held(piece: NDArray[np.bool_], head: Box) -> float:
    """The share of a head that lies in a piece."""
    inside = piece[head.slices(piece.shape)]
    return float(inside.mean()) if inside.size else 0.0


def drawn_to_borders(cover: Cover, seen: Cover, pixels: Pixels) -> Cover:
    """A cover of the small grid, 0 or 255, with its border where the picture has one, and with what belongs to it by
    its colour where the network was not sure: GrabCut (Rother, Kolmogorov & Blake 2004) in Lab.
    """
    inside = (cover > 0).astype(np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _EDGE + 1, 2 * _EDGE + 1))
    prior = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    prior[(cv2.dilate(inside, disk) == 0) & (seen < _HARDLY)] = cv2.GC_BGD
    prior[(cv2.erode(inside, disk, borderValue=1) > 0) & (seen > _RATHER)] = cv2.GC_FGD
    if not (prior == cv2.GC_FGD).any() or not (prior == cv2.GC_BGD).any():
        return cover
    lab = np.asarray(cv2.cvtColor(resized(pixels, fitted(pixels.shape)), cv2.COLOR_RGB2Lab), np.uint8)
    cv2.setRNGSeed(7)
    cv2.grabCut(lab, prior, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 1, cv2.GC_INIT_WITH_MASK)
    found = ((prior == cv2.GC_FGD) | (prior == cv2.GC_PR_FGD)).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(np.asarray(cv2.medianBlur(found, 3), np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] > _SPECK * found.size
    large[0] = False
    return np.where(large[pieces], np.uint8(255), np.uint8(0))
