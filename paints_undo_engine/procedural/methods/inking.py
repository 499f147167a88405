"""Line, flats, hard and soft shading: how most drawn figures are made, before a ground of their own kind."""

from __future__ import annotations

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.late import finished_pieces
from paints_undo_engine.procedural.methods.method import LayerMaker, Recipe, gathered
from paints_undo_engine.procedural.methods.mistakes import Mistakes
from paints_undo_engine.procedural.methods.pieces import Pieces
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source

SHARES = {
    Phase.CONSTRUCTION: 0.05,
    Phase.SKETCH: 0.15,
    Phase.LINE: 0.21,
    Phase.FLATS: 0.17,
    Phase.SHADING: 0.13,
    Phase.SOFT_SHADING: 0.1,
    Phase.BACKGROUND: 0.15,
    Phase.PAINTING: 0.1,
    Phase.DETAILS: 0.11,
    Phase.EFFECTS: 0.05,
    Phase.ADJUSTMENT: 0.03,
}
"""About what a digital illustrator spends."""

_PARTS = {Part.SKIN: 0, Part.EYES: 1, Part.MOUTH: 1, Part.HAIR: 2, Part.CLOTH: 3, Part.PROP: 4, Part.OBJECT: 4}
"""In which order somebody finishes parts who works part by part."""


def inked(source: Source) -> Recipe:
    """Sketch, ink, flats, tones, airbrush on the figure, and the ground's before or after them; details; curves."""
    pieces = Pieces(source)
    mistakes = Mistakes(source, pieces)
    details = pieces.details()
    steps = [*mistakes.sketch(), *mistakes.line()]
    pieces.drawn.fade(pieces.flats, 0.0)
    ground, tones, forms = pieces.ground, pieces.tones.steps, pieces.render.steps
    pieces.contours.fade(pieces.flats, tones, pieces.soft.steps, forms or details.steps)
    ground_first = source.chance("ground").random() < 0.55
    cut = len(tones) // 2
    steps += ground.coarse if ground_first else []
    steps += [*mistakes.flats(), *pieces.accents, *tones[:cut], *mistakes.settled()]
    steps += [] if ground_first else ground.coarse
    # Nobody finishes the ground behind a figure that is flat: they get their forms by turns.
    coats = [pieces.soft.steps, forms, pieces.lights]
    behind = [*ground.fine, *pieces.finish()]
    # With the line hidden eyes and mouths are there only once their forms are painted.
    steps += [*tones[cut:], *finished_pieces(pieces, coats, details.steps, behind, mistakes.look())]

    return _drawn(pieces, mistakes, details, steps)


def part_by_part(source: Source) -> Recipe:
    """Line first; then each part gets its flat, its tones and its airbrush before the next is begun; forms last."""
    pieces = Pieces(source)
    mistakes = Mistakes(source, pieces)
    details = pieces.details()
    steps = [*mistakes.sketch(), *mistakes.line()]
    pieces.drawn.fade(pieces.flats, 0.0)
    behind = [*pieces.ground.fine, *pieces.finish()]
    pieces.contours.fade(pieces.flats, behind, pieces.render.steps or details.steps)
    coloured = [*mistakes.flats(), *pieces.tones.steps, *pieces.soft.steps]
    coloured.sort(key=lambda step: _turn(source, step))
    steps += [*pieces.ground.coarse, *coloured, *pieces.accents, *mistakes.settled()]
    steps += finished_pieces(pieces, [pieces.render.steps, pieces.lights], details.steps, behind, mistakes.look())

    return _drawn(pieces, mistakes, details, steps)


def _drawn(pieces: Pieces, mistakes: Mistakes, details: PlannedWork, steps: list[ScriptStep]) -> Recipe:
    """The process of what is drawn with lines, which lie above all colour."""

    def layers() -> list[Layer]:
        above = [pieces.contours.layers, mistakes.lines, pieces.small_layers, details.layers]
        return gathered([*_below(pieces, mistakes), *above])

    return Recipe(steps, pieces.shares(SHARES), layers, pieces.adjusting.curves, pieces.mirroring.view)


def lineless(source: Source) -> Recipe:
    """Shapes by lasso on the sketch, tones, airbrush; lines, where the picture has any, come with the details."""
    pieces = Pieces(source, contoured=False)
    mistakes = Mistakes(source, pieces)
    details = pieces.details(lined=False)
    steps = mistakes.sketch()
    pieces.drawn.fade(pieces.flats, 0.5)
    pieces.drawn.fade(pieces.tones.steps or pieces.soft.steps, 0.0)
    steps += [*pieces.ground.coarse, *mistakes.flats(), *pieces.tones.steps, *mistakes.settled()]
    steps += mistakes.look(lined=False)
    coats = [pieces.soft.steps, pieces.render.steps, [*pieces.lights, *pieces.line.steps]]
    steps += finished_pieces(pieces, coats, details.steps, [*pieces.ground.fine, *pieces.finish()])

    def layers() -> list[Layer]:
        # Here lines are drawn when all small forms stand.
        above = [pieces.small_layers, pieces.line.layers, details.layers]
        return gathered([*_below(pieces, mistakes, sketch_above=True), *above])

    shares = {**SHARES, Phase.LINE: 0.08, Phase.FLATS: 0.16, Phase.DETAILS: 0.2}
    return Recipe(steps, pieces.shares(shares), layers, pieces.adjusting.curves, pieces.mirroring.view)


def _below(pieces: Pieces, mistakes: Mistakes, *, sketch_above: bool = False) -> list[LayerMaker]:
    """What makes all layers below the line art."""
    flat: list[LayerMaker] = [pieces.thick.layers, lambda: [pieces.filling.layer()], pieces.tones.layers]
    colour = [*flat, mistakes.soft, pieces.render.layers]
    sketch = [pieces.drawn.layers, pieces.contours.below]
    return [*pieces.ground_layers(), *(colour if sketch_above else sketch), *(sketch if sketch_above else colour)]


def _turn(source: Source, step: ScriptStep) -> int:
    regions = source.reading.regions
    return _PARTS.get(regions[step.region].part, 5) if 0 <= step.region < len(regions) else 5
