"""The drawing that most methods begin with: construction, a rough sketch, and what is wrong in it and mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import UNIT, Colour, Keys
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.script import Step
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.roughing import misplaced, parted, rough_lines, roughed
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil

_PENCILS: tuple[Colour, ...] = ((96, 132, 196), (120, 120, 128), (196, 112, 96), (92, 84, 84), (110, 150, 160))
"""Blue, grey, red and black lead, teal: what people sketch with."""


@dataclass(slots=True)
class Fading:
    """How the opacity of layers changes when steps begin."""

    _changes: list[tuple[int, int, float]] = field(default_factory=list)

    def when(self, steps: list[Step], opacity: float, operations: float = 10) -> None:
        """Go over to another opacity when the first of some steps begins; it takes some operations."""
        if not steps:
            return
        first, told = steps[0], steps[0].when

        def when(begin: int, end: int) -> None:
            told(begin, end)
            self._changes.append((begin, begin + round(operations * UNIT), opacity))

        steps[0] = replace(first, when=when)

    def keys(self) -> Keys:
        """The opacity over time, once times are known."""
        keys: list[tuple[float, float]] = [(0.0, 1.0)]
        for begin, end, opacity in sorted(self._changes):
            keys += [(float(begin), keys[-1][1]), (float(end), opacity)]
        return Keys(tuple(keys))


@dataclass(slots=True)
class Drawing:
    """Steps and layers of a sketch, which grows pale and is hidden."""

    steps: list[Step]
    layers: Callable[[], list[Layer]]
    fading: Fading

    def fade(self, steps: list[Step], opacity: float, operations: float = 10) -> None:
        """The sketch goes over to another opacity when the first of some steps begins; it takes some operations."""
        self.fading.when(steps, opacity, operations)


def drawing(source: Source, most: int = 170) -> Drawing:
    """Construction and rough sketch of the picture, with at most so many lines."""
    chance = source.chance("hand")
    colour = _PENCILS[int(chance.integers(len(_PENCILS)))]
    hand = Hand(colour, float(chance.uniform(0.0012, 0.0022)), float(chance.uniform(0.0012, 0.0035)),
                float(chance.uniform(1.1, 2.4)))  # fmt: skip
    base = Pencil(source, Hand(colour, hand.width * 0.9, hand.stray, 1, 0.75), "Construction", ("Sketch",))
    rough = Pencil(source, hand, "Rough sketch", ("Sketch",))
    wrong = Pencil(source, hand, "Rough sketch, first try", ("Sketch",))
    steps = constructed(source, base)
    lines = rough_lines(source, most)
    box = _misjudged(source)
    if box is not None and len(lines) > 12:
        inside, outside = parted(lines, box)
        if len(inside) >= 4 and outside:
            half = len(outside) // 3
            steps += roughed(source, wrong, inside[:40], moved=misplaced(box, chance))
            steps += roughed(source, rough, outside[:half])
            steps.append(wrong.erased("head, rubbed out", 0.5))
            steps += roughed(source, rough, inside) + roughed(source, rough, outside[half:])
            lines = []
    steps += roughed(source, rough, lines)
    fading = Fading()

    def layers() -> list[Layer]:
        made: list[Layer] = [pencil.layer() for pencil in (base, rough, wrong) if not pencil.empty]
        for layer in made:
            layer.opacity = fading.keys()
        return made

    return Drawing(steps, layers, fading)


def _misjudged(source: Source) -> Box | None:
    """What is drawn wrong at first: the head."""
    if source.reading.faces:
        return source.reading.faces[0].box.grown(0.25, 0.45, 0.25, 0.12)
    if source.reading.figure.boxes:
        box = source.reading.figure.boxes[0]
        return Box(box.x, box.y, box.width, box.height * 0.3)
    return None
