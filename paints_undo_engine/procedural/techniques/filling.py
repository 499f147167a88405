"""Flats by bucket and lasso, and a colour that is tried and changed."""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Collection, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.flats import Flats, Paint
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Colour, Keys, Phase, Tool
from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.model import Box, Labels, Part, Region
from paints_undo_engine.procedural.reading.segments import lab_of
from paints_undo_engine.procedural.script import Bounds, PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import reaching
from paints_undo_engine.procedural.techniques.focus import panel_at
from paints_undo_engine.procedural.techniques.hosting import bits_of, hosts_of
from paints_undo_engine.procedural.techniques.pouring import poured
from paints_undo_engine.procedural.techniques.shades import Shades

_ORDER = {Part.SKIN: 0, Part.EYES: 1, Part.MOUTH: 1, Part.HAIR: 2, Part.CLOTH: 3, Part.PROP: 4, Part.OBJECT: 4}
"""Skin comes first, because all other colours are judged beside it, and with it the face."""
_GROUND, _THINGS = 5, (Part.CLOTH, Part.PROP, Part.OBJECT)
"""Ground comes after a figure; and what comes with it, the large before the small, where it is no figure's."""
_LAST = 6
"""Of what lies in hair, which is one flat at first."""
_BY_ITSELF = (Part.EYES, Part.MOUTH, Part.TEXT)
"""What is never filled with what it lies in."""
_CARE = 2.5
"""How much longer eyes take than other flats of their size: they are looked at most."""
_WEIGHT = 0.04
"""Of an operation of a flat, beside other work of its phase."""
_TIDY = 3.0
"""How many times as much as elsewhere a brush does about each of a figure's flats: the next one waits for it."""
_WHITE = 250
"""On paper a lighter flat is not seen."""
_OWN = 0.003
"""Of the picture: what lies in another area and is larger gets its own colour right after that one."""
_INK = 60
"""Of 255: how much of a pixel lines cover that stop a bucket."""
_PAINTS, _LIGHT = 16.0, 0.5
"""How unlike, in Lab with so much of the light, two paints are between which no bucket flows."""
_SPECK = 0.0004
"""Of the picture: smaller areas are filled along with the one before."""


class Filling:
    """Flats of some regions on one layer. `areas` numbers all regions of the reading; the others stay empty.

    What is a side of another region, in `shades`, is filled with it and in its colour. What lies in another one is
    filled with it, too, and gets its own colour at its turn, or if it is not small, right after it. `labels` int32
    [h, w]: the shapes that are filled, where they are not the regions': each by itself. `faces` are filled first,
    whatever they were taken for.
    """

    def __init__(
        self,
        source: Source,
        regions: Collection[int],
        group: tuple[str, ...],
        phase: Phase,
        shades: Shades | None = None,
        labels: Labels | None = None,
        faces: Collection[int] = (),
    ) -> None:
        self._faces = set(faces)
        self._source, self._group, self._phase = source, group, phase
        self._shades = shades or {}
        self._labels = source.reading.labels if labels is None else labels
        self._own_shapes = labels is not None
        listed = [region for region in source.reading.regions if region.label in set(regions)]
        self.regions = [region for region in listed if region.label not in self._shades]
        self._own: dict[int, list[int]] = {region.label: [region.label] for region in self.regions}
        for label, base in self._shades.items():
            self._own[base].append(label)
        self._come = np.full(source.reading.shape, NEVER, np.uint16)
        self._ripple = source.ripple
        self._seen = source.bare.copy()
        for region in self.regions:
            if min(source.colour(region.colour)) > _WHITE:
                self._seen[self._mask(region)] = 0
        self._trial: dict[int, list[tuple[int, Colour]]] = {}
        self._after: dict[int, int] = {}
        self._hosts = {} if self._own_shapes else self._found_hosts()
        large = _OWN * float(np.prod(source.reading.shape))
        self._after = {label: host for label, host in self._hosts.items() if source.reading.regions[label].area > large}
        self._turns: dict[int, int] = {}
        self._bits: dict[int, tuple[int, int]] = {}
        if not self._own_shapes:
            self._labels, self._bits = self._found_bits()

    def steps(self) -> list[ScriptStep]:
        """One step for each area, specks together with their neighbours."""
        steps: list[ScriptStep] = []
        specks = _SPECK * float(np.prod(self._source.reading.shape))
        waiting: list[Region] = []
        listed = self.in_order()
        for region in listed:
            waiting.append(region)
            if region.area >= specks or region.part is Part.EYES or region is listed[-1]:
                steps.append(self._fill(waiting))
                waiting = []
        return steps

    def in_order(self) -> list[Region]:
        """The regions in the order in which they are filled, panel by panel: what lies in one and is not small right
        after it, but what lies in hair last.
        """
        known, faces = self._source.reading.regions, self._faces

        panels = {region.label: panel_at(self._source.reading, region.box.centre) for region in self.regions}

        def turn(region: Region) -> tuple[int, int, int, int, bool, int]:
            chief = known[self._after.get(region.label, region.label)]
            of_ground = chief.figure is None and chief.part in _THINGS
            rank = -1 if chief.label in faces else _GROUND if of_ground else _ORDER.get(chief.part, _GROUND)
            if region is not chief and chief.part is Part.HAIR:
                rank = _LAST
            return panels[chief.label], rank, -self._area(chief), chief.label, region is not chief, -self._area(region)

        return sorted(self.regions, key=turn)

    def _area(self, region: Region) -> int:
        """Of a flat with its sides, in pixels of the grid."""
        return sum(self._source.reading.regions[label].area for label in self._own[region.label])

    def _found_hosts(self) -> dict[int, int]:
        """The regions that lie in others which are seen on paper; eyes and mouths are looked at by themselves."""
        known = self._source.reading.regions
        order = [region.label for region in self.in_order()]
        kin = {label: known[label].part for label in order}
        hair = [label for label in order if kin[label] is Part.HAIR]
        hosts = hosts_of(self._whole_flats, order, self._unlined, hair, kin, self._unlike)
        white = self._closed
        whole = {label for label in hosts if known[label].part not in _BY_ITSELF and hosts[label] not in white}
        return {label: hosts[label] for label in whole}

    def _found_bits(self) -> tuple[Labels, dict[int, tuple[int, int]]]:
        """The shapes with the small bits of regions that lie in others as shapes of their own; whose each is and what
        it lies in. Nothing is filled with white or hair, whose strands part what lies behind it.
        """
        known = self._source.reading.regions
        kin = {region.label: region.part for region in self.regions}
        some = [one.label for one in self.in_order() if one.label not in {*self._hosts, *self._closed}]
        some = [label for label in some if kin[label] not in (*_BY_ITSELF, Part.HAIR)]
        numbered, bits = bits_of(self._whole_flats, some, self._unlined, kin, len(known))
        return np.where(numbered >= len(known), numbered, self._labels).astype(np.int32), bits

    @property
    def _whole_flats(self) -> Labels:
        """The regions with their sides as one: int32 [h, w]."""
        base = np.arange(len(self._source.reading.regions) + 1)
        base[-1] = -1
        for label, own in self._own.items():
            base[own] = label
        return np.asarray(base[self._labels], np.int32)

    @property
    def _closed(self) -> set[int]:
        """The regions with which nothing else is filled: those that are not seen on paper, and balloons."""
        white = {region.label for region in self.regions if min(self._source.colour(region.colour)) > _WHITE}
        return white | {region.label for region in self.regions if region.part is Part.TEXT}

    def _unlike(self, one: int, other: int) -> bool:
        """Whether two regions' paints are so unlike that they are filled one by one."""
        colours = [self._source.colour(self._source.reading.regions[label].colour) for label in (one, other)]
        first, second = lab_of(np.array([colours], np.uint8))[0].astype(np.float64)
        return float(unlike(first, second, light=_LIGHT)) > _PAINTS

    @property
    def _unlined(self) -> NDArray[np.bool_]:
        """Where no line runs that stops a bucket: bool [h, w]."""
        return np.asarray(cv2.dilate(self._source.reading.ink.cover, np.ones((3, 3), np.uint8)) <= _INK, bool)

    def _mask(self, region: Region, rows: slice = slice(None), columns: slice = slice(None)) -> NDArray[np.bool_]:
        """Where a flat lies, with its sides: bool [h, w], or a part of it."""
        return np.isin(self._labels[rows, columns], self._own[region.label])

    def _box(self, region: Region) -> Box:
        """Around a flat and its sides."""
        if self._own_shapes:
            left, top, width, height = cv2.boundingRect(self._mask(region).astype(np.uint8))
            return Box(left, top, width, height)
        return around([self._source.reading.regions[label].box for label in self._own[region.label]])

    def _fill(self, regions: Sequence[Region]) -> ScriptStep:
        chief = max(regions, key=lambda region: (region.part is Part.EYES, region.area))
        pours = [self._pour(region) for region in regions]
        turns = sum(count for count, _ in pours)

        def when(begin: int, end: int) -> None:
            edges = np.cumsum([0, *(count for count, _ in pours)]) * (end - begin) / turns + begin
            for (_, told), start, stop in zip(pours, edges[:-1], edges[1:], strict=True):
                told(round(start), round(stop))

        tool = Tool.LASSO if chief.softness > 0.5 else Tool.BUCKET
        bounds = bounds_of(self._source, self._box(chief))
        most = (_CARE if chief.part is Part.EYES else 1.0) * turns
        return ScriptStep(
            self._phase, tool, f"{chief.called}, flat", bounds, _WEIGHT * most, when, most=most, region=chief.label
        )

    def _pour(self, region: Region) -> tuple[int, Callable[[int, int], None]]:
        """How many operations it takes to fill the area, and what lies in it, and what is told when they are made."""
        if region.label in self._hosts:
            return 1, lambda begin, _: self._turns.update({region.label: begin})
        lying = [label for label, host in self._hosts.items() if host == region.label]
        own = [*self._own[region.label], *(side for label in lying for side in self._own[label])]
        box = self._box(region) if self._own_shapes else around([self._source.reading.regions[at].box for at in own])
        inside = [bit for bit, (_, host) in self._bits.items() if host == region.label]
        parted = [bit for bit, (whose, _) in self._bits.items() if whose == region.label]
        if inside:
            own += inside
            left, top, width, height = cv2.boundingRect(np.isin(self._labels, inside).astype(np.uint8))
            box = around([box, Box(left, top, width, height)])
        at = box.grown(0.02, 0.02, 0.02, 0.02).slices(self._come.shape)
        mask = np.isin(self._labels[at], own)
        care = _TIDY if self._phase is Phase.FLATS else 1.0
        pour = poured(mask, self._seen[at] > 0, self._source.reading.shape, self._ripple[at], care)

        def when(begin: int, end: int) -> None:
            self._come[at][mask] = pour.times(begin, end)
            self._turns.update(dict.fromkeys(parted, begin))

        return pour.turns, when

    def trial(self, chance: np.random.Generator) -> tuple[ScriptStep, ScriptStep] | None:
        """Another colour for one cloth, and the change back to the right one; None where nothing suits."""
        suited = [region for region in self.regions if _may_change(region, self._source)]
        if not suited:
            return None
        region = suited[int(chance.integers(len(suited)))]
        right = self._source.colour(region.colour)
        wrong = turned(right, float(chance.choice([-1, 1]) * chance.uniform(0.08, 0.2)))
        bounds = bounds_of(self._source, region.box)
        changes: list[tuple[int, Colour]] = [(0, wrong)]
        self._trial[region.label] = changes

        def look(begin: int, end: int) -> None:
            changes.append((begin, wrong))
            changes.append((begin + (end - begin) // 2, turned(right, 0.04)))

        def settle(begin: int, end: int) -> None:
            changes.append((begin, turned(right, 0.04)))
            changes.append((end, right))

        return (
            ScriptStep(Phase.FLATS, Tool.FILTER, f"{region.called}, another hue", bounds, 0.3, look, most=7),
            ScriptStep(Phase.FLATS, Tool.FILTER, f"{region.called}, hue settled", bounds, 0.2, settle, most=4),
        )

    def layer(self, name: str = "Flats") -> Layer:
        """The layer, once times are known."""
        count = len(self._source.reading.regions)
        table = np.zeros(count + len(self._bits) + 1, np.uint16)
        paints: list[Paint] = []
        for region in self.regions:
            table[np.array(self._own[region.label]) + 1] = len(paints) + 1
            paints.append(self._paint(region))
        for bit, (whose, host) in self._bits.items():
            table[bit + 1] = len(paints) + 1
            later, begin = self._paint(self._source.reading.regions[whose]), self._turns.get(bit, 0)
            under = self._source.colour(self._source.reading.regions[host].colour)
            colours = ((0, under), *((max(tick, begin), colour) for tick, colour in later.colours))
            paints.append(Paint(colours, later.opacity))
        changed = self._own_shapes or self._bits
        areas = (self._source.areas(self._labels) if changed else self._source.regions).relabelled(table)
        return Flats(
            name,
            areas,
            paints,
            come=reaching(self._come),
            seen=self._seen,
            clip=self._source.alpha,
            ramp=UNIT // 16,
            group=self._group,
        )

    def _paint(self, region: Region) -> Paint:
        trial = self._trial.get(region.label)
        if trial and len(trial) > 1:
            return Paint(tuple(sorted(trial, key=lambda key: key[0])), Keys(), slide=True)
        colours = [(0, self._source.colour(region.colour))]
        if region.label in self._turns:
            host = self._source.reading.regions[self._hosts[region.label]]
            colours = [(0, self._source.colour(host.colour)), (self._turns[region.label], colours[0][1])]
        return Paint(tuple(colours), Keys())


def filled(
    source: Source,
    regions: Collection[int],
    group: tuple[str, ...] = (),
    phase: Phase = Phase.FLATS,
    shades: Shades | None = None,
    labels: Labels | None = None,
    name: str = "Flats",
) -> PlannedWork:
    """Flats of some regions without trials; see `Filling`."""
    filling = Filling(source, regions, group, phase, shades, labels)
    return PlannedWork(filling.steps(), lambda: [filling.layer(name)])


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box about some."""
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(x, y, right - x, bottom - y)


def bounds_of(source: Source, box: Box) -> Bounds:
    """A box of the grid on the canvas."""
    large = box.scaled(source.scale)
    return large.x, large.y, large.width, large.height


def turned(colour: Colour, turn: float) -> Colour:
    """A colour with another hue: `turn` of the whole circle, a little less saturated, as light as before."""
    red, green, blue = (value / 255 for value in colour)
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    mixed = colorsys.hls_to_rgb((hue + turn) % 1, light, min(saturation * 0.85, 0.6))
    return round(mixed[0] * 255), round(mixed[1] * 255), round(mixed[2] * 255)


def _may_change(region: Region, source: Source) -> bool:
    """Cloth and a figure's things of a fair size that have a colour; nothing at the border, no skin, no eyes."""
    height, width = source.reading.shape
    share = region.area / (height * width)
    box = region.box
    inside = box.x > 2 and box.y > 2 and box.x + box.width < width - 2 and box.y + box.height < height - 2
    coloured = max(region.colour) - min(region.colour) > 40
    changeable = region.part in (Part.CLOTH, Part.PROP) or (region.part is Part.OBJECT and region.figure is not None)
    return changeable and 0.004 < share < 0.12 and inside and coloured
