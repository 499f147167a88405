"""Construction of what has no head: boxes of straight-sided things; all else is searched for by its silhouette, what is
no figure by its large masses.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.crowns import PARTED, piece_of
from paints_undo_engine.procedural.reading.model import Box, Cover, Perspective
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.gestures import gestured, searched_beside
from paints_undo_engine.procedural.techniques.sketching import Pencil, wobbled

_STRAIGHT, _LONG = 0.72, 0.05
"""A thing is boxed when this share of its outline lies in straight pieces of at least this share of the diagonal."""
_MOST_BOXES = 4
_NEAR, _REST = 0.03, 0.08
"""Of the diagonal: what lies so near to the lines of a figure is its own; of all figures, what is large beside them."""
_WHOLE = 0.8
"""Of the picture's sides."""
_GUIDES = (14, 5, 0, 9)
"""How many guides a scene is built with: by turn."""
_EDGE, _EDGES, _OFF = 0.06, 5, np.radians(1.5)
"""Of the diagonal: a long straight edge; so many have to meet in a vanishing point, and miss it by no more."""


def massed(source: Source, pencil: Pencil, chance: np.random.Generator) -> list[ScriptStep]:
    """The construction of figures without a head: a box about what is straight, the silhouette of all else."""
    steps: list[ScriptStep] = []
    figure, shape = source.reading.figure, source.reading.shape
    rest = np.zeros(shape, np.uint8)
    for box in figure.boxes[:_MOST_BOXES]:
        rows, columns = box.slices(shape)
        mask = piece_of(figure, box).astype(np.uint8)
        if int(mask.sum()) < 40:
            continue
        corners = None if _is_picture(box, shape) else _corners(mask, source.diagonal)
        if corners is not None:
            steps += _boxed(source, pencil, corners + np.array([columns.start, rows.start]), chance)
        else:
            rest[rows, columns] |= 255 * mask
    return steps + gestured(source, pencil, rest, chance)


def besides(source: Source, pencil: Pencil, built: Sequence[Points], chance: np.random.Generator) -> list[ScriptStep]:
    """What is large of figures that are surely parted from their ground and not within the lines of any that were
    `built`: another one's body, long hair, wings, a cloak.
    """
    figure = source.reading.figure
    if figure.source not in PARTED:
        return []
    own = np.where(figure.cover > 127, np.uint8(255), np.uint8(0))
    rest, reach = own.copy(), max(3, round(_NEAR * source.diagonal)) | 1
    for points in built:
        hull = cv2.convexHull(np.rint(points).astype(np.int32))
        cv2.fillConvexPoly(rest, hull, 0)
        cv2.polylines(rest, [hull], True, 0, reach)
    rest = np.asarray(cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones((reach, reach), np.uint8)), np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(rest)
    large = stats[:, cv2.CC_STAT_AREA] > _REST * float((own > 0).sum())
    large[0] = False
    rest = np.where(large[pieces], np.uint8(255), np.uint8(0))
    return searched_beside(source, pencil, own, rest, chance) if large.any() else []


def _is_picture(box: Box, shape: tuple[int, int]) -> bool:
    """Whether a figure takes nearly all of a picture [h, w]: that is no thing to be put into a box."""
    return box.width > _WHOLE * shape[1] and box.height > _WHOLE * shape[0]


def surveyed(source: Source, pencil: Pencil, chance: np.random.Generator) -> list[ScriptStep]:
    """The construction of a scene: horizon and guides where it has them, and its large masses."""
    reading = source.reading
    everywhere = np.full(reading.shape, 255, np.uint8) if reading.alpha is None else reading.alpha
    steps = _perspective(source, pencil)
    return steps + gestured(source, pencil, everywhere, chance, figure=False)


def _perspective(source: Source, pencil: Pencil) -> list[ScriptStep]:
    """Horizon and guides with the ruler, where long straight edges really meet."""
    found = source.reading.perspective
    if not _is_real(found, source.diagonal):
        return []
    steps = []
    if found.horizon is not None:
        line = np.array(found.horizon, np.float32)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "horizon", strength=0.7, tool=Tool.RULER))
    for guide in found.guides[: _GUIDES[source.options.seed % len(_GUIDES)]]:
        line = guide.reshape(2, 2).astype(np.float32)
        steps.append(pencil.line(line, Phase.CONSTRUCTION, "perspective, guide", strength=0.45, tool=Tool.RULER))
    return steps


def _is_real(found: Perspective, diagonal: float) -> bool:
    """Whether long edges, and not only short ones, meet in the chief vanishing point, from more than one side."""
    if not len(found.points):
        return False
    begin, way = found.segments[:, :2], found.segments[:, 2:] - found.segments[:, :2]
    length = np.hypot(*way.T)
    to = np.array(found.points[0]) - (begin + way / 2)
    away = np.hypot(*to.T)
    sine = np.abs(to[:, 0] * way[:, 1] - to[:, 1] * way[:, 0]) / np.maximum(away * length, 1e-6)
    own = (sine < np.sin(_OFF)) & (length > _EDGE * diagonal) & (away > length)
    return int(own.sum()) >= _EDGES


def _corners(mask: Cover, diagonal: float) -> NDArray[np.float32] | None:
    """The corners of a straight-sided thing, in its mask's pixels: float32 [n, 2]; None where it is round."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)
    corners = np.asarray(cv2.approxPolyDP(outline, 0.006 * diagonal, True)[:, 0], np.float32)
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    straight = sides[sides > _LONG * diagonal].sum() / max(float(sides.sum()), 1.0)
    return corners if len(corners) <= 16 and straight > _STRAIGHT else None


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
