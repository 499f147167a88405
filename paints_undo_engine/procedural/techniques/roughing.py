"""The rough sketch: the picture's main lines, loosely, with a part that is wrong at first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.model import Box, FigureSource, InkPath
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, nearest_order
from paints_undo_engine.procedural.techniques.construction import outline_pieces
from paints_undo_engine.procedural.techniques.focus import focus_of
from paints_undo_engine.procedural.techniques.sketching import Pencil, Slip, wobbled

_AROUND = 8
"""Pixels around a region in which its outline is looked for."""
_LONGEST = 0.22
"""Of the diagonal: a longer line is drawn in several strokes."""
_BESIDE, _OUTLINE = 0.2, 0.01
"""Of all lines, those of the surroundings of a figure; of the diagonal, how far its outline may lie from it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rough:
    """A line of the rough sketch on the grid, and what it belongs to."""

    points: Points
    name: str


def rough_lines(source: Source, most: int = 170, among: Collection[InkPath] | None = None) -> list[Rough]:
    """What is sketched: the long lines of the line art (all, or those `among` some), and where there are none the
    outlines of large regions."""
    least = 0.022 * source.diagonal
    lines: list[Rough] = []
    regions = source.reading.regions
    for path, hatching in zip(source.reading.ink.paths, source.hatching.tolist(), strict=True):
        if path.length < least or hatching or (among is not None and path not in among):
            continue
        name = regions[path.region].called if 0 <= path.region < len(regions) else "figure"
        for piece in _cut(path.points, _LONGEST * source.diagonal):
            lines.append(Rough(piece, name))
    lines += _outlines(source)
    lines.sort(key=lambda line: -len(line.points))
    lines = _chosen(source, lines, most)
    if not lines:
        return []
    middles = np.array([line.points[len(line.points) // 2] for line in lines], np.float64)
    return [lines[at] for at in nearest_order(middles, focus_of(source))]


def _chosen(source: Source, lines: list[Rough], most: int) -> list[Rough]:
    """The first lines; where a network has seen figures few of the surroundings, however long those are."""
    figure = source.reading.figure
    if figure.source is not FigureSource.NETWORK:
        return lines[:most]
    middles = [line.points[len(line.points) // 2].astype(int) for line in lines]
    reach = max(3, round(_OUTLINE * source.diagonal)) | 1
    near = cv2.dilate(figure.cover, np.ones((reach, reach), np.uint8)) > 127
    height, width = near.shape
    inside = [bool(near[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]) for x, y in middles]
    beside = [line for line, within in zip(lines, inside, strict=True) if not within][: round(_BESIDE * most)]
    own = [line for line, within in zip(lines, inside, strict=True) if within]
    return [*own[: most - len(beside)], *beside]


def _cut(points: Points, longest: float) -> list[Points]:
    count = max(1, int(np.ceil(len(points) / max(longest, 8))))
    edges = np.linspace(0, len(points) - 1, count + 1).astype(int)
    return [points[begin : end + 1] for begin, end in pairwise(edges) if end > begin]


def _outlines(source: Source) -> list[Rough]:
    """Outlines of regions where no ink runs along them."""
    reading = source.reading
    height, width = reading.shape
    inked = cv2.dilate(reading.ink.cover, np.ones((9, 9), np.uint8)) > 60
    found: list[Rough] = []
    for region in reading.regions:
        if not 0.0015 < region.area / (height * width) < 0.8:
            continue
        rows, columns = _about(region.box, reading.shape)
        mask = (reading.labels[rows, columns] == region.label).astype(np.uint8)
        mask = cv2.medianBlur(mask, 5)
        corner = (columns.start, rows.start)
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=corner)
        for outline in outlines:
            if len(outline) < 0.05 * source.diagonal:
                continue
            for piece in outline_pieces(outline[:, 0], (height, width), 0.004 * source.diagonal):
                x, y = piece.mean(axis=0).astype(int)
                middle = piece[len(piece) // 2].astype(int)
                bare = not inked[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
                bare &= not inked[np.clip(middle[1], 0, height - 1), np.clip(middle[0], 0, width - 1)]
                if bare and _length(piece) > 0.02 * source.diagonal:
                    found.append(Rough(piece, region.called))
    return found


def _about(box: Box, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a region with some pixels around it."""
    left, top = max(0, int(box.x) - _AROUND), max(0, int(box.y) - _AROUND)
    bottom, right = int(box.y + box.height) + 1 + _AROUND, int(box.x + box.width) + 1 + _AROUND
    return slice(top, min(bottom, shape[0])), slice(left, min(right, shape[1]))


def _length(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def roughed(
    source: Source,
    pencil: Pencil,
    lines: list[Rough],
    *,
    phase: Phase = Phase.SKETCH,
    slip: Slip | None = None,
) -> list[ScriptStep]:
    """The lines in their order, each once or more; with a slip at another place than they belong."""
    hand = pencil.hand
    chance = source.chance(f"rough {pencil.name}")
    steps = []
    for line in lines:
        points = line.points if slip is None else slip.done(line.points)
        times = 1 + int(chance.random() < hand.passes - 1) + int(chance.random() < hand.passes - 2)
        for number in range(times):
            stroke = wobbled(points, hand.stray * source.diagonal * (1 + 0.4 * number), chance)
            strength = float(chance.uniform(0.6, 1.0)) * (1.0 if number == 0 else 0.75)
            steps.append(pencil.line(stroke, phase, f"{line.name}, rough", strength=strength))
    return steps


def parted(lines: list[Rough], box: Box) -> tuple[list[Rough], list[Rough]]:
    """Lines whose middle lies in a box, and the others."""
    inside: list[Rough] = []
    outside: list[Rough] = []
    for line in lines:
        x, y = line.points[len(line.points) // 2]
        among = box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
        (inside if among else outside).append(line)
    return inside, outside


def misplaced(box: Box, chance: np.random.Generator) -> Slip:
    """How a part is wrong at first: turned by some 5 degrees, a little too large or small, and shifted."""
    turn = float(chance.choice([-1, 1]) * chance.uniform(0.06, 0.12))
    size = float(chance.choice([0.93, 1.06]) + chance.uniform(-0.015, 0.015))
    ways = chance.choice([-1, 1], 2) * chance.uniform(0.035, 0.075, 2)
    return Slip(*box.centre, float(ways[0]) * box.width, float(ways[1]) * box.height, turn, size)
