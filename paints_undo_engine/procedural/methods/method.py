"""What every method gives: steps in their order, shares of time, and how its layers are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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


LayerMaker = Callable[[], list[Layer]]
"""Makes some layers, bottom first, of data that no other maker changes."""


def gathered(makers: Sequence[LayerMaker]) -> list[Layer]:
    """The layers of several makers, which two threads ask."""
    with ThreadPoolExecutor(2) as beside:
        return [layer for layers in beside.map(lambda maker: maker(), makers) for layer in layers]


MethodOfWork = Callable[[Source], Recipe]
