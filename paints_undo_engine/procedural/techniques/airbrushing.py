"""Soft shading: which dabs of an airbrush lead from the flats to the picture's soft light.

Within each area the difference between the picture and what stands so far is taken apart by matching pursuit: again and
again the Gaussian that explains most of what is left, in the logarithm of light, where dabs multiply.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.dabs import Dab, Dabs, Seams, finished_light
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Blending, Phase, Pixels, Tool
from paints_undo_engine.procedural.script import Step, Work
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur

_SIDE = 240
"""The longer side of the grid on which dabs are found: they are large and soft."""
_SIGMAS = (60, 30, 14, 7)
"""A dab's sigma, as the picture's diagonal divided by these."""
_EACH, _MORE = 7, 40
"""Dabs for each area and kind, and more for one that fills the picture: the rest is not soft."""
_PASS = 3.0
"""Levels that one operation changes in a dab's middle."""
_LEAST = 0.022
"""In e-folds: about five levels of a middle tone; a weaker dab would not be seen."""
_SEEN = 2.0
"""Levels: where little light is left to give or to take, a dab must still change so much to be seen."""

_EVEN = 0.012
"""In e-folds, on the mean over an area: what is so near to its flat and tones is even, and needs no airbrush."""


@dataclass(slots=True)
class _Found:
    x: float
    y: float
    sigma: float
    strength: tuple[float, float, float]
    label: int
    darker: bool
    levels: float
    begin: int = 0
    end: int = 0


def airbrushed(
    source: Source, regions: Collection[int], standing: Pixels, goal: Pixels, group: tuple[str, ...] = ()
) -> tuple[Work, Pixels]:
    """Dabs from `standing` to `goal`, both uint8 [h, w, 3] on the grid, within each of some regions.

    The second is what they make of `standing`, uint8 [h, w, 3].
    """
    height, width = source.reading.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    labels = np.asarray(cv2.resize(source.reading.labels, size, interpolation=cv2.INTER_NEAREST), np.int32)
    below, above = (cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.float32) for p in (standing, goal))
    # Where lines run, the picture is not known well.
    lines = cv2.resize(source.reading.ink.cover, size, interpolation=cv2.INTER_AREA)
    weight = 1 - lines.astype(np.float32) / np.float32(255)
    darker = np.log((below + 4) / (above + 4))
    lighter = np.log((259 - below) / (259 - above))
    found: list[_Found] = []
    diagonal = float(np.hypot(*size))
    for region in source.reading.regions:
        if region.label in regions and region.area * scale**2 >= 12:
            inside = labels == region.label
            for rest, room, dark in ((darker, below, True), (lighter, 255 - below, False)):
                found += _pursued(rest, room, inside, weight, region.label, dark, diagonal)
    if not found:
        return Work([], list), standing
    steps = [_step(source, dab, scale) for dab in _ordered(source, found)]

    def layers() -> list[Layer]:
        owners = source.regions.labels
        seams = Seams(labels, owners)
        return [
            Dabs(name, labels, owners, dabs, blending, group=group, seams=seams)
            for name, blending, dark in _KINDS
            if (dabs := _dabs(found, dark))
        ]

    return Work(steps, layers), _shaded(standing, labels, found)


_KINDS = (("Soft shadow", Blending.MULTIPLY, True), ("Soft light", Blending.SCREEN, False))


def _dabs(found: list[_Found], darker: bool) -> list[Dab]:
    return [
        Dab(dab.x, dab.y, dab.sigma, dab.strength, dab.label, dab.begin, dab.end)
        for dab in found
        if dab.darker is darker
    ]


def _shaded(standing: Pixels, labels: NDArray[np.int32], found: list[_Found]) -> Pixels:
    """What dabs make of a picture."""
    shaded, shape = standing, (standing.shape[0], standing.shape[1])
    for _, blending, dark in _KINDS:
        light = cv2.resize(finished_light(labels, _dabs(found, dark), blending), shape[::-1])
        if blending is Blending.MULTIPLY:
            shaded = np.asarray(cv2.multiply(shaded, light, scale=1 / 255), np.uint8)
        else:
            shaded = np.asarray(cv2.add(shaded, cv2.multiply(light, cv2.bitwise_not(shaded), scale=1 / 255)), np.uint8)
    return shaded


def _pursued(
    rest: NDArray[np.float32],
    room: NDArray[np.float32],
    inside: NDArray[np.bool_],
    weight: NDArray[np.float32],
    label: int,
    darker: bool,
    diagonal: float,
) -> list[_Found]:
    """Dabs in an area that explain `rest`, in e-folds; `room` float32 [h, w, 3] are the levels that an e-fold is of."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return []
    top, left = max(0, rows[0] - 2), max(0, columns[0] - 2)
    place = np.s_[top : rows[-1] + 3, left : columns[-1] + 3]
    seen = inside[place] * weight[place]
    left_over = rest[place] * seen[..., None]
    if float(np.abs(left_over).mean(axis=2).sum()) < _EVEN * float(seen.sum()):
        return []
    found: list[_Found] = []
    sigmas = [diagonal / divisor for divisor in _SIGMAS]
    masses = [wide_blur(seen, sigma / 1.414) for sigma in sigmas]
    # A dab's gain is (the channels' sum of means) squared, times its mass and its size.
    factors = [
        inside[place] * mass * np.float32(sigma**2) / np.maximum(mass, 0.05) ** 2
        for sigma, mass in zip(sigmas, masses, strict=True)
    ]
    for _ in range(_EACH + round(_MORE * float(inside.mean()))):
        best, dab = 0.0, None
        for sigma, factor in zip(sigmas, factors, strict=True):
            red, green, blue = cv2.split(np.maximum(wide_blur(left_over, sigma / 1.414), 0))
            total = cv2.add(cv2.add(red, green), blue)
            gain = total * total * factor
            y, x = np.unravel_index(int(gain.argmax()), gain.shape)
            if gain[y, x] > best:
                best, dab = float(gain[y, x]), (int(x), int(y), sigma)
        if dab is None:
            break
        column, row, sigma = dab
        down, across = np.arange(seen.shape[0]) - row, np.arange(seen.shape[1]) - column
        shape = np.outer(np.exp(-0.5 * (down / sigma) ** 2), np.exp(-0.5 * (across / sigma) ** 2)) * (seen > 0)
        shape = shape.astype(np.float32)
        total_light = np.tensordot(shape.ravel(), left_over.reshape(-1, 3), 1)
        strength = np.clip(total_light / max(float((seen * shape * shape).sum()), 1e-6), 0, 1.2)
        changed = float((strength * room[row + top, column + left]).max())
        if strength.max() < _LEAST or changed < _SEEN:
            break
        left_over = left_over - (shape * seen)[..., None] * strength.astype(np.float32)
        levels = (float(strength[0]), float(strength[1]), float(strength[2]))
        found.append(_Found(column + left, row + top, sigma, levels, label, darker, changed))
    return found


def _ordered(source: Source, found: list[_Found]) -> list[_Found]:
    """Area by area as the regions are ordered; within one the shadows first, large to small."""
    names = {
        region.label: (region.figure is None, region.part.value, region.label) for region in source.reading.regions
    }
    return sorted(found, key=lambda dab: (names[dab.label], not dab.darker, -dab.sigma))


def _step(source: Source, dab: _Found, scale: float) -> Step:
    def when(begin: int, end: int) -> None:
        dab.begin, dab.end = begin, end

    region = source.reading.regions[dab.label]
    grid = source.scale / scale
    reach = 2.2 * dab.sigma * grid
    box = region.box.scaled(source.scale)
    left, top = max(dab.x * grid - reach, box.x), max(dab.y * grid - reach, box.y)
    right, bottom = min(dab.x * grid + reach, box.x + box.width), min(dab.y * grid + reach, box.y + box.height)
    bounds = (left, top, max(1.0, right - left), max(1.0, bottom - top))
    label = f"{region.called}, soft {'shadow' if dab.darker else 'light'}"
    # A large dab changes much at once and is built up in several passes.
    weight = dab.sigma**0.5 * max(dab.strength) ** 0.5
    # In every operation of it the light must change visibly.
    most = min(9.0, max(1.0, dab.levels / _PASS))
    return Step(Phase.SOFT_SHADING, Tool.AIRBRUSH, label, bounds, weight, when, most=most, region=dab.label)
