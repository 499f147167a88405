"""Lettering: letter after letter, each whole; large ones are outlined and filled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Colour, Cover, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.letters import covered, with_rims
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.filling import bounds_of

_FAINT = 5
"""Levels: what a letter changes less is not its own."""
_DEEP, _OUTLINE = 0.01, 0.6
"""Of the diagonal: the half of a stroke that is outlined and filled; of the time, what its outline takes."""
_MOST, _LARGER = 4.0, 60.0
"""Operations that a letter takes at most, and more for one that is as high as the diagonal."""
_RAMP = UNIT // 8
"""Ticks that a letter's paint takes to arrive: it is there when the letter's time is over."""
_TALL, _FILLED, _INKED = 0.035, 0.6, 110
"""Of the diagonal: how tall a letter is whose outline may be drawn and filled later; of it, what its outline covers at
most; levels that that strays from its colour.
"""
_ROOM = 3
"""Pixels of the grid around a letter that are looked at."""


def lettered(source: Source, phases: Sequence[Phase]) -> PlannedWork:
    """What is written on the picture, letter after letter as it is read; each line's letters in its phase."""
    letters = with_rims(source.reading.letters)
    inked = _inked(source)
    come = np.full(source.reading.shape, NEVER, np.uint16)
    steps = []
    number = 0
    for line, phase in zip(source.reading.text, phases, strict=True):
        for letter in line.letters:
            number += 1
            own = letters == number
            outline = own & inked(line.colour)
            if letter.height > _TALL * source.diagonal and outline.sum() < _FILLED * own.sum():
                steps.append(_letter(source, letter, outline, come, phase))
                filled = Phase.FLATS if phase is Phase.LINE else phase
                steps.append(replace(_letter(source, letter, own & ~outline, come, filled), tool=Tool.BUCKET))
            else:
                steps.append(_letter(source, letter, own, come, phase))

    def layers() -> list[Layer]:
        target, cover = _unmixed(source)
        return [Arrival("Lettering", target, come, cover=cover, ramp=_RAMP)]

    return PlannedWork(steps, layers if steps else list)


def _unmixed(source: Source) -> tuple[Pixels, Cover]:
    """What the letters are written with, uint8 [H, W, 3], and how much it covers, uint8 [H, W]: over the picture
    without letters it gives the picture.
    """
    assert source.lettered is not None
    bare, whole = source.pixels, source.before(np.ascontiguousarray(source.lettered[..., :3]))
    own = covered(source.reading.letters, source.size) > 0
    if source.alpha is not None:
        own &= source.alpha > 0
    away = np.where(own, difference(bare, whole), 0).astype(np.uint8)
    side = 2 * max(2, round(2 * source.scale)) + 1
    peak = cv2.dilate(away, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    share = np.where(away > _FAINT, np.clip(away / np.maximum(0.9 * peak, 1), 0, 1), 0)
    cover = np.rint(255 * share).astype(np.uint8)
    target = bare.copy()
    at = cover > 0
    mixed = bare[at].astype(np.float32)
    target[at] = np.clip(np.rint(mixed + (whole[at] - mixed) * (255 / cover[at].astype(np.float32))[:, None]), 0, 255)
    return target, cover


def _letter(source: Source, letter: Box, mask: NDArray[np.bool_], come: NDArray[np.uint16], phase: Phase) -> ScriptStep:
    around = Box(letter.x - _ROOM, letter.y - _ROOM, letter.width + 2 * _ROOM, letter.height + 2 * _ROOM)
    at = around.slices(mask.shape)
    own = mask[at]
    order = _order(own, _DEEP * source.diagonal)

    def when(begin: int, end: int) -> None:
        part = come[at]
        part[own] = np.minimum(begin + np.rint(order[own] * max(0, end - _RAMP - begin)), NEVER - 1).astype(np.uint16)

    height = max(letter.width, letter.height) / source.diagonal
    bounds = bounds_of(source, letter)
    most = _MOST + _LARGER * height
    return ScriptStep(phase, Tool.PEN, "lettering, letter", bounds, 0.3 + 10 * height, when, most=most)


def _inked(source: Source) -> Callable[[Colour], NDArray[np.bool_]]:
    """Where the picture with its letters has about a colour on the grid: bool [h, w]."""
    assert source.lettered is not None
    shape = source.reading.shape[::-1]
    small = cv2.resize(np.ascontiguousarray(source.lettered[..., :3]), shape, interpolation=cv2.INTER_AREA)
    small = small.astype(np.int16)

    def inked(colour: Colour) -> NDArray[np.bool_]:
        return np.asarray(np.abs(small - np.array(colour, np.int16)).max(axis=2) < _INKED, bool)

    return inked


def _order(own: NDArray[np.bool_], deep: float) -> NDArray[np.float32]:
    """When the pen reaches each pixel of a letter bool [h, w], 0 to 1: from the left and the top on, as it is written;
    one with broad strokes is gone round and then filled.
    """
    height, width = own.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    sweep = (x + 0.4 * y) / max(width + 0.4 * height, 1)
    depth = cv2.distanceTransform(np.pad(own, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    if float(depth.max(initial=0)) < deep:
        return np.asarray(sweep, np.float32)
    outlines, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    ring = np.ones(own.shape, np.uint8)
    place = np.zeros(own.shape, np.float32)
    total, done = sum(len(outline) for outline in outlines), 0
    for outline in sorted(outlines, key=len, reverse=True):
        columns, rows = outline[:, 0].T
        place[rows, columns] = (done + np.arange(len(outline))) / total
        ring[rows, columns] = 0
        done += len(outline)
    _, nearest = cv2.distanceTransformWithLabels(ring, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    along = np.zeros(int(nearest.max()) + 1, np.float32)
    along[nearest[ring == 0]] = place[ring == 0]
    outlined = _OUTLINE * along[nearest]
    return np.asarray(np.where(depth <= 0.5 * deep, outlined, _OUTLINE + (1 - _OUTLINE) * sweep), np.float32)
