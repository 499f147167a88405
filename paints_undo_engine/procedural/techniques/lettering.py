"""Lettering: letter after letter between the baseline and the cap line."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.letters import NEAR, letters_of
from paints_undo_engine.procedural.reading.model import Box, TextLine
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.filling import bounds_of


def without_letters(source: Source, goal: Pixels) -> Pixels:
    """What a brush aims at, uint8 [h, w, 3] on the grid, where there is lettering: what lies around the letters."""
    return without(goal, letters_of(source.reading, source.reading.text))


def without(goal: Pixels, letters: NDArray[np.bool_]) -> Pixels:
    """A picture uint8 [h, w, 3] in which letters bool [h, w] are filled from around."""
    return np.asarray(cv2.inpaint(goal, letters.astype(np.uint8), 3, cv2.INPAINT_TELEA)) if letters.any() else goal


def lettered(source: Source, phase: Phase = Phase.LINE, written: Sequence[TextLine] | None = None) -> PlannedWork:
    """Lines of text, all of the picture's if none are named, in reading order."""
    some = source.reading.text if written is None else written
    lines = sorted(some, key=lambda line: (round(line.baseline / 20), line.box.x))
    if not lines:
        return PlannedWork([], list)
    come = np.full(source.reading.shape, NEVER, np.uint16)
    cover = np.zeros(source.size, np.uint8)
    steps = []
    for line in lines:
        for letter in line.letters or (line.box,):
            _show(source, line, letter, cover)
            steps.append(_letter(source, letter, come, phase))

    def layers() -> list[Layer]:
        return [Arrival("Lettering", source.pixels, come, cover=cover, ramp=UNIT // 3)]

    return PlannedWork(steps, layers)


def _show(source: Source, line: TextLine, letter: Box, cover: NDArray[np.uint8]) -> None:
    """The letter's own pixels: those near its colour."""
    rows, columns = letter.scaled(source.scale).grown(0.1, 0.1, 0.1, 0.1).slices(source.size)
    away = np.abs(source.pixels[rows, columns].astype(np.float32) - np.array(source.colour(line.colour))).max(axis=2)
    shown = np.clip((1 - away / NEAR) * 2, 0, 1) * 255
    cover[rows, columns] = np.maximum(cover[rows, columns], shown.astype(np.uint8))


def _letter(source: Source, letter: Box, come: NDArray[np.uint16], phase: Phase) -> ScriptStep:
    rows, columns = letter.grown(0.12, 0.12, 0.12, 0.12).slices(source.reading.shape)

    def when(begin: int, end: int) -> None:
        part = come[rows, columns]
        across = np.linspace(begin, max(begin, end - 1), max(1, part.shape[1])).astype(np.uint16)
        np.minimum(part, across[None], out=part)

    return ScriptStep(phase, Tool.PEN, "lettering, letter", bounds_of(source, letter), 0.05, when, most=4)
