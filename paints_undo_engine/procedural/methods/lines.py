"""Line art without colour: nearly all of the time goes into lines; black areas and what is left come last."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.drawing import drawing
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined

SHARES = {Phase.CONSTRUCTION: 0.06, Phase.SKETCH: 0.26, Phase.LINE: 0.58, Phase.DETAILS: 0.1}
_HATCHED = 0.25
"""From here on many of the lines are hatching."""


def outlined(source: Source) -> Recipe:
    """Construction, a full sketch, the lines, and details."""
    # Hatching is not sketched: only the forms are.
    drawn = drawing(source, most=60 if source.reading.medium.hatching > _HATCHED else 260)
    line = lined(source, group=("Line art",))
    cover = source.inked
    paper = np.array(source.paper, np.float32)
    standing = np.rint(paper * (1 - cover) + source.ink_colour * cover).astype(np.uint8)
    within = np.asarray(source.reading.labels >= 0, bool)
    details = refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details", divisor=400)
    drawn.fade(line.steps, 0.45)
    drawn.fade(details.steps, 0.0)

    def layers() -> list[Layer]:
        return [*drawn.layers(), *line.layers(), *details.layers()]

    steps = [*drawn.steps, *line.steps, *details.steps]
    return Recipe(steps, SHARES, layers, Adjusting(source).curves, Mirroring(source).view, source.paper)
