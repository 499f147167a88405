"""The picture's main edges, as they are seen with half-closed eyes, as long lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.crowns import PARTED
from paints_undo_engine.procedural.reading.edges import Edge, Edges
from paints_undo_engine.procedural.reading.flow import across_flow, mean_along
from paints_undo_engine.procedural.reading.hand_lines import is_closed, length_of, pieces_as_drawn, runs
from paints_undo_engine.procedural.reading.model import Box, Cover, Figure, FigureSource, Path, Pixels
from paints_undo_engine.procedural.reading.seen_edges import find_seen_edges
from paints_undo_engine.procedural.reading.shape_borders import find_borders
from paints_undo_engine.procedural.reading.tracing import link, thin, trace

_AFAR, _NEAR = 240.0, 650.0
"""Pixels: the diagonal of the grid on which edges are looked for with half-closed eyes, and with open ones."""
_MAIN, _MUCH, _SAME, _INNER = 60, 0.08, 0.004, 0.2
"""How many edges are those of the large shapes, at most; of the heaviest edge, what each of them weighs at least; of
the diagonal, how near two edges are one; how much less one weighs that is not seen with half-closed eyes.
"""
_ROUNDS, _REACH, _ALIKE, _LEAST = 3, 2.5, 0.6, 6.0
"""How often the picture is smoothed within its shapes, by what sigma in pixels, and by what in its own contrast, which
is at least so many levels of Lab's light.
"""
_WINDOW = 7
"""Pixels: the side of the square in which that is done."""
_FLOW, _FAR, _STEP = 3.0, 5.0, 3.0
"""Pixels: the sigma over which the flow is gathered, that along it, and a step."""
_SOFT, _AROUND = 1.2, 0.2
"""Pixels by which shapes are blurred before their edges are looked for; of the diagonal, what is around an edge."""
_OUTLINE = 0.7
"""What a figure's outline adds to an edge, in the picture's contrast."""
_SUBJECT = 1.2
"""How much more an edge within a figure counts on a fine grid: one looks there longer."""
_CANNY, _LEVELS = (0.9, 1.8), 400.0
"""How strong an edge goes on and begins, beside what is usual around it; whole numbers for each of that."""
_GAP, _SHORTEST = 6.0, 13.5
"""Pixels: ends that are nearer are joined; shorter edges are left out."""
_EVENED = 3.0
"""How much more contrast, at most, what is dark or light gets for open eyes, which look into it."""
_FAINT = (0.1, 0.03)
"""Of the heaviest edge: what is lighter is texture, to half-closed eyes and on a fine grid."""
SOMEBODY = (FigureSource.NETWORK, FigureSource.ALPHA, FigureSource.FACE, FigureSource.CROWD)
"""Where a figure is no mere mass before an even ground, and a picture is no scene."""
_LAID_OUT, _MASSES, _LOOSE = 500.0, ((16, 0.06), (40, 0.015)), 0.006
"""Pixels: the diagonal of the grid on which a scene is taken apart; into how many masses it falls at most, and by what
share of the greatest difference they differ, large ones and all; of the diagonal, the sigma by which a hand rounds
their borders.
"""
_BESIDE, _TELLING = 0.007, 0.7
"""Of the diagonal, how near to a mass's border an edge is that border's; of an edge, how much of it lies there at
least, or else it is texture, unless it is closed or built of straight lines.
"""
_RULED, _STRAYS, _BUILT = 0.045, 0.003, 0.6
"""Of the diagonal, the shortest straight line, and how far it strays; of an edge, how much lies in such ones."""
_LOST, _CLEAR = 0.9, 1.8
"""Beside what is usual: how strong the border of a mass is at least, and such an edge."""
_PANEL = 32
"""Pixels: in a lower or narrower panel nothing is seen."""
_ROUNDED = 1.8
"""Pixels: the sigma by which a hand rounds an edge."""


def find_edges(pixels: Pixels, figure: Figure, panels: Sequence[Box] = ()) -> Edges:
    """The edges of uint8 [h, w, 3], in pixels: those that a network sees, where it is installed, of a page in each of
    its panels; else those that are found by contrast, and of the outline of a figure that is known for sure.

    Half-closed eyes say which are those of the large shapes, and open ones where they run.
    """
    seen = find_seen_edges(pixels, figure.cover)
    if seen is not None and panels:
        return _by_panels(pixels, figure.cover, panels)
    if seen is not None:
        return Edges(*seen, () if figure.source in SOMEBODY else _scene(pixels, ())[0], seen=True)
    afar, near = (_edges_on(pixels, figure, grid) for grid in (_AFAR, _NEAR))
    reach = max(3, round(_SAME * float(np.hypot(*pixels.shape[:2]))))
    weights, exact = np.zeros(pixels.shape[:2], np.float32), np.zeros(pixels.shape[:2], np.uint8)
    for edge in reversed(afar):
        cv2.polylines(weights, [_pixels(edge)], False, edge.weight, 2 * reach)
    outer, inner = [], []
    for edge in near:
        along = values_along(weights, edge.points)
        if (along > 0).mean() > 0.5:
            outer.append(replace(edge, weight=float(along.mean())))
            cv2.polylines(exact, [_pixels(edge)], False, 1, 2 * reach)
        else:
            inner.append(replace(edge, weight=_INNER * edge.weight))
    for edge in afar:
        outer += _bare(edge, exact, 4 * reach)
    found = sorted([*outer, *inner], key=lambda edge: -edge.weight)[:_MAIN]
    main = tuple(edge for edge in found if edge.weight > _MUCH * found[0].weight)
    return Edges(main, tuple(near), *(() if figure.source in SOMEBODY else _scene(pixels, near)))


def _by_panels(pixels: Pixels, cover: Cover, panels: Sequence[Box]) -> Edges:
    """What is seen in each panel by itself: on a page its lines are small."""
    main: list[Edge] = []
    everything: list[Edge] = []
    for panel in panels:
        rows, columns = panel.slices(cover.shape)
        crop = np.ascontiguousarray(pixels[rows, columns])
        seen = find_seen_edges(crop, cover[rows, columns]) if min(crop.shape[:2]) >= _PANEL else None
        corner = np.array([columns.start, rows.start], np.float32)
        for found, own in zip((main, everything), seen or (), strict=False):
            found += [replace(edge, points=edge.points + corner) for edge in own]
    return Edges(tuple(main), tuple(everything), seen=True)


def _scene(pixels: Pixels, near: Sequence[Edge]) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """The borders of a scene's large masses, and those edges that say what is within them: in pixels."""
    height, width = pixels.shape[:2]
    shrink = max(1.0, float(np.hypot(height, width)) / _LAID_OUT)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    shapes = _shapes(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), evened=False)
    _, strength = _edges(shapes, None)
    few, many = find_borders(shapes, strength, _MASSES)
    diagonal, grow = float(np.hypot(*size)), np.array([width / size[0], height / size[1]])
    masses = []
    for path in link(trace(few, 4.0), _GAP):
        for piece in pieces_as_drawn(path, size, _LOOSE * diagonal, hooks=True):
            length, strong = length_of(piece), float(values_along(strength, piece).mean())
            if length > _SHORTEST and strong > _LOST:
                masses.append(Edge(((piece + 0.5) * grow - 0.5).astype(np.float32), length * shrink * strong))
    reach = 2 * round(_BESIDE * diagonal) + 1
    beside = cv2.dilate(cv2.bitwise_or(few, many), np.ones((reach, reach), np.uint8))

    def is_telling(edge: Edge) -> bool:
        points, length = edge.points, length_of(edge.points)
        straight = _straight(points, diagonal * shrink) > _BUILT * length
        if straight or is_closed(points, length):
            return True
        along = float(values_along(beside, (points + 0.5) / grow - 0.5).mean())
        return edge.weight > _CLEAR * length and along > _TELLING

    return tuple(sorted(masses, key=lambda edge: -edge.weight)), tuple(edge for edge in near if is_telling(edge))


def _straight(points: Path, diagonal: float) -> float:
    """How much of a line float32 [n, 2] lies in long straight stretches, in pixels."""
    corners = cv2.approxPolyDP(points, _STRAYS * diagonal, False)[:, 0]
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    return float(lengths[lengths > _RULED * diagonal].sum())


def _pixels(edge: Edge) -> NDArray[np.int32]:
    return np.rint(edge.points).astype(np.int32)


def _bare(edge: Edge, mask: NDArray[np.uint8], shortest: int) -> list[Edge]:
    """What of an edge lies beside a mask [h, w], in pieces of so many pixels at least."""
    pieces = runs(edge.points, values_along(mask, edge.points) == 0)
    kept = [piece for piece in pieces if len(piece) > 1 and length_of(piece) > shortest]
    return [Edge(piece, edge.weight * len(piece) / len(edge.points)) for piece in kept]


def _edges_on(pixels: Pixels, figure: Figure, grid: float) -> list[Edge]:
    """The edges on a grid with such a diagonal, in pixels, the heaviest first."""
    height, width = pixels.shape[:2]
    shrink = max(1.0, float(np.hypot(height, width)) / grid)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    fine = grid == _NEAR
    shapes = _shapes(small, evened=grid > _AFAR)
    cover = cv2.resize(figure.cover, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    if figure.source in PARTED and not fine:
        shapes = np.dstack([shapes, cover * np.float32(_OUTLINE)])
    lines, strength = _edges(shapes, cover if fine else None)
    diagonal = float(np.hypot(*size))
    # A picture that is smaller than the grid has smaller shapes.
    unit = diagonal / grid
    grow = np.array([width / size[0], height / size[1]])
    found = []
    for path in link(trace(lines, 4.0), _GAP * unit):
        for piece in pieces_as_drawn(path, size, _ROUNDED * unit):
            length = length_of(piece)
            if length > _SHORTEST * unit:
                x, y = np.rint(piece).astype(int).T
                strong = float(strength[np.clip(y, 0, size[1] - 1), np.clip(x, 0, size[0] - 1)].mean())
                found.append(Edge(((piece + 0.5) * grow - 0.5).astype(np.float32), length * shrink * strong))
    heaviest = max((edge.weight for edge in found), default=0.0)
    return sorted((edge for edge in found if edge.weight > _FAINT[fine] * heaviest), key=lambda edge: -edge.weight)


def _shapes(small: Pixels, *, evened: bool) -> NDArray[np.float32]:
    """The picture in even shapes: float32 [h, w, 3], Lab by the contrast of its light, which is `evened` or not."""
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)
    if evened:
        light = np.rint(np.clip(lab[..., 0], 0, 100) * 2.55).astype(np.uint8)
        lab[..., 0] = cv2.createCLAHE(_EVENED, (4, 4)).apply(light).astype(np.float32) / np.float32(2.55)
    contrast = max(float(lab[..., 0].std()), _LEAST)
    for _ in range(_ROUNDS):
        lab = np.asarray(cv2.bilateralFilter(lab, _WINDOW, _ALIKE * contrast, _REACH), np.float32)
    return np.asarray(lab / contrast, np.float32)


def _edges(
    shapes: NDArray[np.float32], subject: NDArray[np.float32] | None
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Thin edges, 0 or 1 [h, w], and how strong each pixel's is beside what is usual around it: float32 [h, w]. Within
    the `subject`, 0 to 1 [h, w], weaker ones are edges, too.

    They are found along the picture's flow: what goes on is an edge, what does not is texture.
    """
    soft = cv2.GaussianBlur(shapes, (0, 0), _SOFT)
    gx, gy = (np.asarray(cv2.Scharr(soft, cv2.CV_32F, *way), np.float32) for way in ((1, 0), (0, 1)))
    across = across_flow(gx, gy, _FLOW)
    size = np.sqrt(((gx * across[..., :1] + gy * across[..., 1:]) ** 2).sum(axis=2))
    if subject is not None:
        size *= 1 + np.float32(_SUBJECT) * subject
    size = mean_along(size, across, _FAR, _STEP)
    beside = 1 / (0.5 * _usual(size) + 0.5 * size.mean() + np.float32(1e-3))
    ways = [across[..., axis] * (size * beside * _LEVELS) for axis in (0, 1)]
    dx, dy = (np.clip(way, -32000, 32000).astype(np.int16) for way in ways)
    found = cv2.Canny(dx, dy, _CANNY[0] * _LEVELS, _CANNY[1] * _LEVELS, L2gradient=True)
    return thin(np.asarray(found, np.uint8)), np.asarray(size * beside, np.float32)


def _usual(size: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is usual around each place: float32 [h, w]."""
    around = round(_AROUND * float(np.hypot(*size.shape))) | 1
    return np.asarray(cv2.blur(cv2.blur(size, (around, around)), (around, around)), np.float32)
