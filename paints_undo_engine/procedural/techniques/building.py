"""The construction of a body: each artist has a way of their own; all are closed, and joined to the neck."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.mannequins import Limb, Mannequin, Place, smooth
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled

Lines = list[tuple[str, Points, float]]
"""The name of each line, where it goes, and the pencil's pressure."""

_RIBS, _WAIST, _CREST, _SEAT = (0.03, 0.63), 0.7, 0.8, 1.12
"""On the spine, 0 to 1 from the pit of the neck to the hips' joints: the rib cage, the waist, the hips."""
_CHEST, _BASIN, _MIDDLE = 0.7, 0.62, 0.5
"""Of half the shoulders' breadth: half of the rib cage's, the hips' and the waist's."""


class Way(StrEnum):
    """How somebody places a body."""

    ACTION = "line of action"
    """The line of action, on it rib cage and hips as round forms, and limbs as single curves."""
    BOXES = "boxes"
    """Rib cage and hips as tapered boxes on a spine, and straight limbs."""
    CURVES = "curves"
    """The sides in long curves from the neck down, and both sides of the limbs."""
    TUBES = "tubes"
    """A wooden doll: egg and bowl, balls for joints, tubes with cross sections."""


def body_lines(body: Mannequin, way: Way, chance: np.random.Generator) -> Lines:
    """The lines of a body by somebody's way, from the neck down."""
    lines = _shoulders(body, 0.8) if body.bust else _WAYS[way](body, chance)
    # Judged by eye, a body is somewhat too large or too small.
    pit, size = body.at(0.0), 1 + _MISJUDGED[way] * float(chance.uniform(0.6, 1.2))
    return [(name, (pit + size * (points - pit)).astype(np.float32), strength) for name, points, strength in lines]


def body_built(source: Source, pencil: Pencil, lines: Lines, chance: np.random.Generator) -> list[ScriptStep]:
    """The body's construction."""
    least, stray = 0.008 * source.diagonal, float(chance.uniform(0.0012, 0.0024)) * source.diagonal
    return [
        pencil.line(
            wobbled(points, min(stray, 0.02 * float(np.ptp(points, axis=0).max())), chance),
            Phase.CONSTRUCTION,
            f"figure, {name}",
            strength=strength,
        )
        for name, points, strength in lines
        if float(np.ptp(points, axis=0).max()) > least
    ]


def _action(body: Mannequin, chance: np.random.Generator) -> Lines:
    lines = [*_shoulders(body, 0.85)[:2], ("rib cage", _ribs(body), 0.85)]
    if body.whole:
        lines += [("spine", _down(body, _RIBS[1], _CREST, 0.0), 0.55), ("hips", _bowl(body), 0.8)]
    for limb in body.limbs:
        lines += [(f"{limb.name}, axis", smooth(limb.joints), 0.75), *_end(limb, 0.65)]
        lines += _rings(limb, 0.55) if chance.random() < 0.75 else []
    return lines


def _boxes(body: Mannequin, chance: np.random.Generator) -> Lines:
    turn = float(chance.choice([-0.4, 0.4]))
    turn = float(chance.choice([-0.4, 0.4]))
    left, right = body.shoulders
    lines: Lines = [("neck", _straight(place, body.at(0.0, 0.24 * side)), 0.7) for side, place in _necks(body)]
    lines.append(("shoulders", _straight(left, body.at(-0.02), right), 0.75))
    lines += _box(body, (_RIBS[0], 0.58), (0.94, 0.66), turn, "rib cage")
    if body.whole:
        lines += _box(body, (_CREST, 1.14), (0.54, 0.78), turn, "hips")
    for limb in body.limbs:
        lines += [*_prisms(limb, 0.65), *_end(limb, 0.65)]
    return lines


def _necks(body: Mannequin) -> list[tuple[int, Place]]:
    """Where the neck leaves the head, on either side; where no head is known, a little above the pit of the neck."""
    if body.neck is None:
        return [(side, body.at(-0.12, 0.24 * side)) for side in (-1, 1)]
    return [(-1, body.neck[0]), (1, body.neck[1])]


def _prisms(limb: Limb, strength: float) -> Lines:
    """A limb in tapered boxes from joint to joint, each gone round in one line."""
    lines: Lines = []
    for (begin, end), (thick, thin) in zip(pairwise(limb.joints), pairwise(limb.sizes), strict=True):
        aside = _beside(begin, end)
        ring = (begin - thick * aside, begin + thick * aside, end + thin * aside, end - thin * aside)
        lines.append((f"{limb.name}, box", _straight(*ring, ring[0]), strength))
    return lines


def _box(body: Mannequin, rows: tuple[float, float], halves: tuple[float, float], turn: float, name: str) -> Lines:
    """A tapered box of the trunk seen a little from one side, gone round in one line, and the edge of its side."""
    (top, bottom), (above, below) = rows, halves
    corners = [(top, -above), (top, above), (bottom, below), (bottom, -below)]
    bulge = 0.12 * (bottom - top)
    ring: list[Place] = []
    for (down, side), (after, other) in pairwise([*corners, corners[0]]):
        bent = bulge if down == after else 0.0
        ring += [body.at(down, side), body.at((down + after) / 2 + bent, (side + other) / 2 * 1.05)]
    edge = [
        body.at(top + bulge, turn * above),
        body.at((top + bottom) / 2, turn * below * 1.1),
        body.at(bottom, turn * below),
    ]
    return [
        (f"{name}, box", np.array([*ring, ring[0]], np.float32), 0.85),
        (f"{name}, edge of the side", smooth(edge), 0.55),
    ]


def _curves(body: Mannequin, chance: np.random.Generator) -> Lines:
    """Both sides from the neck over the shoulders to waist and hips, closed below."""
    lines: Lines = []
    legs = [limb for limb in body.limbs if limb.name == "leg"]
    for number, side in enumerate((-1, 1) if chance.random() < 0.5 else (1, -1)):
        contour = _side(body, side)
        lines.append(("side of the body", smooth(contour), 0.85 - 0.05 * number))
    end = 1.06 if body.whole else _RIBS[1]
    half = _BASIN if body.whole else _MIDDLE
    closing = [body.at(end - 0.1, -half), body.at(end + 0.02, 0.0), body.at(end - 0.1, half)]
    lines.append(("hips" if body.whole and not legs else "belly", smooth(closing), 0.65))
    for limb in body.limbs:
        lines += [(f"{limb.name}, curve", _outside(body, limb), 0.7), *_end(limb, 0.65)]
    return lines


def _outside(body: Mannequin, limb: Limb) -> Points:
    """One long curve along the side of a limb that looks away from the trunk."""
    places = []
    for number, (place, size) in enumerate(zip(limb.joints, limb.sizes, strict=True)):
        near = limb.joints[max(number - 1, 0)], limb.joints[min(number + 1, len(limb.joints) - 1)]
        aside = _beside(*near)
        out = 1 if (limb.joints[0] - body.at(0.6)) @ aside > 0 else -1
        places.append(place + 1.15 * out * size * aside)
    return smooth(places)


def _side(body: Mannequin, side: int) -> list[Place]:
    """One side of a body: neck, shoulder, arm pit, ribs, waist, and hips if they are shown."""
    contour = [*_slope(body, side)]
    contour += [body.at(0.16, 0.86 * side), body.at(0.34, _CHEST * side), body.at(_WAIST, _MIDDLE * side)]
    return [*contour, body.at(0.96, 0.68 * side)] if body.whole else [*contour[:-1], body.at(0.52, 0.6 * side)]


def _tubes(body: Mannequin, chance: np.random.Generator) -> Lines:
    """A wooden doll: egg and bowl of the trunk, limbs as tubes with cross sections, balls for joints."""
    flat = float(chance.uniform(0.2, 0.34))
    lines = [*_shoulders(body, 0.7), ("rib cage, egg", _ribs(body), 0.85)]
    lines.append(("rib cage, cross section", _section(body, 0.36, _CHEST, 0.08), 0.55))
    if body.whole:
        lines += [("waist", _section(body, _WAIST, 0.46, 0.05), 0.5), ("hips, bowl", _bowl(body), 0.8)]
    size = 0.1 * body.breadth
    lines += [("joint", _oval(place, size, size), 0.6) for place in body.shoulders]
    for limb in body.limbs:
        lines += [*_outline(limb, 0.7), *_sections(limb, flat), *_end(limb, 0.65)]
    return lines


_MISJUDGED = {Way.ACTION: 0.04, Way.BOXES: -0.045, Way.CURVES: 0.02, Way.TUBES: -0.02}
"""How much too large a body is seen about the pit of its neck."""
_WAYS: dict[Way, Callable[[Mannequin, np.random.Generator], Lines]] = {
    Way.ACTION: _action, Way.BOXES: _boxes, Way.CURVES: _curves, Way.TUBES: _tubes,
}  # fmt: skip


def _straight(*places: Place) -> Points:
    return np.array(places, np.float32)


def _slope(body: Mannequin, side: int) -> list[Place]:
    """From the head down a side of the neck and along the shoulder to its end."""
    end = body.shoulders[0 if side < 0 else 1]
    pit = body.at(0.0)
    if body.neck is None:
        return [body.at(-0.12, 0.26 * side), body.at(-0.02, 0.34 * side), end]
    top = body.neck[0 if side < 0 else 1]
    half = 0.5 * (body.neck[1] - body.neck[0])
    base = 0.3 * top + 0.7 * (pit + 1.1 * side * half)
    return [top, base, 0.5 * (base + end) + 0.12 * (pit - body.at(0.2)), end]


def _shoulders(body: Mannequin, strength: float) -> Lines:
    """Neck and shoulders, one sloping line for each side, and the collar bones between them."""
    lines: Lines = [("neck and shoulder", smooth(_slope(body, side)), strength) for side in (-1, 1)]
    left, right = body.shoulders
    pit = body.at(0.02)
    collar = [0.75 * left + 0.25 * pit, pit, 0.75 * right + 0.25 * pit]
    return [*lines, ("shoulders", smooth(collar), 0.8 * strength)]


def _down(body: Mannequin, begin: float, end: float, side: float) -> Points:
    return np.array([body.at(down, side) for down in np.linspace(begin, end, 12)], np.float32)


def _ribs(body: Mannequin) -> Points:
    """The rib cage: an egg whose narrow end is at the neck."""
    top, bottom = _RIBS
    turns = np.linspace(-0.3, 2 * np.pi + 0.1, 48)
    ring = []
    for turn in turns:
        along = -np.cos(turn)
        wide = _CHEST * np.sin(turn) * (1 + 0.14 * along)
        ring.append(body.at((top + bottom) / 2 + along * (bottom - top) / 2, float(wide)))
    return np.array(ring, np.float32)


def _bowl(body: Mannequin) -> Points:
    """The hips: a form that is rounder below, like a bowl."""
    turns = np.linspace(0.4, 2 * np.pi + 0.6, 40)
    ring = []
    for turn in turns:
        along = -np.cos(turn)
        wide = _BASIN * np.sign(np.sin(turn)) * abs(np.sin(turn)) ** 0.8 * (1 - 0.1 * along)
        ring.append(body.at((_CREST + _SEAT) / 2 + along * (_SEAT - _CREST) / 2, float(wide)))
    return np.array(ring, np.float32)


def _section(body: Mannequin, down: float, half: float, sag: float) -> Points:
    """A line around the front of the trunk."""
    return smooth([body.at(down - sag / 2, -half), body.at(down + sag, 0.0), body.at(down - sag / 2, half)])


def _rings(limb: Limb, strength: float) -> Lines:
    """A small circle about elbow or knee."""
    return [
        ("joint", _oval(place, 0.75 * size, 0.75 * size), strength)
        for place, size in zip(limb.joints[1:2], limb.sizes[1:2], strict=True)
    ]


def _oval(place: Place, wide: float, tall: float, turn: float = 0.0) -> Points:
    return ellipse(float(place[0]), float(place[1]), wide, tall, turn, -0.5, 5.9)


def _outline(limb: Limb, strength: float) -> Lines:
    """Both sides of a limb, from each joint to the next."""
    lines: Lines = []
    for (begin, end), (thick, thin) in zip(pairwise(limb.joints), pairwise(limb.sizes), strict=True):
        aside = _beside(begin, end)
        for side in (-1, 1):
            middle = (begin + end) / 2 + side * 0.54 * (thick + thin) * aside
            sides = [begin + side * 0.9 * thick * aside, middle, end + side * thin * aside]
            lines.append((f"{limb.name}, tube", smooth(sides), strength))
    return lines


def _sections(limb: Limb, flat: float) -> Lines:
    lines: Lines = []
    for (begin, end), thin in zip(pairwise(limb.joints), limb.sizes[1:], strict=True):
        turn = float(np.arctan2(*_beside(begin, end)[::-1]))
        lines.append((f"{limb.name}, cross section", _oval(end, thin, flat * thin, turn), 0.55))
    return lines


def _beside(begin: Place, end: Place) -> NDArray[np.float64]:
    way = (end - begin) / max(float(np.hypot(*(end - begin))), 1e-6)
    return np.array([-way[1], way[0]])


def _end(limb: Limb, strength: float) -> Lines:
    """A hand or a foot as a small form from the last joint on."""
    if limb.tip is None:
        return []
    begin, end = limb.joints[-1], limb.tip
    long = float(np.hypot(*(end - begin)))
    middle, turn = (begin + end) / 2, float(np.arctan2(*(end - begin)[::-1]))
    name = "hand" if limb.name == "arm" else "foot"
    return [(name, _oval(middle, 0.55 * long, 0.3 * long, turn), strength)]
