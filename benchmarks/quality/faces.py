"""Is the construction drawn through the eyes, and are the eyes built or switched on?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .colour import oklab
from .measures import Frame

Eyes = Sequence[tuple[float, float]]

REACH = 0.05
"""Of the picture's longer side: how near the construction's line has to pass by an eye."""
REACH_OF_HEAD = 0.35
"""The same in distances between the eyes, so that a small face is not met by chance."""
DENSEST = 0.35
"""Share of the face that the construction may cover: a scribble over everything meets every eye."""

_DRAWN = 12


@dataclass(frozen=True)
class CrossFound:
    """How the construction lies on the labelled face."""

    misses: tuple[float, float]
    """Way from either eye to the nearest line, as a share of the picture's longer side."""
    density: float
    """Share of the face's square that is drawn on."""
    within: bool
    """Both eyes met, by a drawing that is no scribble."""


def find_cross(construction: Frame, eyes: Eyes) -> CrossFound:
    """Compare the canvas at the end of the construction (on white) with hand-labelled eyes."""
    h, w = construction.shape[:2]
    drawn = (255 - construction.min(axis=2).astype(np.int16)) > _DRAWN
    if not drawn.any():
        return CrossFound((1.0, 1.0), 0.0, False)
    way = cv2.distanceTransform((~drawn).astype(np.uint8), cv2.DIST_L2, 5)
    points = [(min(int(x * w), w - 1), min(int(y * h), h - 1)) for x, y in eyes]
    (ax, ay), (bx, by) = points
    between = max(float(np.hypot(ax - bx, ay - by)), 1.0)
    misses = tuple(float(way[y, x]) for x, y in points)
    density = float(drawn[_square((ax + bx) / 2, (ay + by) / 2, between, h, w)].mean())
    reach = min(REACH * max(h, w), REACH_OF_HEAD * between)
    within = max(misses) <= reach and density <= DENSEST
    return CrossFound((misses[0] / max(h, w), misses[1] / max(h, w)), density, within)


def eye_jump(states: Sequence[Frame], painting: Frame, eyes: Eyes) -> float:
    """The largest part of an eye that comes between two neighbouring states, 0 (built slowly) .. 1 (switched on)."""
    h, w = painting.shape[:2]
    (ax, ay), (bx, by) = [(x * w, y * h) for x, y in eyes]
    half = 0.3 * max(float(np.hypot(ax - bx, ay - by)), 4.0)
    worst = 0.0
    for x, y in ((ax, ay), (bx, by)):
        window = _square(x, y, half, h, w)
        wanted = oklab(painting[window])
        distances = [float(np.abs(oklab(state[window]) - wanted).mean()) for state in states]
        blank = float(np.abs(oklab(np.full_like(painting[window], 255)) - wanted).mean())
        drops = -np.diff([blank, *distances]) / max(blank, 1e-6)
        worst = max(worst, float(drops.max()))
    return worst


def eyes_half(states: Sequence[Frame], painting: Frame, eyes: Eyes) -> float:
    """The share of the process at which the later iris has lost half of its colour distance for good."""
    h, w = painting.shape[:2]
    (ax, ay), (bx, by) = [(x * w, y * h) for x, y in eyes]
    half = 0.1 * max(float(np.hypot(ax - bx, ay - by)), 4.0)
    latest = 0
    for x, y in ((ax, ay), (bx, by)):
        window = _square(x, y, half, h, w)
        wanted = oklab(painting[window])
        blank = float(np.abs(oklab(np.full_like(painting[window], 255)) - wanted).mean())
        far = [float(np.abs(oklab(state[window]) - wanted).mean()) > 0.5 * blank for state in states]
        latest = max(latest, max((number for number, still in enumerate(far, 1) if still), default=0))
    return latest / len(states)


def head_box(eyes: Eyes, h: int, w: int) -> tuple[slice, slice]:
    """The head by its eyes: two and a half distances between them to every side, a little more above."""
    (ax, ay), (bx, by) = [(x * w, y * h) for x, y in eyes]
    between = max(float(np.hypot(ax - bx, ay - by)), 4.0)
    return _square((ax + bx) / 2, (ay + by) / 2 - 0.2 * between, 2.0 * between, h, w)


def _square(x: float, y: float, half: float, h: int, w: int) -> tuple[slice, slice]:
    rows = slice(max(0, int(y - half)), max(1, min(h, int(y + half) + 1)))
    return rows, slice(max(0, int(x - half)), max(1, min(w, int(x + half) + 1)))
