"""The forms of a creature or a thing: its masses as eggs, what hangs on them as limbs, the line that joins them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.bodies import Lines
from paints_undo_engine.procedural.techniques.sketching import ellipse
from paints_undo_engine.procedural.techniques.spines import ways_through

_SIDE = 200
"""Pixels of the longer side of the grid on which forms are told."""
_CORE, _THREAD = 0.3, 0.08
"""In radii of the largest circle in a silhouette: what is thinner is a limb; and what is too thin for one."""
_CLEAR = 0.95
"""Of an egg: what lies within is no limb."""
_SMALLEST, _APART, _MOST_EGGS = 0.4, 0.9, 6
"""Of the largest circle's radius: the smallest that is a mass; in radii of both, how far they lie apart."""
_LEAST, _LEAST_LIMB = 0.05, 0.012
"""Of a silhouette: the smallest mass, and the smallest limb."""
_LONG, _THICK, _INNER, _MOST_LIMBS = 0.7, 3.5, 0.85, 7
"""In radii of the largest circle: how long a limb is at least, and by half its own breadth; how much of it does not lie
along the silhouette's box; so many are drawn.
"""


@dataclass(frozen=True, slots=True)
class Egg:
    """A mass: its middle, half its length and breadth, and the angle of its length in radians."""

    x: float
    y: float
    length: float
    breadth: float
    turn: float


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """What hangs on the masses: its middle float32 [n, 2] from there on, and half its breadth float32 [n, 1]."""

    middle: Points
    half: Points


@dataclass(frozen=True, slots=True)
class Forms:
    """The masses of a silhouette, in a row, and its limbs, the longest first."""

    eggs: tuple[Egg, ...]
    limbs: tuple[Limb, ...]


def forms_of(silhouette: NDArray[np.bool_]) -> Forms:
    """The forms of a silhouette, bool [h, w], in its pixels."""
    scale = min(1.0, _SIDE / max(silhouette.shape))
    height, width = (max(1, round(side * scale)) for side in silhouette.shape)
    small = cv2.resize(silhouette.astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    radius = float(cv2.distanceTransform(framed, cv2.DIST_L2, 5).max())
    core = np.asarray(cv2.morphologyEx(small, cv2.MORPH_OPEN, _disk(_CORE * radius)), np.uint8)
    area = float(small.sum())
    eggs = _eggs(core, area)
    masses = np.zeros_like(small)
    for egg in eggs:
        size = (2 * _CLEAR * egg.length, 2 * _CLEAR * egg.breadth)
        cv2.ellipse(masses, ((egg.x, egg.y), size, float(np.degrees(egg.turn))), 1, -1)
    beside = np.where(masses > 0, 0, small).astype(np.uint8)
    rest = np.asarray(cv2.morphologyEx(beside, cv2.MORPH_OPEN, _disk(_THREAD * radius)), np.uint8)
    limbs = []
    for piece in _pieces(rest, _LEAST_LIMB * area):
        limb = None if _is_corner(piece) else _limb(piece, np.asarray(masses, np.uint8))
        if limb is not None and _length(limb.middle) > max(_LONG * radius, _THICK * float(limb.half.mean())):
            limbs.append(Limb(limb.middle / scale, limb.half / scale))
    limbs.sort(key=lambda limb: -_length(limb.middle))
    placed = [Egg(egg.x / scale, egg.y / scale, egg.length / scale, egg.breadth / scale, egg.turn) for egg in eggs]
    return Forms(tuple(_in_a_row(placed)), tuple(limbs[:_MOST_LIMBS]))


def form_lines(forms: Forms, chance: np.random.Generator) -> Lines:
    """The line through the masses and the longest limb, each mass gone round, and the limbs as tubes or as axes."""
    lines: Lines = []
    through = [np.array([egg.x, egg.y]) for egg in forms.eggs]
    if forms.limbs:
        limb = forms.limbs[0].middle
        ends = [float(np.hypot(*(limb[0] - place))) for place in through]
        if through and ends[0] < ends[-1]:
            through = through[::-1]
        through += [*limb[:: max(1, len(limb) // 4)], limb[-1]]
    if len(through) > 1:
        lines.append(("line of action", _bent(np.array(through, np.float32)), 0.6))
    for egg in forms.eggs:
        begin, size = float(chance.uniform(0, 6)), float(chance.uniform(0.94, 1.04))
        ring = ellipse(egg.x, egg.y, size * egg.length, size * egg.breadth, egg.turn, begin, begin + 6.5)
        lines.append(("mass, egg", ring, 0.75))
    lines += _crossed(max(forms.eggs, key=lambda egg: egg.length * egg.breadth, default=None), chance)
    tubes = chance.random() < 0.6
    for limb_found in forms.limbs:
        lines += _tube(limb_found) if tubes else [("limb, axis", limb_found.middle, 0.65)]
    return lines


def _crossed(egg: Egg | None, chance: np.random.Generator) -> Lines:
    """Two bent lines that turn the largest mass in space."""
    if egg is None:
        return []
    along = np.array([np.cos(egg.turn), np.sin(egg.turn)]) * egg.length
    across = np.array([-np.sin(egg.turn), np.cos(egg.turn)]) * egg.breadth
    middle, lean = np.array([egg.x, egg.y]), float(chance.uniform(-0.35, 0.35))
    lengthwise = np.array([middle - along, middle + lean * across, middle + along], np.float32)
    level = np.array([middle - across, middle + 0.3 * lean * along, middle + across], np.float32)
    return [("mass, middle line", _bent(lengthwise), 0.5), ("mass, level line", _bent(level), 0.45)]


def _tube(limb: Limb) -> Lines:
    along = np.gradient(limb.middle, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    lines: Lines = [
        ("limb, tube", (limb.middle + side * limb.half * across).astype(np.float32), 0.6) for side in (-1.0, 1.0)
    ]
    at = len(limb.middle) // 2
    turn, half = float(np.arctan2(across[at, 1], across[at, 0])), float(limb.half[at, 0])
    x, y = (float(value) for value in limb.middle[at])
    return [*lines, ("limb, cross section", ellipse(x, y, half, 0.3 * half, turn, 0.3, 6.4), 0.5)]


def _disk(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _pieces(mask: NDArray[np.uint8], least: float) -> list[NDArray[np.bool_]]:
    """The pieces of a mask that are large enough."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask)
    large = [at for at in range(1, len(stats)) if stats[at, cv2.CC_STAT_AREA] > least]
    return [np.asarray(pieces == at, bool) for at in large]


def _eggs(core: NDArray[np.uint8], area: float) -> list[Egg]:
    """The masses about the largest circles that fit in, the places of each being nearer to it than to the others."""
    depth = cv2.distanceTransform(cv2.copyMakeBorder(core, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.nonzero(core)
    balls: list[tuple[float, float, float]] = []
    left = np.asarray(depth, np.float32).copy()
    rows, columns = np.mgrid[: core.shape[0], : core.shape[1]]
    while len(balls) < _MOST_EGGS:
        row, column = (int(at) for at in np.unravel_index(int(left.argmax()), left.shape))
        radius = float(left[row, column])
        if radius < max(_SMALLEST * (balls[0][2] if balls else radius), 2.0):
            break
        balls.append((column, row, radius))
        left[np.hypot(columns - column, rows - row) < _APART * radius + _APART / 2 * balls[0][2]] = 0
    if not balls:
        return []
    nearest = np.argmin([np.hypot(x - bx, y - by) - radius for bx, by, radius in balls], axis=0)
    parts = [nearest == at for at in range(len(balls))]
    return [
        _egg(x[part].astype(np.float64), y[part].astype(np.float64)) for part in parts if part.sum() > _LEAST * area
    ]


def _egg(x: NDArray[np.float64], y: NDArray[np.float64]) -> Egg:
    """The ellipse with the same middle and spread as some places."""
    spread = np.cov(np.stack([x, y])) if len(x) > 2 else np.eye(2)
    sizes, ways = np.linalg.eigh(spread)
    breadth, length = (2.0 * float(np.sqrt(max(size, 0.25))) for size in sizes)
    return Egg(float(x.mean()), float(y.mean()), length, breadth, float(np.arctan2(ways[1, 1], ways[0, 1])))


def _is_corner(piece: NDArray[np.bool_]) -> bool:
    """Whether a piece lies along the silhouette's box, as what is cut off there does."""
    inner = np.zeros_like(piece)
    inner[2:-2, 2:-2] = True
    return float(inner[piece].mean()) < _INNER


def _limb(piece: NDArray[np.bool_], masses: NDArray[np.uint8]) -> Limb | None:
    """A limb from where it is nearest to the masses to its farthest end."""
    away = cv2.distanceTransform(1 - masses, cv2.DIST_L2, 5)
    y, x = np.nonzero(piece)
    first = int(np.argmin(away[y, x]))
    found = ways_through(piece, (int(x[first]), int(y[first])), len(x))
    return None if found is None else Limb(*found)


def _in_a_row(eggs: list[Egg]) -> list[Egg]:
    """Eggs from one end to the other, each beside its nearest."""
    if len(eggs) < 3:
        return eggs
    places = np.array([(egg.x, egg.y) for egg in eggs])
    middle = places.mean(axis=0)
    row = [int(np.argmax(np.hypot(*(places - middle).T)))]
    while len(row) < len(eggs):
        left = [at for at in range(len(eggs)) if at not in row]
        row.append(min(left, key=lambda at: float(np.hypot(*(places[at] - places[row[-1]])))))
    return [eggs[at] for at in row]


def _bent(places: Points) -> Points:
    """A line through places, without its corners: float32 [n, 2]."""
    long = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))])
    at = np.linspace(0, long[-1], 40)
    line = np.stack([np.interp(at, long, column) for column in places.T], axis=1).astype(np.float32)
    return np.asarray(cv2.blur(line[:, None], (1, 9), borderType=cv2.BORDER_REPLICATE)[:, 0], np.float32)


def _length(line: Points) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
