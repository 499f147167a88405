"""What every method gives: steps in their order, shares of time, and how its layers are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from paints_undo_engine.procedural.document.document import WHITE, Curves, MirroredTimes
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Paper, Phase
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source


@dataclass(slots=True)
class Recipe:
    """A planned process. `layers` makes the layers, bottom first, once the steps know their times; so do the others."""

    steps: Sequence[ScriptStep]
    shares: Mapping[Phase, float]
    layers: Callable[[], list[Layer]]
    curves: Callable[[], Curves | None]
    view: Callable[[], MirroredTimes] = field(default=MirroredTimes)
    paper: Paper = WHITE


MethodOfWork = Callable[[Source], Recipe]
