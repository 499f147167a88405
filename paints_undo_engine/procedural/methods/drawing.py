"""The drawing that most methods begin with: construction, a rough sketch, and what is wrong in it and mended."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Colour, Keys
from paints_undo_engine.procedural.reading.model import Box, InkPath, PictureKind
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.roughing import Rough, misplaced, parted, rough_lines, roughed
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil
from paints_undo_engine.procedural.techniques.underdrawing import is_drawn_small
from paints_undo_engine.request import Corrections, Method

_PENCILS: tuple[Colour, ...] = ((78, 116, 190), (104, 104, 112), (190, 98, 80), (84, 76, 76), (92, 136, 150))
"""Blue, grey, red and black lead, teal: what people sketch with."""
_GRAPHITE: Colour = (128, 126, 126)
"""What people sketch with who stay on paper: no ink follows that hides another colour."""
_ON_TONE = 0.35
"""Of a lead's colour: how light it is on a toned ground."""
_SMALL = 0.55
"""How much finer and nearer lines are where all is drawn small."""
_RUBBED = 2.0
"""To which power of the rest's opacity the construction is left under ink and paint."""
_MOVED = (0.4, 0.85)
"""Of all chances, those of which the head is moved where little goes wrong."""


@dataclass(slots=True)
class Fading:
    """How the opacity of layers changes when steps begin."""

    _changes: list[tuple[int, int, float]] = field(default_factory=list)

    def when(self, steps: list[ScriptStep], opacity: float, operations: float = 10, at: int = 0) -> None:
        """Go over to another opacity when the first of some steps (or number `at`) begins; it takes some operations."""
        if not steps:
            return
        first, told = steps[at], steps[at].when

        def when(begin: int, end: int) -> None:
            told(begin, end)
            self._changes.append((begin, begin + round(operations * UNIT), opacity))

        steps[at] = replace(first, when=when)

    def keys(self, fainter: float = 1.0) -> Keys:
        """The opacity over time, once times are known; to a power, of what is `fainter` than the rest."""
        keys: list[tuple[float, float]] = [(0.0, 1.0)]
        for begin, end, opacity in sorted(self._changes):
            keys += [(float(begin), keys[-1][1]), (float(end), opacity**fainter)]
        return Keys(tuple(keys))


@dataclass(slots=True)
class Drawing:
    """Steps and layers of a sketch, which grows pale and is hidden."""

    steps: list[ScriptStep]
    layers: Callable[[], list[Layer]]
    fading: Fading

    def fade(self, steps: list[ScriptStep], opacity: float, operations: float = 10) -> None:
        """The sketch goes over to another opacity when the first of some steps begins; it takes some operations."""
        self.fading.when(steps, opacity, operations)


def drawing(
    source: Source,
    most: int = 170,
    among: Collection[InkPath] | None = None,
    *,
    toned: bool = False,
    lead: Colour | None = None,
) -> Drawing:
    """Construction and rough sketch of the picture, with at most so many lines, of its ink only those `among` some.

    On a ground that is already `toned` the lead is darker. `lead`: its colour, where the drawing tells it.
    """
    chance = source.chance("hand")
    colour = _PENCILS[int(chance.integers(len(_PENCILS)))]
    if _stays_on_paper(source):
        colour = lead or _GRAPHITE
    if toned:
        red, green, blue = (round(_ON_TONE * level) for level in colour)
        colour = red, green, blue
    size = _SMALL if is_drawn_small(source) else 1.0
    hand = Hand(colour, size * float(chance.uniform(0.0015, 0.0027)), size * float(chance.uniform(0.0012, 0.0035)),
                float(chance.uniform(1.1, 2.4)))  # fmt: skip
    base = Pencil(source, Hand(colour, hand.width * 0.7, hand.stray, 1, 0.75), "Construction", ("Sketch",))
    rough = Pencil(source, hand, "Rough sketch", ("Sketch",))
    wrong = Pencil(source, hand, "Rough sketch, first try", ("Sketch",))
    askew = Pencil(source, hand, "Rough sketch, moved part", ("Sketch",))
    steps = constructed(source, base) + base.rubbed("head, ball rubbed out of the face")
    steps += _roughly(source, rough_lines(source, most, among), rough, wrong, askew)
    fading = Fading()

    def layers() -> list[Layer]:
        made: list[Layer] = []
        for pencil in (base, rough, wrong, askew):
            if not pencil.empty:
                layer = pencil.layer()
                # Whoever inks has rubbed most of the construction out.
                layer.opacity = fading.keys(_RUBBED if pencil is base else 1.0)
                made.append(layer)
        return made

    return Drawing(steps, layers, fading)


def _stays_on_paper(source: Source) -> bool:
    """Whether a drawing ends in pencil or washes, through which the sketch is seen."""
    on_paper = source.reading.kind in (PictureKind.PENCIL, PictureKind.WATERCOLOUR)
    return on_paper or source.options.method in (Method.PENCIL, Method.WATERCOLOUR)


def _roughly(source: Source, lines: list[Rough], rough: Pencil, wrong: Pencil, askew: Pencil) -> list[ScriptStep]:
    """The rough sketch, and in it the head as it is drawn `wrong` and rubbed out, or `askew` and moved."""
    box = _misjudged(source)
    inside, outside = parted(lines, box) if box is not None else ([], lines)
    redrawn, moved = _mended(source)
    if box is None or len(lines) <= 12 or len(inside) < 4 or not outside or not (redrawn or moved):
        return roughed(source, rough, lines)
    chance = source.chance("slips")
    third, what = len(outside) // 3, "head" if source.reading.faces or source.reading.heads else "upper part"
    steps = roughed(source, wrong, inside[:40], slip=misplaced(box, chance)) if redrawn else []
    steps += roughed(source, rough, outside[:third])
    if redrawn:
        steps.append(wrong.erased(f"{what}, rubbed out", 0.5))
    if not moved:
        return [*steps, *roughed(source, rough, inside), *roughed(source, rough, outside[third:])]
    slip = misplaced(box, chance)
    steps += roughed(source, askew, inside, slip=slip) + roughed(source, rough, outside[third : 2 * third])
    return [*steps, *askew.put_right(slip, what), *roughed(source, rough, outside[2 * third :])]


def _mended(source: Source) -> tuple[bool, bool]:
    """Whether the head is drawn again, and whether it is moved into its place: a face that is wiped and comes back
    elsewhere is the first that one sees, and no small mistake.
    """
    corrections = source.options.corrections
    if corrections is not Corrections.FEW:
        return (corrections is Corrections.MANY,) * 2
    return False, _MOVED[0] <= source.chance("mended").random() < _MOVED[1]


def _misjudged(source: Source) -> Box | None:
    """What is drawn wrong at first: the head."""
    if source.reading.faces:
        return source.reading.faces[0].box.grown(0.25, 0.45, 0.25, 0.12)
    if source.reading.heads:
        return source.reading.heads[0].grown(0.1, 0.1, 0.1, 0.1)
    if source.reading.figure.boxes:
        box = source.reading.figure.boxes[0]
        return Box(box.x, box.y, box.width, box.height * 0.3)
    return None
