"""Tone and colour by strokes of graphite, coloured pencils, charcoal or chalk, in layers from light to dark that each
go over the whole drawing: light strokes with paper between them, the darks, a second layer across them, the forms, at
last the drawing's own texture and what is lighter than the paper. Each stroke follows the forms, ends at their borders,
and has one colour at first. Pigment is transparent: no layer makes anything lighter, and the paper's tooth shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Times, Tool
from paints_undo_engine.procedural.reading.along import pixels_along
from paints_undo_engine.procedural.reading.channels import difference, greatest
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import nearest_order
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.stroke_ways import ways_of

_LEAST = 8
"""Levels from the paper: places that are nearer to it stay bare."""
_TOOTH = 0.35
"""By how much of its pressure a stroke takes on more in the paper's high places than in its low ones."""
_SPACING, _FINEST, _PLACE = 330.0, 2.6, 13.0
"""The diagonal divided by them: between strokes, not nearer than so many pixels; and the side of a patch of them."""
_BORDER = 60.0
"""Levels that keep two places in patches of their own as much as a patch's side does."""
_STEP, _STRAY, _TAPER = 1.5, 0.09, 0.3
"""Pixels between the samples of a stroke; radians by which its way strays; of its length, the part in
which an end fades."""
_OTHER_TONE = 38.0
"""Levels: where a tone has changed by more a stroke ends."""
_DARKS, _DARKER, _LIGHTER, _SOFTLY = 0.6, 40, 14, 0.4
"""Of all that is drawn, so much is lighter than the darks; levels darker than the paper that they are at least; levels
lighter than the paper; of those of the darks, in how many they end.
"""
_THINNEST, _DEEP = 0.75, 160.0
"""Of its width, what a stroke has that is hardly darker than the paper; levels from the paper with which it has its
whole width more.
"""
_POINT = 5
"""Pixels of the side of a point's place, in which a drawing's darkest is looked for."""
_WORN = 0.75
"""Of a contour, what is still seen of it when the first layer has gone over it."""


@dataclass(frozen=True, slots=True)
class HatchingPass:
    """One layer of strokes, turned by `turn` radians, of `pressure` 0 to 1.

    `spacing` is a share of the first layer's; `length` and `width` count spacings. `rubbed`: of the pressure, what is
    left between strokes, where pigment is rubbed. `level`: of the darkest tone, the
    darkest that it makes. `own`: how much a stroke's pixels have their own tone, and not the stroke's. `broad`: the
    diagonal divided by it is the size of the tones that the layer aims at, 0 for the picture itself. `weight`: of the
    time.
    """

    name: str
    turn: float
    spacing: float
    length: float
    width: float
    pressure: float
    rubbed: float
    level: float
    own: float
    broad: float
    weight: float


_LIGHT = HatchingPass("light", 0.0, 1.0, 14, 0.7, 0.95, 0.0, 0.5, 0.25, 110, 0.19)
_DARK = HatchingPass("dark", 0.4, 0.9, 10, 1.1, 1.0, 0.2, 0.95, 0.4, 150, 0.15)
_SECOND = HatchingPass("second", -0.45, 0.8, 10, 1.1, 1.0, 0.25, 0.95, 0.5, 180, 0.19)
_FORMS = HatchingPass("forms", 0.0, 0.8, 8, 1.1, 0.95, 0.45, 1.0, 0.75, 300, 0.22)
_FIRM = HatchingPass("firm", 0.0, 1.0, 9, 0.0, 1.0, 0.0, 1.0, 1.0, 0, 0.18)
_WHITE = HatchingPass("white", 0.0, 1.0, 9, 0.0, 1.0, 0.0, 1.0, 1.0, 0, 0.05)


@dataclass(slots=True, eq=False)
class _Strokes:
    """The strokes of one layer. `nearest` int32 [h, w]: the number of the sample that is nearest to each pixel, and how
    far `away` it is, float32 [h, w], in pixels; of each sample its `stroke`, and its `pressure`, float32 [n]; `ticks`
    uint16 [n]: when it is drawn.
    """

    nearest: NDArray[np.int32]
    away: NDArray[np.float32]
    points: NDArray[np.float32]
    stroke: NDArray[np.int64]
    pressure: NDArray[np.float32]
    ticks: Times


@dataclass(slots=True)
class HatchWork(PlannedWork):
    """Hatching: its layers that go over the whole drawing as `broad` steps, and the steps of each later one."""

    broad: list[ScriptStep]
    late: list[list[ScriptStep]]


def drawn_on(source: Source, bare: Pixels) -> NDArray[np.bool_]:
    """Where something is drawn on the bare sheet, uint8 [h, w, 3]: bool [h, w]."""
    return np.asarray(_mostly(difference(source.small, bare) > _LEAST, source) & (source.reading.labels >= 0), bool)


def hatched(
    source: Source,
    target: Pixels,
    bare: Pixels,
    name: str = "Hatching",
    *,
    within: NDArray[np.bool_] | None = None,
    below: Pixels | None = None,
    spared: NDArray[np.bool_] | None = None,
) -> HatchWork:
    """Hatching on a bare sheet, uint8 [h, w, 3], towards `target` uint8 [H, W, 3] on the canvas, layer after layer over
    all that is drawn, or over `within` bool [h, w]. `below` uint8 [h, w, 3]: what stands on the grid and is seen
    through the first layers. `spared` bool [h, w]: what the broad ones are drawn around, as features are.
    """
    shown = drawn_on(source, bare)
    if within is not None:
        shown &= within
    usual = float(source.chance(name).uniform(0.4, 1.2))
    forms, texture = ways_of(source, usual)
    grey, paper = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (source.small, bare))
    white = _mostly(np.asarray(cv2.subtract(grey, paper) > _LIGHTER, bool), source)
    light = cv2.blur(grey, (7, 7)).astype(np.float32)
    broad: list[ScriptStep] = []
    late: list[list[ScriptStep]] = []
    made: list[tuple[HatchingPass, _Strokes, NDArray[np.float32]]] = []
    for one in (_LIGHT, _DARK, _SECOND, _FORMS, _FIRM, _WHITE):
        where = shown & white if one is _WHITE else shown & ~white
        if spared is not None and one in (_LIGHT, _DARK, _SECOND):
            where &= ~spared
        much = where.astype(np.float32)
        if one is _DARK:
            much *= _darks(source, bare, where)
            where = much > 0
        way = texture if one.own > 0.6 else forms
        strokes = _strokes(source, where, one, way, light)
        if strokes is None:
            continue
        made.append((one, strokes, much))
        patches = _patches(source, one, strokes, way, light)
        steps = weighing(patches, one.weight * float(np.sqrt(where.mean())))
        if one in (_LIGHT, _DARK):
            broad += steps
        else:
            late.append(steps)

    def layers() -> list[Layer]:
        standing = (bare if below is None else below).astype(np.float32)
        chance = source.chance("tooth").normal(0, 1, standing.shape[:2]).astype(np.float32)
        tooth = np.asarray(cv2.GaussianBlur(chance, (0, 0), 0.7), np.float32) * np.float32(1.8 * _TOOTH)
        darkest = cv2.erode(source.small, np.ones((_POINT, _POINT), np.uint8)).astype(np.float32)
        result: list[Layer] = []
        for one, strokes, much in made:
            come = np.where(much > 0, strokes.ticks[strokes.nearest], NEVER).astype(np.uint16)
            paint = target
            if one.broad:
                standing = _pressed(source, bare, standing, darkest, tooth, one, strokes, much)
                paint = np.rint(standing).astype(np.uint8)
            result.append(Arrival(f"{name}, {one.name}", paint, come, cover=source.alpha, ramp=UNIT // 2))
        return result

    return HatchWork([*broad, *(step for steps in late for step in steps)], layers, broad, late)


def _pressed(
    source: Source,
    bare: Pixels,
    standing: NDArray[np.float32],
    darkest: NDArray[np.float32],
    tooth: NDArray[np.float32],
    one: HatchingPass,
    strokes: _Strokes,
    much: NDArray[np.float32],
) -> NDArray[np.float32]:
    """What stands once a layer has been drawn, float32 [h, w, 3]: darker along its strokes, as before between them.
    `darkest` float32 [h, w, 3]: of the drawing about each pixel; no layer is darker, as a pencil makes nothing lighter.
    `tooth` float32 [h, w]: how much more or less of the pigment the paper takes. `much` float32 [h, w]: how firmly the
    layer is drawn, 0 to 1.
    """
    goal = _goal(source, bare, one)
    seen = goal[pixels_along(strokes.points, much.shape)]
    count = np.maximum(np.bincount(strokes.stroke), 1)
    means = np.stack([np.bincount(strokes.stroke, seen[:, at]) / count for at in range(3)], axis=1)
    table = np.column_stack([means[strokes.stroke], strokes.pressure]).astype(np.float32)
    near = np.take(table, strokes.nearest, axis=0)
    of_stroke, pressure = near[..., :3], near[..., 3]
    # A blunt point that is pressed leaves a broader stroke.
    depth = greatest(np.abs(of_stroke - bare)) / np.float32(_DEEP)
    half = np.float32(0.5 * one.width * one.spacing * _unit(source)) * (np.float32(_THINNEST) + depth)
    share = np.clip(half + 0.5 - strokes.away, one.rubbed, 1) * np.float32(one.pressure) * pressure
    share = np.clip(share * (1 + tooth), 0, 1) * much
    goal = of_stroke + np.float32(one.own) * (goal - of_stroke)
    if one is _LIGHT:
        standing = bare + np.float32(_WORN) * (standing - bare)
    pressed = np.maximum(standing + share[..., None] * (goal - standing), darkest)
    return np.asarray(np.minimum(standing, pressed), np.float32)


def _goal(source: Source, bare: Pixels, one: HatchingPass) -> NDArray[np.float32]:
    """The tones that a layer aims at, its darks held back: float32 [h, w, 3]."""
    paper = bare.astype(np.float32)
    toned = _broad(source, one).astype(np.float32) - paper
    depth = greatest(np.abs(toned))
    most = max(float(np.percentile(depth[::4, ::4], 98)), 1.0)
    held = one.level / (one.level + depth / most * (1 - one.level))
    return np.asarray(paper + toned * held[..., None], np.float32)


def _darks(source: Source, bare: Pixels, where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much of what is drawn belongs to its darkest, 0 to 1, without what is smaller than its layer draws: float32
    [h, w]. Darks end softly, unless the drawing's do not.
    """
    side = _side(source, _DARK)
    depth = difference(np.asarray(cv2.blur(source.small, (side, side)), np.uint8), bare)
    level = max(_DARKER, float(np.quantile(depth[where], _DARKS))) if where.any() else _DARKER
    return np.asarray(np.clip((depth / np.float32(level) - 1) / _SOFTLY + 1, 0, 1), np.float32)


def _mostly(where: NDArray[np.bool_], source: Source) -> NDArray[np.bool_]:
    """Where a good part of what lies about is: bool [h, w]."""
    side = 2 * round(source.diagonal / 160) + 1
    return np.asarray(cv2.blur(where.astype(np.float32), (side, side)) > 0.4, bool)


def _broad(source: Source, one: HatchingPass) -> Pixels:
    """The picture's tones without what is smaller than a layer draws, their borders firm: uint8 [h, w, 3]."""
    side = _side(source, one)
    # Loose strokes are a tone: a median alone would leave none of them.
    toned = cv2.GaussianBlur(source.small, (0, 0), side / 4.0)
    return np.asarray(cv2.medianBlur(toned, side), np.uint8)


def _side(source: Source, one: HatchingPass) -> int:
    """The odd side in pixels of the tones that a layer aims at."""
    return max(3, 2 * round(source.diagonal / one.broad / 2) + 1)


def _unit(source: Source) -> float:
    """From one stroke of the first layer to the next, in the grid's pixels."""
    return max(_FINEST, source.diagonal / _SPACING)


def _strokes(
    source: Source,
    where: NDArray[np.bool_],
    one: HatchingPass,
    way: NDArray[np.float32],
    light: NDArray[np.float32],
) -> _Strokes | None:
    """Strokes over a mask bool [h, w], each along the way of the forms from its middle, up to where the mask or its
    tone in `light` float32 [h, w] ends; None where there are none.
    """
    chance = source.chance(f"hatching {one.name}")
    spacing = one.spacing * _unit(source)
    length = one.length * spacing
    pitch = float(np.sqrt(spacing * length))
    height, width = where.shape
    y, x = np.mgrid[: height / pitch, : width / pitch].reshape(2, -1)
    middles = np.asarray((np.stack([x, y], axis=1) + chance.random((x.size, 2))) * pitch, np.float32)
    middles = middles[where[pixels_along(middles, where.shape)]]
    if not len(middles):
        return None
    turn = np.float32(one.turn) + chance.normal(0, _STRAY, len(middles)).astype(np.float32)
    long = chance.uniform(0.6, 1.3, len(middles)).astype(np.float32) * np.float32(length / 2)
    halves = [_followed(middles, way, turn, long, where, light, sign) for sign in (-1, 1)]
    points = np.concatenate([halves[0][0][:, :0:-1], halves[1][0]], axis=1)
    there = np.concatenate([halves[0][1][:, :0:-1], halves[1][1]], axis=1)
    # How far along its stroke each sample lies, 0 to 1: it begins and ends with less pressure.
    number = np.cumsum(there, axis=1)
    total = number[:, -1:]
    far = (number - 0.5) / total
    pressure = np.minimum(1, np.minimum(far, 1 - far) / _TAPER + 0.35)
    pressure = pressure * chance.uniform(0.75, 1.1, (len(middles), 1))
    stroke = np.broadcast_to(np.arange(len(middles))[:, None], there.shape)[there]
    samples = points[there]
    free = np.ones(where.shape, np.uint8)
    rows, columns = pixels_along(samples, where.shape)
    free[rows, columns] = 0
    away, label = cv2.distanceTransformWithLabels(free, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.zeros(int(label.max()) + 1, np.int32)
    numbers[label[rows, columns]] = np.arange(len(samples), dtype=np.int32)
    nearest = np.take(numbers, np.asarray(label, np.int32))
    return _Strokes(nearest, np.asarray(away, np.float32), samples, stroke, pressure[there].astype(np.float32),
                    np.full(len(samples), NEVER, np.uint16))  # fmt: skip


def _followed(
    begin: NDArray[np.float32],
    way: NDArray[np.float32],
    turn: NDArray[np.float32],
    length: NDArray[np.float32],
    where: NDArray[np.bool_],
    light: NDArray[np.float32],
    sign: int,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Samples float32 [n, k, 2] along the way from each beginning, in one sense or the other, and which of them belong
    to its stroke: bool [n, k].
    """
    at = pixels_along(begin, where.shape)
    angle, tone = way[at] + turn, light[at]
    going = np.ones(len(begin), bool)
    here = begin
    points, there = [here], [going]
    heading = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.float32(sign)
    for number in range(1, int(float(length.max()) / _STEP) + 1):
        here = here + np.float32(_STEP) * heading
        inside = (here >= 0).all(axis=1) & (here < np.array(where.shape[::-1]) - 0.5).all(axis=1)
        at = pixels_along(here, where.shape)
        going = going & inside & where[at] & (np.abs(light[at] - tone) < _OTHER_TONE) & (number * _STEP < length)
        points.append(here)
        there.append(going)
        angle = way[at] + turn
        new = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        heading = np.where((new * heading).sum(axis=1, keepdims=True) < 0, -new, new).astype(np.float32)
    return np.stack(points, axis=1), np.stack(there, axis=1)


def _patches(
    source: Source, one: HatchingPass, strokes: _Strokes, way: NDArray[np.float32], light: NDArray[np.float32]
) -> list[ScriptStep]:
    """The strokes patch by patch from the focus on, each patch from one side to the other. A patch keeps to tones that
    belong together, so that forms border it.
    """
    count = int(strokes.stroke[-1]) + 1
    number = np.bincount(strokes.stroke)
    middles = np.stack([np.bincount(strokes.stroke, strokes.points[:, at]) / number for at in range(2)], axis=1)
    at = pixels_along(middles.astype(np.float32), source.reading.shape)
    side = source.diagonal / _PLACE
    seeds = source.chance(f"patches {one.name}").permutation(count)[: max(1, round(count * _per_patch(source, one)))]
    placed = np.column_stack([middles / side, light[at] / _BORDER]).astype(np.float32)
    patch = ((placed[:, None] - placed[seeds][None]) ** 2).sum(axis=2).argmin(axis=1)
    double = 2 * way[at]
    angle = np.arctan2(np.bincount(patch, np.sin(double)), np.bincount(patch, np.cos(double)))[patch] / 2
    across = middles[:, 1] * np.cos(angle) - middles[:, 0] * np.sin(angle)
    order = np.lexsort([across, patch])
    members = np.split(order, np.cumsum(np.bincount(patch))[:-1])
    begins = np.concatenate([[0], np.cumsum(number)])
    members = [own for own in members if len(own)]
    centres = np.array([middles[own].mean(axis=0) for own in members])
    return [_patch(source, one, strokes, members[at], begins) for at in nearest_order(centres, focus_of(source))]


def _per_patch(source: Source, one: HatchingPass) -> float:
    """One by how many strokes a patch has."""
    spacing = one.spacing * _unit(source)
    return spacing * one.length * spacing / (source.diagonal / _PLACE) ** 2


def _patch(
    source: Source, one: HatchingPass, strokes: _Strokes, members: NDArray[np.int64], begins: NDArray[np.int64]
) -> ScriptStep:
    samples = np.concatenate([np.arange(begins[at], begins[at + 1]) for at in members.tolist()])

    def when(begin: int, end: int) -> None:
        strokes.ticks[samples] = np.linspace(begin, max(begin, end - 1), len(samples)).astype(np.uint16)

    points = strokes.points[samples]
    row, column = (int(one[0]) for one in pixels_along(points[len(points) // 2][None], source.reading.shape))
    label = int(source.reading.labels[row, column])
    name = source.reading.regions[label].called if label >= 0 else "figure"
    called = f"{name}, {one.name} hatching"
    return ScriptStep(Phase.SHADING, Tool.PENCIL, called, source.bounds(points, 3), float(len(samples)), when, most=8,
                      region=label)  # fmt: skip
