"""Which of the lines that a person sees are drawn: those of shapes, not of textures; and hair's outline as one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import bends, values_along
from paints_undo_engine.procedural.reading.crisp import crisp_pieces
from paints_undo_engine.procedural.reading.hand_lines import length_of
from paints_undo_engine.procedural.reading.model import FigureSource, InkPath, Labels, Part, Path
from paints_undo_engine.procedural.reading.patterns import is_of_pattern
from paints_undo_engine.procedural.reading.tracing import smooth, thin, trace
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.lining import Stroke

_AROUND, _CROWDED = 0.04, 0.085
"""Of the diagonal, what is around a line; of the pixels there, how many lie on lines where these are texture."""
_LONG, _BEHIND = 0.035, 0.2
"""Of the diagonal: how long a line of a texture is at most, of a figure and of what is behind one, where the texture is
just one; of denser ones by the square more.
"""
_SHORT, _ALONE = 0.02, 1.3
"""Of the diagonal: a shorter line is no shape's if all lines around it are only so many times as long as itself."""
_CURLS = 75.0
"""The diagonal divided by the radius of the bends of curls, which are drawn as the outline of all."""
_CLOSED, _ROUNDED, _NEAR, _LEAST = 0.016, 4.0, 0.012, 0.03
"""Of the diagonal: what is narrower between locks is no gap. Pixels by which a hand rounds an outline. Of the diagonal:
how near to a line none of hair's outline is drawn, and how long one is at least.
"""
_FADES, _PIECE = 0.3, 0.1
"""Of a piece's rim: where less is crisp it fades out; of the figures: what is smaller is a piece beside them."""
_TOUCH, _SCRAP = 0.008, 0.075
"""Of the diagonal: how near to each other lines touch; what lines that touch reach over at least, and twice that
without any ink.
"""

_SQUARE = np.ones((3, 3), np.uint8)


def telling_lines(source: Source, lines: Sequence[Path]) -> list[Path]:
    """The lines, float32 [n, 2], but those of textures, which are many beside each other, those that are short and
    alone, and curls.
    """
    reading, diagonal = source.reading, source.diagonal
    drawn = np.zeros(reading.shape, np.uint8)
    cv2.polylines(drawn, [np.rint(line).astype(np.int32) for line in lines], False, 1, 1)
    side = round(_AROUND * diagonal) | 1
    around = cv2.blur(drawn.astype(np.float32), (side, side))
    kept = cv2.dilate(_hair(source, reading.labels), np.ones((5, 5), np.uint8)) > 0
    inside = reading.figure.cover > 127
    behind = np.zeros_like(inside) if reading.figure.source is FigureSource.NONE else ~inside
    for face in reading.faces:
        kept[face.box.slices(kept.shape)] = True
    told = []
    for line in lines:
        length, dense = length_of(line), float(values_along(around, line).mean())
        hair = float(values_along(kept, line).mean()) > 0.5
        alone = length < _SHORT * diagonal and dense * side * side < _ALONE * (length + 2) and not hair
        ground = float(values_along(behind, line).mean()) > 0.5
        most = _BEHIND if ground else _LONG
        crowd = dense > _CROWDED and not hair and length < most * diagonal * (dense / _CROWDED) ** 2
        if not (alone or crowd or (hair and _is_curl(line, length, diagonal))):
            told.append(line)
    return told


def outlines_of(source: Source, labels: Labels, taken: NDArray[np.uint8]) -> list[Path]:
    """The outlines of hair in `labels` int32 [h, w], and of figures on a plain ground or none, float32 [n, 2] each,
    away from what is `taken`, uint8 [h, w], which they join.
    """
    diagonal, figure, found = source.diagonal, source.reading.figure, []
    shapes = [_hair(source, labels)]
    if figure.source in (FigureSource.ALPHA, FigureSource.PLAIN_GROUND):
        shapes.append((figure.cover > 127).astype(np.uint8))
    near = _disk(_NEAR * diagonal)
    for shape in shapes:
        if not shape.any():
            continue
        whole = cv2.morphologyEx(shape, cv2.MORPH_CLOSE, _disk(_CLOSED * diagonal))
        whole = cv2.morphologyEx(whole, cv2.MORPH_OPEN, _disk(_CLOSED * diagonal))
        rim = np.asarray(whole - cv2.erode(whole, _SQUARE, borderType=cv2.BORDER_REPLICATE), np.uint8)
        rim[cv2.dilate(taken, near) > 0] = 0
        for traced in trace(thin(rim), _LEAST * diagonal):
            line = smooth(traced, _ROUNDED)
            if length_of(line) > _LEAST * diagonal:
                found.append(line)
                cv2.polylines(taken, [np.rint(line).astype(np.int32)], False, 1, 1)
    return found


def firm_places(source: Source, folds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a border is one that somebody drew: where the picture is crisp, in faces, along seams and `folds`, bool [h,
    w], that are seen, and where a figure ends that was cut out or stands on a plain ground: bool [h, w].
    """
    reading = source.reading
    firm = (source.crisp | (folds & source.changing)).astype(np.uint8)
    if reading.figure.source in (FigureSource.ALPHA, FigureSource.PLAIN_GROUND):
        firm |= _figure_rims(source)
    for face in reading.faces:
        firm[face.box.slices(firm.shape)] = 1
    return np.asarray(cv2.dilate(firm, _SQUARE) > 0, bool)


def _figure_rims(source: Source) -> NDArray[np.uint8]:
    """1 where figures end, but for glows, petals and other small pieces that fade out, else 0: uint8 [h, w]."""
    figure = (source.reading.figure.cover > 127).astype(np.uint8)
    rim = cv2.morphologyEx(figure, cv2.MORPH_GRADIENT, _SQUARE)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(figure, _SQUARE), connectivity=8)
    own = pieces[rim > 0]
    crisp = np.bincount(own, source.crisp[rim > 0], count) / np.maximum(np.bincount(own, minlength=count), 1)
    fades = (crisp < _FADES) & (stats[:, cv2.CC_STAT_AREA] < _PIECE * figure.sum())
    return np.where(fades[pieces], 0, rim).astype(np.uint8)


def without_scraps(source: Source, strokes: Sequence[Stroke]) -> list[Stroke]:
    """Strokes but for small contours that nothing else is near: what has no line in the picture is no larger than a
    petal there, and is painted. Faces and heads have their own.
    """
    reading, diagonal = source.reading, source.diagonal
    kept = np.zeros(reading.shape, bool)
    for box in [*(face.box for face in reading.faces), *reading.heads]:
        kept[box.slices(kept.shape)] = True
    drawn, inked = np.zeros((2, *reading.shape), np.uint8)
    for stroke in strokes:
        mask = drawn if stroke.pen is not None else inked
        cv2.polylines(mask, [np.rint(stroke.path.points).astype(np.int32)], False, 1, max(1, round(_TOUCH * diagonal)))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(drawn | inked, connectivity=8)
    extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    ink = np.bincount(pieces[inked > 0], minlength=count) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    scrap = ((extent < _SCRAP * diagonal) & (ink < 0.5)) | ((extent < 2 * _SCRAP * diagonal) & (ink == 0))

    def is_scrap(path: InkPath) -> bool:
        return (
            bool(scrap[values_along(pieces, path.points)].all()) and float(values_along(kept, path.points).mean()) < 0.5
        )

    return [stroke for stroke in strokes if stroke.pen is None or not is_scrap(stroke.path)]


def firm_pieces(source: Source, lines: Sequence[Path], firm: NDArray[np.bool_]) -> list[Path]:
    """The pieces of some lines, float32 [n, 2], along what is firm, bool [h, w], but for those of patterns."""
    pieces = [piece for line in lines for piece in crisp_pieces(line, firm)]
    patterns = source.reading.patterns
    # Where no face was found, what seems a pattern may be a head.
    if source.reading.seen_lines is not None and not source.reading.faces:
        patterns = patterns & (source.reading.figure.cover < 128)
    return [piece for piece in pieces if not is_of_pattern(piece, patterns)]


def _is_curl(line: Path, length: float, diagonal: float) -> bool:
    return length < 3 * _LONG * diagonal and bends(smooth(line, 2.0)) > _CURLS / diagonal


def _hair(source: Source, labels: Labels) -> NDArray[np.uint8]:
    """1 where hair is, else 0: uint8 [h, w]."""
    own = [region.label for region in source.reading.regions if region.part is Part.HAIR]
    return np.isin(labels, own).astype(np.uint8)


def _disk(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
