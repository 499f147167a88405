"""The construction of a head: ball or egg, jaw, the lines across the face, and the places of what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.model import Eye, Face
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled
from paints_undo_engine.procedural.techniques.skulls import Head


class Build(StrEnum):
    """How somebody builds a head."""

    BALL = "ball and jaw"
    EGG = "egg and axes"
    PLANES = "ball with side plane"
    CIRCLES = "loose circles"


_SIZES = {Build.BALL: (0.98, 1.08), Build.EGG: (1.04, 1.14), Build.PLANES: (0.86, 0.96), Build.CIRCLES: (1.06, 1.2)}
"""How large the skull is drawn, by what was measured."""
_REACH = {Build.BALL: 0.92, Build.EGG: 1.1, Build.PLANES: 0.8, Build.CIRCLES: 0.7}
"""How far the eye line goes to each side, in the skull's radii."""
_PROFILE = 0.75
"""Who looks so far aside is seen from the side."""
_JAW = ((0.94, 90.0, 0.0), (0.94, 73.0, 0.44), (0.75, 44.0, 0.84), (1.0, 9.2, 1.02))
"""What either side of a jaw bends about, from the ear to the chin: in the ball's radii away from the head's axis, in
degrees about that from the face's middle, and by the way from the eye line to the chin."""
_SIDEWARD = 0.75
"""The same of the chin, how far aside of the ball's middle it turns the jaw at most."""
_BULGE = 0.7
"""How far the middle line of a turned face bulges, by its distance from the ball's middle."""
_MOUTH, _ERASER = 0.6, 0.04
"""Of a ball, what lies lower by its radius runs across the mouth; how far about it an eraser goes."""
_BY_LIDS = (Build.EGG, Build.PLANES)
"""Who marks an eye by its lids; the others draw its outline."""


def head_built(pencil: Pencil, head: Head, build: Build, chance: np.random.Generator) -> list[ScriptStep]:
    """Ball or egg, jaw, and the lines along and across the face."""
    turn = float(np.arctan2(head.across[1], head.across[0]))
    lines: list[tuple[str, Points, float]] = []
    # The ball is judged by eye: somewhat too large or too small, the eyes stay where they are.
    size = float(chance.uniform(*_SIZES[build]))
    head = replace(head, radius=head.radius * size)
    if abs(head.facing) > _PROFILE:
        return _built(pencil, _profile(head, build, chance), head, chance)
    if build is Build.CIRCLES:
        lines += _circles(head, turn, chance)
    elif build is Build.EGG:
        middle = (np.array([head.x, head.y]) - head.down * head.radius + head.chin) / 2
        half = float((head.chin - middle) @ head.down)
        tall = max(half, head.radius)
        lines.append(("head, egg", ellipse(float(middle[0]), float(middle[1]), head.radius * 0.86, tall, turn), 1.0))
    else:
        lines.append(("head, ball", ellipse(head.x, head.y, head.radius, head.radius, turn, -1.2, 5.4), 1.0))
        if chance.random() < 0.7:
            again = ellipse(head.x, head.y, head.radius * 1.02, head.radius * 0.98, turn, 0.8, 4.4)
            lines.append(("head, ball again", again, 0.6))
        lines.append(("jaw", _jaw(head), 0.9))
    if build is Build.PLANES:
        side = np.array([head.x, head.y]) + head.across * head.radius * float(chance.choice([-0.62, 0.62]))
        lines.append(
            (
                "head, side plane",
                ellipse(float(side[0]), float(side[1]), head.radius * 0.34, head.radius * 0.6, turn),
                0.6,
            )
        )
    top = np.array([head.x, head.y]) - head.down * head.radius * 0.95
    base = head.base
    bow = head.across * head.radius * 0.04 + 2 * (head.eyes - base) * _BULGE
    lines.append(("face, middle line", _curve(top, (top + head.chin) / 2 + bow, head.chin), 0.8))
    reach = head.across * head.radius * _REACH[build]
    sag = head.down * head.radius * 0.02
    lines.append(("face, eye line", _curve(base - reach, base, base + reach, sag), 0.8))
    return _built(pencil, lines, head, chance)


def _profile(head: Head, build: Build, chance: np.random.Generator) -> list[tuple[str, Points, float]]:
    """A head from the side: the skull a ball, the face a wedge before it, the jaw back to the ear."""
    way = float(np.sign(head.facing))
    tall = float((head.chin - (head.x, head.y)) @ head.down)

    def at(ahead: float, below: float) -> NDArray[np.float64]:
        """A place by radii ahead of the ball's middle, and by shares of the way down to the chin."""
        middle = np.array([head.x, head.y])
        return np.asarray(middle + ahead * way * head.radius * head.across + below * tall * head.down, np.float64)

    back = at(-0.06, 0.0)
    wide, high = (0.96, 0.9) if build is Build.EGG else (0.92, 0.92)
    begin = float(chance.uniform(0, 6))
    lines: list[tuple[str, Points, float]] = []
    for number in range(2 if build is Build.CIRCLES else 1):
        size = 1 + 0.05 * number
        skull = ellipse(
            float(back[0]),
            float(back[1]),
            head.radius * wide * size,
            head.radius * high * size,
            0.0,
            begin,
            begin + 6.5,
        )
        lines.append(("head, ball", skull, 0.95 - 0.3 * number))
    brow, nose, lip, chin = at(0.88, 0.06), at(1.0, 0.5), at(0.9, 0.62), at(0.74, 1.0)
    lines.append(("face, wedge", np.vstack([_curve(brow, at(0.86, 0.26), nose), _curve(nose, lip, chin)]), 0.85))
    corner, ear = at(0.06, 0.84), at(-0.08, 0.2)
    lines.append(("jaw", np.vstack([_curve(chin, at(0.5, 1.02), corner), _curve(corner, at(-0.1, 0.6), ear)]), 0.85))
    lines.append(("face, eye line", _curve(at(0.92, 0.28), at(0.4, 0.31), at(-0.1, 0.3)), 0.7))
    if build is Build.PLANES:
        plane = at(-0.1, 0.05)
        side = ellipse(float(plane[0]), float(plane[1]), 0.5 * head.radius, 0.5 * head.radius, 0.0)
        lines.append(("head, side plane", side, 0.55))
    else:
        place = at(-0.12, 0.32)
        ear_ring = ellipse(float(place[0]), float(place[1]), 0.12 * head.radius, 0.2 * head.radius)
        lines.append(("ear, place", ear_ring, 0.5))
    return lines


def _circles(head: Head, turn: float, chance: np.random.Generator) -> list[tuple[str, Points, float]]:
    """The whole head gone round several times in one loose movement, and a short line under the chin."""
    lines: list[tuple[str, Points, float]] = []
    for number in range(int(chance.integers(2, 4))):
        shift = chance.normal(0, 0.05, 2) * head.radius
        wide, tall = head.radius * chance.uniform(0.92, 1.12, 2)
        begin = float(chance.uniform(0, 6))
        ring = ellipse(head.x + shift[0], head.y + shift[1], wide, tall, turn, begin, begin + 5.8)
        lines.append(("head, loose circle", ring, 0.75 - 0.12 * number))
    side = head.across * head.radius * 0.3
    up = head.down * head.radius * 0.08
    return [*lines, ("chin", _curve(head.chin - side - up, head.chin + up, head.chin + side - up), 0.6)]


def below_ball(head: Head, lines: Sequence[Points]) -> list[tuple[Points, float]]:
    """Where lines about the ball of a head run through its face, float32 [n, 2] each, and how far about them an eraser
    goes: they would be a grin across the mouth.
    """
    middle, found = np.array([head.x, head.y]), []
    for line in lines:
        way = line - middle
        below = np.flatnonzero(way @ head.down > _MOUTH * np.hypot(*way.T))
        pieces = np.split(below, np.flatnonzero(np.diff(below) > 1) + 1)
        found += [(line[piece], _ERASER * head.radius) for piece in pieces if len(piece) > 1]
    return found


def features_placed(
    pencil: Pencil, face: Face, eyes: Sequence[Eye], head: Head, build: Build, chance: np.random.Generator
) -> list[ScriptStep]:
    """The places of a face's nose and of those of its eyes that are seen."""
    turn = float(np.arctan2(head.across[1], head.across[0]))
    reach = head.across * head.radius * 0.92
    lines: list[tuple[str, Points, float]] = []
    if chance.random() < 0.6:
        nose = np.array(face.nose)
        lines.append(("face, nose line", _curve(nose - reach * 0.25, nose, nose + reach * 0.25), 0.5))
    for eye in eyes:
        x, y = eye.centre
        if build in _BY_LIDS:
            wide = head.across * eye.radius[0]
            for way, name in ((-1, "upper"), (1, "lower")):
                lid = np.array([x, y]) + way * head.down * eye.radius[1]
                lines.append((f"eye, {name} lid", _curve(lid - wide, lid + way * 0.2 * head.down, lid + wide), 0.5))
        else:
            lines.append(("eye, place", ellipse(x, y, *eye.radius, turn), 0.55))
    return _built(pencil, lines, head, chance)


def _built(
    pencil: Pencil, lines: list[tuple[str, Points, float]], head: Head, chance: np.random.Generator
) -> list[ScriptStep]:
    return [
        pencil.line(wobbled(points, 0.006 * head.radius, chance), Phase.CONSTRUCTION, label, strength=strength)
        for label, points, strength in lines
    ]


def _jaw(head: Head) -> Points:
    """From one ear around the chin to the other: nowhere hollow, wherever the chin lies. Where that is aside of the
    ball the head is turned, and so is its jaw.
    """
    base = head.base
    way = head.chin - base
    aside = float(np.clip(way @ head.across / head.radius, -_SIDEWARD, _SIDEWARD))
    turn, down = float(np.degrees(np.arcsin(aside))), float(way @ head.down)
    ring = [*((away, -angle, below) for away, angle, below in _JAW), *_JAW[::-1]]
    bends = [
        base
        + below * down * head.down
        + away * np.sin(np.radians(np.clip(angle + turn, -90, 90))) * head.radius * head.across
        for away, angle, below in ring
    ]
    joints = [bends[0], *((bend + after) / 2 for bend, after in pairwise(bends[1:-1])), bends[-1]]
    return np.concatenate([_curve(*piece) for piece in zip(joints, bends[1:-1], joints[1:], strict=False)])


def _curve(
    a: NDArray[np.floating], b: NDArray[np.floating], c: NDArray[np.floating], sag: NDArray[np.floating] | None = None
) -> Points:
    """A quadratic Bézier curve; `sag` bends its middle."""
    t = np.linspace(0, 1, 24)[:, None]
    middle = b if sag is None else b + 2 * sag
    return ((1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * c).astype(np.float32)
