"""Lettering in any method's process: what paper shows is written once the lines stand, all else when
colour stands, before it is finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.script import ScriptStep, lengths_of, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.lettering import lettered

_SHARE, _PAGE = 0.05, 40
"""Of the whole time, what the letters of a page take, and how many that are; fewer take less."""
_SHOWS = 90
"""Levels: letters so far from the sheet's colour can be read on it."""
_LINES, _LARGE = 6, 1.6
"""Fewer lines are a signature, a date, a name; beside the others, how much larger what is no signature is."""
_LATE = 0.72
"""Of the time: when letters are written that paint lies below. The last work goes on beside them."""
_ORDER = (Phase.LINE, Phase.FLATS, Phase.DETAILS)
"""When letters are written or their outlines filled."""


def with_lettering(source: Source, recipe: Recipe) -> Recipe:
    """A process to which the picture's lettering was added."""
    text = source.reading.text
    if source.lettered is None or not text:
        return recipe
    steps = list(recipe.steps)
    last = {step.phase: at + 1 for at, step in enumerate(steps)}
    late = max(_at(steps, recipe.shares, _LATE), last.get(Phase.FLATS, 0))
    places = [last.get(Phase.LINE, 0), last.get(Phase.FLATS, late), late]
    signed = _signed(source)
    soon = [places[0] > 0 and _is_early(source, line, line < signed) for line in range(len(text))]
    work = lettered(source, [Phase.LINE if one else Phase.DETAILS for one in soon])
    shares = dict(recipe.shares)
    whole = _SHARE * min(1.0, len(work.steps) / _PAGE) * sum(shares.values())
    made: list[ScriptStep] = []
    begin = 0
    for phase, place in sorted(zip(_ORDER, places, strict=True), key=lambda one: one[1]):
        some = [step for step in work.steps if step.phase is phase]
        own = whole * len(some) / max(len(work.steps), 1)
        others = sum(step.weight for step in steps if step.phase is phase)
        given = shares.get(phase, 0.0) if others else 0.0
        shares[phase] = given + own
        made += [*steps[begin:place], *weighing(some, others * own / given if given else 1.0)]
        begin = place
    made += steps[begin:]

    def layers() -> list[Layer]:
        return [*recipe.layers(), *work.layers()]

    return replace(recipe, steps=made, shares=shares, layers=layers)


def _at(steps: Sequence[ScriptStep], shares: Mapping[Phase, float], share: float) -> int:
    """How many steps are done after such a share of the time."""
    if not steps:
        return 0
    done = np.cumsum(lengths_of(steps, shares))
    return int(np.searchsorted(done, share * done[-1]))


def _signed(source: Source) -> int:
    """The number of the line from which on the picture is signed, dated and named: the first one of few, or the last
    one of a page where that lies outside all panels and is no title.
    """
    text, panels = source.reading.text, source.reading.panels
    if not panels:
        return 0 if len(text) < _LINES else len(text)
    outside = not any(text[-1].box.shared(box) > 0 for box in panels)
    usual = float(np.median([line.box.height for line in text]))
    return len(text) - 1 if outside and text[-1].box.height < _LARGE * usual else len(text)


def _is_early(source: Source, number: int, told: bool) -> bool:
    """Whether a line is written when lines are drawn: it tells something, or lies in a balloon, and the bare sheet
    shows it.
    """
    line = source.reading.text[number]
    spoken = bool(source.reading.balloons[line.box.slices(source.reading.shape)].any())
    shows = np.abs(np.subtract(source.colour(line.colour), source.paper)).max() > _SHOWS
    return (told or spoken) and bool(shows)
