"""Tone and colour by hatching, as with graphite, coloured pencils or chalk: light strokes first, darker ones across
them, then firm ones, at last the darkest and what is lighter than the paper. The paper's tooth shows through the light
layers. Strokes go the way of the picture's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Paper, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, nearest_order, wide_blur
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.papering import on_grid

_LEAST = 8
"""Levels from the paper: places that are nearer to it stay bare."""
_TOOTH = 0.3
"""How much more of the pigment the high places of the paper take than the low ones in the lightest layer."""
_OWN = 0.002
"""Of the picture: a smaller region is hatched together with all others as small."""
_SPACING, _LONGEST, _PLACE = 190.0, 24.0, 18.0
"""The diagonal divided by them: between strokes of the first layer, the longest stroke, and the side of a place."""
_STRONG = 120.0
"""Of a change in light, by Sobel's operator: a firm stroke's."""
_STEP, _BOW = 1.5, 0.7
"""Pixels between the samples of a stroke; how far its middle is off the straight line."""


@dataclass(frozen=True, slots=True)
class HatchingPass:
    """One layer: what is farther than `least` levels from the paper gets strokes, turned by `turn` radians.

    `spacing` and `width` of the strokes are shares of the first layer's spacing; `width` 0 is as broad as need be.
    `pressure` 0 to 1; `blur`: the diagonal divided by it blurs what the layer aims at, 0 for not at all.
    """

    name: str
    least: int
    turn: float
    spacing: float
    width: float
    pressure: float
    blur: float


_PASSES = (
    HatchingPass("light", _LEAST, 0.0, 1.0, 0.36, 0.5, 70),
    HatchingPass("second", 40, 0.95, 0.8, 0.5, 0.75, 170),
    HatchingPass("firm", _LEAST, 0.0, 0.6, 0.0, 1.0, 0),
    HatchingPass("darkest", _LEAST, 0.0, 0.6, 0.0, 1.0, 0),
    HatchingPass("white", _LEAST, 0.0, 0.6, 0.0, 1.0, 0),
)
_FIRM, _DARKEST, _WHITE = 2, 3, 4
"""Where they stand among the passes."""
_DARK, _DARK_SHARE, _LIGHTER = 90, 0.75, 14
"""Levels darker than the paper, and what share of all that is drawn is lighter than the darkest; levels lighter than
the paper."""
_OWN_WAY = 0.1
"""How much of the strokes of an area goes one way, 0 to 1: with less they go the artist's usual way."""


def drawn_on(source: Source, sheet: Paper) -> NDArray[np.bool_]:
    """Where the picture differs from its sheet, and has been drawn on: bool [h, w]."""
    return _drawn(_depth(source, sheet), source, _LEAST)


def hatched(
    source: Source,
    target: Pixels,
    sheet: Paper,
    name: str = "Pencil shading",
    *,
    spared: NDArray[np.bool_] | None = None,
    within: NDArray[np.bool_] | None = None,
) -> PlannedWork:
    """Hatching on a sheet towards `target` uint8 [H, W, 3] on the canvas, one layer after the other, each of them area
    by area, `within` bool [h, w]. What is `spared`, bool [h, w], gets no firm strokes: lines that come later.
    """
    depth = _depth(source, sheet)
    bare = on_grid(source, sheet).astype(np.float32)
    areas = _areas(source)
    ways = _ways(source)
    accents = _accents(source, depth, on_grid(source, sheet))
    steps: list[ScriptStep] = []
    made: list[tuple[HatchingPass, Trail, NDArray[np.bool_]]] = []
    angle = float(source.chance(name).uniform(0.4, 1.2))
    for at, one in enumerate(_PASSES):
        where = _drawn(depth, source, one.least) & accents[at]
        if within is not None:
            where &= within
        if spared is not None and not one.blur:
            where &= ~spared
        trail = Trail(source.reading.shape)
        made.append((one, trail, where))
        for number, area in enumerate(areas):
            steps += _hatch(source, number, area & where, one, _way(ways, area, angle), trail)

    def layers() -> list[Layer]:
        return [_layer(source, target, bare, f"{name}, {one.name}", one, trail, where) for one, trail, where in made]

    return PlannedWork(steps, layers)


def _accents(source: Source, depth: NDArray[np.uint8], bare: Pixels) -> list[NDArray[np.bool_]]:
    """For each pass where it may be drawn, bool [h, w]: the darkest come last, and what is lighter than the sheet."""
    drawn = _drawn(depth, source, _LEAST)
    whiter = source.small.astype(np.float32).mean(axis=2) - bare.astype(np.float32).mean(axis=2) > _LIGHTER
    white = _mostly(whiter, source)
    level = max(_DARK, float(np.quantile(depth[drawn], _DARK_SHARE))) if drawn.any() else _DARK
    darkest = _mostly(depth > level, source) & ~white
    where = [~white] * len(_PASSES)
    where[_FIRM], where[_DARKEST], where[_WHITE] = ~white & ~darkest, darkest, white
    return where


def _ways(source: Source) -> NDArray[np.float32]:
    """Which way the picture's strokes go, float32 [h, w, 3]: their double angle as a vector, and its weight."""
    grey = cv2.cvtColor(source.small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    # Strokes lie at a right angle to how light changes. A strong contour says no more than a firm stroke.
    weight = np.minimum(across * across + down * down, np.float32(_STRONG * _STRONG))
    double = 2 * np.arctan2(down, across) + np.float32(np.pi)
    return np.stack([weight * np.cos(double), weight * np.sin(double), weight], axis=2)


def _way(ways: NDArray[np.float32], area: NDArray[np.bool_], usual: float) -> float:
    """The way of the strokes in an area, in radians; the usual one where they have none."""
    x, y, whole = (float(value) for value in ways[area].sum(axis=0, dtype=np.float64))
    return float(np.arctan2(y, x)) / 2 if np.hypot(x, y) > _OWN_WAY * max(whole, 1.0) else usual


def _depth(source: Source, sheet: Paper) -> NDArray[np.uint8]:
    """How far the picture is from its sheet, in levels: uint8 [h, w]."""
    return difference(source.small, on_grid(source, sheet))


def _drawn(depth: NDArray[np.uint8], source: Source, least: int) -> NDArray[np.bool_]:
    """Where most of what lies about is farther from the paper than so many levels."""
    return np.asarray(_mostly(depth > least, source) & (source.reading.labels >= 0), bool)


def _mostly(where: NDArray[np.bool_], source: Source) -> NDArray[np.bool_]:
    """Where a good part of what lies about is: bool [h, w]."""
    side = 2 * round(source.diagonal / 160) + 1
    return np.asarray(cv2.blur(where.astype(np.float32), (side, side)) > 0.4, bool)


def _areas(source: Source) -> list[NDArray[np.bool_]]:
    """The larger regions from the focus on, and what is left: bool [h, w] each."""
    reading = source.reading
    own = [region for region in reading.regions if region.area > _OWN * reading.labels.size]
    middles = np.array([region.centre for region in own]).reshape(-1, 2)
    listed = [own[at].label for at in nearest_order(middles, focus_of(source))]
    rest = (reading.labels >= 0) & ~np.isin(reading.labels, listed)
    return [reading.labels == label for label in listed] + [rest]


def _layer(
    source: Source,
    target: Pixels,
    bare: NDArray[np.float32],
    name: str,
    one: HatchingPass,
    trail: Trail,
    where: NDArray[np.bool_],
) -> Layer:
    """A layer of strokes with paper between them, or at last the picture's own."""
    unit = source.diagonal / _SPACING
    if not one.blur:
        return Arrival(name, target, trail.arrivals(within=where), cover=source.alpha, ramp=UNIT // 2)
    soft = wide_blur(source.small.astype(np.float32), source.diagonal / one.blur)
    tooth = source.chance("tooth").normal(0, 1, bare.shape[:2]).astype(np.float32)
    tooth = cv2.GaussianBlur(tooth, (0, 0), 0.7) * np.float32(1.8 * _TOOTH * (1 - 0.5 * one.pressure))
    share = np.clip(one.pressure * (1 + tooth), 0.1, 1)[..., None]
    aim = np.rint(np.clip(bare + (soft - bare) * share, 0, 255)).astype(np.uint8)
    come = trail.arrivals(reach=max(0.6, one.width * one.spacing * unit), within=where)
    return Arrival(name, aim, come, cover=source.alpha, ramp=UNIT // 2)


def _hatch(
    source: Source,
    number: int,
    where: NDArray[np.bool_],
    one: HatchingPass,
    angle: float,
    trail: Trail,
) -> list[ScriptStep]:
    """One layer on one area: strokes place by place, each area along its own way."""
    x, y, width, height = cv2.boundingRect(where.astype(np.uint8))
    if not width:
        return []
    chance = source.chance(f"hatching {one.name} {number}")
    own = float(source.chance(f"hatching {number}").normal(0, 0.25))
    spacing = one.spacing * source.diagonal / _SPACING
    mask = where[y : y + height, x : x + width]
    found = parallel_strokes(mask, angle + one.turn + own, spacing, source.diagonal / _LONGEST, chance)
    if not found:
        return []
    strokes = [stroke + np.array([x, y], np.float32) for stroke in found]
    middles = np.array([stroke.mean(axis=0) for stroke in strokes], np.float64)
    side = source.diagonal / _PLACE
    cells, cell = np.unique(np.floor(middles / side).astype(int), axis=0, return_inverse=True)
    steps = []
    for at in nearest_order((cells + 0.5) * side, focus_of(source)):
        among = [strokes[stroke] for stroke in np.flatnonzero(cell.ravel() == at)]
        steps.append(_patch(source, among, trail, one))
    return steps


def _patch(source: Source, strokes: list[Points], trail: Trail, one: HatchingPass) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        trail.pass_all(strokes, begin, end)

    points = np.concatenate(strokes)
    x, y = strokes[len(strokes) // 2].mean(axis=0).astype(int)
    height, width = source.reading.shape
    label = int(source.reading.labels[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)])
    name = source.reading.regions[label].called if label >= 0 else "figure"
    weight = float(sum(len(stroke) for stroke in strokes))
    called = f"{name}, {one.name} hatching"
    return ScriptStep(Phase.SHADING, Tool.PENCIL, called, source.bounds(points, 3), weight, when, most=8, region=label)


def parallel_strokes(
    where: NDArray[np.bool_], angle: float, spacing: float, longest: float, chance: np.random.Generator
) -> list[Points]:
    """Parallel strokes through a mask bool [h, w], cut at its ends and to a length: float32 [n, 2] each."""
    height, width = where.shape
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    reach = float(np.hypot(width, height)) / 2
    offsets = np.arange(-reach, reach, max(1.5, spacing))
    offsets = offsets + chance.normal(0, spacing * 0.12, len(offsets))
    t = np.arange(-reach, reach, _STEP)
    lines = np.array([width, height]) / 2 + offsets[:, None, None] * across + t[:, None] * along
    x, y = np.rint(lines[..., 0]).astype(int), np.rint(lines[..., 1]).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    inside[inside] = where[y[inside], x[inside]]
    edges = np.diff(np.pad(inside.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, begins = np.nonzero(edges > 0)
    ends = np.nonzero(edges < 0)[1]
    bows = chance.normal(0, _BOW, len(rows))
    strokes: list[Points] = []
    for row, begin, end, bow in zip(rows.tolist(), begins.tolist(), ends.tolist(), bows.tolist(), strict=True):
        count = max(1, round((end - begin) * _STEP / longest))
        for a, b in pairwise(np.linspace(begin, end, count + 1).astype(int).tolist()):
            if b - a >= 2:
                bend = bow * (1 - np.linspace(-1, 1, b - a) ** 2)
                strokes.append((lines[row, a:b] + bend[:, None] * across).astype(np.float32))
    return strokes
