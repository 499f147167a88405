"""What goes wrong and is mended on the way: how much of it, the options say; what it is, the seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Keys, Phase, Tool
from paints_undo_engine.procedural.methods.pieces import FIGURE, Pieces
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import whole
from paints_undo_engine.procedural.techniques.lining import named
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil, wobbled
from paints_undo_engine.request import Corrections

_RATE = {Corrections.NONE: 0.0, Corrections.FEW: 0.55, Corrections.MANY: 1.0}
"""How likely each kind of mistake is."""
_HIDING = {Corrections.NONE: 0.0, Corrections.FEW: 0.22, Corrections.MANY: 1.0}
"""How likely a layer is hidden for a look."""
_HIDDEN = 10
"""Operations for which it stays hidden, while the work goes on."""
_WRONG_STROKES = {Corrections.NONE: 0, Corrections.FEW: 3, Corrections.MANY: 9}


class Mistakes:
    """Puts what is mended between the steps of a drawn and coloured picture."""

    def __init__(self, source: Source, pieces: Pieces) -> None:
        self._source, self._pieces = source, pieces
        self._chance = source.chance("mistakes")
        self._rate = _RATE[source.options.corrections]
        self._slips = Pencil(source, Hand((40, 36, 44), 0.0016, 0.001, 1), "Line art, undone", FIGURE)
        self._undone: list[Pencil] = []
        self._lines_hidden: list[tuple[int, int]] = []
        self._soft_hidden: list[tuple[int, int]] = []
        trial = pieces.filling.trial(self._chance) if self._chance.random() < self._rate else None
        self._trial = trial

    def sketch(self) -> list[ScriptStep]:
        """The sketch, and a look at it mirrored."""
        flip = [self._pieces.mirroring.look()] if self._source.options.flip else []
        return [*self._pieces.drawn.steps, *flip]

    def line(self) -> list[ScriptStep]:
        """The line art; some strokes are drawn wrong at first, taken back, and drawn again."""
        steps = list(self._pieces.line.steps)
        self._pieces.drawn.fade(steps, 0.4)
        strokes = [stroke.path for stroke in self._pieces.strokes]
        long = [at for at, path in enumerate(strokes) if path.length > 0.05 * self._source.diagonal]
        count = min(_WRONG_STROKES[self._source.options.corrections], len(long))
        chosen = sorted(self._chance.choice(long, count, replace=False).tolist()) if count else []
        for at in reversed(chosen):
            steps[at:at] = self._slip(strokes[at])
        return steps

    def _slip(self, path: InkPath) -> list[ScriptStep]:
        """A stroke beside its place, and its undoing."""
        source = self._source
        hand = replace(self._slips.hand, colour=self._pieces.contours.pen.hand.colour)
        pencil = Pencil(source, hand, self._slips.name, FIGURE)
        away = self._chance.normal(0, 0.006, 2) * source.diagonal
        turn = float(self._chance.normal(0, 0.05))
        middle = path.points.mean(axis=0)
        cos, sin = np.cos(turn), np.sin(turn)
        points = (path.points - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle + away
        stroke = wobbled(points.astype(np.float32), 0.001 * source.diagonal, self._chance)
        label = f"{named(source, path.region)}, line"
        drawn = replace(pencil.line(stroke, Phase.LINE, label), tool=Tool.PEN, weight=0.12, region=path.region)
        undone = replace(pencil.erased(f"{label} taken back", 0.1), phase=Phase.LINE, most=1.5, region=path.region)
        self._undone.append(pencil)
        return [drawn, undone]

    def flats(self) -> list[ScriptStep]:
        """The flats, and a colour that is tried."""
        return [*self._pieces.flats, *(self._trial[:1] if self._trial else ())]

    def settled(self) -> list[ScriptStep]:
        """The tried colour settles."""
        return list(self._trial[1:]) if self._trial else []

    def look(self, *, lined: bool = True) -> list[ScriptStep]:
        """Looks on the way: the view mirrored, the soft shading hidden and shown again. With it nothing is gone; with
        the line art, if the picture is `lined` by then, half of a face may be, which is done only where many things go
        wrong.
        """
        corrections, pieces = self._source.options.corrections, self._pieces
        steps = [pieces.mirroring.look()] if self._source.options.flip else []
        if self._chance.random() >= _HIDING[corrections]:
            return steps
        if corrections is Corrections.MANY:
            return [*steps, *([self._toggle("line art", self._lines_hidden)] if lined and pieces.line.steps else [])]
        return [*steps, *([self._toggle("soft shading", self._soft_hidden)] if pieces.soft.steps else [])]

    def _toggle(self, what: str, hidden: list[tuple[int, int]]) -> ScriptStep:
        def when(begin: int, end: int) -> None:
            at = (begin + end) // 2
            hidden.append((at, at + _HIDDEN * UNIT))

        bounds = whole(self._source)
        return ScriptStep(Phase.ADJUSTMENT, Tool.LAYERS, f"{what} hidden and shown", bounds, 1.0, when, most=1)

    def lines(self) -> list[Layer]:
        """The line art's layers, once times are known."""
        return _hidden([*self._pieces.line.layers(), *(pencil.layer() for pencil in self._undone)], self._lines_hidden)

    def soft(self) -> list[Layer]:
        """The airbrush's layers, once times are known."""
        return _hidden(self._pieces.soft.layers(), self._soft_hidden)


def _hidden(layers: list[Layer], times: list[tuple[int, int]]) -> list[Layer]:
    """Layers that are hidden from and to some ticks."""
    keys: list[tuple[float, float]] = [(0.0, 1.0)]
    for begin, end in times:
        keys += [(begin, 1.0), (begin + UNIT, 0.0), (end - UNIT, 0.0), (end, 1.0)]
    for layer in layers:
        layer.opacity = Keys(tuple(keys))
    return layers
