"""Watercolour: washes of transparent paint on a sheet, each darker than what stands and of finer forms.

Paint is reckoned in density, the logarithm of the paper's light by what comes back through it: washes add up. The first
is pale and leaves the whites. Each has the tones of its shapes, and not the picture's pixels; it ends in an edge where
the picture has one, a little darker than itself, and fades where the picture fades.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import Box, Region
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import sweep, wide_blur
from paints_undo_engine.procedural.techniques.filling import bounds_of
from paints_undo_engine.procedural.techniques.finishing import area_by_area
from paints_undo_engine.procedural.techniques.wash_shapes import graded_shapes, granulated, to_their_middles


@dataclass(frozen=True, slots=True)
class _Wash:
    """`shapes`: the diagonal divided by it is what is no shape of its own yet; `tone`: towards what density it goes, of
    the picture's darkest; `time`: its share of all washes'; `soft`: operations in which paint spreads; `even`: how much
    of a shape has its mean tone, 0 to 1.
    """

    name: str
    shapes: float
    tone: float
    time: float
    soft: float
    even: float


_WASHES = (
    _Wash("first wash", 40.0, 0.3, 0.17, 1.4, 0.85),
    _Wash("second wash", 30.0, 0.62, 0.25, 0.8, 0.75),
    _Wash("third wash", 70.0, 1.1, 0.33, 0.6, 0.4),
    _Wash("darks", 260.0, 2.5, 0.29, 0.5, 0.0),
)
_DARKEST = 97
"""Percent of the picture that are lighter than its darkest tone."""
_BARE = 0.04
"""Density that is not seen: what is lighter is paper."""
_CLEARLY, _FADES = 0.04, 0.05
"""Of the darkest tone: by how much a wash is at least darker than what stands, and over how much its edge fades."""
_RIM, _RIM_REACH = 0.3, 300.0
"""How much more paint dries along a wash's edge; the diagonal divided by its breadth."""
_GRANULES = 0.05
"""How unevenly paint settles in the paper's grain."""
_EVEN_SHEET = 0.004
"""Of its light: paper that strays less shows no grain."""
_BLOOMS, _BLOOM = 0.22, 36.0
"""How much paler water leaves a wet wash in places, and the diagonal divided by the sigma of these."""
_DILUTED = 0.4
"""How much stronger the hue of a dark colour is where little of it was laid: no black is thinned to a grey."""
_FORM = 40.0
"""The diagonal divided by it: what of an area is narrower goes with the areas beside it."""
_LOST = 0.07
"""Density that a wash changes by, on the mean, across the border of two areas that are laid as one."""
_LEFT = 5
"""Pixels: what is lighter and not narrower than about half of it is left out by the brush."""
_LEAST = 12
"""Pixels of an area that is a stroke of its own."""
_PLACES, _BEHIND = 9, 2
"""Into how many places the picture's areas are parted, from afar to near, and how many of them the third wash is behind
the second one.
"""
_MOST, _MOST_FOR_ALL = 24, 130
"""Operations for a small area, and how many more for all of the sheet."""


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
    if float(grain[::4, ::4].std()) < _EVEN_SHEET:
        grain = grain * granulated(source, picture)
    lights = _density(_calm(picture, _LEFT), light)
    dark = _depth(lights)
    shown = np.asarray(source.reading.labels >= 0, bool)
    darkest = max(float(np.percentile(dark[shown], _DARKEST)), 4 * _BARE)
    chance = source.chance("granules").normal(0, 1, dark.shape).astype(np.float32)
    settled = 1 + _GRANULES * np.asarray(cv2.GaussianBlur(chance, (0, 0), 0.8), np.float32)[..., None]
    paint = np.zeros_like(lights)
    reach = source.diagonal / _RIM_REACH
    shapes = graded_shapes(source, picture)
    states: list[Pixels] = []
    wet: list[NDArray[np.bool_]] = []
    for wash in _WASHES:
        end = wash.tone * darkest
        calm = _calm(picture, _side(source, wash.shapes))
        density = _density(_mixed(calm, shapes, wash.even) if wash.even else calm, light)
        depth = np.maximum(_depth(density), 1e-4)
        density += (_DILUTED * np.clip(1 - end / depth, 0, 1))[..., None] * (density - depth[..., None])
        # The fuller a wash, the less of the forms below its tone is left.
        full = np.hypot(1, depth / end)
        least = _CLEARLY * darkest if states else _BARE
        mask = np.clip((depth / full - _depth(paint) - least) / (_FADES * darkest) + 0.5, 0, 1)
        rim = np.clip(mask - wide_blur(mask, reach), 0, 1) * mask
        amount = np.asarray(mask / full * (1 + _RIM * 2 * rim) * _watered(source, wash), np.float32)
        more = np.maximum(np.minimum(density * amount[..., None] * settled, lights), paint)
        wet.append(shown & (greatest(more - paint) > _BARE / 2))
        paint = more
        states.append(np.asarray(np.rint(np.clip(light * np.exp(-paint) * grain, 0, 255)), np.uint8))
    return Washes(tuple(states), tuple(wet))


def _side(source: Source, part: float) -> int:
    """The odd side of a square in pixels, of which the diagonal has `part`."""
    return 2 * round(source.diagonal / part / 2) + 1


def _watered(source: Source, wash: _Wash) -> NDArray[np.float32]:
    """What share of a wash's paint water leaves in each place, float32 [h, w]: the wetter it is, the more uneven."""
    height, width = source.reading.shape
    sigma = source.diagonal / _BLOOM
    shrink = max(1, int(sigma / 3))
    chance = source.chance(f"{wash.name} water").normal(0, 1, (-(-height // shrink), -(-width // shrink)))
    pools = cv2.GaussianBlur(chance.astype(np.float32), (0, 0), sigma / shrink)
    pools = cv2.resize(pools, (width, height), interpolation=cv2.INTER_LINEAR)
    pools = np.clip(pools / max(2 * float(pools.std()), 1e-6), -1, 1)
    return np.asarray(1 - _BLOOMS * min(1.0, wash.soft / _WASHES[0].soft) * (0.5 + 0.5 * pools), np.float32)


@dataclass(frozen=True, slots=True)
class WashWork:
    """What lays the washes, and how many of its steps the palest are, the first wash and the first shapes after it, and
    all but the darks.
    """

    work: PlannedWork
    pale: int
    toned: int


def washed(source: Source, washes: Washes) -> WashWork:
    """The washes one after the other, each shape by shape, the ground from afar before what stands on it; at first
    large shapes, a face with its eyes, then the darks area by area.
    """
    ripple = wide_blur(source.chance("wash").normal(0, 1, source.reading.shape), source.diagonal / 60)
    ripple = np.clip(ripple / max(float(np.abs(ripple).max()), 1e-6), -1, 1) * 0.5
    forms = to_their_middles(source.reading.cel_labels)
    regions = sorted(source.reading.regions, key=_when)
    areas = _areas(source, regions)
    rounds: list[list[ScriptStep]] = []
    comes: list[NDArray[np.uint16]] = []
    for wash, wet, state in zip(_WASHES, washes.wet, washes.states, strict=True):
        come = np.full(wet.shape, NEVER, np.uint16)
        comes.append(come)
        shape_of = _joined(areas, wet, state, len(regions), (source.diagonal / wash.shapes) ** 2)
        shapes = np.asarray(shape_of, np.uint8)[areas]
        laid = [
            _laid(source, region, wet & (shapes == number), come, (ripple, forms), wash)
            for number, region in enumerate(regions)
            if shape_of[number] == number
        ]
        rounds.append(weighing([step for step in laid if step is not None], wash.time))

    def layers() -> list[Layer]:
        return [
            Arrival(wash.name.capitalize(), target, come, cover=source.alpha, ramp=round(wash.soft * UNIT))
            for wash, target, come in zip(_WASHES, washes.states, comes, strict=True)
        ]

    first, second, third, darks = rounds
    # The paler one is dry in some places and gets the next while others are still bare of it.
    place = {region.label: number * _PLACES // len(regions) for number, region in enumerate(regions)}
    toned = area_by_area(
        [
            (behind, [replace(step, area=place[step.region]) for step in wash])
            for behind, wash in ((0, second), (_BEHIND, third))
        ]
    )
    steps = [*first, *toned, *darks]
    return WashWork(PlannedWork(steps, layers), len(first) + len(second) // 3, len(first) + len(toned))


def _when(region: Region) -> tuple[bool, int, float]:
    return region.figure is not None, region.order, region.centre[1]


def _areas(source: Source, regions: Sequence[Region]) -> NDArray[np.uint8]:
    """The place in the order of the region that each pixel is painted with, uint8 [h, w], with smooth borders."""
    place = np.zeros(len(regions) + 1, np.uint8)
    for number, region in enumerate(regions):
        place[region.label] = min(number, 255)
    return np.asarray(cv2.medianBlur(place[source.reading.labels], _side(source, _FORM)), np.uint8)


def _joined(areas: NDArray[np.uint8], wet: NDArray[np.bool_], state: Pixels, count: int, least: float) -> list[int]:
    """Of each of so many areas the first of those that a wash lays as one with it: across whose borders the wash, `wet`
    bool [h, w] with its `state` uint8 [h, w, 3], hardly changes, and those of less than `least` pixels with what they
    mostly lie beside.
    """
    tone = -np.log(np.maximum(state.astype(np.float32), 2) / 255)
    # A soft border is wet on both sides.
    wet = cv2.erode(wet.astype(np.uint8), np.ones((_LEFT, _LEFT), np.uint8)) > 0
    apart = np.zeros((256, 256))
    beside = np.zeros((256, 256))
    far = max(2, round(float(np.hypot(*areas.shape)) / _FORM / 2))
    for one, other in ((np.s_[:, :-far], np.s_[:, far:]), (np.s_[:-far], np.s_[far:])):
        crossed = areas[one] != areas[other]
        crossed &= wet[one] & wet[other]
        pair = areas[one][crossed].astype(np.int64) * 256 + areas[other][crossed]
        change = np.abs(tone[one][crossed] - tone[other][crossed]).mean(axis=1)
        beside += np.bincount(pair, minlength=65536).reshape(256, 256)
        apart += np.bincount(pair, change, minlength=65536).reshape(256, 256)
    beside, apart = beside + beside.T, apart + apart.T
    first = list(range(max(count, 1)))

    def root(number: int) -> int:
        while first[number] != number:
            number = first[number]
        return number

    def join(one: int, other: int) -> None:
        early, late = sorted((root(one), root(other)))
        first[late] = early

    sizes = np.bincount(areas.ravel(), minlength=256)
    for number in sorted(range(min(count, 256)), key=lambda number: int(sizes[number])):
        if 0 < sizes[number] < least and beside[number].any():
            join(number, int(beside[number].argmax()))
    for one, other in zip(*np.nonzero(np.triu((beside > 0) & (apart < _LOST * beside), 1)), strict=True):
        join(int(one), int(other))
    return [root(number) for number in range(count)]


def _laid(
    source: Source,
    region: Region,
    mask: NDArray[np.bool_],
    come: NDArray[np.uint16],
    front: tuple[NDArray[np.float32], NDArray[np.float32]],
    wash: _Wash,
) -> ScriptStep | None:
    """A wash in the shape that begins with a region: `mask` bool [h, w] is what it wets. Its front is uneven, float32
    [h, w], and runs on to where forms end, see `to_their_middles`.
    """
    area = int(np.count_nonzero(mask))
    if area < _LEAST:
        return None
    angle = float(source.chance(f"{wash.name} {region.label}").normal(np.pi / 2, 0.5))
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    at = np.s_[top : top + height, left : left + width]
    mask = mask[at].copy()
    ripple, forms = front[0][at], front[1][at]
    ahead = ripple + forms @ np.array([np.cos(angle), np.sin(angle)], np.float32)

    def when(begin: int, end: int) -> None:
        come[at][mask] = sweep(mask, angle, begin, end, ahead)

    share = area / come.size
    bounds = bounds_of(source, Box(left, top, width, height))
    most = _MOST + _MOST_FOR_ALL * share
    label = f"{region.called}, {wash.name}"
    return ScriptStep(
        Phase.PAINTING, Tool.BRUSH, label, bounds, share**0.5 + 0.01, when, most=most, region=region.label
    )


def _calm(picture: Pixels, side: int) -> Pixels:
    """A picture without what is narrower than about half of a square's side, and with the edges that are left."""
    return np.asarray(cv2.medianBlur(picture, side), np.uint8)


def _mixed(one: Pixels, other: Pixels, share: float) -> Pixels:
    """A picture with such a share of another one, both uint8 [h, w, 3]."""
    return np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8)


def _depth(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean density of the channels of float32 [h, w, 3]: float32 [h, w]."""
    return np.asarray(cv2.transform(density, np.full((1, 3), 1 / 3, np.float32)), np.float32)


def _density(picture: Pixels, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much paint a picture has in each channel on paper of such a light, both [h, w, 3]: float32, from 0 on."""
    return np.asarray(np.maximum(np.log(light / np.maximum(picture.astype(np.float32), 2)), 0), np.float32)
