"""The contours of a drawn picture: where they are drawn with the pen, where in a paint's colour, and when they go."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.methods.drawing import Fading
from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import colour_pen, contour_pen
from paints_undo_engine.procedural.techniques.lining import Stroke
from paints_undo_engine.procedural.techniques.scenery import lighter

_LEFT, _FADING, _PAINTED_OVER = 0.6, 40, 0.25
"""Of the contours: what each phase after the flats leaves, and in how many operations; of the last one: when none is
seen any more.
"""
_LINED = 0.75
"""Of a picture's edges: where more lie along lines it has lines of its own."""
_SEEN = 60
"""Levels in any channel: on a paint that is so much lighter than the pen it would be seen that a line goes."""
_PALE = 225
"""Levels: a paint whose channels all are lighter is not seen as a line on paper."""
_GAP, _INKED = 0.12, 90
"""Of the diagonal: a longer contour closes no gap. Of 255: where a line covers less there is none."""
_AROUND = 9
"""Pixels about a contour in which it has its colour."""


class Contours:
    """The pens of contours and their layers.

    Where a picture has lines of its own, what has none there is no line: on a paint on which one would be seen to go
    again it is drawn in that paint's colour, if that is seen on paper, below all paint, and is gone with the flats; so
    is what only closes a gap between lines, in the pen's colour.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.pen = contour_pen(source)
        self._colour = colour_pen(source, self.pen.hand.colour)
        self.ground_pen = lighter(source, self.pen)
        self._fading, self._soon = Fading(), Fading()
        self._coloured: list[InkPath] = []

    def strokes(self, found: Sequence[InkPath]) -> list[Stroke]:
        """Contours as strokes, each with its pen."""
        lined = self._source.reading.ink.explained > _LINED
        strokes = []
        for path in found:
            if not lined or max(np.subtract(path.colour, self.pen.hand.colour)) < _SEEN:
                strokes.append(Stroke(path, self.pen))
            elif self._continues(path):
                strokes.append(Stroke(path, self._colour))
            elif min(path.colour) <= _PALE:
                self._coloured.append(path)
                strokes.append(Stroke(path, self._colour))
        return strokes

    def _continues(self, path: InkPath) -> bool:
        """Whether a contour only closes a gap: ink begins at both of its ends."""
        if path.length > _GAP * self._source.diagonal:
            return False
        near = cv2.dilate(self._source.reading.ink.cover, np.ones((_AROUND, _AROUND), np.uint8)) > _INKED
        return bool(values_along(near, path.points[[0, -1]]).all())

    def fade(self, flats: list[ScriptStep], *phases: list[ScriptStep]) -> None:
        """Contours stand on the flats like all lines and are painted over: paler with each of the next phases. Coloured
        ones go when the flats are done.
        """
        *first, last = [steps for steps in phases if steps] or [flats]
        for number, steps in enumerate(first, 1):
            self._fading.when(steps, _LEFT**number, _FADING)
        at = -1 if last is flats else 0
        self._fading.when(last, 0.0, max(2, _PAINTED_OVER * len(last)), at)
        self._soon.when(flats or last, 0.0, at=-1 if flats else 0)

    def layers(self) -> list[Layer]:
        """The contours on the paint, once times are known."""
        layers = [pen.layer() for pen in (self.ground_pen, self.pen) if not pen.empty]
        for layer in layers:
            layer.opacity = self._fading.keys()
        return list(layers)

    def below(self) -> list[Layer]:
        """Those below all paint, once times are known."""
        if self._colour.empty:
            return []
        layer = self._colour.layer()
        layer.target, layer.opacity = self._colours(), self._soon.keys()
        return [layer]

    def _colours(self) -> Pixels:
        """uint8 [h, w, 3] on the grid: the colour of each coloured contour about it."""
        colours = np.full((*self._source.reading.shape, 3), self._colour.hand.colour, np.uint8)
        for path in self._coloured:
            points = np.rint(path.points).astype(np.int32)
            cv2.polylines(colours, [points], False, self._source.colour(path.colour), _AROUND)
        return colours
