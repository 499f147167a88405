"""What is known of a picture before a plan is made: its kind, lines, regions, subject, and the artist's habit."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from paints_undo_engine.procedural import construction, lines, order, regions
from paints_undo_engine.procedural.channels import largest
from paints_undo_engine.procedural.grid import Grid
from paints_undo_engine.procedural.kind import block_size, kind_of
from paints_undo_engine.procedural.options import ProceduralOptions
from paints_undo_engine.procedural.side_by_side import side_by_side
from paints_undo_engine.request import PaintingMode

ANALYSIS_SIDE = 640
LINE_SIDE = 2048

Pixels = NDArray[np.uint8]


class Analysis:
    """The picture as the phases see it. `rgb` uint8 [H, W, 3] is the canvas, `small` [h, w, 3] the analysis grid.

    `full_alpha` uint8 [H, W] is the ink's opacity on the canvas, [1, 1] where there is none. `jitter` is the random
    generator of the hand that draws, `brush_jitter` of the hand that paints; the phases of each draw from it in a
    fixed order.
    """

    def __init__(self, rgb: Pixels, options: ProceduralOptions) -> None:
        self.rgb, self.options = rgb, options
        self.jitter = Generator(PCG64(options.seed))
        self.brush_jitter = Generator(PCG64([options.seed, 1]))
        self.mode = kind_of(rgb) if options.mode is PaintingMode.AUTO else options.mode
        self.small = _view(rgb, self.mode)
        self.height, self.width = self.small.shape[:2]
        self.diagonal = float(np.hypot(self.height, self.width))
        crisp = self.mode is PaintingMode.PIXEL
        self.grid, self.map = side_by_side(
            lambda: Grid(rgb, self.small, crisp=crisp), lambda: lines.find_lines(self.small)
        )
        self.full_alpha, self.regions = side_by_side(self._full_alpha, self._regions)
        self.ink_paths = self._ink_paths()
        flat_count = len(self.regions.flat_colours)
        self.flat_at, self.flat_area = order.centres(self.regions.flats, flat_count)
        self.subject = construction.subject(self.regions.flats, self.flat_area, self.map.alpha)
        self.focus = construction.focus_of(self._edges(), self.subject)
        self.habit = order.habit(options.order, options.seed, self.focus, self.jitter)
        self.angle = float(self.jitter.uniform(-0.7, 0.7))

    def _regions(self) -> regions.Regions:
        if self.mode is PaintingMode.PIXEL:
            return regions.components_of_colours(self.small)
        clean = self.map.clean if self.mode is PaintingMode.LINE else self.small
        ink = self.map.alpha if self.mode is PaintingMode.LINE else np.zeros_like(self.map.alpha)
        if min(self.small.shape[:2]) <= 64:
            return regions.segment(clean, ink)
        half = cv2.resize(clean, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        calm = np.asarray(cv2.bilateralFilter(half, 5, 24, 3), np.uint8)
        found = regions.segment(
            calm, np.asarray(cv2.resize(ink, calm.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
        )
        up = Grid(clean, calm)
        return replace(found, cels=up.up(found.cels), flats=up.up(found.flats))

    def _edges(self) -> Pixels:
        """Where the picture has contours, lines or not."""
        grey = cv2.cvtColor(self.small, cv2.COLOR_RGB2GRAY)
        return np.maximum(self.map.alpha, cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.2), 40, 110))

    def _ink_paths(self) -> list[lines.Path]:
        shortest = max(3.0, 0.006 * self.diagonal)
        reach = max(4.0, 0.012 * self.diagonal)
        paths: list[lines.Path] = []
        if self.mode is PaintingMode.LINE:
            paths += lines.trace(lines.thin((self.map.alpha > 100).astype(np.uint8)), shortest)
        paths += lines.trace(self._contours(), shortest * 1.6)
        paths = lines.link(paths, reach)
        if self.mode is PaintingMode.FLAT:
            paths = lines.without_dashes(paths, 0.06 * self.diagonal, reach)
        paths = [lines.smooth(path, 1.5) for path in paths]
        return [piece for path in paths for piece in lines.cut(path, 0.16 * self.diagonal)]

    def _contours(self) -> Pixels:
        """Crisp borders of regions where no ink runs: 0 or 1."""
        labels = self.regions.flats if self.mode is PaintingMode.LINE else self.regions.cels
        border = np.zeros(labels.shape, np.uint8)
        border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
        border[1:] |= labels[1:] != labels[:-1]
        square = np.ones((3, 3), np.uint8)
        gradient = largest(np.asarray(cv2.morphologyEx(self.small, cv2.MORPH_GRADIENT, square), np.uint8))
        clear = gradient > 26
        if self.mode is PaintingMode.FLAT:
            flats = self.regions.flat_colours[self.regions.flats]
            clear |= largest(np.asarray(cv2.morphologyEx(flats, cv2.MORPH_GRADIENT, square), np.uint8)) > 16
        border &= clear.astype(np.uint8)
        if self.mode is PaintingMode.LINE:
            border &= (cv2.dilate(self.map.alpha, np.ones((5, 5), np.uint8)) < 90).astype(np.uint8)
        return lines.thin(border)

    def _full_alpha(self) -> Pixels:
        if self.mode is not PaintingMode.LINE:
            return np.zeros((1, 1), np.uint8)
        if self.grid.same:
            return self.map.alpha
        scale = min(1.0, LINE_SIDE / max(self.rgb.shape[:2]))
        if scale == 1.0:
            return lines.opacity(self.rgb)
        medium = cv2.resize(self.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        alpha = lines.opacity(np.asarray(medium, np.uint8))
        return np.asarray(cv2.resize(alpha, self.rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _view(rgb: Pixels, mode: PaintingMode) -> Pixels:
    """The picture at analysis size; pixel art at its own pixels."""
    if mode is PaintingMode.PIXEL:
        size = block_size(rgb)
        rgb = np.ascontiguousarray(rgb[::size, ::size])
    scale = min(1.0, ANALYSIS_SIDE / max(rgb.shape[:2]))
    if scale == 1.0:
        return rgb
    smaller = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, smaller, interpolation=cv2.INTER_AREA))
