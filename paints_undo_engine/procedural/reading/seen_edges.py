"""The lines that somebody would draw of a picture, as a network sees them where it is installed, as long lines."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.edge_network import find_likely_edges
from paints_undo_engine.procedural.reading.edges import Edge
from paints_undo_engine.procedural.reading.hand_lines import length_of, pieces_as_drawn
from paints_undo_engine.procedural.reading.model import Cover, Path, Pixels
from paints_undo_engine.procedural.reading.tracing import link, smooth, sure_somewhere, thin, trace

_NEAR, _AFAR = 650.0, 280.0
"""Pixels: the diagonal of the grid on which open eyes look, and half-closed ones."""
_ROUNDS, _WINDOW, _REACH, _ALIKE, _LEAST = 2, 7, 2.5, 0.35, 6.0
"""How often the picture is smoothed within its shapes first, in squares of so many pixels, by what sigma in pixels, and
by what in its own contrast, which is at least so many levels of Lab's light: grain and brush marks are no lines.
"""
_RAISED = 1.5
"""How much more contrast, at most, what is dark or light gets."""
_PERHAPS, _SURELY = 0.25, 0.6
"""How likely a line goes on, and how likely a place of it is somewhere at least."""
_GAP, _SHORTEST, _ROUNDED = 6.0, 11.0, 2.4
"""Pixels: ends that are nearer are joined; shorter lines are left out; the sigma by which a hand rounds one."""
_AROUND, _CROWDED, _OWN = 0.06, 0.08, 0.7
"""Of the diagonal, what is around a line; of the pixels there, how many lie on lines where these are texture; how much
less of that they are in a figure.
"""
_STEPS = 0.6
"""Of a line, how much of it lies beside another one if it is its steps."""
_SAME, _MAIN, _SMALL, _MOST = 0.012, 0.55, 0.4, 60
"""Of the diagonal, how near to an edge of the large shapes a line is one of them; how much of it is at least; what a
line weighs that is none, beside what being one adds; how many lines are those of the large shapes at most.
"""

Plane = NDArray[np.float32]


def find_seen_edges(pixels: Pixels, cover: Cover) -> tuple[tuple[Edge, ...], tuple[Edge, ...]] | None:
    """The edges of the large shapes of uint8 [h, w, 3], and all, in its pixels, the heaviest first; None where the
    network is not installed. Of a figure, whose `cover` is uint8 [h, w], fine lines are less of a texture.

    Half-closed eyes say which are those of the large shapes, and open ones where they run.
    """
    near = _looked_at(pixels, _NEAR)
    afar = None if near is None else _looked_at(pixels, _AFAR)
    if near is None or afar is None:
        return None
    edges = _lines_of(near, cover)
    large = cv2.resize((afar > _SURELY).astype(np.uint8), pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    reach = 2 * round(_SAME * float(np.hypot(*large.shape))) + 1
    large = cv2.dilate(large, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    shares = [float(values_along(large, edge.points).mean()) for edge in edges]
    everything = [
        replace(edge, weight=edge.weight * (_SMALL + share) / (_SMALL + 1))
        for edge, share in zip(edges, shares, strict=True)
    ]
    main = [edge for edge, share in zip(everything, shares, strict=True) if share > _MAIN]
    return tuple(sorted(main, key=_heaviest)[:_MOST]), tuple(sorted(everything, key=_heaviest))


def _heaviest(edge: Edge) -> float:
    return -edge.weight


def _looked_at(pixels: Pixels, diagonal: float) -> Plane | None:
    """How likely somebody would draw a line at each place of a grid with such a diagonal: float32 [h, w]."""
    height, width = pixels.shape[:2]
    shrink = max(1.0, float(np.hypot(height, width)) / diagonal)
    size = (max(8, round(width / shrink)), max(8, round(height / shrink)))
    return find_likely_edges(_evened(np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)))


def _evened(small: Pixels) -> Pixels:
    """A picture in even shapes, with the contrast of its darks and lights raised."""
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)
    light = np.rint(np.clip(lab[..., 0], 0, 100) * 2.55).astype(np.uint8)
    lab[..., 0] = cv2.createCLAHE(_RAISED, (4, 4)).apply(light).astype(np.float32) / np.float32(2.55)
    alike = _ALIKE * max(float(lab[..., 0].std()), _LEAST)
    for _ in range(_ROUNDS):
        lab = np.asarray(cv2.bilateralFilter(lab, _WINDOW, alike, _REACH), np.float32)
    return np.asarray(np.rint(255 * np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), 0, 1)), np.uint8)


def _lines_of(likely: Plane, cover: Cover) -> list[Edge]:
    """The lines of a map of likelihoods [h, w], in the pixels of a figure's cover uint8 [H, W]; what lies among many
    others weighs less, and in the figure not so much less.
    """
    height, width = likely.shape
    diagonal = float(np.hypot(height, width))
    # A picture that is smaller than the grid has smaller shapes.
    unit = diagonal / _NEAR
    lines = thin(sure_somewhere(likely > _PERHAPS, likely > _SURELY))
    around = round(_AROUND * diagonal) | 1
    crowded = cv2.blur(lines.astype(np.float32), (around, around)) / np.float32(_CROWDED)
    crowded *= 1 - np.float32(_OWN / 255) * cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)
    grow = np.array([cover.shape[1] / width, cover.shape[0] / height])
    found = []
    for path in link(_apart(trace(lines, 4.0), lines.shape), _GAP * unit):
        for piece in pieces_as_drawn(path, (width, height), _ROUNDED * unit):
            length = length_of(piece)
            if length > _SHORTEST * unit:
                clear = values_along(likely, piece) / (1 + values_along(crowded, piece) ** 2)
                points = ((piece + 0.5) * grow - 0.5).astype(np.float32)
                found.append(Edge(points, length * float(grow.mean()) * float(clear.mean())))
    return found


def traced_lines(likely: Plane, shortest: float) -> list[Path]:
    """The lines of a map of likelihoods [h, w], float32 [n, 2], of so many pixels at least."""
    traced = _apart(trace(thin(sure_somewhere(likely > _PERHAPS, likely > _SURELY)), 3.0), likely.shape)
    found = (smooth(path, _ROUNDED) for path in link(traced, _GAP))
    return [line for line in found if length_of(line) > shortest]


def _apart(paths: list[Path], shape: tuple[int, ...]) -> list[Path]:
    """Traced lines but the steps of longer ones, which lie at their side."""
    taken = np.zeros(shape, np.uint8)
    kept = []
    for path in sorted(paths, key=len, reverse=True):
        places = path.astype(np.int32)
        if taken[places[:, 1], places[:, 0]].mean() < _STEPS:
            kept.append(path)
            cv2.polylines(taken, [places], False, 1, 3)
    return kept
