"""Pixel art: outline, flat colours by bucket, then shades and lights pixel by pixel; nothing is anti-aliased."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine.procedural.document.cells import CellMap, Cells
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.reading.cell_grid import CellRuler, PixelCells
from paints_undo_engine.procedural.script import Bounds, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.arriving import nearest_order

SHARES = {Phase.SKETCH: 0.1, Phase.LINE: 0.25, Phase.FLATS: 0.12, Phase.SHADING: 0.35, Phase.DETAILS: 0.18}
_DARK = 0.2
"""Of the way from the darkest to the lightest colour: darker cells are outline."""
_THICK, _LONG, _FAR = 80.0, 4, 10.0
"""Behind a figure, where leaves and shadows are dark: the diagonal divided by it is how thick, in cells, no outline is;
how many cells long one is; and behind a figure, the diagonal divided by it.
"""
_MUCH, _LITTLE = 0.04, 0.25
"""Of the cells: outlines that take less of them leave time to flats; what they take at least, of that of others."""
_POURED, _BROAD = 3.0, 60.0
"""Operations that filling an area takes at most: a small one, and more with the root of its share of the canvas."""
_WHITE = 0xFFFFFF
"""The canvas' colour, in which nothing is seen."""
_COLOURS = 64
"""Of pixel art that was blurred or compressed: more than most has."""
_RUN = 6
"""Cells set in a row before the hand goes on."""


def pixelled(source: Source) -> Recipe:
    """Silhouette in one colour, outline, flats, shades from dark to light."""
    squares = source.reading.medium.cells or PixelCells(CellRuler(1), CellRuler(1))
    colours = np.ascontiguousarray(squares.sampled(source.pixels))
    cover = np.full(colours.shape[:2], 255, np.uint8) if source.alpha is None else squares.sampled(source.alpha)
    own = None
    if not squares.exact:
        colours, own = _few(colours), source.pixels
    cells = CellMap(squares.down.of(source.size[0]), squares.across.of(source.size[1]), own)
    seen = cover > 0
    labels = _regions(source, colours.shape[:2])
    grey = colours.astype(np.float32).mean(axis=2)
    low, high = (float(value) for value in np.percentile(grey[seen], (1, 99))) if seen.any() else (0.0, 255.0)
    dark, edge = seen & (grey <= low + _DARK * (high - low)), _edges(colours)
    come = {name: np.full(seen.shape, NEVER, np.uint16) for name in ("base", "flats", "cells")}
    figure = seen & _figure(source, seen.shape)
    near = cv2.dilate(figure.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    behind = dark & edge & ~near & ~_masses(dark)
    outline = _long(dark & edge & near, _LONG) | _long(behind, max(_LONG, round(float(np.hypot(*seen.shape)) / _FAR)))
    flats, rest = _flats(colours, labels, seen & ~outline)
    chance = source.chance("pixels")
    base = np.broadcast_to(_own_tone(colours, figure, seen).astype(np.uint8), colours.shape).copy()
    figure &= (base != 255).any(axis=2)
    steps = _set(source, figure, come["base"], cells, Phase.SKETCH, "silhouette", chance, run=40)
    for some in (outline & near, outline & ~near):
        steps += _set(source, some, come["cells"], cells, Phase.LINE, "outline, pixels", chance, run=_RUN)
    for label in _from_afar(labels[seen & ~outline], labels[figure & ~outline]):
        steps.append(_bucket(source, (labels == label) & seen & ~outline, come["flats"], cells, label))
    for shade in _shades(colours, rest):
        name = "light, pixels" if grey[shade].mean() > grey[seen].mean() else "shadow, pixels"
        phase = Phase.DETAILS if "light" in name else Phase.SHADING
        steps += _set(source, shade, come["cells"], cells, phase, name, chance, run=_RUN)
    left = seen & (come["cells"] == NEVER) & (np.abs(flats.astype(int) - colours).max(axis=2) > 0)

    def layers() -> list[Layer]:
        come["cells"][left & (come["cells"] == NEVER)] = come["cells"][come["cells"] != NEVER].max(initial=0)
        done, begun = np.ones(seen.shape, bool), np.zeros(seen.shape, bool)
        return [
            Cells("Silhouette", base, cover, come["base"], cells, begun, group=("Sketch",)),
            Cells("Flats", flats, cover, come["flats"], cells, (flats == colours).all(axis=2)),
            Cells("Pixels", colours, cover, come["cells"], cells, done),
        ]

    drawn = float(np.clip(outline.sum() / max(_MUCH * seen.sum(), 1), _LITTLE, 1))
    spared = (1 - drawn) * SHARES[Phase.LINE]
    shares = {**SHARES, Phase.LINE: SHARES[Phase.LINE] - spared, Phase.FLATS: SHARES[Phase.FLATS] + spared}
    return Recipe(steps, shares, layers, Adjusting(source).curves, Mirroring(source).view)


def _set(
    source: Source,
    mask: NDArray[np.bool_],
    come: NDArray[np.uint16],
    cells: CellMap,
    phase: Phase,
    label: str,
    chance: np.random.Generator,
    *,
    run: int,
) -> list[ScriptStep]:
    """Cells in runs, each cell beside the one before where there is one."""
    places = np.argwhere(mask)
    if not len(places):
        return []
    block = 8
    blocks, number = np.unique(places // block, axis=0, return_inverse=True)
    order: list[NDArray[np.int64]] = []
    here = (float(chance.integers(mask.shape[0])), float(chance.integers(mask.shape[1])))
    for cell in nearest_order((blocks + 0.5) * block, here):
        some = places[number.ravel() == cell]
        order += [some[at] for at in nearest_order(some.astype(float), (float(some[0, 0]), float(some[0, 1])))]
    listed = np.array(order)
    return [
        _run(source, listed[begin : begin + run], come, cells, phase, label) for begin in range(0, len(listed), run)
    ]


def _run(
    source: Source, places: NDArray[np.int64], come: NDArray[np.uint16], cells: CellMap, phase: Phase, label: str
) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        come[places[:, 0], places[:, 1]] = np.linspace(begin, max(begin, end - 1), len(places)).astype(np.uint16)

    del source
    return ScriptStep(phase, Tool.PEN, label, _bounds(places, cells), float(len(places)) + 1, when, most=4)


def _bucket(
    source: Source, mask: NDArray[np.bool_], come: NDArray[np.uint16], cells: CellMap, label: int
) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        come[mask] = begin + (end - begin) // 2

    regions = source.reading.regions
    name = regions[label].called if 0 <= label < len(regions) else "figure"
    weight = float(mask.sum()) ** 0.4
    most = _POURED + _BROAD * float(mask.mean()) ** 0.5
    return ScriptStep(
        Phase.FLATS, Tool.BUCKET, f"{name}, flat", _bounds(np.argwhere(mask), cells), weight, when, most=most
    )


def _bounds(places: NDArray[np.int64], cells: CellMap) -> Bounds:
    low, high = places.min(axis=0), places.max(axis=0) + 1
    top, bottom = np.searchsorted(cells.rows, (low[0], high[0])).tolist()
    left, right = np.searchsorted(cells.columns, (low[1], high[1])).tolist()
    return float(left), float(top), float(right - left), float(bottom - top)


def _few(colours: Pixels) -> Pixels:
    """Cells in so few colours as they had before they were blurred or compressed."""
    few = Image.fromarray(colours).quantize(_COLOURS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    return np.array(few.convert("RGB"))


def _regions(source: Source, shape: tuple[int, int]) -> NDArray[np.int32]:
    rows = (np.arange(shape[0]) + 0.5) * source.reading.shape[0] / shape[0]
    columns = (np.arange(shape[1]) + 0.5) * source.reading.shape[1] / shape[1]
    return np.asarray(source.reading.labels[np.ix_(rows.astype(int), columns.astype(int))], np.int32)


def _figure(source: Source, shape: tuple[int, int]) -> NDArray[np.bool_]:
    rows = (np.arange(shape[0]) + 0.5) * source.reading.shape[0] / shape[0]
    columns = (np.arange(shape[1]) + 0.5) * source.reading.shape[1] / shape[1]
    return np.asarray(source.reading.figure.cover[np.ix_(rows.astype(int), columns.astype(int))] > 127, bool)


def _edges(colours: Pixels) -> NDArray[np.bool_]:
    """Cells beside one of another colour."""
    edge = np.zeros(colours.shape[:2], bool)
    across = (colours[:, 1:] != colours[:, :-1]).any(axis=2)
    down = (colours[1:] != colours[:-1]).any(axis=2)
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    return edge


def _masses(dark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Dark cells, bool [h, w], of shapes so thick that they are no lines, and those beside them."""
    side = max(3, round(float(np.hypot(*dark.shape)) / _THICK) | 1)
    thick = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return np.asarray(cv2.dilate(thick, np.ones((3, 3), np.uint8)) > 0, bool)


def _long(lines: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Those of some cells, bool [h, w], that hang together over so many rows or columns at least."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(lines.astype(np.uint8), connectivity=8)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    return np.asarray(lines & (sides >= least)[pieces], bool)


def _own_tone(colours: Pixels, figure: NDArray[np.bool_], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The middle of those of a figure's colours that are commoner in it than in its ground and not white, float64 [3]:
    in the ground's no silhouette is seen.
    """
    inside = figure if figure.any() else seen
    if not inside.any():
        return np.zeros(3)
    codes = colours.astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    own, ground = codes[inside], codes[seen & ~inside]
    values, number = np.unique(np.concatenate([own, ground]), return_inverse=True)
    share = np.bincount(number[: len(own)], minlength=len(values)) / len(own)
    behind = np.bincount(number[len(own) :], minlength=len(values)) / max(len(ground), 1)
    kept = ((share > behind) & (values != _WHITE))[number[: len(own)]]
    return np.asarray(np.median(colours[inside][kept] if kept.any() else colours[inside], axis=0), np.float64)


def _from_afar(labels: NDArray[np.int32], of_figure: NDArray[np.int32]) -> list[int]:
    """The labels of some cells, the ground's before the figure's, the largest first."""
    values, count = np.unique(labels, return_counts=True)
    inside = np.isin(values, of_figure) & (np.array([(of_figure == value).sum() for value in values]) > count / 2)
    return [int(values[at]) for at in np.lexsort((-count, inside))]


def _flats(colours: Pixels, labels: NDArray[np.int32], among: NDArray[np.bool_]) -> tuple[Pixels, NDArray[np.bool_]]:
    """Each region in its commonest colour, and the cells that have another one."""
    flats = colours.copy()
    codes = colours.astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    for label in np.unique(labels[among]):
        inside = among & (labels == label)
        values, count = np.unique(codes[inside], return_counts=True)
        commonest = int(values[count.argmax()])
        flats[inside] = (commonest >> 16, commonest >> 8 & 255, commonest & 255)
    return flats, among & (flats != colours).any(axis=2)


def _shades(colours: Pixels, rest: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The cells that are left, colour by colour, dark to light; rare colours together."""
    codes = colours.astype(np.int32) @ np.array([65536, 256, 1], np.int32)
    values, count = np.unique(codes[rest], return_counts=True)
    light = (values >> 16) + (values >> 8 & 255) + (values & 255)
    common = values[np.argsort(light)][-48:] if len(values) <= 48 else values[count.argsort()[-48:]]
    common = common[np.argsort((common >> 16) + (common >> 8 & 255) + (common & 255))]
    shades = [rest & (codes == value) for value in common]
    others = rest & ~np.isin(codes, common)
    return [*shades, others] if others.any() else shades
