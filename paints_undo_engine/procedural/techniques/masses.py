"""Construction of what has no known face: the line of action, the envelope, balls of round bodies, boxes of things."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.bodies import body_built
from paints_undo_engine.procedural.techniques.limbs import form_lines, forms_of
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled

_MOST_BALLS = 3
_LEAST_BALL = 0.26
"""Of the largest ball's radius."""
_APART = 1.1
"""No ball's middle lies within so many radii of another's."""
_ROUND = 0.72
"""Of a silhouette: what so few balls fill is a round body."""
_COMPACT = 0.8
"""Of its hull: what fills more has no limbs."""
_PAGE = 4
"""Pixels that a page of drawings leaves of its picture at most."""
_STRAIGHT, _LONG = 0.72, 0.05
"""A thing is boxed when this share of its outline lies in straight pieces of at least this share of the diagonal."""
_ENVELOPE = (7, 12)
"""The fewest and the most straight lines that are laid about a silhouette."""
_COARSE = 12
"""Pixels of the widest gap in a silhouette that is passed over, on the grid on which it is closed."""
_ACTION = 16
"""Samples along a line of action."""


class Mass(StrEnum):
    """How somebody places a silhouette."""

    ENVELOPE = "envelope"
    """A few straight lines about all of it, then its axis."""
    GESTURE = "gesture"
    """The line of action, then the sides in long curves."""
    BOX = "box"
    """Only what is compact: the smallest turned box, its axes, and the sides within it."""
    FORMS = "forms"
    """Only what has limbs: the large masses as eggs on a line, and limbs as tubes."""
    BALLS = "balls"
    """Only round bodies: the largest circles and the axis between them."""


@dataclass(frozen=True, slots=True)
class Ball:
    """The largest circle that fits into a part of a figure."""

    x: float
    y: float
    radius: float


def massed(source: Source, pencil: Pencil, turn: int, chance: np.random.Generator) -> list[ScriptStep]:
    """The construction of each figure: a box about what is straight; of all else its masses and limbs, the line of
    action, the envelope, or of a round body its balls; `turn` chooses."""
    steps: list[ScriptStep] = []
    for box in source.reading.figure.boxes[:3]:
        if any(_is_within(box, line.box) for line in source.reading.text):
            continue
        rows, columns = box.slices(source.reading.shape)
        mask = (source.reading.figure.cover[rows, columns] > 127).astype(np.uint8)
        if int(mask.sum()) < 40:
            continue
        corner = np.array([columns.start, rows.start])
        corners = _corners(mask, source.diagonal)
        if corners is not None:
            steps += _boxed(source, pencil, corners + corner, chance)
            continue
        balls = _balls(mask, box)
        is_page = max(np.subtract(source.reading.shape, mask.shape)) < _PAGE
        compact, limbed = [Mass.ENVELOPE, Mass.GESTURE, Mass.BOX], [Mass.FORMS, Mass.GESTURE, Mass.ENVELOPE]
        ways = compact if is_page or _is_compact(mask) else limbed
        ways += [Mass.BALLS] if _are_round(mask, balls) else []
        way = ways[turn % len(ways)]
        if way is Mass.BALLS:
            steps += _balled(source, pencil, balls, chance)
            continue
        if way is Mass.BOX:
            outline = _outline(mask)[:, 0].astype(np.float32) + corner
            steps += [*_in_box(pencil, outline), *_sided(source, pencil, mask, corner, chance)]
            continue
        if way is Mass.FORMS:
            lines = form_lines(forms_of(mask > 0), chance)
            steps += body_built(source, pencil, [(name, line + corner, press) for name, line, press in lines], chance)
            continue
        axis = _action(mask) + corner
        action = pencil.line(
            wobbled(axis.astype(np.float32), 0.002 * source.diagonal, chance),
            Phase.CONSTRUCTION,
            "figure, line of action",
            strength=0.7,
        )
        if way is Mass.ENVELOPE:
            steps += [*_enveloped(source, pencil, mask, corner, chance), action]
        else:
            steps += [action, *_sided(source, pencil, mask, corner, chance)]
    return steps


def _is_within(box: Box, text: Box) -> bool:
    """Whether most of a figure's box lies in a line of lettering, which has lines of its own."""
    width = min(box.x + box.width, text.x + text.width) - max(box.x, text.x)
    height = min(box.y + box.height, text.y + text.height) - max(box.y, text.y)
    return max(width, 0.0) * max(height, 0.0) > 0.5 * box.area


def _corners(mask: NDArray[np.uint8], diagonal: float) -> NDArray[np.float32] | None:
    """The corners of a straight-sided thing, in its mask's pixels: float32 [n, 2]; None where it is round."""
    outline = _outline(mask)
    corners = np.asarray(cv2.approxPolyDP(outline, 0.006 * diagonal, True)[:, 0], np.float32)
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    straight = sides[sides > _LONG * diagonal].sum() / max(float(sides.sum()), 1.0)
    return corners if len(corners) <= 16 and straight > _STRAIGHT else None


def _outline(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The outline of a mask's largest piece: int32 [n, 1, 2]."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(outlines, key=len), np.int32)


def _boxed(
    source: Source, pencil: Pencil, corners: NDArray[np.floating], chance: np.random.Generator
) -> list[ScriptStep]:
    """The smallest turned rectangle about a thing, its middle axes, and its sides lengthened as one draws them."""
    steps = _in_box(pencil, corners)
    return steps + _lengthened(source, pencil, corners, "shape, side", chance)


def _in_box(pencil: Pencil, places: NDArray[np.floating]) -> list[ScriptStep]:
    """The smallest turned rectangle about places [n, 2], and its middle axes."""
    ring = cv2.boxPoints(cv2.minAreaRect(places.astype(np.float32)))
    steps = []
    for one, other in pairwise([*ring, ring[0]]):
        steps.append(_ruled(pencil, one, other, "shape, box", 0.5))
    middles = [(ring[at] + ring[(at + 1) % 4]) / 2 for at in range(4)]
    steps += [_ruled(pencil, middles[at], middles[at + 2], "shape, middle axis", 0.5) for at in (0, 1)]
    return steps


def _ruled(
    pencil: Pencil, one: NDArray[np.floating], other: NDArray[np.floating], label: str, strength: float
) -> ScriptStep:
    line = np.array([one, other], np.float32)
    return pencil.line(line, Phase.CONSTRUCTION, label, strength=strength, tool=Tool.RULER)


def _lengthened(
    source: Source, pencil: Pencil, corners: NDArray[np.floating], label: str, chance: np.random.Generator
) -> list[ScriptStep]:
    """The sides of a polygon, each a little beyond its corners; none along the picture's border."""
    steps = []
    for one, other in pairwise([*corners, corners[0]]):
        if _along_border(one, other, source.reading.shape):
            continue
        beyond = (other - one) * float(chance.uniform(0.03, 0.1))
        line = np.array([one - beyond, other + beyond], np.float32)
        line = wobbled(line, 0.0008 * source.diagonal, chance)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, label, strength=0.7))
    return steps


def _along_border(one: NDArray[np.floating], other: NDArray[np.floating], shape: tuple[int, int]) -> bool:
    height, width = shape
    low, high = np.minimum(one, other), np.maximum(one, other)
    return bool((high < 3).any() or low[0] > width - 4 or low[1] > height - 4)


def _action(mask: NDArray[np.uint8]) -> Points:
    """The line of action, in the mask's pixels: the middles across the silhouette's longest way, [n, 2]."""
    y, x = (column.astype(np.float64) for column in np.nonzero(mask))
    dx, dy = x - x.mean(), y - y.mean()
    _, turned = np.linalg.eigh(np.array([[dx @ dx, dx @ dy], [dx @ dy, dy @ dy]]) / max(len(x) - 1, 1))
    along = dx * turned[0, 1] + dy * turned[1, 1]
    first, last = np.percentile(along, (1, 99))
    width = max(float(last - first) / _ACTION, 1e-9)
    at = np.clip((along - first) * (1 / width), 0, _ACTION - 1).astype(np.int64)
    count = np.bincount(at, minlength=_ACTION)
    total = np.stack([np.bincount(at, column, _ACTION) for column in (x, y)], axis=1)
    return _smoothed(total[count > 0] / count[count > 0, None], 2.0)


def _smoothed(points: NDArray[np.floating], sigma: float, *, closed: bool = False) -> Points:
    """Points [n, 2] along a line, averaged over their neighbours; a closed line goes round."""
    border = cv2.BORDER_WRAP if closed else cv2.BORDER_REPLICATE
    reach = max(1, round(3 * sigma))
    line = cv2.copyMakeBorder(points.astype(np.float32)[:, None], reach, reach, 0, 0, border)
    return np.asarray(cv2.GaussianBlur(line, (1, 2 * reach + 1), 1, sigmaY=sigma)[reach:-reach, 0], np.float32)


def _enveloped(
    source: Source, pencil: Pencil, mask: NDArray[np.uint8], corner: NDArray[np.integer], chance: np.random.Generator
) -> list[ScriptStep]:
    """The silhouette between a few straight lines, as many as the seed has it; narrow gaps are passed over."""
    gap = 0.12 * float(np.sqrt(mask.sum()))
    # On a grid as coarse as the gaps are wide.
    shrink = max(1, int(gap / _COARSE))
    side = max(3, round(gap / shrink)) | 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    small = cv2.copyMakeBorder(mask[::shrink, ::shrink], side, side, side, side, cv2.BORDER_CONSTANT)
    outline = (_outline(np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, brush), np.uint8)) - side) * shrink
    most = int(chance.integers(*_ENVELOPE, endpoint=True))
    tolerance, simple = 0.01, outline
    while len(simple) > most and tolerance < 1:
        simple = np.asarray(cv2.approxPolyDP(outline, tolerance * float(np.sqrt(mask.sum())), True), np.int32)
        tolerance *= 1.3
    corners = simple[:, 0].astype(np.float64) + corner
    return _lengthened(source, pencil, corners, "figure, envelope", chance)


def _sided(
    source: Source, pencil: Pencil, mask: NDArray[np.uint8], corner: NDArray[np.integer], chance: np.random.Generator
) -> list[ScriptStep]:
    """The silhouette's outline, much simplified, in a few long curves that leave gaps."""
    outline = _outline(mask)[:, 0].astype(np.float64) + corner
    smooth = _smoothed(outline, 0.02 * len(outline), closed=True)
    count = int(chance.integers(4, 7))
    steps = []
    for number, start in enumerate(np.linspace(0, len(smooth), count, endpoint=False) + chance.uniform(0, len(smooth))):
        length = len(smooth) / count * float(chance.uniform(0.65, 0.95))
        piece = smooth[np.arange(int(start), int(start + max(length, 4))) % len(smooth)]
        inside = ~_at_border(piece, source.reading.shape)
        if inside.sum() < 4 or inside.mean() < 0.5:
            continue
        line = wobbled(piece[inside], 0.0025 * source.diagonal, chance)
        strength = 0.5 if number % 2 else 0.65
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "figure, side", strength=strength))
    return steps


def _at_border(points: Points, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """bool [n]: which points lie within a hundredth of the picture's border."""
    height, width = shape
    reach = 0.01 * max(height, width)
    x, y = points.T
    return np.asarray((x < reach) | (y < reach) | (x > width - 1 - reach) | (y > height - 1 - reach))


def _is_compact(mask: NDArray[np.uint8]) -> bool:
    """Whether a silhouette fills most of its hull, as a house does and nothing with limbs."""
    hull = cv2.convexHull(_outline(mask))
    return float(mask.sum()) > _COMPACT * max(float(cv2.contourArea(hull)), 1.0)


def _are_round(mask: NDArray[np.uint8], balls: list[Ball]) -> bool:
    """Whether a few balls fill most of a silhouette: a round body and its head, no string of beads."""
    return float(np.pi * sum(ball.radius**2 for ball in balls)) > _ROUND * float(mask.sum())


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


def _balled(source: Source, pencil: Pencil, balls: list[Ball], chance: np.random.Generator) -> list[ScriptStep]:
    """Each ball gone round, and lines from each to the nearest one that stands already."""
    steps: list[ScriptStep] = []
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


def _crossed(pencil: Pencil, ball: Ball, chance: np.random.Generator) -> list[ScriptStep]:
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
