"""The line art of a drawn picture: its lines, its accents, and when lines get their own colours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import cv2
import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.features import Features
from paints_undo_engine.procedural.techniques.line_colours import LineColours
from paints_undo_engine.procedural.techniques.lining import Stroke, filled_soon, lined


class Inks:
    """Strokes in their order, and the layer of the line art; what of it lies farther than `reach` (the grid's pixels)
    from all of them is left out. All is inked with the `pen`'s colour at first, if there is one, but for the regions
    `behind` and for accents.
    """

    def __init__(
        self,
        source: Source,
        strokes: Sequence[Stroke],
        group: tuple[str, ...],
        reach: float,
        pen: Colour | None,
        behind: Collection[int] = (),
    ) -> None:
        self._source, self.strokes = source, strokes
        self._work = lined(source, group=group, strokes=strokes, reach=reach)
        self._coloured: LineColours | None = None
        if pen is not None:
            own = [stroke.path for stroke in strokes if stroke.pen is None]
            late = {id(stroke.path) for stroke in strokes if stroke.accent}
            others = [path for path in own if path.region in set(behind) or id(path) in late]
            known = {id(path) for path in others}
            self._coloured = LineColours(source, [path for path in own if id(path) not in known], others, pen)
            self._work = self._coloured.inked(self._work)

    @property
    def lines(self) -> list[ScriptStep]:
        """The steps of all strokes that come before colour."""
        return [step for step, stroke in zip(self._work.steps, self.strokes, strict=True) if not stroke.accent]

    @property
    def accents(self) -> list[ScriptStep]:
        """The steps of short dark marks, which are set on the flats."""
        return [step for step, stroke in zip(self._work.steps, self.strokes, strict=True) if stroke.accent]

    @property
    def colours(self) -> list[ScriptStep]:
        """The steps in which lines get their own colours."""
        return [] if self._coloured is None else self._coloured.steps

    def layers(self) -> list[Layer]:
        """The line art's, with accents, once times are known."""
        return self._work.layers()

    def with_fills(
        self, thick: Mapping[int, list[ScriptStep]], features: Sequence[tuple[Features, list[ScriptStep]]]
    ) -> list[ScriptStep]:
        """The steps of lines, those of thick lines, by their regions, when their borders stand, and those of each
        face's features with its first line.
        """
        labels = self._source.reading.labels
        areas = np.zeros(labels.shape, np.uint16)
        fills: dict[int, list[ScriptStep]] = {}
        for number, (label, steps) in enumerate(thick.items(), 1):
            fills[number] = steps
            areas[cv2.dilate((labels == label).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = number
        faces = range(len(fills) + 1, len(fills) + 1 + len(features))
        for number, (one, steps) in zip(faces, features, strict=True):
            fills[number] = steps
            areas[one.cover > 0] = number
        paths = [stroke.path for stroke in self.strokes if not stroke.accent]
        # What may be a head, as a card's suit, has no features before it has lines.
        return filled_soon(self.lines, paths, areas, fills, faces[: len(self._source.reading.faces)])
