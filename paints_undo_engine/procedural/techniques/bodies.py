"""The construction of a body under a known head: each artist has a way of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.model import Box, Point
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled
from paints_undo_engine.procedural.techniques.spines import spine_of

_SAMPLES = 24
"""Along a body, from the chin to its lowest row."""
_DOWN, _BREADTHS = (0.0, 0.5, 2.0, 4.0, 7.0), (2.2, 2.8, 2.2, 2.6, 2.4)
"""How many face heights below the chin a drawn body is at most how many face widths broad: shoulders, waist, hips."""
_BUST = 3.2
"""Face heights below the chin: of a shorter body the picture shows no hips."""
_DEEP = 3.0
"""In face heights: a shorter way is no body that bends, but a collar or a strand."""
_WITHIN, _BETTER, _CLEAR = 0.75, 0.1, 1.15
"""Of an upright body, what lies in its figure if it does not bend; how much more of one that does; and how far that
stays from the middle of its head, in heads."""


Lines = list[tuple[str, Points, float]]
"""The name of each line, where it goes, and the pencil's pressure."""


class Way(StrEnum):
    """How somebody places a body."""

    ACTION = "line of action"
    """The line of action, across it shoulders and hips, and pieces of the sides."""
    BOXES = "boxes"
    """Rib cage and hips as boxes on a spine, and the legs' axes."""
    CURVES = "curves"
    """A few long curves from side to side."""
    TUBES = "tubes"
    """A mannequin: cross sections and the sides between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A body on the grid: the middle float32 [24, 2] and the half breadth float32 [24] from the chin on."""

    middle: Points
    half: NDArray[np.float32]
    whole: bool
    """Whether it goes down to the hips."""
    across: Points
    """float32 [24, 2]: the way from side to side."""

    def at(self, share: float, side: float = 0.0) -> NDArray[np.float64]:
        """The place [2] at a share 0 to 1 of the way down; `side` -1 to 1 is left to right across the body."""
        number = share * (_SAMPLES - 1)
        columns = (*self.middle.T, self.half, *self.across.T)
        x, y, half, right, down = (float(np.interp(number, np.arange(_SAMPLES), column)) for column in columns)
        return np.array([x + side * half * right, y + side * half * down])

    def along(self, first: float, last: float, begin: float, end: float) -> Points:
        """A line down the body between two shares, going over from side `begin` to side `end`: float32 [n, 2]."""
        t = np.linspace(0, 1, 16)
        eased = t * t * (3 - 2 * t)
        line = [self.at(first + (last - first) * a, begin + (end - begin) * b) for a, b in zip(t, eased, strict=True)]
        return np.array(line, np.float32)


def measure_body(cover: NDArray[np.bool_], face: Box, chin: Point) -> Body | None:
    """The body in a figure, bool [h, w], under a face; None where nothing is left of it."""
    rows = np.flatnonzero(cover.any(axis=1))
    if len(rows) < 8:
        return None
    top = int(np.clip(chin[1], rows[0], rows[-1] - 4))
    spots = np.linspace(top, rows[-1], _SAMPLES).astype(int)
    widths, middles = [], []
    for row in spots:
        columns = np.flatnonzero(cover[max(0, row - 2) : row + 3].any(axis=0))
        middles.append(float(np.median(columns)) if len(columns) else np.nan)
        # Hair, skirts and what is held in the hands are wider than the body under them.
        broad = face.width * float(np.interp((row - top) / max(face.height, 1), _DOWN, _BREADTHS))
        widths.append(min(float(np.ptp(columns)), broad) if len(columns) else 0.0)
    known = ~np.isnan(middles)
    across = np.interp(spots, spots[known], np.array(middles)[known])
    # The neck stands under the chin, and no body strays far from there at once.
    leeway = face.width * (0.15 + 0.3 * (spots - top) / max(face.height, 1))
    across = np.clip(across, chin[0] - leeway, chin[0] + leeway)
    line = np.stack([across, spots.astype(float)], axis=1)
    half = _smoothed(0.46 * np.array(widths, np.float32)[:, None], 11)[:, 0]
    upright = np.repeat(np.array([[1, 0]], np.float32), _SAMPLES, axis=0)
    body = Body(_smoothed(line, 9), half, bool(spots[-1] - top > _BUST * face.height), upright)
    inside = _inside(body, cover)
    bent = _bent(cover, face, chin) if inside < _WITHIN else None
    return bent if bent is not None and _inside(bent, cover) > inside + _BETTER else body


def _inside(body: Body, cover: NDArray[np.bool_]) -> float:
    """How much of a body's middle and its mass lies within a figure, bool [h, w]."""
    inside = []
    for side in (-0.6, 0.0, 0.6):
        for share in np.linspace(0.1, 0.95, 12):
            x, y = body.at(float(share), side).astype(int)
            inside.append(0 <= y < cover.shape[0] and 0 <= x < cover.shape[1] and bool(cover[y, x]))
    return float(np.mean(inside))


def _bent(cover: NDArray[np.bool_], face: Box, chin: Point) -> Body | None:
    """The body of somebody who bends, sits or lies: along the middle of the figure."""
    x, y = face.centre
    radius = 0.5 * max(face.width, face.height)
    found = spine_of(cover, (x, y - 0.2 * face.height), 1.1 * radius, chin)
    if found is None:
        return None
    line, halves = found
    away = np.hypot(*(line - np.array([x, y])).T) / radius
    if (away[len(away) // 3 :] < _CLEAR).any() or away[-1] < 2 * _CLEAR or line[-1][1] < chin[1]:
        # It runs round the head, through loose hair.
        return None
    long = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if long[-1] < _DEEP * face.height:
        return None
    spots = np.linspace(0, long[-1], _SAMPLES)
    middle = np.stack([np.interp(spots, long, column) for column in line.T], axis=1)
    middle = _smoothed(middle, 9)
    broad = face.width * np.interp(spots / max(face.height, 1), _DOWN, _BREADTHS)
    half = _smoothed(0.46 * np.minimum(2 * np.interp(spots, long, halves[:, 0]), broad)[:, None], 11)[:, 0]
    along = np.gradient(middle, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    across = np.stack([along[:, 1], -along[:, 0]], axis=1).astype(np.float32)
    return Body(middle, half, bool(long[-1] > _BUST * face.height), across)


def gesture_of(body: Body, crown: Point) -> Points:
    """One line from the top of a head down the body: float32 [n, 2]."""
    return np.vstack([np.array([crown]), body.middle]).astype(np.float32)


def body_lines(body: Body, way: Way, chance: np.random.Generator) -> Lines:
    """The lines of a body by somebody's way."""
    return {Way.ACTION: _action, Way.BOXES: _boxes, Way.CURVES: _curves, Way.TUBES: _tubes}[way](body, chance)


def body_built(source: Source, pencil: Pencil, lines: Lines, chance: np.random.Generator) -> list[ScriptStep]:
    """The body's construction."""
    least, stray = 0.02 * source.diagonal, float(chance.uniform(0.0015, 0.003)) * source.diagonal
    return [
        pencil.line(wobbled(points, stray, chance), Phase.CONSTRUCTION, f"figure, {name}", strength=strength)
        for name, points, strength in lines
        if float(np.ptp(points, axis=0).max()) > least
    ]


def _action(body: Body, chance: np.random.Generator) -> Lines:
    lines: Lines = []
    for share, name in ((0.12, "shoulders"), (0.62, "hips")):
        if name == "hips" and not body.whole:
            continue
        tilt = np.array([0.0, float(chance.uniform(-0.12, 0.12)) * float(body.half.mean())])
        ends = [body.at(share, -1) - tilt, body.at(share), body.at(share, 1) + tilt]
        lines.append((name, np.array(ends, np.float32), 0.7))
    for side in (-1, 1):
        for begin, end in ((0.05, 0.36), (0.4, 0.66), (0.66, 0.98)):
            if chance.random() < 0.6:
                lines.append(("side of the body", body.along(begin, end, side, side), 0.5))
    return lines


def _boxes(body: Body, chance: np.random.Generator) -> Lines:
    chest = (0.07, 0.32) if body.whole else (0.2, 0.92)
    lines: Lines = [("spine", body.along(0, 0.6 if body.whole else 0.95, 0, 0), 0.6)]
    lines += _box(body, *chest, 0.78, 0.6, "rib cage", chance)
    if body.whole:
        lines += _box(body, 0.42, 0.55, 0.62, 0.74, "hips", chance)
        lines += [("leg, axis", body.along(0.55, 1.0, side * 0.5, side * 0.42), 0.6) for side in (-1, 1)]
    return lines


def _box(
    body: Body, top: float, bottom: float, above: float, below: float, name: str, chance: np.random.Generator
) -> Lines:
    """A box seen a little from one side: its front, the edge of its side, and the front's middle."""
    lean = float(chance.uniform(-0.04, 0.04)) * (bottom - top)
    left, right = body.at(top - lean, -above), body.at(top + lean, above)
    low_right, low_left = body.at(bottom + lean, below), body.at(bottom - lean, -below)
    turn = float(chance.choice([-0.45, 0.45]))
    upper, lower = body.at(top, turn * above), body.at(bottom, turn * below)
    ring = (left, right, low_right, low_left, left)
    return [
        *((f"{name}, box", np.array(side, np.float32), 0.75) for side in pairwise(ring)),
        (f"{name}, edge of the side", np.array([upper, lower], np.float32), 0.5),
    ]


def _curves(body: Body, chance: np.random.Generator) -> Lines:
    lean = float(chance.choice([-1, 1]))
    middle = float(chance.uniform(0.42, 0.55))
    lines: Lines = [
        ("long curve", body.along(0.02, middle, 0.15 * lean, -0.6 * lean), 0.75),
        ("long curve", body.along(middle * 0.8, 1.0, -0.62 * lean, 0.35 * lean), 0.75),
        ("long curve", body.along(0.1, 0.97, 1.05 * lean, 0.6 * lean), 0.6),
    ]
    if chance.random() < 0.7:
        lines.append(("long curve, again", body.along(0.05, middle, 0.22 * lean, -0.52 * lean), 0.5))
    lines.append(("shoulders", np.array([body.at(0.16, -0.95), body.at(0.1), body.at(0.12, 1)], np.float32), 0.6))
    return lines


def _tubes(body: Body, chance: np.random.Generator) -> Lines:
    shares = (0.1, 0.24, 0.38, 0.52, 0.74, 0.94) if body.whole else (0.22, 0.55, 0.88)
    lines: Lines = [("neck", body.along(-0.02, 0.1, side * 0.3, side * 0.36), 0.6) for side in (-1, 1)]
    lines += [("tube, side", body.along(0.1, 0.97, side * 0.72, side * 0.72), 0.65) for side in (-1, 1)]
    flat = float(chance.uniform(0.16, 0.28))
    for share in shares:
        x, y = body.at(share)
        way = body.at(share, 1) - body.at(share)
        half, turn = 0.72 * float(np.hypot(*way)), float(np.arctan2(way[1], way[0]))
        begin = float(chance.uniform(0, 6))
        ring = ellipse(float(x), float(y), half, flat * half, turn + float(chance.normal(0, 0.05)), begin, begin + 6.5)
        lines.append(("tube, cross section", ring, 0.6))
    return lines


def _smoothed(values: NDArray[np.floating], reach: int) -> NDArray[np.float32]:
    """Columns [n, c] averaged over so many rows."""
    blurred = cv2.GaussianBlur(values.astype(np.float32)[:, None], (1, reach), 0)
    return np.asarray(blurred, np.float32).reshape(values.shape)
