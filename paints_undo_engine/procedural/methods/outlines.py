"""The contours of a drawn picture: where they stand on the paint, where below it, and when they go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.methods.drawing import Fading
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.carrying_on import whole_strokes
from paints_undo_engine.procedural.techniques.contouring import contour_pen, pen_below
from paints_undo_engine.procedural.techniques.lining import Stroke
from paints_undo_engine.procedural.techniques.scenery import lighter
from paints_undo_engine.procedural.techniques.telling_lines import without_scraps

_LEFT, _FADING, _PAINTED_OVER = 0.6, 40, 0.25
"""Of the contours: what each phase after the flats leaves, and in how many operations; of the last one: when none is
seen any more.
"""
_LINED = 0.75
"""Of a picture's edges: where more lie along lines it has lines of its own."""
_COMPLETE, _GAP = 0.85, 0.02
"""The same: where more do they are complete; of the diagonal: a contour that is shorter would close a gap in them."""
_SEEN = 60
"""Levels in any channel: on a paint that is so much lighter than the pen it would be seen that a line goes."""


class Contours:
    """The pens of contours and their layers.

    Where a picture has lines of its own, what has none there is no line: on a paint on which one would be seen to go
    again it is drawn below all paint, and is gone with the flats.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.pen = contour_pen(source)
        self._below = pen_below(source, self.pen.hand)
        self.ground_pen = lighter(source, self.pen)
        self._fading, self._soon = Fading(), Fading()

    def strokes(self, found: Sequence[InkPath]) -> list[Stroke]:
        """Contours as strokes, each with its pen."""
        lined = self._source.reading.ink.explained > _LINED
        least = _GAP * self._source.diagonal if self._complete else 0.0
        found = [path for path in found if path.length > least]
        seen = [lined and max(np.subtract(path.colour, self.pen.hand.colour)) >= _SEEN for path in found]
        return [Stroke(path, self._below if one else self.pen) for path, one in zip(found, seen, strict=True)]

    def completed(self, strokes: list[Stroke]) -> list[Stroke]:
        """Strokes in their order, without scraps, each with what it lacks. Complete lines lack nothing in faces."""
        if self._source.reading.seen_lines is None:
            strokes = without_scraps(self._source, strokes)
        return whole_strokes(self._source, strokes, self.pen, faces=not self._complete)

    @property
    def _complete(self) -> bool:
        """Whether what seems a gap in the picture's lines is one in what its artist drew."""
        return self._source.reading.ink.explained > _COMPLETE

    def fade(self, flats: list[ScriptStep], *phases: list[ScriptStep]) -> None:
        """Contours stand on the flats like all lines and are painted over: paler with each of the next phases. Those
        below the paint go when the flats are done.
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
        if self._below.empty:
            return []
        layer = self._below.layer()
        layer.opacity = self._soon.keys()
        return [layer]
