"""Accents: short dark marks in painted forms, which no pen drew. Nobody inks them on paper: they come on paint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.clean_lines import clean_shares
from paints_undo_engine.procedural.reading.joints import Joint
from paints_undo_engine.procedural.reading.model import FigureSource, InkPath, Part
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.spotting import eyes_of

_DRAWN = 0.6
"""Of the lines' length: where more is clean a pen drew the short ones as well."""
_SHORT, _CLEAN = 0.05, 0.6
"""Of the diagonal: what belongs to a longer line is none; of its length: what is cleaner a pen has drawn."""
_TINTED, _COLOURED_PEN = 0.2, 0.8
"""The same of what has a paint's colour, and of all of that together."""
_INK, _DARK = 90, 0.6
"""Levels of the strongest channel: a pen's colour is darker; how much of the lines' length has it where a pen drew."""
_PAINT, _HUE, _MOSTLY = 120, 60, 0.5
"""Levels of the strongest channel, and between it and the weakest: with more a line is of paint; of a bit's lines."""
_DOT, _OUTLINED, _RIM, _ALONG = 0.015, 0.5, 0.003, 0.7
"""Of the diagonal: a larger bit is no dot. Of a silhouette: where ink covers more a pen has drawn it; of the diagonal,
how far it reaches; of a dot, what lies there of one that darkens it."""
_CLOTH, _DARKER, _BLACKISH = 0.02, 12, 60
"""Of the diagonal: the side of the square whose median is a cloth's own tone; levels by which a line on it is darker,
but for one that is as dark as this.
"""
_WIDTHS, _SIDES = 3, 5
"""Of a line, in the side of that square, which is as many of the least sides as it takes, up to this."""
_COVERED = 90
"""Of 255: what is covered less is a line's rim."""
_PALE, _AROUND = 170, 0.0045
"""Levels of the darkest channel: beside what is paler a short line is a line. Of the longer side: how far is beside."""

_KNUCKLES, _HAND = 2, 0.4
"""How many joints after its wrist a hand's knuckles are; of the trunk's breadth, how far a hand reaches about both."""


@dataclass(frozen=True, slots=True, eq=False)
class Accents:
    """`own` bool [n]: which of the line art's paths are accents; `where` bool [h, w]: what they cover; `specks`: what
    has no path.
    """

    own: NDArray[np.bool_]
    where: NDArray[np.bool_]
    specks: tuple[InkPath, ...] = ()


def find_accents(source: Source) -> Accents:
    """The short bits of line art that hang on no longer line and lie in no head and no skin: those that
    are not clean, where most lines are not; those in a paint's colour among dark lines; and what darkens a silhouette
    here and there that no pen has drawn.
    """
    paths = source.reading.ink.paths
    if not paths:
        return Accents(np.zeros(0, bool), np.zeros(source.reading.shape, bool))
    pieces = _Pieces(source)
    unclean, tinted = _unclean_and_tinted(source, pieces)
    dots = _on_silhouette(source, pieces.numbers, pieces.area)
    spared = _spared(source)
    for some in (unclean, dots):
        some[pieces.numbers[spared]] = False
    # In hair nothing but shading has paint's colour, before a face as well.
    hair = [region.label for region in source.reading.regions if region.part is Part.HAIR]
    tinted[pieces.numbers[spared & (eyes_of(source) | ~np.isin(source.reading.labels, hair))]] = False
    accent = (unclean & (pieces.longest < _SHORT * source.diagonal)) | (
        tinted & (pieces.longest < _TINTED * source.diagonal)
    )
    # A line that jumps from dot to dot there is none.
    accent |= dots & (pieces.extent < _DOT * source.diagonal)
    accent[0] = False
    own = []
    for passed in pieces.passed:
        own.append(bool(float(accent[passed].sum()) > _MOSTLY * np.count_nonzero(passed) > 0))
    own = [one or bool(between) for one, between in zip(own, _between_lights(source, spared), strict=True)]
    taken = [passed for passed, counts in zip(pieces.passed, own, strict=True) if counts]
    alone = accent.copy()
    if taken:
        alone[np.concatenate(taken)] = False
    return Accents(np.array(own, bool), accent[pieces.numbers], _specks(source, pieces.numbers, alone))


def _between_lights(source: Source, spared: NDArray[np.bool_]) -> list[bool]:
    """For each path of the line art whether it is no darker than the cloth about it, and not mostly spared: what is
    left between lace and other light patterns is no line.
    """
    light = source.on_white.mean(axis=2).astype(np.uint8)
    side = _CLOTH * source.diagonal
    about: dict[int, NDArray[np.uint8]] = {}
    found = []
    for path in source.reading.ink.paths:
        # In a square that a wide line fills there is no cloth.
        sides = min(_SIDES, max(1, math.ceil(_WIDTHS * float(np.median(path.width)) / side)))
        if sides not in about:
            about[sides] = np.asarray(cv2.medianBlur(light, round(sides * side) | 1), np.uint8)
        own, cloth = float(np.mean(path.colour)), float(np.median(values_along(about[sides], path.points)))
        free = float(values_along(spared, path.points).mean()) < _MOSTLY
        found.append(free and cloth - own < _DARKER and own > _BLACKISH)
    return found


class _Pieces:
    """The connected pieces of the line art: `numbers` int32 [h, w], 0 where there is none; of each of n pieces, with
    that, its `area` and `extent` in pixels, and the length of its `longest` line; for each path the pieces that it has
    `passed`, point by point, and which is its `chief` one.
    """

    def __init__(self, source: Source) -> None:
        paths = source.reading.ink.paths
        covered = (source.reading.ink.cover > _COVERED).astype(np.uint8)
        _, numbers, stats, _ = cv2.connectedComponentsWithStats(covered, connectivity=8)
        self.numbers = np.asarray(numbers, np.int32)
        self.area = np.asarray(stats[:, cv2.CC_STAT_AREA], np.int32)
        self.extent = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        self.passed = [values_along(self.numbers, path.points) for path in paths]
        self.chief = np.array([np.bincount(passed).argmax() for passed in self.passed], np.int64)
        self.longest = self.extent.copy()
        for path, passed in zip(paths, self.passed, strict=True):
            self.longest[passed] = np.maximum(self.longest[passed], path.length)

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over the paths of each piece: float64 [n]."""
        return np.asarray(np.bincount(self.chief, values, len(self.area)), np.float64)


def _unclean_and_tinted(source: Source, pieces: _Pieces) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pieces no pen has drawn, since they are not clean among such lines, and which have a paint's colour among
    dark ones: bool [n] each.
    """
    paths = source.reading.ink.paths
    lengths = np.array([path.length for path in paths])
    clean = clean_shares(source.reading.pixels, paths) * lengths
    painted = _of_paint(paths, lengths)
    if clean[painted].sum() > _COLOURED_PEN * lengths[painted].sum():
        # A coloured pen's.
        painted[:] = False
    whole = pieces.total(lengths)
    speck = whole == 0
    unclean = speck | (pieces.total(clean) < _CLEAN * whole)
    beside = np.bincount(pieces.numbers.ravel(), _beside(source).ravel(), len(pieces.area)) / pieces.area
    unclean &= beside < _PALE
    if clean.sum() >= _DRAWN * lengths.sum():
        unclean &= speck
    return unclean, np.asarray(pieces.total(painted * lengths) > _MOSTLY * whole, bool)


def _specks(source: Source, pieces: NDArray[np.int32], chosen: NDArray[np.bool_]) -> tuple[InkPath, ...]:
    """Strokes along the `chosen` ones, bool [n], of some pieces of line art, each from end to end."""
    rows, columns = np.nonzero(chosen[pieces])
    numbers = pieces[rows, columns]
    found = []
    for number in np.unique(numbers).tolist():
        places = np.stack([columns[numbers == number], rows[numbers == number]], axis=1).astype(np.float32)
        side = int(np.ptp(places, axis=0).argmax())
        points = places[np.argsort(places[:, side], kind="stable")][[0, -1]]
        x, y = places[len(places) // 2].astype(int).tolist()
        red, green, blue = source.reading.ink.colour[y, x].tolist()
        length, width = float(np.hypot(*(points[1] - points[0]))), np.full(2, 2, np.float32)
        found.append(InkPath(points, width, length, int(source.reading.labels[y, x]), (red, green, blue)))
    return tuple(found)


def _of_paint(paths: Sequence[InkPath], lengths: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of some lines have a paint's colour where the others are dark, bool [n]: none where not most are."""
    colours = np.array([path.colour for path in paths], np.int64)
    light = colours.max(axis=1)
    dark = light < _INK
    if lengths[dark].sum() < _DARK * lengths.sum():
        return np.zeros(len(paths), bool)
    return np.asarray((light > _PAINT) & (np.ptp(colours, axis=1) > _HUE), bool)


def _on_silhouette(source: Source, pieces: NDArray[np.int32], area: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pieces of line art lie along the figures' outline, bool [n]: none where ink covers much of that."""
    reading = source.reading
    figure = np.array([*(region.figure is not None for region in reading.regions), False])[reading.labels]
    if reading.figure.source is FigureSource.NONE or not figure.any():
        return np.zeros(len(area), bool)
    side = 2 * max(2, round(_RIM * source.diagonal)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # What is no thicker than a line has no outline.
    whole = cv2.morphologyEx(figure.astype(np.uint8), cv2.MORPH_OPEN, disk)
    rim = cv2.morphologyEx(whole, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    if not rim.any():
        return np.zeros(len(area), bool)
    inked = cv2.dilate((pieces > 0).astype(np.uint8), disk) > 0
    if inked[rim > 0].mean() > _OUTLINED:
        return np.zeros(len(area), bool)
    near = cv2.dilate(rim, disk) > 0
    return np.asarray(np.bincount(pieces[near], minlength=len(area)) > _ALONG * area, bool)


def _beside(source: Source) -> NDArray[np.uint8]:
    """How pale what lies beside lines is, at its paler side: uint8 [h, w]."""
    pixels = source.reading.pixels
    side = 2 * max(2, round(_AROUND * max(pixels.shape))) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.morphologyEx(pixels.min(axis=2), cv2.MORPH_CLOSE, disk), np.uint8)


def _spared(source: Source) -> NDArray[np.bool_]:
    """Where short marks are features or fingers: bool [h, w]."""
    reading = source.reading
    skin = [region.label for region in reading.regions if region.part is Part.SKIN]
    spared = eyes_of(source) | np.isin(reading.labels, skin)
    for box in [*(face.box for face in reading.faces), *reading.heads]:
        spared[box.grown(0.15, 0.15, 0.15, 0.15).slices(spared.shape)] = True
    hands = np.zeros(spared.shape, np.uint8)
    for pose in reading.poses:
        for wrist in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST):
            if pose.has(wrist):
                x, y = np.rint(pose.places[[wrist, wrist + _KNUCKLES]].mean(axis=0)).astype(int).tolist()
                cv2.circle(hands, (x, y), round(_HAND * pose.breadth), 1, -1)
    return spared | (hands > 0)
