"""What a picture is about, as a network has found it: whether it is a figure, what it adds to one that was seen, and
what of all that stands out from a plain ground is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Cover, Face, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of
from paints_undo_engine.procedural.reading.subject_network import find_subject_cover
from paints_undo_engine.procedural.reading.view import fitted, resized

_PART, _SURELY = 127, 230
"""Levels of how surely a place is of what the picture is about."""
_PERHAPS, _LIKELY = 51, 204
_LEAST, _MOST = 0.12, 0.8
"""Of the picture: a subject."""
_SURE, _UNSURE, _SURE_FACED, _UNSURE_FACED = 0.85, 0.2, 0.75, 0.35
"""Of a subject: surely one, at least, and neither one nor ground, at most; the same where it holds the faces."""
_FULL, _WIDE = 0.8, 1.5
"""Of its box: what fills more is a scene, a page or a sheet; times its height: so is what is wider and nobody seen."""
_TOP = 0.15
"""Of the picture's width: by how much more than the bottom a sky or a window takes of the top."""
_SIDES = 0.03
"""Of the picture's height: what takes more of both sides goes on beyond them, as a shore does."""
_OUTLINED, _OUTLINED_SURE = 2.5, 1.5
"""Times the change of colour that is usual in the picture: that at a subject's border, and where it is surely one."""
_CLEARLY, _HARDLY = 0.9, 0.12
"""How sure, and how little unsure, the clearest subjects are."""
_SEEN = 0.6
"""Of a subject, seen by the other network: it is somebody."""
_PIECE = 0.1
"""Of the subject's largest piece: smaller ones are none."""
_HELD = 0.85
"""Of a face's box, in its subject."""
_ADDED, _BIT, _THIN = 0.4, 0.004, 0.006
"""Of the figure: the most that a subject adds; of the picture, of its longer side: what is too little or too thin."""
_PALE = 12.0
"""In Lab: as near to the ground's colour."""
_BACKDROP = 0.8
"""Of a figure's box: in the box of what lies behind it."""
_REST, _MUCH, _OTHERS = 0.1, 0.2, 0.35
"""Of what stands out from a plain ground: beside a figure or subject, and very much; of that, what was seen at most."""
_BLANK, _FAINT, _RIM = 2.0, 12.0, 0.1
"""In Lab, from the ground's colour: paper, and blotches and shades of it; of the picture's border: paper within lines
that takes more of it is no drawn thing's, but lies in squares."""
_REACH = 3
_NEAR = 0.3
"""Of the longer side: so far about a subject colour may tell what belongs to it."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A subject's mask bool [h, w], and how sure it is."""

    mask: NDArray[np.bool_]
    sure: float
    unsure: float

    @property
    def share(self) -> float:
        return float(self.mask.mean())


def figure_of(subject: Cover, seen: Cover | None, faces: Sequence[Face], pixels: Pixels) -> Cover | None:
    """The subject, uint8 [h, w] on the small grid, as a figure, 0 or 255; None where it is none, or not sure enough.

    `seen` is what the network for figures says, `faces` are those of uint8 [H, W, 3] `pixels`.
    """
    shape = _shape(subject)
    if shape is None or not _LEAST < shape.share < _MOST:
        return None
    mask = shape.mask
    if faces and not _holds(mask, faces, max(pixels.shape[:2])):
        return None
    if not (_is_clear(shape, faced=bool(faces)) and (faces or _is_thing(shape, seen, pixels))):
        return None
    return np.where(mask, np.uint8(255), np.uint8(0))


def nearly(cover: Cover, subject: Cover) -> Cover:
    """How sure the subject is, uint8 [h, w], but nowhere near it that there is none: there colour decides."""
    side = round(_NEAR * max(cover.shape)) | 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.where(cv2.dilate(cover, disk) > 0, np.maximum(subject, np.uint8(_PERHAPS)), subject)


def with_subject(cover: Cover, subject: Cover, pixels: Pixels) -> Cover:
    """A figure's cover of the small grid, 0 or 255, with what the subject surely has beside it: hair, a tail, wings."""
    side = max(3, round(_THIN * max(cover.shape))) | 1
    beside = ((subject > _LIKELY) & (cover == 0)).astype(np.uint8)
    beside = np.asarray(cv2.morphologyEx(beside, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)
    near = cv2.dilate((cover > 0).astype(np.uint8), np.ones((2 * _REACH + 1, 2 * _REACH + 1), np.uint8)) > 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(beside)
    lab = lab_of(resized(pixels, fitted(pixels.shape)))
    around = (cover == 0) & (subject < _PERHAPS)
    if not around.any():
        return cover
    ground = np.median(lab[around], axis=0)
    added = np.zeros(cover.shape, np.bool_)
    for at in range(1, len(stats)):
        piece = labels == at
        large = stats[at, cv2.CC_STAT_AREA] > _BIT * cover.size
        own = large and float(np.abs(np.median(lab[piece], axis=0) - ground).max()) > _PALE
        if own and (piece & near).any() and not _lies_behind(piece, cover > 0):
            added |= piece
    if float(added.sum()) > _ADDED * float((cover > 0).sum()):
        return cover
    return np.where(added, np.uint8(255), cover)


def without_blotches(plain: Cover, seen: Cover, pixels: Pixels, faces: Sequence[Face]) -> Cover:
    """What stands out from a plain ground, uint8 [h, w], as `within_subject` has it where much of it is nobody seen.

    The network is asked only where that may be the ground's by its colour, or where it is very much beside a face.
    """
    small = resized(plain, seen.shape) > _PART
    rest = small & (seen <= _PART)
    share = float(rest.sum()) / float(max(small.sum(), 1))
    if share < _REST or not (_is_of_ground(rest, small, pixels) or (faces and share > _MUCH)):
        return plain
    subject = find_subject_cover(pixels)
    return plain if subject is None else within_subject(plain, subject, seen, faces, pixels)


def within_subject(plain: Cover, subject: Cover, seen: Cover, faces: Sequence[Face], pixels: Pixels) -> Cover:
    """What stands out from a plain ground, uint8 [h, w], without the blotches, squares and shades of that ground.

    It is kept whole where the subject is not sure, or where the rest is something of its own.
    """
    shape = _shape(subject)
    if shape is None or not _is_clear(shape, faced=True) or _fills(shape.mask) > _FULL:
        return plain
    small = resized(plain, subject.shape) > _PART
    own = _reached(subject, shape.mask)
    rest = small & ~_grown(own)
    if float(rest.sum()) < _REST * float(small.sum()) or float((seen[rest] > _PART).mean()) > _OTHERS:
        return plain
    alone = bool(faces) and shape.sure > _CLEARLY and _holds(shape.mask, faces, max(pixels.shape[:2]))
    if not (alone or _is_of_ground(rest, small, pixels)):
        return plain
    kept = resized(np.where(own, np.uint8(255), np.uint8(0)), plain.shape[:2])
    return np.where(kept > _PART, plain, np.uint8(0))


def _is_of_ground(rest: NDArray[np.bool_], plain: NDArray[np.bool_], pixels: Pixels) -> bool:
    """Whether a part of what stands out from a plain ground has nearly its colour, and is not paper within lines."""
    lab = lab_of(resized(pixels, fitted(pixels.shape)))
    away = float(np.median(np.abs(lab[rest] - np.median(lab[~plain], axis=0)).max(axis=1)))
    around = float(np.concatenate([rest[0], rest[-1], rest[:, 0], rest[:, -1]]).mean())
    return away < _FAINT and (away > _BLANK or around > _RIM)


def _shape(subject: Cover) -> _Shape | None:
    """The larger pieces of what is rather a part of the subject."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((subject > _PART).astype(np.uint8))
    if len(stats) < 2:
        return None
    large = stats[:, cv2.CC_STAT_AREA] > _PIECE * stats[1:, cv2.CC_STAT_AREA].max()
    large[0] = False
    mask = large[labels]
    area = float(mask.sum())
    unsure = float(((subject > _PERHAPS) & (subject < _LIKELY)).sum()) / area
    return _Shape(mask, float((subject[mask] > _SURELY).mean()), unsure)


def _is_clear(shape: _Shape, *, faced: bool) -> bool:
    if faced:
        return shape.sure > _SURE_FACED and shape.unsure < _UNSURE_FACED
    return shape.sure > _SURE and shape.unsure < _UNSURE


def _holds(mask: NDArray[np.bool_], faces: Sequence[Face], side: int) -> bool:
    """Whether all faces, of a picture whose longer side is `side`, lie in a mask of the small grid."""
    scale = max(mask.shape) / side
    inside = [mask[_core(face.box.scaled(scale)).slices(mask.shape)] for face in faces]
    return all(part.size and float(part.mean()) > _HELD for part in inside)


def _core(box: Box) -> Box:
    return box.grown(-0.2, -0.1, -0.2, -0.1)


def _is_thing(shape: _Shape, seen: Cover | None, pixels: Pixels) -> bool:
    """Whether what has no face is somebody or something before a ground, and no part of a scene."""
    mask = shape.mask
    somebody = seen is not None and float((seen[mask] > _PART).mean()) > _SEEN
    if float(mask[0].mean()) > float(mask[-1].mean()) + _TOP or _fills(mask) > _FULL:
        return False
    if min(float(mask[:, side].mean()) for side in (0, -1)) > _SIDES:
        return False
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not somebody and np.ptp(columns) > _WIDE * np.ptp(rows):
        return False
    lab = lab_of(resized(pixels, fitted(pixels.shape)))
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    change = cv2.dilate(np.sqrt((across**2 + down**2).sum(axis=2)), np.ones((5, 5), np.uint8))
    border = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    surely = shape.sure > _CLEARLY and shape.unsure < _HARDLY
    least = _OUTLINED_SURE if somebody or surely else _OUTLINED
    return float(np.median(change[border])) > least * float(np.median(change))


def _fills(mask: NDArray[np.bool_]) -> float:
    """The share of its box that a mask fills."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return float(mask.sum()) / float((np.ptp(rows) + 1) * (np.ptp(columns) + 1))


def _lies_behind(piece: NDArray[np.bool_], figure: NDArray[np.bool_]) -> bool:
    """Whether a piece lies about most of a figure, as a backdrop does."""
    x, y, width, height = cv2.boundingRect(piece.astype(np.uint8))
    inside = np.zeros(piece.shape, np.bool_)
    inside[y : y + height, x : x + width] = True
    return float(inside[figure].mean()) > _BACKDROP


def _reached(subject: Cover, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The subject with what perhaps belongs to it and hangs together with it."""
    _, labels = cv2.connectedComponents((subject > _PERHAPS).astype(np.uint8))
    return np.isin(labels, np.unique(labels[mask])) & (subject > _PERHAPS)


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _REACH + 1, 2 * _REACH + 1))
    return cv2.dilate(mask.astype(np.uint8), disk) > 0
