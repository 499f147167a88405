"""Construction of what has no known face: balls and axes of animals and people seen from anywhere, boxes of things."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.script import Step
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled

_MOST_BALLS = 7
_LEAST_BALL = 0.26
"""Of the largest ball's radius."""
_APART = 1.1
"""No ball's middle lies within so many radii of another's."""
_STRAIGHT, _LONG = 0.72, 0.05
"""A thing is boxed when this share of its outline lies in straight pieces of at least this share of the diagonal."""


@dataclass(frozen=True, slots=True)
class Ball:
    """The largest circle that fits into a part of a figure."""

    x: float
    y: float
    radius: float


def massed(source: Source, pencil: Pencil, chance: np.random.Generator) -> list[Step]:
    """The construction of each figure: a box about what is straight, balls in what is round, joined by axes."""
    steps: list[Step] = []
    for box in source.reading.figure.boxes[:3]:
        rows, columns = box.slices(source.reading.shape)
        mask = (source.reading.figure.cover[rows, columns] > 127).astype(np.uint8)
        if int(mask.sum()) < 40:
            continue
        corners = _corners(mask, source.diagonal)
        if corners is not None:
            steps += _boxed(source, pencil, corners + np.array([columns.start, rows.start]), chance)
        else:
            steps += _balled(source, pencil, _balls(mask, box), chance)
    return steps


def _corners(mask: NDArray[np.uint8], diagonal: float) -> NDArray[np.float32] | None:
    """The corners of a straight-sided thing, in its mask's pixels: float32 [n, 2]; None where it is round."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)
    corners = np.asarray(cv2.approxPolyDP(outline, 0.006 * diagonal, True)[:, 0], np.float32)
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    straight = sides[sides > _LONG * diagonal].sum() / max(float(sides.sum()), 1.0)
    return corners if len(corners) <= 16 and straight > _STRAIGHT else None


def _boxed(source: Source, pencil: Pencil, corners: NDArray[np.floating], chance: np.random.Generator) -> list[Step]:
    """The smallest turned rectangle about a thing, its middle axes, and its sides lengthened as one draws them."""
    ring = cv2.boxPoints(cv2.minAreaRect(corners.astype(np.float32)))
    steps = []
    for one, other in pairwise([*ring, ring[0]]):
        steps.append(_ruled(pencil, one, other, "shape, box", 0.5))
    middles = [(ring[at] + ring[(at + 1) % 4]) / 2 for at in range(4)]
    steps += [_ruled(pencil, middles[at], middles[at + 2], "shape, middle axis", 0.5) for at in (0, 1)]
    for one, other in pairwise([*corners, corners[0]]):
        beyond = (other - one) * float(chance.uniform(0.03, 0.1))
        line = np.array([one - beyond, other + beyond], np.float32)
        line = wobbled(line, 0.0008 * source.diagonal, chance)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "shape, side", strength=0.7))
    return steps


def _ruled(pencil: Pencil, one: NDArray[np.floating], other: NDArray[np.floating], label: str, strength: float) -> Step:
    line = np.array([one, other], np.float32)
    return pencil.line(line, Phase.CONSTRUCTION, label, strength=strength, tool=Tool.RULER)


def _balls(mask: NDArray[np.uint8], box: Box) -> list[Ball]:
    """The largest circles in a mask, none in another, the topmost first."""
    inside = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)
    y, x = np.mgrid[: depth.shape[0], : depth.shape[1]].astype(np.float32)
    found: list[Ball] = []
    largest = float(depth.max())
    while len(found) < _MOST_BALLS:
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        radius = float(depth[row, column])
        if radius < max(_LEAST_BALL * largest, 3.0):
            break
        found.append(Ball(float(column) - 1 + box.x, float(row) - 1 + box.y, radius))
        depth[(x - column) ** 2 + (y - row) ** 2 < (_APART * radius + 0.35 * largest) ** 2] = 0
    return sorted(found, key=lambda ball: ball.y)


def _balled(source: Source, pencil: Pencil, balls: list[Ball], chance: np.random.Generator) -> list[Step]:
    """Each ball gone round, and lines from each to the nearest one that stands already."""
    steps: list[Step] = []
    for number, ball in enumerate(balls):
        squeeze = float(chance.uniform(0.92, 1.06))
        turn = float(chance.uniform(0, np.pi))
        begin = float(chance.uniform(0, 2 * np.pi))
        line = ellipse(ball.x, ball.y, ball.radius, ball.radius * squeeze, turn, begin, begin + 6.6)
        line = wobbled(line, 0.02 * ball.radius, chance)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "mass, ball", strength=0.75))
        if number == 0:
            steps += _crossed(pencil, ball, chance)
            continue
        near = min(balls[:number], key=lambda other: (other.x - ball.x) ** 2 + (other.y - ball.y) ** 2)
        bend = chance.normal(0, 0.06, 2) * float(np.hypot(ball.x - near.x, ball.y - near.y))
        middle = np.array([(ball.x + near.x) / 2, (ball.y + near.y) / 2]) + bend
        axis = np.array([[near.x, near.y], middle, [ball.x, ball.y]], np.float32)
        axis = wobbled(axis, 0.0015 * source.diagonal, chance)
        steps.append(pencil.line(axis, Phase.CONSTRUCTION, "mass, axis", strength=0.6))
    return steps


def _crossed(pencil: Pencil, ball: Ball, chance: np.random.Generator) -> list[Step]:
    """Two bent lines that turn a ball in space."""
    lean = float(chance.uniform(-0.35, 0.35)) * ball.radius
    down = np.array([[ball.x, ball.y - ball.radius], [ball.x + lean, ball.y], [ball.x, ball.y + ball.radius]])
    across = np.array([[ball.x - ball.radius, ball.y], [ball.x, ball.y + 0.5 * lean], [ball.x + ball.radius, ball.y]])
    return [
        pencil.line(
            wobbled(line.astype(np.float32), 0.01 * ball.radius, chance), Phase.CONSTRUCTION, label, strength=0.5
        )
        for line, label in ((down, "mass, middle line"), (across, "mass, level line"))
    ]
