"""Late work: several kinds of it go over the areas of a picture, one a little behind the other; last touches follow."""

from __future__ import annotations

from collections.abc import Sequence

from paints_undo_engine.procedural.methods.pieces import Pieces
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.finishing import (
    area_by_area,
    areas_of,
    by_turns,
    head_boxes,
    last_touches,
    within_areas,
)

_TOUCHES = 0.25
"""Of the details' time, the last touches all over the picture."""
_LOOK = 0.6
"""Of the late work: what is done when one looks at it."""
_TURNS = 5
"""How often one goes from the ground to the figure while both are finished."""


def finished(
    source: Source, coats: Sequence[Sequence[ScriptStep]], details: Sequence[ScriptStep]
) -> tuple[list[ScriptStep], list[ScriptStep]]:
    """Coats area after area, each an area behind the one before it, the details with the last of them; and the last
    touches, which are some of the details.
    """
    areas = areas_of(source, head_boxes(source))
    placed, touches = last_touches(within_areas(details, areas, source.scale), _TOUCHES)
    kinds = [within_areas(coat, areas, source.scale) for coat in (*coats[:-1], [*coats[-1], *placed])]
    return area_by_area(list(enumerate(kinds))), touches


def finished_pieces(
    pieces: Pieces,
    coats: Sequence[Sequence[ScriptStep]],
    details: Sequence[ScriptStep],
    ground: Sequence[ScriptStep] = (),
    look: Sequence[ScriptStep] = (),
) -> list[ScriptStep]:
    """Late work on a figure and by turns on its ground, amid it a look; then the last touches and the curves."""
    done, touches = finished(pieces.source, coats, details)
    work = by_turns(ground, done, _TURNS)
    # By then heads have their forms, and long before the end all is shown again.
    at = round(_LOOK * len(work))
    return [*work[:at], *look, *work[at:], *pieces.adjusting.among(touches)]
