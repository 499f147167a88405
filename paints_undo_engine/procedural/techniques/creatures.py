"""Creatures: heads without a known face, and bodies without known joints, as an artist places an animal: a ball for the
head, one or two eggs for the trunk, a line through both, legs as single lines.
"""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.bodies import Body
from paints_undo_engine.procedural.techniques.building import Lines
from paints_undo_engine.procedural.techniques.mannequins import Place, smooth
from paints_undo_engine.procedural.techniques.sketching import ellipse

_BALL, _LONG = 0.47, 1.25
"""Of a head's width, its ball's radius; a head so much higher than broad has a muzzle, or a chin, below its ball."""
_EYES = 0.1
"""Of a ball's half height: how far below its middle the eyes lie."""
_MUZZLE = 0.3
"""Of a head's width: half the muzzle's breadth."""
_CHEST, _RUMP, _SLENDER = (0.0, 0.62), (0.5, 1.0), 1.3
"""Of the way from the head to the trunk's end: both eggs; by its breadth, how long a trunk is that has two."""
_SHORT = 0.6
"""Of a trunk's breadth: of one that the picture cuts off so near below the head nothing is drawn."""
_FULL = 0.95
"""Of the silhouette's breadth: an egg's."""


def creature_head(head: Box, chance: np.random.Generator) -> Lines:
    """The ball of a head in its box, gone round twice, a line for the eyes, and a smaller form below a long one."""
    x, radius = head.centre[0], _BALL * head.width
    tall = min(radius, 0.5 * head.height)
    y, begin = head.y + tall, float(chance.uniform(0, 6))
    lines: Lines = [
        ("head ball", ellipse(x, y, radius, tall, 0.0, begin, begin + 6.6), 0.95),
        ("head ball again", ellipse(x, y, 1.03 * radius, 0.97 * tall, 0.0, begin + 2, begin + 6.4), 0.55),
    ]
    level = y + _EYES * tall
    ends, middle = [np.array([x + side * 0.9 * radius, level]) for side in (-1, 1)], np.array([x, level + 0.08 * tall])
    lines.append(("line of the eyes", smooth([ends[0], middle, ends[1]]), 0.6))
    if head.height > _LONG * head.width:
        bottom, wide = head.y + head.height, _MUZZLE * head.width
        high = 0.5 * (bottom - y - 0.35 * tall)
        lines.append(("muzzle", ellipse(x, bottom - high, wide, high, 0.0, begin + 1, begin + 7.4), 0.8))
    return lines


def creature_body(body: Body, head: Place) -> Lines:
    """The eggs of a trunk along its silhouette's middle, the line through them from the head's middle, and the legs."""
    breadth = 2 * _FULL * float(body.half_at(0.3 * body.length))
    if body.cut and body.length < _SHORT * breadth:
        return []
    eggs = [_CHEST, _RUMP] if body.length > _SLENDER * breadth else [(_CHEST[0], _RUMP[1])]
    places = [body.at(share * body.length) for share in (0.2, 0.5, 0.95)]
    lines: Lines = [("line through the body", smooth([head, *places]), 0.55)]
    names = ("chest", "rump") if len(eggs) == 2 else ("trunk",)
    lines += [(f"{name}, egg", _egg(body, *egg), 0.85) for name, egg in zip(names, eggs, strict=True)]
    hip = body.at(0.85 * body.length)
    return [*lines, *(("leg, axis", smooth([hip, *np.asarray(leg, np.float64)]), 0.7) for leg in body.legs)]


def _egg(body: Body, begin: float, end: float) -> Points:
    """A closed form about the body's middle between two shares of its length, as broad as the silhouette is there, and
    no flatter than a ball: it goes on below a picture that cuts it off.
    """
    half = _FULL * body.half_at((begin + end) / 2 * body.length)
    first, last = body.at(begin * body.length), body.at(max(end * body.length, begin * body.length + 2 * half))
    middle, along = (first + last) / 2, last - first
    turn = float(np.arctan2(-along[0], along[1]))
    return ellipse(float(middle[0]), float(middle[1]), half, 0.5 * float(np.hypot(*along)), turn, -1.0, 5.6)
