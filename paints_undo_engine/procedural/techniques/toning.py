"""Hard tones on flats: shadows and lights with a crisp edge, one lasso or a few broad strokes each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.flats import Flats, Paint
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Keys, Phase, Tool
from paints_undo_engine.procedural.reading.colours import unlike
from paints_undo_engine.procedural.reading.model import Cel, Labels, Part, Reading, Region
from paints_undo_engine.procedural.reading.segments import lab_of
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import nearest_order, reaching, to_and_fro
from paints_undo_engine.procedural.techniques.pouring import poured
from paints_undo_engine.procedural.techniques.shades import Shades

_ORDER = {Part.EYES: 0, Part.MOUTH: 0, Part.SKIN: 1, Part.HAIR: 2, Part.CLOTH: 3, Part.PROP: 4}
"""A face looks at whoever paints it: its eyes are not left blank."""
_CARE = 6.0
"""How much longer an eye's small tones take than others of their size."""
_LONGEST, _LOOKED_AT = (2.0, 20.0), 4.0
"""Operations that an eye's tone takes at most, a tiny one and any; how many times as long as others of its change."""
_MOST, _BROAD = 6.0, 30.0
"""Operations that a tone takes at most: a small one, and more with the root of its share of the picture."""
_BLACK = 70
"""Mean levels: in a region that is so dark on the mean several things may have been read as one."""
_SEVERAL, _THING = 0.15, 0.02
"""Of the picture: a dark region that is larger holds several things, each a tone that is larger than that."""
_OTHER, _LIT = 0.004, 80
"""Of the picture, and mean levels: a tone of that size and so much lighter than its dark flat is another thing."""
_ANOTHER, _UNLIKE = 0.0015, 15.0
"""Of the picture: a tone of that size whose paint is so unlike its flat's, in whatever light, is another thing."""
_LATE, _BRIGHTER = 0.3, 14
"""Of a thing, and levels: a light that is smaller and so much brighter than its flat is a highlight, set at last."""
_WHOLE = (Part.EYES, Part.MOUTH, Part.SKIN)
"""Parts that hold nothing else: a blush is skin."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def toned(
    source: Source,
    regions: Collection[int],
    group: tuple[str, ...] = (),
    phase: Phase = Phase.SHADING,
    shades: Shades | None = None,
    shapes: Labels | None = None,
    name: str = "Hard shading",
    soft: Collection[int] = (),
) -> PlannedWork:
    """All hard tones of some regions, part by part: broad shadows first, lights last.

    Regions that are sides of others, in `shades`, come as tones on those. Tones of a dark region that
    are things of their own belong to the flats, `highlights` to the effects. `shapes` int32 [h, w]: all tones that
    there are, by their labels, and -1 elsewhere, where they are not the reading's. Those that are `soft` are left out.
    """
    sides = shades or {}
    listed = set(regions)
    labels = source.reading.cel_labels if shapes is None else shapes
    shown = set(np.unique(labels[labels >= 0]).tolist()) - set(soft)
    cels = [
        _on_base(source, cel, sides)
        for cel in source.reading.cels
        if cel.region in listed and cel.label in shown and (shapes is not None or cel.step != 0 or cel.region in sides)
    ]
    if not cels:
        return PlannedWork([], list)
    places = _places(labels, len(source.reading.cels))
    come = np.full(source.reading.shape, NEVER, np.uint16)
    uneven = source.ripple
    names = tone_names(source.reading, cels)
    things = _things(source, cels) if shapes is None else set()
    phases = dict.fromkeys(things, Phase.FLATS)
    if shapes is None:
        phases = dict.fromkeys(highlights(source, regions, sides, soft), Phase.EFFECTS) | phases
    steps = [
        _tone(source, cel, labels, places, come, uneven, phases.get(cel.label, phase), names)
        for cel in _ordered(source, cels, places)
    ]

    def layers() -> list[Layer]:
        table = np.zeros(len(source.reading.cels) + 1, np.uint16)
        for number, cel in enumerate(cels, 1):
            table[cel.label + 1] = number
        # A tone's pixels take their time from the grid; around each tone the time reaches on, for its soft edge.
        near = reaching(come)
        paints = [Paint(((0, source.colour(cel.colour)),), Keys()) for cel in cels]
        areas = source.areas(labels).relabelled(table)
        return [
            Flats(
                name,
                areas,
                paints,
                come=near,
                seen=source.bare,
                ramp=UNIT // 2,
                clip=source.alpha,
                group=group,
                clipped=True,
            )
        ]

    return PlannedWork(steps, layers)


def highlights(source: Source, regions: Collection[int], shades: Shades, soft: Collection[int]) -> set[int]:
    """The tones of some regions that are set last, as lights on hair, metal and cloth are, by their labels."""
    known, listed = source.reading.regions, set(regions)
    area: dict[int, int] = {}
    for region in known:
        base = shades.get(region.label, region.label)
        area[base] = area.get(base, 0) + region.area
    found = set()
    for cel in source.reading.cels:
        flat = known[shades.get(cel.region, cel.region)]
        own = cel.region in listed and (cel.step != 0 or cel.region in shades) and flat.part not in _WHOLE
        brighter = (sum(cel.colour) - sum(flat.colour)) / 3 > _BRIGHTER
        if own and brighter and cel.area < _LATE * area[flat.label] and cel.label not in soft:
            found.add(cel.label)
    return found


def highlighted(source: Source, regions: Collection[int], shades: Shades, soft: Collection[int]) -> NDArray[np.bool_]:
    """Where they are set: bool [h, w]."""
    return np.isin(source.reading.cel_labels, list(highlights(source, regions, shades, soft)))


def _things(source: Source, cels: Sequence[Cel]) -> set[int]:
    """The tones that are shapes of their own, by their labels."""
    size = source.reading.labels.size
    regions = {region.label: region for region in source.reading.regions}
    own = {cel.label: cel.region for cel in source.reading.cels}
    paints = lab_of(np.array([[*(region.colour for region in regions.values())]], np.uint8))[0].astype(np.float64)
    paint = dict(zip(regions, paints, strict=True))
    things = set()
    for cel in cels:
        region = regions[cel.region]
        dark, light = sum(region.colour) / 3, sum(cel.colour) / 3
        large = cel.area > _THING * size and region.area > _SEVERAL * size
        other = cel.area > _OTHER * size and light - dark > _LIT
        things_in_dark = dark < _BLACK and (large or other)
        if own[cel.label] == cel.region and (things_in_dark or _is_another(cel, region, paint[cel.region], size)):
            things.add(cel.label)
    return things


def _is_another(cel: Cel, region: Region, paint: NDArray[np.float64], size: int) -> bool:
    """Whether a tone is of another paint than its region's Lab `paint`, in a picture of so many pixels."""
    if region.part in _WHOLE or cel.area < _ANOTHER * size:
        return False
    own = lab_of(np.array([[cel.colour]], np.uint8))[0, 0].astype(np.float64)
    return float(unlike(own, paint)) > _UNLIKE


def _on_base(source: Source, cel: Cel, shades: Shades) -> Cel:
    """A tone as one of the flat that lies below it."""
    if cel.region not in shades:
        return cel
    base = source.reading.regions[shades[cel.region]]
    lighter = sum(cel.colour) > sum(base.colour)
    return replace(cel, region=base.label, step=max(1, abs(cel.step)) * (1 if lighter else -1))


def tone_names(reading: Reading, cels: Sequence[Cel]) -> dict[int, str]:
    """What each tone is called, by its label: "first shadow", and of eyes "iris", "pupil", "highlight"."""
    names = {}
    for cel in cels:
        kind = "light" if cel.step > 0 else "shadow"
        names[cel.label] = f"{_ORDINALS[min(abs(cel.step), 5) - 1]} {kind}"
    for region in reading.regions:
        own = [cel for cel in cels if cel.region == region.label]
        if region.part is Part.EYES and own:
            names |= _eye_names(own)
    return names


def _eye_names(cels: Sequence[Cel]) -> dict[int, str]:
    """The iris has the most colour, the pupil is the darkest, and what is lighter than the white is a highlight."""
    iris = max(cels, key=lambda cel: (max(cel.colour) - min(cel.colour)) * cel.area**0.25)
    names = {}
    for cel in cels:
        darker = sum(cel.colour) < sum(iris.colour)
        names[cel.label] = "highlight" if cel.step > 0 else "iris shadow" if darker else "shadow"
    darkest = min(cels, key=lambda cel: sum(cel.colour))
    if darkest.step < 0:
        names[darkest.label] = "pupil"
    names[iris.label] = "iris"
    return names


def _ordered(source: Source, cels: list[Cel], places: NDArray[np.float64]) -> list[Cel]:
    """Part by part; within a part the shadows large to small, near to near, then the lights."""
    regions = source.reading.regions
    listed: list[Cel] = []
    names = tone_names(source.reading, cels)
    keys = [
        (_ORDER.get(regions[cel.region].part, 5), names[cel.label] != "iris", cel.step > 0, abs(cel.step))
        for cel in cels
    ]
    for key in sorted(set(keys)):
        some = [cel for cel, its in zip(cels, keys, strict=True) if its == key]
        by_region: dict[int, list[Cel]] = {}
        for cel in sorted(some, key=lambda cel: -cel.area):
            by_region.setdefault(cel.region, []).append(cel)
        for among in by_region.values():
            middles = np.array([places[cel.label, :2] for cel in among])
            listed += [among[at] for at in nearest_order(middles, (float(middles[0, 0]), float(middles[0, 1])))]
    return listed


def _tone(
    source: Source,
    cel: Cel,
    labels: Labels,
    places: NDArray[np.float64],
    come: NDArray[np.uint16],
    uneven: NDArray[np.float64],
    phase: Phase,
    names: Mapping[int, str],
) -> ScriptStep:
    region = source.reading.regions[cel.region]
    _, _, left, top, right, bottom = places[cel.label]
    angle = float(source.chance(f"tone {cel.label}").uniform(0, 2 * np.pi))
    rows, columns = slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1)

    def when(begin: int, end: int) -> None:
        part = come[rows, columns]
        mask = labels[rows, columns] == cel.label
        if phase is Phase.FLATS:
            part[mask] = poured(mask, mask, source.reading.shape, uneven[rows, columns]).times(begin, end)
        else:
            part[mask] = to_and_fro(mask, angle, begin, end, uneven[rows, columns])

    scale = source.scale
    bounds = (left * scale, top * scale, (right - left + 1) * scale, (bottom - top + 1) * scale)
    label = f"{region.called}, {'highlight' if phase is Phase.EFFECTS else names[cel.label]}"
    weight = (cel.area / float(np.prod(source.reading.shape))) ** 0.5 + 0.004
    eyes = region.part is Part.EYES
    weight *= _CARE if eyes else 1.0
    tool = Tool.LASSO if cel.area > 400 else Tool.BRUSH
    share = cel.area / float(np.prod(source.reading.shape))
    levels = max(abs(one - other) for one, other in zip(cel.colour, region.colour, strict=True))
    longest = _MOST if phase is Phase.FLATS else _MOST + _BROAD * share**0.5
    seen = visible(levels * share)
    most = float(np.clip(_LOOKED_AT * seen, *_LONGEST)) if eyes else min(longest, seen)
    return ScriptStep(phase, tool, label, bounds, weight, when, most=most, region=cel.region)


def _places(labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """For each label: its middle x, y, and left, top, right, bottom: float64 [n, 6]."""
    rows, columns = np.nonzero(labels >= 0)
    label = labels[rows, columns]
    area = np.maximum(np.bincount(label, minlength=count), 1)
    out = np.zeros((count, 6))
    out[:, 0] = np.bincount(label, columns, count) / area
    out[:, 1] = np.bincount(label, rows, count) / area
    for place, values, reduce, start in ((2, columns, np.minimum, 10**6), (3, rows, np.minimum, 10**6),
                                         (4, columns, np.maximum, 0), (5, rows, np.maximum, 0)):  # fmt: skip
        column = np.full(count, start)
        reduce.at(column, label, values)
        out[:, place] = column
    return out
