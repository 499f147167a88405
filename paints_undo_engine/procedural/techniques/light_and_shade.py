"""Borders of light and shade, which nobody outlines whose other lines are all to be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.model import Path
from paints_undo_engine.procedural.source import Source

_LINED = 0.8
"""Of the picture's edges: where more lie along lines, what has none had none."""
_DIM, _APART, _HUE = 110.0, 60.0, 28.0
"""Mean levels: what is darker may hide a line; two colours that are nearer, and so alike beside their lightness, are
light and shade.
"""
_BESIDE = 7.0
"""Pixels from a line at which the colours beside it are taken."""
_MIDDLE, _RIM, _DARKER, _MOSTLY = (-2.0, -1.0, 0.0, 1.0, 2.0), 4.5, 5.0, 0.6
"""Pixels: where the middle of a dark line is looked for, and what lies beside it; mean levels by which it is darker
than both, and how much of it is.
"""


def shows_lines(source: Source) -> bool:
    """Whether the picture shows all lines that were drawn."""
    return source.reading.ink.explained > _LINED


def parts_light_and_shade(source: Source, points: Path) -> bool:
    """Whether at both sides of a line float32 [n, 2] there is one pale colour, in light and in shade, and nothing
    darker between them: a line that lies in its own shade is one.
    """
    way = np.gradient(points, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(np.hypot(*way.T), 1e-6)[:, None]

    def at(away: float) -> NDArray[np.uint8]:
        return values_along(source.on_white, (points + away * across).astype(np.float32))

    one, other = (np.median(at(side * _BESIDE), axis=0)[None] for side in (-1, 1))
    if not are_light_and_shade(one, other)[0]:
        return False
    middle = np.min([at(away).mean(axis=1) for away in _MIDDLE], axis=0)
    darker = np.minimum(at(-_RIM).mean(axis=1), at(_RIM).mean(axis=1)) - middle > _DARKER
    return float(darker.mean()) < _MOSTLY


def are_light_and_shade(one: NDArray[np.number], other: NDArray[np.number]) -> NDArray[np.bool_]:
    """Which pairs of colours [n, 3] are pale, alike beside their lightness, and not too far apart in that: bool [n]."""
    light, shade = one.mean(axis=1), other.mean(axis=1)
    hue = (one - light[:, None]) - (other - shade[:, None])
    alike = (np.abs(hue).mean(axis=1) < _HUE) & (np.abs(one - other).mean(axis=1) < _APART)
    return np.asarray(alike & (np.minimum(light, shade) > _DIM), bool)
