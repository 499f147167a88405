"""Watercolour: washes of transparent paint on a sheet, each darker than what stands and within a smaller shape.

Paint is reckoned in density, the logarithm of the paper's light by what comes back through it: washes add up. A wash
has the tone of its shape, which is flat or graded, and not the picture's pixels; it ends in an edge where the picture
has one, a little darker than itself, and fades where the picture fades.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.model import Box, Region
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import sweep, wide_blur
from paints_undo_engine.procedural.techniques.filling import bounds_of


@dataclass(frozen=True, slots=True)
class _Wash:
    """`shapes`: the diagonal divided by it is what is no shape of its own yet; `tone` 0 to 1: how dark it gets at most,
    of the picture's darkest.
    """

    name: str
    shapes: float
    tone: float


_WASHES = (
    _Wash("first wash", 34.0, 0.26),
    _Wash("second wash", 62.0, 0.5),
    _Wash("third wash", 125.0, 0.78),
    _Wash("darks", 260.0, 1.0),
)
_DARKEST = 97
"""Percent of the picture that are lighter than its darkest tone."""
_BARE = 0.04
"""Density that is not seen: what is lighter is paper."""
_BEGINS, _FADES = 0.3, 0.16
"""Of the way from one wash's tone to the next, where the next begins, and over how much of it its edge fades."""
_RIM, _RIM_REACH = 0.14, 150.0
"""How much more paint dries along a wash's edge; the diagonal divided by its breadth."""
_GRANULES = 0.05
"""How unevenly paint settles in the paper's grain."""
_DILUTED = 0.4
"""How much stronger the hue of a dark colour is where little of it was laid: no black is thinned to a grey."""
_FORM = 40.0
"""The diagonal divided by it: what of an area is narrower goes with the areas beside it."""
_LEFT = 5
"""Pixels: what is lighter and not narrower than about half of it is left out by the brush."""
_LEAST = 12
"""Pixels of an area that is a stroke of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Washes:
    """`states` uint8 [h, w, 3]: the sheet with each of the washes all over; `wet` bool [h, w]: what each changes."""

    states: tuple[Pixels, ...]
    wet: tuple[NDArray[np.bool_], ...]


def washes_of(source: Source, sheet: Pixels, picture: Pixels) -> Washes:
    """The washes that lead from a sheet to a picture, both uint8 [h, w, 3] on the grid. Each is nowhere lighter than
    the one before, nor darker than the picture's own lights.
    """
    light = np.maximum(wide_blur(sheet, source.diagonal / 60), 1)
    grain = (sheet / light).astype(np.float32)
    lights = _density(_calm(picture, _LEFT), light)
    dark = lights.mean(axis=2)
    shown = np.asarray(source.reading.labels >= 0, bool)
    darkest = max(float(np.percentile(dark[shown], _DARKEST)), 4 * _BARE)
    chance = source.chance("granules").normal(0, 1, dark.shape).astype(np.float32)
    settled = 1 + _GRANULES * np.asarray(cv2.GaussianBlur(chance, (0, 0), 0.8), np.float32)[..., None]
    paint = np.zeros_like(lights)
    reach, begin = source.diagonal / _RIM_REACH, 0.0
    states, wet = [], []
    for wash in _WASHES:
        end = wash.tone * darkest
        density = _density(_calm(picture, 2 * round(source.diagonal / wash.shapes / 2) + 1), light)
        depth = np.maximum(density.mean(axis=2), 1e-4)
        density += (_DILUTED * np.clip(1 - end / depth, 0, 1))[..., None] * (density - depth[..., None])
        edge = begin + _BEGINS * (end - begin) if begin else _BARE
        mask = np.clip((depth - edge) / (_FADES * (end - begin)) + 0.5, 0, 1).astype(np.float32)
        rim = np.clip(mask - wide_blur(mask, reach), 0, 1) * mask
        amount = mask * np.minimum(depth, end) / depth * (1 + _RIM * 2 * rim)
        more = np.maximum(np.minimum(density * amount[..., None] * settled, lights), paint)
        wet.append(shown & ((more - paint).max(axis=2) > _BARE / 2))
        paint = more
        states.append(np.asarray(np.rint(np.clip(light * np.exp(-paint) * grain, 0, 255)), np.uint8))
        begin = end
    return Washes(tuple(states), tuple(wet))


def washed(source: Source, washes: Washes) -> PlannedWork:
    """The washes one after the other: the ground from afar, then what stands before it, area by area."""
    ripple = wide_blur(source.chance("wash").normal(0, 1, source.reading.shape), source.diagonal / 60)
    ripple = np.clip(ripple / max(float(np.abs(ripple).max()), 1e-6), -1, 1) * 0.5
    regions = sorted(source.reading.regions, key=_when)
    areas, reach = _areas(source, regions)
    steps: list[ScriptStep] = []
    comes: list[NDArray[np.uint16]] = []
    for wash, wet in zip(_WASHES, washes.wet, strict=True):
        come = np.full(wet.shape, NEVER, np.uint16)
        comes.append(come)
        for number, region in enumerate(regions):
            at = _about(region, reach).slices(wet.shape)
            step = _laid(source, region, at, wet[at] & (areas[at] == number), come, ripple, wash.name)
            steps += [] if step is None else [step]

    def layers() -> list[Layer]:
        return [
            Arrival(wash.name.capitalize(), target, come, cover=source.alpha)
            for wash, target, come in zip(_WASHES, washes.states, comes, strict=True)
        ]

    return PlannedWork(steps, layers)


def _when(region: Region) -> tuple[bool, int, float]:
    return region.figure is not None, region.order, region.centre[1]


def _about(region: Region, reach: int) -> Box:
    box = region.box
    return Box(box.x - reach, box.y - reach, box.width + 2 * reach, box.height + 2 * reach)


def _areas(source: Source, regions: Sequence[Region]) -> tuple[NDArray[np.uint8], int]:
    """The place in the order of the region that each pixel is painted with, uint8 [h, w], with smooth borders, and how
    far these may lie from the regions' own.
    """
    place = np.zeros(len(regions) + 1, np.uint8)
    for number, region in enumerate(regions):
        place[region.label] = min(number, 255)
    reach = round(source.diagonal / _FORM / 2)
    return np.asarray(cv2.medianBlur(place[source.reading.labels], 2 * reach + 1), np.uint8), reach


def _laid(
    source: Source,
    region: Region,
    at: tuple[slice, slice],
    mask: NDArray[np.bool_],
    come: NDArray[np.uint16],
    ripple: NDArray[np.float32],
    name: str,
) -> ScriptStep | None:
    """A wash in one area: `mask` bool, the part of the map `at` some rows and columns that it covers."""
    area = int(np.count_nonzero(mask))
    if area < _LEAST:
        return None
    angle = float(source.chance(f"{name} {region.label}").normal(np.pi / 2, 0.5))

    def when(begin: int, end: int) -> None:
        come[at][mask] = sweep(mask, angle, begin, end, ripple[at])

    weight = (area / come.size) ** 0.5 + 0.01
    bounds = bounds_of(source, region.box)
    return ScriptStep(
        Phase.PAINTING, Tool.BRUSH, f"{region.called}, {name}", bounds, weight, when, most=24, region=region.label
    )


def _calm(picture: Pixels, side: int) -> Pixels:
    """A picture without what is narrower than about half of a square's side, and with the edges that are left."""
    return np.asarray(cv2.medianBlur(picture, side), np.uint8)


def _density(picture: Pixels, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much paint a picture has in each channel on paper of such a light, both [h, w, 3]: float32, from 0 on."""
    return np.asarray(np.maximum(np.log(light / np.maximum(picture.astype(np.float32), 2)), 0), np.float32)
