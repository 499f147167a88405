"""Construction of what no figure's construction holds: simple forms about the parts that are seen, as an artist blocks
in an insect, a bag, a flower or somebody behind: balls and eggs where they are round, an envelope of
straight strokes where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Cover, Phase
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import Pencil, ellipse, wobbled

_SIZES = (0.004, 0.3)
"""Of the picture: parts that are smaller or larger are not built."""
_MOST = (10, 7, 12, 8)
"""So many parts are built at most: by turn."""
_HELD = 0.6
"""Of a part, what lies within the forms that are built already at most."""
_BY_PARTS = 0.55
"""Of a part, what its own parts cover at least where they are built instead of it."""
_ROUND, _BOX = 0.86, 0.9
"""Of a part and its egg together, what both cover at least where it is round; of the least box about it, what a part
fills at most that is."""
_STRAIGHT, _FEWEST, _ANGULAR = 0.025, 3, 9
"""Of the outline's length: how far straight strokes stay from it; from how many to how many corners a block has."""
_BEYOND = (0.02, 0.09)
"""Of its length: how far a stroke goes on beyond a corner."""
_STRAY = 0.0012
"""Of the diagonal: how far lines stray."""
_AT_BORDER = 0.012
"""Of the diagonal: a stroke so near to the picture's border is none of a thing's."""


def part_forms(
    source: Source, pencil: Pencil, built: Sequence[Points], chance: np.random.Generator
) -> list[ScriptStep]:
    """Forms about the parts that are seen in no form `built`, float32 [n, 2] each, the largest first."""
    seen = source.reading.seen_parts
    if seen is None:
        return []
    steps: list[ScriptStep] = []
    held = _filled(built, source.reading.shape)
    for mask in _chosen(seen, held, source.reading.shape, _MOST[source.options.seed % len(_MOST)]):
        steps += _egg(source, pencil, mask, chance) or _block(source, pencil, mask, chance)
    return steps


def _filled(built: Sequence[Points], shape: tuple[int, int]) -> Cover:
    """uint8 [h, w]: where forms are built."""
    held = np.zeros(shape, np.uint8)
    for points in built:
        cv2.fillConvexPoly(held, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return held


def _chosen(seen: SeenParts, held: Cover, shape: tuple[int, int], most: int) -> list[Cover]:
    """The parts that are built, uint8 [h, w]: of one that lies in another one mostly the larger, unless that consists
    of such ones.
    """
    low, high = (share * held.size for share in _SIZES)
    taken = held.copy()
    masks = [seen.mask(number, shape).astype(np.uint8) for number in range(len(seen.masks))]
    areas = [int(mask.sum()) for mask in masks]
    found: list[Cover] = []
    for number, (mask, area) in enumerate(zip(masks, areas, strict=True)):
        own = [areas[at] for at in np.flatnonzero(seen.parents == number).tolist() if areas[at] >= low]
        if len(own) > 1 and sum(own) > _BY_PARTS * area:
            continue
        if low <= area <= high and int((mask & taken).sum()) < _HELD * area:
            found.append(mask)
            taken |= mask
    return found[:most]


def _outline(mask: Cover) -> NDArray[np.int32]:
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(outlines, key=cv2.contourArea), np.int32)


def _egg(source: Source, pencil: Pencil, mask: Cover, chance: np.random.Generator) -> list[ScriptStep]:
    """A ball or an egg about a round part, gone round a little more than once, and its long axis; none about others."""
    _, (breadth, height), _ = cv2.minAreaRect(_outline(mask))
    if int(mask.sum()) > _BOX * breadth * height:
        return []
    moments = cv2.moments(mask, binaryImage=True)
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    spread = np.array([[moments["mu20"], moments["mu11"]], [moments["mu11"], moments["mu02"]]]) / moments["m00"]
    least, most = np.sqrt(np.maximum(np.linalg.eigvalsh(spread), 0.25)) * 2
    along = np.linalg.eigh(spread)[1][:, 1]
    turn = float(np.arctan2(along[1], along[0]))
    form = np.zeros_like(mask)
    cv2.ellipse(form, ((x, y), (2 * most, 2 * least), float(np.degrees(turn))), 1, -1)
    if int((form & mask).sum()) < _ROUND * int((form | mask).sum()):
        return []
    begin = float(chance.uniform(0, 6))
    ring = wobbled(ellipse(x, y, most, least, turn, begin, begin + 7.2), _STRAY * source.diagonal, chance)
    steps = [pencil.line(ring, Phase.CONSTRUCTION, "form, ball" if most < 1.2 * least else "form, egg", strength=0.7)]
    if most > 1.5 * least:
        ends = np.array([[x, y]]) + np.array([[-1.0], [1.0]]) * most * along
        axis = wobbled(np.asarray(ends, np.float32), _STRAY * source.diagonal, chance)
        steps.append(pencil.line(axis, Phase.CONSTRUCTION, "form, axis", strength=0.45))
    return steps


def _block(source: Source, pencil: Pencil, mask: Cover, chance: np.random.Generator) -> list[ScriptStep]:
    """Straight strokes around a part, a little beyond each corner; none along the picture's border."""
    outline = np.asarray(cv2.convexHull(_outline(mask)), np.int32)
    length = cv2.arcLength(outline, True)
    share = _STRAIGHT
    corners = cv2.approxPolyDP(outline, share * length, True)[:, 0]
    while len(corners) > _ANGULAR:
        share *= 1.25
        corners = cv2.approxPolyDP(outline, share * length, True)[:, 0]
    if len(corners) < _FEWEST:
        return []
    steps = []
    edge = _AT_BORDER * source.diagonal
    height, width = mask.shape
    for one, other in pairwise(np.vstack([corners, corners[:1]]).astype(np.float64)):
        low, high = np.minimum(one, other), np.maximum(one, other)
        if (high < edge).any() or low[0] > width - edge or low[1] > height - edge:
            continue
        before, after = (other - one) * chance.uniform(*_BEYOND, 2)[:, None]
        line = np.array([one - before, other + after], np.float32)
        drawn = wobbled(line, _STRAY * source.diagonal, chance)
        steps.append(pencil.line(drawn, Phase.CONSTRUCTION, "form, side", strength=0.6))
    return steps
