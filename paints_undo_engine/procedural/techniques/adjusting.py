"""Colour curves before the last touches, looking at the canvas mirrored, and hiding a layer for a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.document import Curves, MirroredTimes
from paints_undo_engine.procedural.document.model import UNIT, Keys, Phase, Tool
from paints_undo_engine.procedural.script import Bounds, ScriptStep
from paints_undo_engine.procedural.source import Source

_LOOK = 12
"""Operations for which the view stays mirrored: a video of 106 frames shows it for one or two."""
_OVERSHOOT = 1.3
"""A slider is pushed a little too far and then taken back."""
_CONTRAST, _GAMMA, _TINT = (0.026, 0.052), 0.043, 0.012
"""How far curves go: no level moves by more than ten, the slider's overshoot included. More turns a night or a page of
greys into another picture at the very end.
"""
_HELD = 8
"""Pixels: a level that fewer of the picture have is not seen to change."""
_SETTLING = 8
"""How many times as slowly it is taken back, so that the end does not jump."""
_AFTER = 0.35
"""Of the details: what comes after the curves. Lights and accents are set in the light that stays."""
_BACK = 2
"""Moves of the slider that take it back."""
_LAST = 0.1
"""Of the details: so many of the last are the smaller the later they come."""
_SLOWING, _SLOWLY = 1.5, 5.0
"""How much more time than before each touch takes at last: whoever finishes looks more and paints less; and where no
curves come after it, so that the end does not jump.
"""


def curves_table(chance: np.random.Generator, *, colour: bool) -> NDArray[np.uint8]:
    """Where an artist's last curves lead: a little more contrast or brightness, and a slight tint; uint8 [256, 3].

    0 and 255 stay, so that paper stays white. Without `colour` (line art) nothing changes.
    """
    levels = np.arange(256) / 255
    if not colour:
        return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    contrast = float(chance.uniform(*_CONTRAST))
    gamma = float(chance.choice([1 - _GAMMA, 1 + _GAMMA]) + chance.uniform(-0.01, 0.01))
    tint = chance.uniform(-_TINT, _TINT, 3)
    columns = []
    for channel in range(3):
        value = levels ** (gamma * (1 + tint[channel]))
        value = value + contrast * (value - 0.5) * value * (1 - value) * 4 * 0.5
        columns.append(np.rint(np.clip(value, 0, 1) * 255))
    return np.stack(columns, axis=1).astype(np.uint8)


@dataclass(slots=True)
class Adjusting:
    """The curves' steps: the slider goes to and fro, once too far."""

    source: Source
    _keys: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])

    def steps(self) -> list[ScriptStep]:
        """None where the curves change nothing."""
        if bool((self.source.table == np.arange(256)[:, None]).all()):
            return []
        height, width = self.source.size
        bounds = (0.0, 0.0, float(width), float(height))
        moves = (0.8, 0.25, _OVERSHOOT, 0.88, 1.0)
        ways = [abs(goal - start) for start, goal in zip((0.0, *moves), moves, strict=False)]
        ways[-2:] = [way * _SETTLING for way in ways[-2:]]
        return [
            ScriptStep(Phase.ADJUSTMENT, Tool.CURVES, "colour curves", bounds, weight, self._move(amount), most=20)
            for amount, weight in zip(moves, ways, strict=True)
        ]

    def among(self, details: Sequence[ScriptStep]) -> list[ScriptStep]:
        """Details, ever more slowly and the smallest last, and between them the curves' moves: the last touches come
        after these. At the very end the slider is taken back from where it went too far, which moves every colour by a
        few levels.
        """
        moves = self.steps()
        last = len(details) - round(_LAST * len(details))
        details = [*details[:last], *sorted(details[last:], key=lambda step: -step.weight)]
        slowing = _SLOWING if moves else _SLOWLY
        slower = [1 + slowing * (number + 1) / len(details) for number in range(len(details))]
        touches = [
            replace(step, weight=step.weight * times, most=step.most * times)
            for step, times in zip(details, slower, strict=True)
        ]
        total = sum(step.weight for step in touches)
        done, before = 0.0, 0
        while before < len(touches) and done + touches[before].weight <= (1 - _AFTER) * total:
            done += touches[before].weight
            before += 1
        return [*touches[:before], *moves[:-_BACK], *touches[before:], *moves[-_BACK:]]

    def _move(self, amount: float) -> Callable[[int, int], None]:
        def when(begin: int, end: int) -> None:
            self._keys.append((float(begin), self._keys[-1][1]))
            self._keys.append((float(end), amount))

        return when

    def curves(self) -> Curves | None:
        """The document's curves, once times are known."""
        if len(self._keys) < 2:
            return None
        counts = [cv2.calcHist([self.source.pixels], [channel], None, [256], [0, 256]).ravel() for channel in range(3)]
        return Curves(self.source.table, Keys(tuple(self._keys)), np.stack(counts, axis=1) >= _HELD)


@dataclass(slots=True)
class Mirroring:
    """Looks at the mirrored canvas: `look` makes one."""

    source: Source
    _flips: list[tuple[int, int]] = field(default_factory=list)

    def look(self) -> ScriptStep:
        """Flip, look, and flip back."""

        def when(begin: int, end: int) -> None:
            # The artist goes on for a while with the mirrored view.
            at = (begin + end) // 2
            self._flips.append((at, at + _LOOK * UNIT))

        return ScriptStep(
            Phase.ADJUSTMENT, Tool.VIEW, "view mirrored, for a look", whole(self.source), 0.2, when, most=1
        )

    def view(self) -> MirroredTimes:
        """The document's view, once times are known."""
        return MirroredTimes(tuple(self._flips))


def whole(source: Source) -> Bounds:
    """The whole canvas."""
    height, width = source.size
    return 0.0, 0.0, float(width), float(height)
