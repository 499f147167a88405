"""The colours of lines: all are inked in the pen's, and get their own once there is paint beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour, Phase, Times, Tool
from paints_undo_engine.procedural.document.recoloured import Recoloured
from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Trail
from paints_undo_engine.procedural.techniques.lining import named

_UNLIKE = 24
"""Levels in any channel: what is nearer to the pen's colour has it."""
_LEAST, _MOST = 0.02, 8.0
"""Of the diagonal: how much line of another colour a region has whose lines are coloured; operations for that."""


class LineColours:
    """Lines inked in the `pen`'s colour, and the steps in which those of each region get their own; what lies nearest
    to the `others` has its own at once.
    """

    def __init__(self, source: Source, paths: Sequence[InkPath], others: Sequence[InkPath], pen: Colour) -> None:
        self._source, self._others = source, [path.points for path in others]
        self._first = np.broadcast_to(np.array(pen, np.uint8), source.ink_colour.shape)
        self._trail = Trail(source.reading.shape)
        away = np.abs(source.ink_colour.astype(np.int16) - self._first)
        self._unlike: NDArray[np.bool_] = greatest(away) > _UNLIKE
        own: dict[int, list[InkPath]] = {}
        for path in paths:
            own.setdefault(path.region, []).append(path)
        least = _LEAST * source.diagonal
        enough = [region for region, some in own.items() if self._other_coloured(some) >= least]
        if enough:
            # What is hardly worth a step is done with the first of those that are.
            own[enough[0]] += [path for region, some in own.items() if region not in enough for path in some]
        self.steps = [self._step(region, own[region]) for region in enough]

    def _other_coloured(self, paths: Sequence[InkPath]) -> int:
        """How many places of some lines have another colour than the pen."""
        return sum(int(values_along(self._unlike, path.points).sum()) for path in paths)

    def _step(self, region: int, paths: Sequence[InkPath]) -> ScriptStep:
        lines = [path.points for path in paths]

        def when(begin: int, end: int) -> None:
            self._trail.pass_all(lines, begin, end)

        length = sum(path.length for path in paths) / self._source.diagonal
        label = f"{named(self._source, region)}, colour of lines"
        bounds = self._source.bounds(np.concatenate(lines), 3)
        return ScriptStep(Phase.EFFECTS, Tool.BRUSH, label, bounds, length + 0.02, when, most=_MOST, region=region)

    def inked(self, work: PlannedWork) -> PlannedWork:
        """Line art as it was planned, in the pen's colour at first."""
        if not self.steps:
            return work
        return PlannedWork(work.steps, lambda: [self._coloured(layer) for layer in work.layers()])

    def _coloured(self, layer: Layer) -> Layer:
        assert isinstance(layer, Arrival)
        assert layer.cover is not None
        assert not isinstance(layer.target, tuple)
        if self._others:
            self._trail.pass_all(self._others, 0, 1)
        later: Times = self._trail.nearest()[0]
        return Recoloured(
            layer.name, layer.target, layer.come, first=self._first, later=later,
            cover=layer.cover, ramp=layer.ramp, group=layer.group,
        )  # fmt: skip
