"""The pieces of a drawn and coloured picture, from which methods choose, each planned when it is first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.methods.drawing import Drawing, drawing
from paints_undo_engine.procedural.methods.grounds import grounded, split
from paints_undo_engine.procedural.script import Step, Work
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.airbrushing import airbrushed
from paints_undo_engine.procedural.techniques.filling import Filling
from paints_undo_engine.procedural.techniques.lining import lined
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.toning import toned

FIGURE = ("Figure",)


class Pieces:
    """Sketch, line, flats, tones, airbrush, ground, details and curves of one picture."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.figure, self._ground_labels = split(source)
        self.filling = Filling(source, self.figure, FIGURE, Phase.FLATS)
        self.adjusting, self.mirroring = Adjusting(source), Mirroring(source)

    @cached_property
    def drawn(self) -> Drawing:
        """Construction and sketch."""
        return drawing(self.source)

    @cached_property
    def line(self) -> Work:
        """Line art."""
        return lined(self.source, group=FIGURE)

    @cached_property
    def flats(self) -> list[Step]:
        """The flats' steps; their layer is `filling.layer()`."""
        return self.filling.steps()

    @cached_property
    def tones(self) -> Work:
        """Hard tones."""
        return toned(self.source, self.figure, FIGURE)

    @cached_property
    def _softened(self) -> tuple[Work, Pixels]:
        return airbrushed(self.source, self.figure, evenly(self.source), self.source.small_clean, FIGURE)

    @property
    def soft(self) -> Work:
        """Airbrush."""
        return self._softened[0]

    @cached_property
    def _grounded(self) -> tuple[Work, Pixels]:
        return grounded(self.source, self._ground_labels)

    @property
    def ground(self) -> Work:
        """What lies behind the figure."""
        return self._grounded[0]

    @cached_property
    def everywhere(self) -> NDArray[np.bool_]:
        """Where anything is painted: all but what is transparent. bool [h, w]."""
        return np.asarray(self.source.reading.labels >= 0, bool)

    def details(self, *, lined: bool = True) -> Work:
        """What is still missing, with fine strokes."""
        source = self.source
        standing = before_details(source, self.figure, self._softened[1], self._grounded[1], lined=lined)
        return refined(source, standing, source.small, source.pixels, self.everywhere, source.alpha, name="Details")


def evenly(source: Source) -> Pixels:
    """Flats and hard tones on the grid: the colours from which the airbrush starts. uint8 [h, w, 3]."""
    cels = source.reading.cels
    palette = np.full((len(cels) + 1, 3), 255, np.uint8)
    for cel in cels:
        flat = source.reading.regions[cel.region].colour if cel.step == 0 else cel.colour
        palette[cel.label] = source.colour(flat)
    return palette[source.reading.cel_labels]


def before_details(source: Source, figure: list[int], shaded: Pixels, ground: Pixels, *, lined: bool) -> Pixels:
    """About what is on the canvas before details, on the grid: a shaded figure before a ground, and lines."""
    inside = np.isin(source.reading.labels, figure)
    standing = np.where(inside[..., None], shaded, ground)
    if not lined:
        return standing
    cover = source.inked
    return np.rint(standing * (1 - cover) + source.ink_colour * cover).astype(np.uint8)
