"""The painter's way: a toned ground, then masses from large brushes to small, accents with the pen, and details."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.methods.sheets import plain_ground, poured
from paints_undo_engine.procedural.methods.standing import with_lines
from paints_undo_engine.procedural.reading.likely_faces import likely_faces
from paints_undo_engine.procedural.reading.model import Box, FigureSource, Labels
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.blending import blended, smooth_places
from paints_undo_engine.procedural.techniques.brushing import Brushing, Level, Side, Stretch, levels_of
from paints_undo_engine.procedural.techniques.erasing import trimmed
from paints_undo_engine.procedural.techniques.features import (
    Features,
    drawn_features,
    known_features,
    loosened,
    with_features,
    with_sockets,
)
from paints_undo_engine.procedural.techniques.filling import filled
from paints_undo_engine.procedural.techniques.glazing import glazed, thinned, with_darks
from paints_undo_engine.procedural.techniques.lassoing import lasso_shapes
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.underdrawing import is_drawn_first

SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.1,
    Phase.BLOCK_IN: 0.14,
    Phase.PAINTING: 0.4,
    Phase.LINE: 0.06,
    Phase.DETAILS: 0.21,
    Phase.EFFECTS: 0.02,
    Phase.ADJUSTMENT: 0.035,
}
"""Masses and forms take most of the time; small brushes as much as large ones."""

_DIVISORS = (28, 52, 92, 170, 300, 520, 1000)
_TIME = (0.2, 0.28, 0.24, 0.28, 0.34, 0.3, 0.3)
_PHASES = (Phase.BLOCK_IN, Phase.BLOCK_IN, *(Phase.PAINTING,) * 5)
_BLENDING, _DARKS, _LIGHTS = 0.15, 0.24, 0.3
"""Beside the brush work of `_TIME`."""
_THIN, _LEFT = 0.18, 0.35
"""How much of the ground shines through what is not glazed yet; how much of the strokes blending leaves to be seen."""
_COATED = 4
"""How many brushes paint before the darks are glazed."""
_FOLLOWED = 0.4
"""The drawing's opacity while masses are laid in along it."""
PAINTING = ("Painting",)
_CLEANING = 0.15
"""Beside the brush work of the same size: what cleaning the ground along edges takes."""
_UNTONED, _WARM = 0.2, 0.45
"""How many leave the canvas white, and up to which share of chances the others tone it warmly."""
_LIGHT, _MIDDLE = 185.0, (142.0, 172.0)
"""Levels: a picture that is lighter on the mean has a white ground; within what all other grounds are."""
_EARTH, _HUE = (172.0, 146.0, 116.0), 0.7
"""A warm ground; how much of the picture's hue another one has."""
_TONING = 0.05
"""Beside the brush work of `_TIME`: what the ground takes."""
_AHEAD, _HEADS, _COARSEST, _FINE = (2.2, 5.0), 0.12, 30.0, 200.0
"""How many times smaller the brush is that paints a head, at least and for a small head at most, its share of the time
beside the brush for the rest, and the divisors between which a brush has another one for heads.
"""
_FEATURE = 26.0
"""A head's width divided by it: the brush that paints a head with the masses."""
_PLACING = 0.08
"""Beside the brush for the masses, the share of the time in which the features of all faces are placed."""
_SHARPENING = 0.06
"""Beside the brush work of `_TIME`: what it takes to draw the features sharply with a small brush."""
_LINED = 0.35
"""Of the length of all lines, what lies in long ones: with less, the lines are the texture of things."""
_BESIDE = 120
"""The diagonal divided by it: what of the ink lies farther from every line is texture."""
_PARTED, _FRINGE = (0.02, 0.9), 1 / 56
"""Of the picture, figures that are laid in beside the ground; of the diagonal, how wide the strip along their outline
is whose colours may be the figure's."""
_BROADLY, _FINER = 0.4, 2.0
"""Of the picture, figures so large are laid in with the ground's brushes; how much finer those for small ones are."""
_FOCUSED = 400.0
"""The divisor from which on a brush goes to heads first, then to figures, then to the rest."""
_LINE = 0.2
"""Of the time, for the lines of what is drawn first."""


def painted_through(source: Source) -> Recipe:
    """Drawing, toned ground, brushes large to small, lines in between, details, curves."""
    reading = source.reading
    whole = np.asarray(reading.labels >= 0, bool)
    plain = plain_ground(source)
    colour = _tone(source, whole) if source.alpha is None and not plain else None
    drawn = drawing(source, most=110, toned=colour is not None)
    sheet, canvas = poured(source, plain)
    behind = np.isin(reading.labels, plain)
    front, back = Stretch(whole & ~behind), Stretch(behind)
    names = [region.called for region in reading.regions] + ["paper"]
    by_depth = [region.label for region in sorted(reading.regions, key=lambda region: region.order)]
    base, flat = laid_in(source, plain)
    drawn_first, heads = is_drawn_first(source), _heads(source)
    aim = with_sockets(heads.features, goal(source))
    if base.steps:
        canvas[~behind] = flat[~behind]
    ground = np.array(colour or aim[whole].mean(axis=0))
    thin = np.where(front.mask[..., None], thinned(aim, ground, _THIN), aim)
    brushing = Brushing(source, thin, whole, reading.labels, names, by_depth, canvas, "painting")
    levels = levels_of(_DIVISORS, _TIME, _PHASES)
    tone = brushing.tone(colour, Phase.BLOCK_IN, _TONING) if colour else []
    depth = _depth(reading.labels) if base.steps else None
    parted = None if base.steps else _parted(source)
    blocked: list[list[ScriptStep]] = []
    if parted is not None:
        sides = _both_sides(source, parted & whole, whole)
        blocked = [
            brushing.sides(level, sides, closed=level is levels[0])
            + _ahead(source, brushing, level, heads, sides[1].stretch)
            for level in levels[:2]
        ]
    work = _Work(source, brushing, heads, front, back, front.mask, depth)
    each = [work.painted(level, closed=level is levels[0]) for level in levels[len(blocked) : _COATED]]
    blocked, formed = (([*blocked, *each])[at : at + 2] for at in (0, 2))
    loose = thinned(loosened(heads.features, source.small), ground, _THIN)
    looks = drawn_features(source, heads.features, Phase.BLOCK_IN, Tool.BRUSH, PAINTING, target=loose)
    darks, deep = glazed(source, brushing.canvas, aim, front.mask, _DARKS, PAINTING, darks=True)
    deep = with_features(source, heads.features, deep, loose)
    full = goal(source)
    shaded = np.where(front.mask[..., None], with_darks(thinned(full, ground, _THIN), full), full)
    finer = brushing.onto(deep, shaded)
    uneven = front.mask & ~smooth_places(full, whole, source.diagonal)[1]
    work = _Work(source, finer, heads, front, back, uneven, depth)
    fine = [work.painted(level, closed=False) for level in levels[_COATED:]]
    blend, smooth = blended(source, finer.canvas, shaded, whole, Phase.PAINTING, _BLENDING, PAINTING, left=_LEFT)
    lights, standing = glazed(source, smooth, full, front.mask, _LIGHTS, PAINTING, darks=False)
    accents = _line_art(source) if drawn_first else _accents(source)
    trim = trimmed(source)
    sharp = drawn_features(source, heads.features, Phase.PAINTING, Tool.BRUSH, PAINTING)
    standing = with_features(source, heads.features, with_lines(source, standing))
    details = refined(source, standing, source.small, source.pixels, whole, source.alpha, name="Details", divisor=260)
    adjusting, mirroring = Adjusting(source), Mirroring(source)
    lines, later = (accents.steps, []) if drawn_first else ([], accents.steps)
    laid = lines or sheet.steps or base.steps or blocked[0]
    drawn.fade(laid, 0.4 if drawn_first else 0.7)
    if drawn_first and parted is None:
        drawn.fade(blocked[0], 0.0, operations=60)
    else:
        drawn.fade(blocked[1], _FOLLOWED, operations=60)
        drawn.fade(formed[0], 0.0, operations=60)
    steps: list[ScriptStep] = [*tone, *drawn.steps, *lines, *sheet.steps, *base.steps]
    steps += [*blocked[0], *blocked[1], *weighing(looks.steps, _PLACING), *formed[0], *trim.steps, *formed[1]]
    steps += [
        *darks.steps,
        *in_turn(fine[0], later),
        *weighing(sharp.steps, _SHARPENING),
        *fine[1],
        *blend.steps,
        *by_turns(fine[2], lights.steps),
    ]
    steps += [*adjusting.among(details.steps)]

    def layers() -> list[Layer]:
        below = [*sheet.layers(), *base.layers(), *brushing.layers("Masses", PAINTING), *darks.layers()]
        below += [*drawn.layers(), *looks.layers(), *finer.layers("Forms", PAINTING), *blend.layers()]
        above = [*lights.layers(), *trim.layers(), *sharp.layers(), *accents.layers()]
        return [*below, *above, *details.layers()]

    shares = {**SHARES, Phase.LINE: _LINE} if drawn_first else SHARES
    return Recipe(steps, shares, layers, adjusting.curves, mirroring.view)


def _line_art(source: Source) -> PlannedWork:
    """All lines, as whoever draws first makes them; what has none was sketched."""
    return lined(source, group=PAINTING, reach=source.diagonal / _BESIDE)


def _accents(source: Source) -> PlannedWork:
    """The long lines alone, as a painter sets them on the paint."""
    return lined(source, name="Pen accents", group=PAINTING, accents=True)


def _parted(source: Source) -> NDArray[np.bool_] | None:
    """Where figures are that a network has seen, bool [h, w]; None where they are not laid in apart from the ground."""
    figure = source.reading.figure
    inside = np.asarray(figure.cover > 127, bool)
    apart = figure.source is FigureSource.NETWORK and _PARTED[0] < float(inside.mean()) < _PARTED[1]
    return inside if apart else None


def _both_sides(source: Source, figure: NDArray[np.bool_], mask: NDArray[np.bool_]) -> tuple[Side, Side]:
    """Ground and figure, as they are laid in: neither takes the colours of the other, which the ground's last pixels
    beside it have.
    """
    reach = max(3, round(_FRINGE * source.diagonal)) | 1
    grown = cv2.dilate(figure.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    ground = np.asarray(mask & ~figure, bool)
    finer = float(np.clip((_BROADLY / figure.mean()) ** 0.5, 1, _FINER))
    return Side(ground, Stretch(np.asarray((grown == 0) & mask, bool))), Side(figure, Stretch(figure), finer)


@dataclass(frozen=True, slots=True)
class _Work:
    """Brush work on one layer: on the `front`, `within` a part of it, bool [h, w], and on even ground at the `back`.

    `depth` in pixels is how far each pixel is from the border of its lasso's shape: no brush frays clean borders.
    """

    source: Source
    brushing: Brushing
    heads: _Heads
    front: Stretch
    back: Stretch
    within: NDArray[np.bool_]
    depth: NDArray[np.float32] | None

    def painted(self, level: Level, *, closed: bool) -> list[ScriptStep]:
        """One brush size; then the even ground cleans up what has gone over an edge, and heads are worked on."""
        first = _first(self.source, self.heads) if level.divisor > _FOCUSED else None
        covered = self.front.mask if closed and self.depth is None else None
        careful, depth = self.depth is not None, self.depth
        steps = self.brushing.level(
            level, within=self.within, careful=careful, stretch=self.front, closed=covered, first=first, borders=depth
        )
        if self.back.mask.any():
            cleaning = replace(level, share=_CLEANING * level.share)
            steps += self.brushing.level(cleaning, within=self.back.mask, careful=True, stretch=self.back)
        return steps + _ahead(self.source, self.brushing, level, self.heads, self.front, depth)


def _depth(labels: Labels) -> NDArray[np.float32]:
    """How far each pixel is from the border of its region: float32 [h, w]."""
    border = np.zeros(labels.shape, np.uint8)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    return np.asarray(cv2.distanceTransform(1 - border, cv2.DIST_L2, 3), np.float32)


def in_turn(forms: list[ScriptStep], lines: list[ScriptStep]) -> list[ScriptStep]:
    """Lines come region by region, each once the brush has left its region; those of no region first."""
    last = {step.region: number for number, step in enumerate(forms)}
    after: dict[int, list[ScriptStep]] = {}
    for line in lines:
        after.setdefault(last.get(line.region, -1), []).append(line)
    steps = after.get(-1, [])
    for number, form in enumerate(forms):
        steps += [form, *after.get(number, [])]
    return steps


def by_turns(*works: list[ScriptStep]) -> list[ScriptStep]:
    """The steps of several works, each as far on as the others at all times."""
    placed = [((at + 0.5) / len(work), number, at) for number, work in enumerate(works) for at in range(len(work))]
    return [works[number][at] for _, number, at in sorted(placed)]


def laid_in(source: Source, plain: list[int]) -> tuple[PlannedWork, Pixels]:
    """The flats of a figure that is cut out or stands on an even ground, by lasso: it is there whole before brushes
    model it. The second is what they leave, uint8 [h, w, 3] on the grid. Nothing for other pictures.
    """
    if source.alpha is None and not plain:
        return PlannedWork([], list), source.small
    regions = source.reading.regions
    figure = {region.label for region in regions if region.label not in plain}
    shapes = lasso_shapes(source, figure)
    colours = [source.colour(region.colour) for region in regions]
    flat = np.array([*colours, (255, 255, 255)], np.uint8)[shapes]
    lassoed = figure & set(np.unique(shapes).tolist())
    return filled(source, lassoed, PAINTING, Phase.BLOCK_IN, labels=shapes), flat


def goal(source: Source) -> Pixels:
    """What the brush aims at, on the grid: the picture without the lines that a pen will draw, where it has such."""
    return source.small_clean if source.reading.ink.connected > _LINED else source.small


def _tone(source: Source, mask: NDArray[np.bool_]) -> Colour | None:
    """The ground's colour, a middle tone with the picture's hue on which a drawing is seen; with some artists warm, or
    none. A light picture keeps the white of its canvas.
    """
    mean = source.small_clean[mask].mean(axis=0)
    chance = source.chance("tone").random()
    if mean.mean() > _LIGHT or chance < _UNTONED:
        return None
    share = _HUE
    if chance < _WARM:
        mean, share = np.array(_EARTH), 1.0
    level = float(np.clip(mean.mean(), *_MIDDLE))
    red, green, blue = (int(value) for value in np.clip(level + (mean - mean.mean()) * share, 0, 255))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class _Heads:
    """The faces and heads that were found, and where others are likely; the features of the faces among them."""

    boxes: list[Box]
    features: list[Features]


def _heads(source: Source) -> _Heads:
    sure = [face.box for face in source.reading.faces] + list(source.reading.heads)
    likely = [box.grown(0.15, 0.3, 0.15, 0.1) for box in likely_faces(source.reading.pixels)]
    grown = [box.grown(0.05, 0.05, 0.05, 0.05) for box in sure + likely]
    return _Heads(grown, known_features(source))


def _first(source: Source, heads: _Heads) -> NDArray[np.int32]:
    """What calls for small brushes first: 0 in heads, 1 in figures, 2 elsewhere; int32 [h, w]."""
    first = np.where(source.reading.figure.cover > 127, 1, 2).astype(np.int32)
    for box in heads.boxes:
        first[box.slices(first.shape)] = 0
    return first


def _ahead(
    source: Source,
    brushing: Brushing,
    level: Level,
    heads: _Heads,
    front: Stretch,
    depth: NDArray[np.float32] | None = None,
) -> list[ScriptStep]:
    """Heads, which are looked at first, are painted with a smaller brush than what is around them; for `front` and
    `depth` see `_Work`.
    """
    if not heads.boxes or not _COARSEST < level.divisor < _FINE:
        return []
    where = np.zeros(source.reading.shape, bool)
    for box in heads.boxes:
        where[box.slices(where.shape)] = True
    fitting = _FEATURE * source.diagonal / max(box.width for box in heads.boxes)
    smaller = float(np.clip(fitting, _AHEAD[0] * level.divisor, _AHEAD[1] * level.divisor))
    level = replace(level, divisor=smaller, share=_HEADS * level.share)
    where &= front.mask
    return brushing.level(level, within=where, careful=depth is not None, stretch=front, borders=depth)
