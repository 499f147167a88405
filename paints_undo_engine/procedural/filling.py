"""The filled phases of line art and flat art: flats, hard shadow, soft shading, details; and the last touches."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural import order, strokes
from paints_undo_engine.procedural.analysis import Analysis
from paints_undo_engine.procedural.compositor import UNIT
from paints_undo_engine.procedural.material import Material, Pixels, graded, moved
from paints_undo_engine.procedural.timetable import Work
from paints_undo_engine.request import PaintingMode


def filled(a: Analysis) -> list[Material]:
    """Flats, hard shadow and light, soft shading, texture; in flat art the details cover the ink."""
    found = a.regions
    order_of_flats = flats_order(a)
    flats_small = found.flat_colours[found.flats]
    cels_small = found.cel_colours[found.cels]
    cel_at, cel_area = order.centres(found.cels, len(found.cel_colours))
    cel_order = order.following(found.flat_of, order_of_flats, order.visit(cel_at, cel_area, a.diagonal, a.habit))
    clean = a.map.clean if a.mode is PaintingMode.LINE else a.small
    residue = clean.astype(np.float32) - cels_small
    sigma = max(1.0, a.diagonal / 110)
    soft_residue = _blurred(residue, sigma)
    soft_small = np.clip(cels_small + soft_residue, 0, 255).astype(np.uint8)
    band = max(2.0, a.diagonal / 55)
    turn = strokes.zigzag(found.flats, a.angle, 2.4 * band)
    if a.mode is not PaintingMode.PIXEL:
        turn = strokes.cut_in(found.flats, a.flat_at, a.flat_area, turn, 0.9 * band)
    cel_turn = strokes.zigzag(found.cels, a.angle + 0.3, 1.5 * band)
    cells = strokes.cells(found.flats, max(6.0, a.diagonal / 26), a.brush_jitter)
    cell_count = int(cells.max()) + 1
    parent = np.zeros(cell_count, np.int64)
    parent[cells.ravel()] = found.flats.ravel()
    cell_at, _ = order.centres(cells, cell_count)
    cell_order = order.following(parent, order_of_flats, np.argsort(cell_at[:, 1] + 0.3 * cell_at[:, 0], kind="stable"))
    cell_turn = strokes.zigzag(cells, a.angle - 0.4, max(2.0, band * 0.4))
    cell_colours = found.flat_colours[parent]
    shadow = moved(found.cels, len(cel_at), flats_small, cels_small)
    soft = moved(cells, cell_count, cels_small, soft_small)
    fine = moved(cells, cell_count, soft_small, clean)
    if a.mode is PaintingMode.FLAT and a.ink_paths:
        xs, ys = np.concatenate(a.ink_paths).astype(int).clip(0, [a.width - 1, a.height - 1]).T
        fine += 4.0 * np.bincount(cells[ys, xs], minlength=cell_count)
    fine_order = cell_order if a.options.seed % 2 else cell_order[::-1].copy()
    works = (
        Work("flats", "fill", found.flats, turn, order_of_flats, a.flat_area, found.flat_colours, 0.0),
        Work("hard shadow", "hard brush", found.cels, cel_turn, cel_order, shadow, found.cel_colours, band),
        Work("soft shading", "soft brush", cells, cell_turn, cell_order, soft, cell_colours, band),
        Work("details", "detail brush", cells, cell_turn, fine_order, fine, cell_colours, max(1.0, band * 0.3)),
    )
    return [
        Material(works[0], flats_small, flats_small, ramp=UNIT // 4),
        Material(works[1], cels_small, cels_small, ramp=UNIT // 2),
        Material(works[2], soft_small, _softened(a, cels_small, soft_residue), ramp=UNIT * 3),
        Material(works[3], clean, _pen_free(a, clean), ramp=UNIT),
    ]


def _softened(a: Analysis, cels: Pixels, residue: NDArray[np.float32]) -> Pixels:
    """The cels with their soft shading on the canvas, the cels' borders crisp."""
    soft = a.grid.smooth(np.rint(residue).astype(np.int16))
    return np.asarray(cv2.add(a.grid.up(cels), soft, dtype=cv2.CV_8U), np.uint8)


def _blurred(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """A Gaussian blur; a wide one is computed small."""
    if sigma < 3:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
    size = (max(1, values.shape[1] // 2), max(1, values.shape[0] // 2))
    half = cv2.GaussianBlur(cv2.resize(values, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / 2)
    return np.asarray(cv2.resize(half, values.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def finish(a: Analysis, before: Material) -> Material:
    """What still differs (coloured lines, grain, edges), and highlights last."""
    rise = cv2.cvtColor(a.small, cv2.COLOR_RGB2GRAY).astype(np.int16) - cv2.cvtColor(before.small, cv2.COLOR_RGB2GRAY)
    bright = cv2.morphologyEx((rise > 10).astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, blobs = cv2.connectedComponents(bright, connectivity=8, ltype=cv2.CV_32S)
    rest = strokes.cells(np.zeros_like(blobs), max(8.0, a.diagonal / 18), a.brush_jitter)
    labels = np.where(bright > 0, blobs - 1, rest + (count - 1)).astype(np.int32)
    labels = strokes.compact(labels)
    total = int(labels.max()) + 1
    at, area = order.centres(labels, total)
    lit = np.bincount(labels.ravel(), bright.ravel(), total) > 0.5 * area
    visited = order.visit(at, area, a.diagonal, a.habit) if total < 3000 else np.argsort(at[:, 1], kind="stable")
    ordered = np.concatenate([visited[~lit[visited]], visited[lit[visited]]])
    weight = moved(labels, total, before.small, a.small) + 0.05
    work = Work(
        "highlights",
        "dab",
        labels,
        strokes.zigzag(labels, a.angle, max(2.0, a.diagonal / 120)),
        ordered,
        weight,
        np.full((total, 3), 255, np.uint8),
        a.diagonal / 300,
    )
    return Material(work, graded(a.small), graded(a.rgb), ramp=UNIT)


def flats_order(a: Analysis) -> NDArray[np.int64]:
    """The flats in the habit's order, subject and background apart."""
    inside = np.bincount(a.regions.flats.ravel(), a.subject.ravel(), len(a.flat_area)) / np.maximum(a.flat_area, 1)
    behind = inside < 0.5
    visited = order.visit(a.flat_at, a.flat_area, a.diagonal, a.habit)
    first = behind[visited] if a.habit.background_first else ~behind[visited]
    return np.concatenate([visited[first], visited[~first]])


def _pen_free(a: Analysis, clean: Pixels) -> Pixels:
    """The canvas without its lines."""
    if a.mode is not PaintingMode.LINE:
        return a.rgb
    if a.grid.same:
        return clean
    covered = cv2.dilate(a.full_alpha, np.ones((3, 3), np.uint8)) > 10
    return np.where(covered[..., None], a.grid.smooth(clean), a.rgb)
