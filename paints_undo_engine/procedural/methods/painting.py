"""The painter's way: a toned ground, then masses from large brushes to small, accents with the pen, and details."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.coats import (
    Coats,
    both_sides_of,
    depth_of,
    known_heads,
    parted_figure,
)
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.methods.sheets import plain_ground, poured
from paints_undo_engine.procedural.methods.standing import with_lines
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.blending import blended, smooth_places
from paints_undo_engine.procedural.techniques.brush_view import Stretch
from paints_undo_engine.procedural.techniques.brushing import Brushing, Level, levels_of
from paints_undo_engine.procedural.techniques.erasing import trimmed
from paints_undo_engine.procedural.techniques.features import (
    covered,
    drawn_features,
    drawn_in,
    with_features,
)
from paints_undo_engine.procedural.techniques.filling import filled
from paints_undo_engine.procedural.techniques.finishing import (
    area_by_area,
    areas_of,
    last_touches,
    within_areas,
)
from paints_undo_engine.procedural.techniques.glazing import thinned, with_darks
from paints_undo_engine.procedural.techniques.lassoing import lasso_shapes
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.loosening import loosened, with_sockets
from paints_undo_engine.procedural.techniques.refining import narrow_forms, refined
from paints_undo_engine.procedural.techniques.underdrawing import is_drawn_first

SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.1,
    Phase.BLOCK_IN: 0.16,
    Phase.PAINTING: 0.45,
    Phase.LINE: 0.05,
    Phase.DETAILS: 0.17,
    Phase.EFFECTS: 0.02,
    Phase.ADJUSTMENT: 0.035,
}
"""Masses and forms take most of the time; small brushes as much as large ones."""

_DIVISORS = (28, 52, 92, 170, 330, 620)
_TIME = (0.34, 0.26, 0.3, 0.4, 0.4, 0.4)
_PHASES = (Phase.BLOCK_IN, Phase.BLOCK_IN, *(Phase.PAINTING,) * 4)
_BLENDING = 0.15
"""Beside the brush work of `_TIME`."""
_THIN, _LEFT = 0.17, 0.35
"""How much of the ground shines through what is not glazed yet; how much of the strokes blending leaves to be seen."""
_COATED = 4
"""How many brushes paint masses, before forms."""
_TOUCHES = 0.2
"""Of the details, the last ones, among which curves are moved."""
_STRIKING = 30
"""Levels by which what is small stands out strongly from what a broad brush has left."""
_BEHIND, _FINER, _AFTER, _SOON = 3, 3, 1, 2
"""How many of the areas the brush of forms is behind the one before it, and details behind that brush; how many come
before the features of faces are drawn sharply.
"""
_FINEST = 400
"""The divisor of the brush that lays details: thin forms, and what no other brush was fine enough for."""
PAINTING = ("Painting",)
_UNTONED, _WARM = 0.2, 0.45
"""How many leave the canvas white, and up to which share of chances the others tone it warmly."""
_LIGHT, _MIDDLE = 185.0, (142.0, 172.0)
"""Levels: a picture that is lighter on the mean has a white ground; within what all other grounds are."""
_EARTH, _HUE = (172.0, 146.0, 116.0), 0.7
"""A warm ground; how much of the picture's hue another one has."""
_TONING = 0.05
"""Beside the brush work of `_TIME`: what the ground takes."""
_PLACING = 0.08
"""Beside the brush for the masses, the share of the time in which the features of all faces are placed."""
_SHARPENING = 0.06
"""Beside the brush work of `_TIME`: what it takes to draw the features sharply with a small brush."""
_LINED = 0.35
"""Of the length of all lines, what lies in long ones: with less, the lines are the texture of things."""
_BESIDE = 120
"""The diagonal divided by it: what of the ink lies farther from every line is texture."""
_LINE = 0.2
"""Of the time, for the lines of what is drawn first."""


def painted_through(source: Source) -> Recipe:
    """Drawing, toned ground, brushes large to small, lines in between, details, curves."""
    work = _Painting(source)
    drawn_first = is_drawn_first(source)
    drawn = drawing(source, most=110, toned=work.colour is not None)
    blocked, formed = work.masses()
    looks = work.loose_features()
    (fine, finer), blend = work.forms(), work.blending()
    accents = _line_art(source) if drawn_first else _accents(source)
    trim = trimmed(source)
    sharp = drawn_features(source, work.features, Phase.PAINTING, Tool.BRUSH, PAINTING)
    details = work.details()
    adjusting, mirroring = Adjusting(source), Mirroring(source)
    lines, later = (accents.steps, []) if drawn_first else ([], accents.steps)
    sheet, base = work.sheet, work.base
    drawn.fade(lines or sheet.steps or base.steps or blocked[0], 0.4 if drawn_first else 0.7)
    if drawn_first and work.parted is None:
        drawn.fade(blocked[0], 0.0, operations=60)
    else:
        drawn.fade(formed[0], 0.0, operations=60)
    steps: list[ScriptStep] = [*work.tone, *drawn.steps, *lines, *sheet.steps, *base.steps]
    steps += [*blocked[0], *weighing(looks.steps, _PLACING), *blocked[1], *formed[0], *trim.steps]
    placed, touches = last_touches(work.by_area(details.steps), _TOUCHES)
    # All is formed before much is finished; then each area gets all that it gets within a short time, its heads first.
    sharpened = weighing(sharp.steps, _SHARPENING)
    finishing = [(_SOON, sharpened), (_BEHIND, fine), (_BEHIND, blend.steps), (_BEHIND + _FINER, finer)]
    finishing += [(_BEHIND + _FINER + _AFTER, one) for one in (work.by_area(later), placed)]
    steps += area_by_area([(0, formed[1]), *finishing])
    steps += adjusting.among(touches)

    def layers() -> list[Layer]:
        below = [*sheet.layers(), *base.layers(), *work.tones.layers("Toned ground", PAINTING), *drawn.layers()]
        below += [*work.blocking.layers("Block-in", PAINTING), *work.brushing.layers("Masses", PAINTING)]
        below += [*looks.layers(), *work.finer.layers("Forms", PAINTING)]
        below += [*work.finest.layers("Small forms", PAINTING), *blend.layers()]
        above = [*trim.layers(), *sharp.layers(), *accents.layers()]
        return [*below, *above, *details.layers()]

    shares = {**SHARES, Phase.LINE: _LINE} if drawn_first else SHARES
    return Recipe(steps, shares, layers, adjusting.curves, mirroring.view)


class _Painting:
    """The painter's coats, planned one after another, each on what the ones before leave: `standing` uint8 [h, w, 3].

    `colour` is the toned ground's and `tone` its steps; `sheet` is a plain ground that is poured, `base` the figure's
    flats before it; `parted` bool [h, w] a figure that is laid in apart from the ground. `tones` is the work on the
    toned ground, `blocking` the thin one over the drawing, `brushing` that on masses, `finer` that on forms.
    """

    def __init__(self, source: Source) -> None:
        reading = source.reading
        whole = np.asarray(reading.labels >= 0, bool)
        plain = plain_ground(source)
        self._source, self._whole = source, whole
        self.colour = _tone(source, whole) if source.alpha is None and not plain else None
        self.sheet, self.standing = poured(source, plain)
        behind = np.isin(reading.labels, plain)
        self._front, self._back = Stretch(whole & ~behind), Stretch(behind)
        self.base, flat = laid_in(source, plain)
        if self.base.steps:
            self.standing[~behind] = flat[~behind]
        self._depth = depth_of(reading.labels) if self.base.steps else None
        self.parted = None if self.base.steps else parted_figure(source)
        self._heads = known_heads(source)
        self.features = self._heads.features
        self._aim = with_sockets(self.features, goal(source), source.small)
        self._full = drawn_in(self.features, goal(source), source.small)
        self._ground = np.array(self.colour or self._aim[whole].mean(axis=0))
        names = [region.called for region in reading.regions] + ["paper"]
        by_depth = [region.label for region in sorted(reading.regions, key=lambda region: region.order)]
        thin = np.where(self._front.mask[..., None], with_darks(self._thinly(self._aim), self._aim), self._aim)
        canvas = self.standing
        self.tones = Brushing(source, thin, whole, reading.labels, names, by_depth, canvas, "painting")
        self.tone = self.tones.tone(self.colour, Phase.BLOCK_IN, _TONING) if self.colour else []
        self.blocking = self.tones.onto(self.tones.canvas, thin)
        self._levels = levels_of(_DIVISORS, _TIME, _PHASES)
        self._areas = areas_of(source, self._heads.boxes)

    def masses(self) -> tuple[list[list[ScriptStep]], list[list[ScriptStep]]]:
        """Two brushes that block in, and two that form the masses."""
        coats, levels = self._coats(self.blocking, self._front.mask), self._levels[:_COATED]
        made: list[list[ScriptStep]] = []
        if self.parted is not None:
            sides = both_sides_of(self._source, self.parted & self._whole, self._whole)
            made = [coats.both_sides(level, sides, closed=level is levels[0]) for level in levels[:2]]
        made += [coats.coat(level, closed=level is levels[0]) for level in levels[len(made) : 2]]
        self.brushing = self.blocking.onto(self.blocking.canvas, self._aim)
        coats = self._coats(self.brushing, self._front.mask)
        middle = coats.coat(levels[2], areas=self._by_contrast(levels[2]))
        made[1] += [replace(step, phase=Phase.BLOCK_IN) for step in middle if step.area == 0]
        made += [[step for step in middle if step.area != 0], coats.coat(levels[3], areas=self._areas)]
        self.standing = self.brushing.canvas
        return made[:2], made[2:]

    def _by_contrast(self, level: Level) -> NDArray[np.int32]:
        """0 where what a brush paints stands out strongly from what larger ones have left, as a small figure does, else
        1: int32 [h, w]. It is placed with the masses.
        """
        radius = self._source.diagonal / level.divisor
        height, width = self._whole.shape
        size = tuple(max(1, round(2 * side / radius)) for side in (width, height))
        wanted, standing = (
            cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (self._aim, self.brushing.canvas)
        )
        away = difference(np.asarray(wanted, np.uint8), np.asarray(standing, np.uint8))
        near = np.where(away > _STRIKING, 0, 1).astype(np.uint8)
        return np.asarray(cv2.resize(near, (width, height), interpolation=cv2.INTER_NEAREST), np.int32)

    def loose_features(self) -> PlannedWork:
        """The features of all faces as dabs on the masses."""
        loose, looks = loosened(self.features, self._source.small)
        self.standing = with_features(self._source, loose, self.standing, looks)
        return drawn_features(self._source, loose, Phase.BLOCK_IN, Tool.BRUSH, PAINTING, target=looks)

    def forms(self) -> tuple[list[ScriptStep], list[ScriptStep]]:
        """Two fine brushes, which form area after area."""
        source, full = self._source, self._full
        wide, thin = narrow_forms(full, source.diagonal)
        thin &= ~covered(self.features, thin.shape)
        self.finer = self.brushing.onto(self.standing, np.where(thin[..., None], wide, full))
        uneven = self._front.mask & ~smooth_places(full, self._whole, source.diagonal)[1]
        made = self._coats(self.finer, uneven).coat(self._levels[_COATED], areas=self._areas)
        self.finest = self.finer.onto(self.finer.canvas, full)
        finer = self._coats(self.finest, uneven).coat(self._levels[_COATED + 1], areas=self._areas)
        self.standing = self.finest.canvas
        return made, finer

    def blending(self) -> PlannedWork:
        """Smooth places are blended; some of their strokes stays."""
        source, target = self._source, self._full
        work, self.standing = blended(
            source,
            self.standing,
            target,
            self._whole,
            Phase.PAINTING,
            _BLENDING,
            PAINTING,
            left=_LEFT,
            areas=self._areas,
        )
        return work

    def details(self) -> PlannedWork:
        """What is still missing below lines and sharp features."""
        source = self._source
        standing = with_features(source, self.features, with_lines(source, self.standing))
        return refined(
            source, standing, source.small, source.pixels, self._whole, source.alpha, name="Details", divisor=_FINEST
        )

    def by_area(self, steps: list[ScriptStep]) -> list[ScriptStep]:
        """Steps in the order in which areas are finished."""
        return within_areas(steps, self._areas, self._source.scale)

    def _thinly(self, pixels: Pixels) -> Pixels:
        """Pixels uint8 [h, w, 3] through which the ground shines."""
        return thinned(pixels, self._ground, _THIN)

    def _coats(self, brushing: Brushing, within: NDArray[np.bool_]) -> Coats:
        return Coats(self._source, brushing, self._heads, self._front, self._back, within, self._depth)


def _line_art(source: Source) -> PlannedWork:
    """All lines, as whoever draws first makes them; what has none was sketched."""
    return lined(source, group=PAINTING, reach=source.diagonal / _BESIDE)


def _accents(source: Source) -> PlannedWork:
    """The long lines alone, as a painter sets them on the paint."""
    return lined(source, name="Pen accents", group=PAINTING, accents=True)


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
