"""A figure that was drawn with lines before a ground that was painted: it lies where the clean lines are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.clean_lines import CleanLines
from paints_undo_engine.procedural.reading.figure import CROWD, filled, made, refined, whole
from paints_undo_engine.procedural.reading.model import Cover, Face, Figure, FigureSource, Pixels
from paints_undo_engine.procedural.reading.view import fitted, resized

_SPREAD = 0.02
"""Of the longer side: how far a line tells of what lies beside it."""
_DENSE = 0.45
"""Of the lines' usual density: where they are as dense the figure is."""
_GAP, _AROUND, _HOLE = 0.1, 0.06, 0.1
"""Of the longer side: the widest gap between lines of one figure, and how far it may reach beyond them; of the picture:
the largest hole that lines enclose."""
_CHIEF = 0.2
"""Of all lines: a piece that has fewer is a thing in the ground."""
_INSIDE, _LEAST, _MOST = 0.9, 0.08, 0.6
"""Of all lines, in it or near it; of the picture: less is a part of one, with more the ground has lines as well."""
_TURNS = 2
_ALL_OVER, _BESIDE = 0.42, 0.08
"""Of the edges, along clean lines; of those, beside the found figures: with more of both, others are drawn there."""
_BY_FACES = (FigureSource.FACE, FigureSource.NETWORK)


def find_lined_figure(pixels: Pixels, ink: Cover, lines: CleanLines) -> Figure | None:
    """The figure in uint8 [h, w, 3] about which the clean `lines` are dense; None where lines are everywhere.

    `ink` uint8 [h, w] is the cover of all lines, clean or not.
    """
    small = resized(pixels, fitted(pixels.shape))
    drawn = _lines_on(small.shape[:2], lines, len(small) / len(pixels))
    about = _about(drawn)
    wide = cv2.dilate(about, _disk(round(_AROUND * max(about.shape)) | 1)) > 0
    everywhere = resized(ink, small.shape[:2]).astype(np.float32)
    inside = float(everywhere[wide].sum()) / max(float(everywhere.sum()), 1.0)
    if not _LEAST < float(about.mean()) < _MOST or inside < _INSIDE:
        return None
    found = _cut(small, about, drawn)
    reason = "its lines were drawn with a pen, and there are few around it"
    return None if found is None else made(refined(found * np.uint8(255), pixels), FigureSource.LINES, reason)


def among_others(figure: Figure, faces: tuple[Face, ...], lines: CleanLines) -> Figure:
    """The figure of the faces; where there are several and clean lines are all over the picture, a crowd: more figures
    stand there, whose faces were not found, and those who were found must not be told apart from them.
    """
    if figure.source not in _BY_FACES or len(faces) < CROWD or lines.edges < _ALL_OVER:
        return figure
    height, width = figure.cover.shape
    x, y = np.floor(lines.places).astype(np.int64).T
    inside = figure.cover[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > 127
    if float((~inside).mean()) < _BESIDE:
        return figure
    return whole(figure.cover.shape, "several faces were found, and lines are drawn all around them")


def _lines_on(shape: tuple[int, ...], lines: CleanLines, scale: float) -> NDArray[np.float32]:
    """float32 [h, w]: the length of the clean lines in each pixel of a small grid, `scale` times as fine."""
    x, y = np.floor(lines.places * np.float32(scale)).astype(np.int64).T
    at = np.clip(y, 0, shape[0] - 1) * shape[1] + np.clip(x, 0, shape[1] - 1)
    counted = np.bincount(at, minlength=shape[0] * shape[1]).reshape(shape[:2])
    return np.asarray(counted * (lines.spacing * scale), np.float32)


def _about(drawn: NDArray[np.float32]) -> Cover:
    """uint8 [h, w], 0 or 1: where lines are dense, and what they enclose."""
    side = max(drawn.shape)
    dense = cv2.GaussianBlur(drawn, (0, 0), _SPREAD * side)
    usual = float((dense * dense).sum()) / max(float(dense.sum()), 1e-6)
    # Below its lower border a figure goes on.
    gap = round(_GAP * side) | 1
    core = np.pad((dense > _DENSE * usual).astype(np.uint8), ((gap, 0), (gap, gap)))
    core = np.pad(core, ((0, gap), (0, 0)), mode="edge")
    closed = cv2.morphologyEx(core, cv2.MORPH_CLOSE, _disk(gap))[gap:-gap, gap:-gap]
    count, pieces = cv2.connectedComponents(_enclosed(np.asarray(closed, np.uint8), _HOLE))
    length = np.bincount(pieces.ravel(), drawn.ravel(), count)
    chief = length > _CHIEF * float(drawn.sum())
    chief[0] = False
    return np.asarray(chief[pieces], np.uint8)


def _cut(small: Pixels, about: Cover, drawn: NDArray[np.float32]) -> Cover | None:
    """The figure within about where its lines are, uint8 [h, w], 0 or 1: GrabCut in Lab; None without a ground."""
    prior = np.full(about.shape, cv2.GC_BGD, np.uint8)
    prior[cv2.dilate(about, _disk(round(_AROUND * max(about.shape)) | 1)) > 0] = cv2.GC_PR_BGD
    prior[about > 0] = cv2.GC_PR_FGD
    prior[(cv2.dilate((drawn > 0).astype(np.uint8), _disk(3)) > 0) & (about > 0)] = cv2.GC_FGD
    if not (prior == cv2.GC_BGD).any():
        return None
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.uint8)
    cv2.setRNGSeed(7)
    cv2.grabCut(lab, prior, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), _TURNS, cv2.GC_INIT_WITH_MASK)
    found = ((prior == cv2.GC_FGD) | (prior == cv2.GC_PR_FGD)).astype(np.uint8)
    return _enclosed(np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, _disk(3)), np.uint8), 0.01)


def _enclosed(mask: Cover, share: float) -> Cover:
    """A mask with the holes that are smaller than a share of the picture; what reaches the border is none."""
    return np.ascontiguousarray(filled(np.pad(mask, 1), share)[1:-1, 1:-1])


def _disk(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
