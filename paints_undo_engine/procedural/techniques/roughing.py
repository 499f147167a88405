"""The rough sketch: the picture's main lines, loosely, with a part that is wrong at first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.edges import Edge
from paints_undo_engine.procedural.reading.model import Box, FigureSource, InkPath, Labels, PictureKind
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points, nearest_order
from paints_undo_engine.procedural.techniques.contouring import runs_of
from paints_undo_engine.procedural.techniques.face_marks import among_marks, face_marks
from paints_undo_engine.procedural.techniques.focus import eyes_together, focus_of
from paints_undo_engine.procedural.techniques.sketching import Pencil, Slip, wobbled
from paints_undo_engine.procedural.techniques.strands import strands
from paints_undo_engine.procedural.techniques.underdrawing import has_lines, is_drawn_small, is_scene

_ALONG, _TWICE, _SHORTEST = {False: 0.009, True: 0.007}, 0.5, {False: 0.03, True: 0.015}
"""Of the diagonal: how near to a line no edge is drawn along it, nor to another edge that it follows for so much of its
length; what is shorter of an edge is not drawn. Then the same of what is drawn small or was seen by a network.
"""
_LONGEST = 0.22
"""Of the diagonal: a longer line is drawn in several strokes."""
_INK, _NEXT = {False: 0.022, True: 0.012}, {False: 0.012, True: 0.006}
_MAIN, _PAGE = 2.0, 320
"""Of the diagonal, the shortest line of line art, and of one that is drawn small; how much more it counts along a main
edge; of the diagonal, how near to another one no line runs; as many lines has what is drawn small, at least.
"""
_NEXT_SEEN = 0.008
"""The same where a network has seen the edges: none of them is texture."""
_UNCOLOURED = (PictureKind.LINE_ART, PictureKind.PENCIL)
"""What is lines, and nothing else."""
_SHAKY, _OF_FACE = 0.03, 0.5
"""Of its length, how far a short line strays at most; of a line, how much of it lies in an eye or a mouth that has
lines of its own.
"""
_LARGE = 0.33
"""Of the heaviest main edge of a painting: heavier ones are those of the large shapes and are drawn first."""
_NEARER = 0.5
"""How much less counts in a scene what is not seen with half-closed eyes."""
_ENOUGH = {False: 70, True: 110}
"""So many lines has the sketch of a painting, where its edges are as many, and where a network has seen them."""
_RIM = 5
"""Pixels: an outline lies on what it goes round, or beside it."""
_BESIDE, _OUTLINE = (0.2, 0.45), 0.01
"""Of all lines, those of the surroundings of a figure in a drawing, and in a painting; of the diagonal, how far its
outline may lie from it.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Rough:
    """A line of the rough sketch on the grid, what it belongs to, and its `weight`: how soon it is left out; `fine`: it
    lies within the large shapes and comes after them.
    """

    points: Points
    name: str
    weight: float
    fine: bool = False


def rough_lines(source: Source, most: int = 170, among: Collection[InkPath] | None = None) -> list[Rough]:
    """What is sketched: the picture's large shapes, the features of known faces, and then at most so many lines in all
    within them: the long lines of the line art (all, or those `among` some), where the picture was drawn with lines,
    and its main edges where none of these runs; of what is coloured its edges first, as they break less. What belongs
    to the subject comes first.
    """
    faces = source.reading.faces
    marks = [
        Rough(points, name, 0.0)
        for face in faces
        for name, points in face_marks(face, source.on_white, source.face_lines[face])
    ]
    drawn, small = has_lines(source), is_drawn_small(source)
    edges, scene = source.reading.edges, is_scene(source)
    ink = _ink(source, among) if drawn and not (scene and source.reading.kind is PictureKind.WATERCOLOUR) else []
    own = small or source.reading.kind in _UNCOLOURED
    lines = list(ink) if own else []
    if scene and not edges.seen:
        lines += _laid_out(source, lines)
    else:
        lines += [] if small else _edges(source, edges.main, lines)
        fine = _edges(source, edges.all, lines, fine=True)
        lines += fine if drawn else _chief(source, fine, len(lines))
    if not own:
        lines += _edges(source, [Edge(line.points, line.weight) for line in ink], lines, fine=True)
    known = [] if edges.seen else strands(source, [line.points for line in lines])
    hair = [Rough(points, "hair, strand", 0.0) for points in known]
    lines = [line for line in lines if all(among_marks(face, line.points) < _OF_FACE for face in faces)]
    lines = _spread(source, sorted(lines, key=lambda line: -line.weight), marks)
    lines = _chosen(source, lines, max(most, _PAGE) if small else most)
    large = [line for line in lines if not line.fine]
    least = 0.0 if drawn else _LARGE * max((line.weight for line in large), default=0.0)
    outer = _in_order(source, [line for line in large if line.weight >= least])
    inner = _in_order(source, [line for line in large if line.weight < least])
    return [*outer, *marks, *hair, *inner, *_in_order(source, [line for line in lines if line.fine])]


def _chief(source: Source, fine: list[Rough], large: int) -> list[Rough]:
    """Of a painting's fine lines those of its figure, and the heaviest others, as many as its `large` lines allow."""
    own = _inside(source, fine)
    within = [line for line, seen in zip(fine, own, strict=True) if seen]
    around = sorted((line for line, seen in zip(fine, own, strict=True) if not seen), key=lambda line: -line.weight)
    return [*within, *around[: max(large // 2, _ENOUGH[source.reading.edges.seen] - large - len(within))]]


def _laid_out(source: Source, drawn: list[Rough]) -> list[Rough]:
    """The largest shapes of a scene, the borders of its masses, as their edges run where they have some, and what is
    within them.
    """
    edges = source.reading.edges
    heaviest = max((edge.weight for edge in edges.main), default=0.0)
    lines = _edges(source, [edge for edge in edges.main if edge.weight > _LARGE * heaviest], drawn)
    along = np.zeros(source.reading.shape, np.uint8)
    reach = max(3, round(2 * _ALONG[False] * source.diagonal))
    for edge in edges.masses:
        cv2.polylines(along, [np.rint(edge.points).astype(np.int32)], False, 1, reach)
    told = [
        replace(line, fine=float(values_along(along, line.points).mean()) <= _TWICE)
        for line in _edges(source, edges.telling, [*drawn, *lines])
    ]
    told += _edges(source, edges.masses, [*drawn, *lines, *told])
    return [*lines, *(replace(line, weight=_NEARER * line.weight) for line in told)]


def _in_order(source: Source, lines: list[Rough]) -> list[Rough]:
    """Lines as a hand goes from one to the next, from the picture's focus on."""
    if not lines:
        return []
    middles = np.array([line.points[len(line.points) // 2] for line in lines], np.float64)
    return [lines[at] for at in eyes_together(source, middles, nearest_order(middles, focus_of(source)))]


def _ink(source: Source, among: Collection[InkPath] | None) -> list[Rough]:
    """The long lines of the line art but its hatching; or those of them that are `among` some."""
    regions = source.reading.regions
    least = _INK[is_drawn_small(source)] * source.diagonal
    main = source.near_edges
    lines: list[Rough] = []
    for path, hatching in zip(source.reading.ink.paths, source.hatching.tolist(), strict=True):
        if path.length < least or hatching or (among is not None and path not in among):
            continue
        name = regions[path.region].called if 0 <= path.region < len(regions) else "figure"
        for piece in _cut(path.points, _LONGEST * source.diagonal):
            large = float(values_along(main, piece).mean())
            lines.append(Rough(piece, name, len(piece) * (1 + _MAIN * large), fine=large < _TWICE))
    return lines


def _spread(source: Source, lines: list[Rough], drawn: list[Rough]) -> list[Rough]:
    """The lines but those that run beside earlier ones, or some that are `drawn`: one stroke says what many do."""
    taken = np.zeros(source.reading.shape, np.uint8)
    seen = source.reading.edges.seen and not is_drawn_small(source)
    reach = max(3, round((_NEXT_SEEN if seen else _NEXT[is_drawn_small(source)]) * source.diagonal))
    for line in drawn:
        cv2.polylines(taken, [np.rint(line.points).astype(np.int32)], False, 1, reach)
    kept: list[Rough] = []
    for line in lines:
        if values_along(taken, line.points).mean() <= _TWICE:
            kept.append(line)
            cv2.polylines(taken, [np.rint(line.points).astype(np.int32)], False, 1, reach)
    return kept


def _chosen(source: Source, lines: list[Rough], most: int) -> list[Rough]:
    """The first lines; where a network has seen figures few of the surroundings, however long those are."""
    figure = source.reading.figure
    if figure.source is not FigureSource.NETWORK:
        return lines[:most]
    inside = _inside(source, lines)
    share = _BESIDE[0] if has_lines(source) else _BESIDE[1]
    beside = [line for line, within in zip(lines, inside, strict=True) if not within][: round(share * most)]
    own = [line for line, within in zip(lines, inside, strict=True) if within]
    return sorted([*own[: most - len(beside)], *beside], key=lambda line: -line.weight)


def _inside(source: Source, lines: list[Rough]) -> list[bool]:
    """Whether the middle of each line lies in the figure or at its outline."""
    if not source.reading.figure.boxes:
        return [False] * len(lines)
    middles = [line.points[len(line.points) // 2].astype(int) for line in lines]
    reach = max(3, round(_OUTLINE * source.diagonal)) | 1
    near = cv2.dilate(source.reading.figure.cover, np.ones((reach, reach), np.uint8)) > 127
    height, width = near.shape
    return [bool(near[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]) for x, y in middles]


def _cut(points: Points, longest: float) -> list[Points]:
    count = max(1, int(np.ceil(len(points) / max(longest, 8))))
    edges = np.linspace(0, len(points) - 1, count + 1).astype(int)
    return [points[begin : end + 1] for begin, end in pairwise(edges) if end > begin]


def _edges(source: Source, edges: Sequence[Edge], drawn: list[Rough], *, fine: bool = False) -> list[Rough]:
    """Those of some edges along which none of the lines runs that are `drawn`."""
    labels = source.reading.labels
    height, width = labels.shape
    near, taken = np.zeros((2, *labels.shape), np.uint8)
    # Beyond a sheet that was cut, and far from a figure on nothing, no line is seen.
    near[cv2.dilate((labels >= 0).astype(np.uint8), np.ones((_RIM, _RIM), np.uint8)) == 0] = 1
    small = is_drawn_small(source) or source.reading.edges.seen
    reach, least = max(3, round(_ALONG[small] * source.diagonal)), _SHORTEST[small] * source.diagonal
    for line in drawn:
        cv2.polylines(near, [np.rint(line.points).astype(np.int32)], False, 1, reach)
    found: list[Rough] = []
    for edge in edges:
        places = np.rint(edge.points).astype(np.int32)
        x, y = np.clip(places, 0, (width - 1, height - 1)).T
        if taken[y, x].mean() > _TWICE:
            continue
        cv2.polylines(taken, [places], False, 1, reach)
        for begin, end in runs_of(near[y, x] == 0):
            bare = edge.points[begin:end]
            if len(bare) > 1 and _length(bare) > least:
                share = len(bare) / len(edge.points)
                pieces = _cut(bare, _LONGEST * source.diagonal * len(bare) / _length(bare))
                name = _name(source, labels[y[begin:end], x[begin:end]])
                found += [Rough(piece, name, edge.weight * share, fine) for piece in pieces]
    return found


def _name(source: Source, labels: Labels) -> str:
    """What an edge belongs to, by the labels [n] along it."""
    known = labels[labels >= 0]
    return source.reading.regions[int(np.bincount(known).argmax())].called if known.size else "figure"


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
            stray = min(hand.stray * source.diagonal, _SHAKY * _length(points))
            stroke = wobbled(points, stray * (1 + 0.4 * number), chance)
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
    """How a part is wrong at first: turned by some 3 degrees, a little too large or small, and shifted."""
    turn = float(chance.choice([-1, 1]) * chance.uniform(0.04, 0.08))
    size = float(chance.choice([0.95, 1.05]) + chance.uniform(-0.015, 0.015))
    ways = chance.choice([-1, 1], 2) * chance.uniform(0.025, 0.045, 2)
    return Slip(*box.centre, float(ways[0]) * box.width, float(ways[1]) * box.height, turn, size)
