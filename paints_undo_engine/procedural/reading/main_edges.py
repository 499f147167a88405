"""The picture's main edges, as they are seen with half-closed eyes, as long lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.crowns import PARTED
from paints_undo_engine.procedural.reading.flow import across_flow, mean_along
from paints_undo_engine.procedural.reading.model import Figure, Path, Pixels
from paints_undo_engine.procedural.reading.tracing import link, smooth, thin, trace

BROAD, COARSE, FINE = 200.0, 320.0, 800.0
"""Pixels: the diagonal of the grid on which edges are looked for, as one sees them with half-closed eyes, of the large
shapes, and of what is in them.
"""
_STRAIGHT, _STRETCH = 0.022, 0.05
"""Of its length, how far a stretch that a hand draws straight strays at most; of the diagonal, the shortest."""
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
_RIM = 0.02
"""Of the diagonal: what runs so near to the picture's border is its frame."""
_SMALL, _CLOSED, _BACK = 0.16, 0.12, 0.55
"""Of the diagonal: the longest hook; of its length, how far its ends are from each other at least and at most."""
_EVENED = 3.0
"""How much more contrast, at most, what is dark or light gets on a fine grid, where one looks into it."""
_FAINT = (0.1, 0.03)
"""Of the heaviest edge: what is lighter is texture, on a coarse grid and on a fine one."""
_ROUNDED = 1.8
"""Pixels: the sigma by which a hand rounds an edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One long edge: `points` float32 [n, 2], and its `weight`: how long and how strong it is."""

    points: Path
    weight: float


def find_main_edges(pixels: Pixels, figure: Figure, grid: float = COARSE) -> list[Edge]:
    """The edges of uint8 [h, w, 3] on a grid with such a diagonal, in pixels, and the outline of a figure that is known
    for sure, the longest and strongest first.
    """
    height, width = pixels.shape[:2]
    shrink = max(1.0, float(np.hypot(height, width)) / grid)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    fine = grid > COARSE
    shapes = _shapes(small, evened=fine)
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
        line = straightened(smooth(path, _ROUNDED * unit), _STRETCH * diagonal)
        for piece in _within(line, size, _RIM * diagonal):
            length = float(np.hypot(*np.diff(piece, axis=0).T).sum())
            if length > _SHORTEST * unit and not _is_hook(piece, length, _SMALL * diagonal):
                x, y = np.rint(piece).astype(int).T
                strong = float(strength[np.clip(y, 0, size[1] - 1), np.clip(x, 0, size[0] - 1)].mean())
                found.append(Edge(((piece + 0.5) * grow - 0.5).astype(np.float32), length * shrink * strong))
    least = _FAINT[fine] * max((edge.weight for edge in found), default=0.0)
    return sorted((edge for edge in found if edge.weight > least), key=lambda edge: -edge.weight)


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
    around = round(_AROUND * float(np.hypot(*size.shape))) | 1
    usual = cv2.blur(cv2.blur(size, (around, around)), (around, around))
    beside = 1 / (0.5 * usual + 0.5 * size.mean() + np.float32(1e-3))
    ways = [across[..., axis] * (size * beside * _LEVELS) for axis in (0, 1)]
    dx, dy = (np.clip(way, -32000, 32000).astype(np.int16) for way in ways)
    found = cv2.Canny(dx, dy, _CANNY[0] * _LEVELS, _CANNY[1] * _LEVELS, L2gradient=True)
    return thin(np.asarray(found, np.uint8)), np.asarray(size * beside, np.float32)


def _is_hook(points: Path, length: float, small: float) -> bool:
    """Whether a line of some length, in pixels, is small, turns back and does not close: nobody draws that."""
    reach = float(np.hypot(*(points[-1] - points[0])))
    return length < small and _CLOSED * length < reach < _BACK * length


def straightened(points: Path, shortest: float) -> Path:
    """A line, float32 [n, 2], whose nearly straight stretches of at least so many pixels are straight."""
    way = points[-1] - points[0]
    length = float(np.hypot(*way))
    if len(points) < 3 or float(np.hypot(*np.diff(points, axis=0).T).sum()) < shortest:
        return points
    away = points - points[0]
    if length > 0:
        off = np.abs(away[:, 0] * way[1] - away[:, 1] * way[0]) / length
        if length > shortest and float(off.max()) < _STRAIGHT * length:
            return np.linspace(points[0], points[-1], len(points), dtype=np.float32)
    else:
        off = np.hypot(*away.T)
    at = int(np.clip(off.argmax(), 1, len(points) - 2))
    head, tail = straightened(points[: at + 1], shortest), straightened(points[at:], shortest)
    return np.concatenate([head, tail[1:]])


def _within(points: Path, size: tuple[int, int], rim: float) -> list[Path]:
    """The pieces of a line that do not run along the picture's border; `size` is width and height."""
    x, y = points.T
    inside = (x > rim) & (y > rim) & (x < size[0] - 1 - rim) & (y < size[1] - 1 - rim)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [points[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True)]
