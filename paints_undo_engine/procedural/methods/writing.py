"""Lettering in any method's process: on bare paper once the lines stand, on colour when that is done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.reading.model import TextLine
from paints_undo_engine.procedural.script import ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.lettering import lettered

_SHARE, _PAGE = 0.05, 40
"""Of the whole time, what the letters of a page take, and how many that are; fewer take less."""
_BARE = 40
"""Levels: a ground so near to the sheet's colour is bare when lines are drawn."""
_LINES = 6
"""Fewer lines are a signature, a date, a name."""


def with_lettering(source: Source, recipe: Recipe) -> Recipe:
    """A process to which the picture's lettering was added."""
    text = source.reading.text
    if source.lettered is None or not text:
        return recipe
    steps = list(recipe.steps)
    lines = [at for at, step in enumerate(steps) if step.phase is Phase.LINE]
    early = lines[-1] + 1 if lines else None
    late = len(steps)
    while late and steps[late - 1].phase in (Phase.ADJUSTMENT, Phase.EFFECTS):
        late -= 1
    signed = _signed(source)
    soon = [early is not None and line < signed and _is_bare(source, text[line]) for line in range(len(text))]
    work = lettered(source, [Phase.LINE if one else Phase.DETAILS for one in soon])
    before = [step for step in work.steps if step.phase is Phase.LINE]
    after = [step for step in work.steps if step.phase is Phase.DETAILS]
    shares = dict(recipe.shares)
    whole = _SHARE * min(1.0, len(work.steps) / _PAGE) * sum(shares.values())
    for phase, some in ((Phase.LINE, before), (Phase.DETAILS, after)):
        own = whole * len(some) / max(len(work.steps), 1)
        others = sum(step.weight for step in steps if step.phase is phase)
        given = shares.get(phase, 0.0) if others else 0.0
        shares[phase] = given + own
        some[:] = weighing(some, others * own / given if given else 1.0)
    made: list[ScriptStep] = [*steps[: early or 0], *before, *steps[early or 0 : late], *after, *steps[late:]]

    def layers() -> list[Layer]:
        return [*recipe.layers(), *work.layers()]

    return replace(recipe, steps=made, shares=shares, layers=layers)


def _signed(source: Source) -> int:
    """The number of the line from which on the picture is signed, dated and named: the first one of few, or the last
    one of a page where that lies outside all panels.
    """
    text, panels = source.reading.text, source.reading.panels
    if not panels:
        return 0 if len(text) < _LINES else len(text)
    outside = not any(text[-1].box.shared(box) > 0 for box in panels)
    return len(text) - 1 if outside else len(text)


def _is_bare(source: Source, line: TextLine) -> bool:
    """Whether a line lies on the sheet's own colour."""
    at = line.box.slices(source.reading.shape)
    ground = np.median(source.small[at].reshape(-1, 3), axis=0) if source.small[at].size else np.zeros(3)
    return bool(np.abs(ground - np.array(source.paper)).max() < _BARE)
