"""The drawn phases: construction, two passes of sketch, ink."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural import construction, lines, order, strokes
from paints_undo_engine.procedural.analysis import Analysis
from paints_undo_engine.procedural.compositor import UNIT
from paints_undo_engine.procedural.material import Material, plain
from paints_undo_engine.procedural.timetable import Work
from paints_undo_engine.request import PaintingMode

PENCIL_BLUE = (120, 160, 214)
PENCIL_GREY = (112, 116, 132)


def drawn(a: Analysis) -> list[Material]:
    """Construction, two passes of sketch (one where a pixel is as wide as a pencil), ink."""
    unit = a.diagonal
    first = construction.construct(a.small, a.regions.flats, a.subject, a.focus, a.mode is PaintingMode.LINE, a.jitter)
    made = [
        _pencil(
            a, "construction", "pencil line", _sparing(a, first), max(1.0, unit / 620), PENCIL_BLUE, 0.75, keep=True
        )
    ]
    long = sorted(a.ink_paths, key=len, reverse=True)
    rough = [_loosened(a, path, 0.005) for path in long[: max(6, len(long) // 4)]]
    tight = [_loosened(a, path, 0.0016) for path in long[: max(12, len(long) * 3 // 4)]]
    made.append(_pencil(a, "sketch", "rough line", _sparing(a, rough), max(1.2, unit / 430), PENCIL_BLUE, 0.7))
    if a.mode is not PaintingMode.PIXEL:
        made.append(_pencil(a, "sketch", "pencil line", tight, max(1.0, unit / 620), PENCIL_GREY, 0.85))
    if a.mode is not PaintingMode.PAINT and a.ink_paths:
        made.append(_ink(a))
    return made


def _sparing(a: Analysis, paths: list[lines.Path]) -> list[lines.Path]:
    """No more lines than leave most of the paper free, which matters where a pixel is as wide as a pencil."""
    length = np.cumsum([float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in paths])
    return paths[: max(1, int(np.searchsorted(length, 0.09 * a.width * a.height)))]


def _loosened(a: Analysis, path: lines.Path, amount: float) -> lines.Path:
    """A stroke as a loose hand draws it: rounder, a little beside, a little too long."""
    if len(path) < 8:
        return path
    size = min(amount * a.diagonal, 0.08 * len(path))
    soft = lines.smooth(path, max(1.5, 0.05 * len(path)))
    t = np.linspace(0, 1, len(soft))[:, None]
    shift = a.jitter.normal(0, size * 0.7, 2) + np.sin(np.pi * t * a.jitter.uniform(0.6, 1.4)) * a.jitter.normal(
        0, size, 2
    )
    ahead = soft[-1] - soft[-min(6, len(soft))]
    beyond = soft[-1] + ahead * np.linspace(0.2, 0.9, 4)[:, None] if amount > 0.003 else soft[-1:]
    return np.concatenate([soft + shift, beyond + shift[-1]]).astype(np.float32)


def _pencil(
    a: Analysis,
    phase: str,
    kind: str,
    paths: list[lines.Path],
    width: float,
    colour: tuple[int, int, int],
    opacity: float,
    keep: bool = False,
) -> Material:
    """Pencil lines of one colour; with `keep` they are drawn in the given order."""
    paths = paths or [np.array([[0.1, 0.5], [0.9, 0.5]], np.float32) * [a.width, a.height]]
    drawn = strokes.draw(paths, np.full(len(paths), width), (a.height, a.width))
    lengths = np.array([float(np.hypot(*np.diff(path, axis=0).T).sum()) for path in paths])
    middles = np.array([path.mean(axis=0) for path in paths], np.float64)
    visited = np.arange(len(paths)) if keep else order.visit(middles, lengths, a.diagonal, a.habit)
    cover = (drawn.cover * opacity).astype(np.uint8)
    colours = np.broadcast_to(np.array(colour, np.uint8), (len(paths), 3))
    work = Work(phase, kind, np.where(cover > 8, drawn.labels, -1), drawn.progress, visited, lengths, colours, width)
    return Material(work, plain(colour), plain(colour), cover, a.grid.smooth(cover), UNIT // 4)


def _ink(a: Analysis) -> Material:
    """The pen: real lines of the picture with their own opacity, and thin contours where it has none."""
    width = max(1.1, a.diagonal / 560)
    thin = strokes.draw(a.ink_paths, np.full(len(a.ink_paths), width), (a.height, a.width), 0.5)
    labels, progress = strokes.nearest_stroke(a.ink_paths, (a.height, a.width))
    real = a.mode is PaintingMode.LINE
    small_cover = np.maximum(a.map.alpha if real else 0, thin.cover).astype(np.uint8)
    full_cover = np.maximum(a.full_alpha, a.grid.smooth(thin.cover)) if real else a.grid.smooth(thin.cover)
    dark = a.small[a.map.alpha > 200] if real else np.zeros((0, 3), np.uint8)
    colour = np.median(dark, axis=0) * 0.9 if len(dark) > 50 else np.array([46.0, 42.0, 54.0])
    colour = 0.35 * colour + 0.65 * colour.mean()
    red, green, blue = (int(value) for value in colour)
    ink = (red, green, blue)
    lengths = np.array([float(len(path)) for path in a.ink_paths])
    middles = np.array([path.mean(axis=0) for path in a.ink_paths], np.float64)
    visited = order.visit(middles, lengths, a.diagonal, a.habit)
    colours = np.broadcast_to(np.array(ink, np.uint8), (len(lengths), 3))
    work = Work("ink", "pen stroke", np.where(small_cover > 8, labels, -1), progress, visited, lengths, colours, width)
    return Material(work, plain(ink), plain(ink), small_cover, full_cover.astype(np.uint8), UNIT // 4)
