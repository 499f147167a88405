"""Tone and colour by hatching, as with graphite, coloured pencils or chalk, in passes that each go over the whole
drawing: light strokes, the darks across them, everything once more, then the forms, which fill what was left between
strokes, at last the drawing's own texture and what is lighter than the paper. Each pass aims at the picture's tones as
broad as the pass draws. The paper's tooth shows through the light ones. Strokes go along the forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Paper, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, Trail, nearest_order, wide_blur
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.papering import on_grid

_LEAST = 8
"""Levels from the paper: places that are nearer to it stay bare."""
_TOOTH = 0.3
"""How much more of the pigment the high places of the paper take than the low ones in the lightest layer."""
_SPACING, _LONGEST, _PLACE = 190.0, 20.0, 14.0
"""The diagonal divided by them: between strokes of the first layer, the longest stroke, and the side of a place."""
_RAGGED = 0.22
"""Of a place's side: how far strokes stray over its border."""
_FINEST = 3.2
"""Pixels from stroke to stroke: paper between them is not seen otherwise."""
_STRONG = 120.0
"""Of a change in light, by Sobel's operator: a firm stroke's."""
_STEP, _BOW = 1.5, 0.7
"""Pixels between the samples of a stroke; how far its middle is off the straight line."""
_WAYS, _CALM, _OWN_WAY = 8, 13.0, 0.4
"""How many ways strokes go at most; the diagonal divided by it blurs the picture's own ways; how much the artist's
usual way counts beside them."""
_MOST_MEDIAN, _STROKES = 63, 4.0
"""Pixels: the widest median that is taken; its side divided by the sigma with which the picture's own strokes are seen
as tone."""


@dataclass(frozen=True, slots=True)
class HatchingPass:
    """One layer of strokes, turned by `turn` radians, of `pressure` 0 to 1.

    `spacing` and `width` of the strokes are shares of the first layer's spacing; `width` 0 is as broad as need be.
    `broad`: the diagonal divided by it is the size of the tones that the layer aims at, 0 for the picture itself.
    `weight`: of the time.
    """

    name: str
    turn: float
    spacing: float
    width: float
    pressure: float
    broad: float
    weight: float


_LIGHT = HatchingPass("light", 0.0, 1.0, 0.36, 0.45, 55, 0.2)
_DARK = HatchingPass("dark", 0.9, 0.75, 0.45, 0.75, 75, 0.16)
_SECOND = HatchingPass("second", -0.5, 0.7, 0.52, 0.8, 110, 0.23)
_FORMS = HatchingPass("forms", 0.2, 0.6, 0.0, 0.95, 240, 0.22)
_FIRM = HatchingPass("firm", 0.0, 0.6, 0.0, 1.0, 0, 0.2)
_WHITE = HatchingPass("white", 0.0, 0.6, 0.0, 1.0, 0, 0.05)
_DARKS, _DARKER, _LIGHTER = 0.6, 40, 14
"""Of all that is drawn, so much is lighter than the darks; levels darker than the paper that they are at least; levels
lighter than the paper."""


def drawn_on(source: Source, sheet: Paper) -> NDArray[np.bool_]:
    """Where something is drawn on the sheet: bool [h, w]."""
    return _drawn(_depth(source, sheet), source, _LEAST)


def hatched(
    source: Source,
    target: Pixels,
    sheet: Paper,
    name: str = "Hatching",
    *,
    within: NDArray[np.bool_] | None = None,
    below: Pixels | None = None,
) -> PlannedWork:
    """Hatching on a sheet towards `target` uint8 [H, W, 3] on the canvas, pass after pass over all that is drawn, or
    over `within` bool [h, w]. `below` uint8 [h, w, 3]: what stands on the grid and is seen through the first passes.
    """
    bare = on_grid(source, sheet)
    shown = _drawn(_depth(source, sheet), source, _LEAST)
    if within is not None:
        shown &= within
    ways = _ways(source, float(source.chance(name).uniform(0.4, 1.2)))
    lighter = source.small.astype(np.int16).mean(axis=2) - bare.astype(np.int16).mean(axis=2) > _LIGHTER
    white = _mostly(lighter, source)
    steps: list[ScriptStep] = []
    made: list[tuple[HatchingPass, Trail, NDArray[np.bool_]]] = []
    for one in (_LIGHT, _DARK, _SECOND, _FORMS, _FIRM, _WHITE):
        where = shown & white if one is _WHITE else shown & ~white
        if one is _DARK:
            where &= _darks(source, bare, where)
        trail = Trail(source.reading.shape)
        made.append((one, trail, where))
        steps += weighing(_hatch(source, where, one, ways, trail), one.weight * float(np.sqrt(where.mean())))

    def layers() -> list[Layer]:
        return [
            _layer(source, target, (bare, below), f"{name}, {one.name}", one, trail, where)
            for one, trail, where in made
        ]

    return PlannedWork(steps, layers)


def _darks(source: Source, bare: Pixels, where: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The darkest of what is drawn, seen as broad as its pass draws: bool [h, w]."""
    depth = difference(_broad(source, _DARK), bare)
    level = max(_DARKER, float(np.quantile(depth[where], _DARKS))) if where.any() else _DARKER
    return np.asarray(depth > level, bool)


def _ways(source: Source, usual: float) -> NDArray[np.uint8]:
    """Which of so many ways strokes go, uint8 [h, w]: along the forms, and the artist's usual way where there are
    none.
    """
    grey = cv2.cvtColor(source.small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    # Strokes lie at a right angle to how light changes. A strong contour says no more than a firm stroke.
    weight = np.minimum(across * across + down * down, np.float32(_STRONG * _STRONG))
    double = 2 * np.arctan2(down, across) + np.float32(np.pi)
    field = np.stack([weight * np.cos(double), weight * np.sin(double), weight], axis=2)
    calm = wide_blur(field, source.diagonal / _CALM)
    own = (calm[..., 2] + np.float32(1.0)) * np.float32(_OWN_WAY)
    x, y = (calm[..., at] + own * np.float32(way(2 * usual)) for at, way in enumerate((np.cos, np.sin)))
    return np.asarray(np.rint(np.arctan2(y, x) * (_WAYS / (2 * np.pi))).astype(np.int64) % _WAYS, np.uint8)


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


def _broad(source: Source, one: HatchingPass) -> Pixels:
    """The picture's tones without what is smaller than a pass draws, their borders firm: uint8 [h, w, 3]."""
    side = max(3, min(_MOST_MEDIAN, 2 * round(source.diagonal / one.broad / 2) + 1))
    # Loose strokes are a tone: a median alone would leave none of them.
    toned = cv2.GaussianBlur(source.small, (0, 0), side / _STROKES)
    return np.asarray(cv2.blur(cv2.medianBlur(toned, side), (3, 3)), np.uint8)


def _unit(source: Source) -> float:
    """From one stroke of the first layer to the next, in the grid's pixels."""
    return max(_FINEST, source.diagonal / _SPACING)


def _layer(
    source: Source,
    target: Pixels,
    standing: tuple[Pixels, Pixels | None],
    name: str,
    one: HatchingPass,
    trail: Trail,
    where: NDArray[np.bool_],
) -> Layer:
    """A layer of strokes with paper between them, or at last the picture's own."""
    reach = max(1.0, one.width * one.spacing * _unit(source)) if one.width else np.inf
    come = trail.arrivals(reach=reach, within=where)
    if not one.broad:
        return Arrival(name, target, come, cover=source.alpha, ramp=UNIT // 2)
    sheet, below = standing
    bare = sheet.astype(np.float32)
    share = np.full((*bare.shape[:2], 1), one.pressure, np.float32)
    if one.width:
        tooth = source.chance(f"tooth {one.name}").normal(0, 1, bare.shape[:2]).astype(np.float32)
        tooth = cv2.GaussianBlur(tooth, (0, 0), 0.7) * np.float32(1.8 * _TOOTH * (1 - 0.5 * one.pressure))
        share = np.clip(one.pressure * (1 + tooth), 0.1, 1)[..., None]
    aim = np.rint(np.clip(bare + (_broad(source, one) - bare) * share, 0, 255)).astype(np.uint8)
    return Arrival(name, aim if below is None else np.minimum(aim, below), come, cover=source.alpha, ramp=UNIT // 2)


def _hatch(
    source: Source, where: NDArray[np.bool_], one: HatchingPass, ways: NDArray[np.uint8], trail: Trail
) -> list[ScriptStep]:
    """One pass, strokes place by place from the focus on, in each along the forms."""
    chance = source.chance(f"hatching {one.name}")
    spacing = one.spacing * _unit(source)
    strokes: list[Points] = []
    for way in range(_WAYS):
        mask = where & (ways == way)
        x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
        if width:
            angle = np.pi * way / _WAYS + one.turn
            part = mask[y : y + height, x : x + width]
            found = parallel_strokes(part, angle, spacing, source.diagonal / _LONGEST, chance)
            strokes += [stroke + np.array([x, y], np.float32) for stroke in found]
    if not strokes:
        return []
    middles = np.array([stroke.mean(axis=0) for stroke in strokes], np.float64)
    side = source.diagonal / _PLACE
    # A hand's places have no straight borders.
    places = np.floor(middles / side + chance.normal(0, _RAGGED, middles.shape)).astype(int)
    cells, cell = np.unique(places, axis=0, return_inverse=True)
    members = np.split(np.argsort(cell.ravel(), kind="stable"), np.cumsum(np.bincount(cell.ravel()))[:-1])
    return [
        _patch(source, [strokes[stroke] for stroke in members[at].tolist()], trail, one)
        for at in nearest_order((cells + 0.5) * side, focus_of(source))
    ]


def _patch(source: Source, strokes: Sequence[Points], trail: Trail, one: HatchingPass) -> ScriptStep:
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
