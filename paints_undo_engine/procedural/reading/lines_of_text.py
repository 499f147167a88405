"""A line of lettering with the pixels of its letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Colour, TextLine

_STEEP = 1.2
"""A line so many times as high as wide is written downward."""
_SAME = 0.5
"""Of the shorter of two marks along the line: what lies beside so much of another is a part of the same letter."""

Mark = tuple[NDArray[np.intp], NDArray[np.intp]]
"""The pixels of a mark: y and x."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line, the pixels (y, x) of each of its letters, whether it is `sure`, and how far from level it runs."""

    line: TextLine
    letters: list[Mark]
    sure: bool
    likely: float = 0.0
    slope: float = 0.0


def box_of(y: NDArray[np.intp], x: NDArray[np.intp]) -> Box:
    """The box about some pixels."""
    return Box(float(x.min()), float(y.min()), float(np.ptp(x) + 1), float(np.ptp(y) + 1))


def line_of(letters: Sequence[Box], colour: Colour) -> TextLine:
    """A line of some letters, in their order."""
    left, top = min(box.x for box in letters), min(box.y for box in letters)
    right, bottom = max(box.x + box.width for box in letters), max(box.y + box.height for box in letters)
    tallest = max(box.height for box in letters)
    caps = [box for box in letters if box.height >= 0.85 * tallest]
    return TextLine(
        box=Box(left, top, right - left, bottom - top),
        baseline=float(np.median([box.y + box.height for box in letters])),
        cap_line=float(np.median([box.y for box in caps])),
        letters=tuple(letters),
        colour=colour,
    )


def is_downward(line: TextLine) -> bool:
    """Whether a line is written from the top down."""
    return len(line.letters) > 1 and line.box.height > _STEEP * line.box.width


def with_mark(one: Line, mark: Mark) -> Line:
    """A line with one letter more, or with more of a letter that it has."""
    axis = 0 if is_downward(one.line) else 1

    def ends(letter: Mark) -> tuple[int, int]:
        return int(letter[axis].min()), int(letter[axis].max())

    begin, end = ends(mark)
    letters = list(one.letters)
    for at, letter in enumerate(letters):
        first, last = ends(letter)
        if min(end, last) - max(begin, first) > _SAME * max(min(end - begin, last - first), 1):
            letters[at] = (np.append(letter[0], mark[0]), np.append(letter[1], mark[1]))
            break
    else:
        letters.append(mark)
    letters.sort(key=lambda letter: ends(letter)[0])
    return replace(one, line=line_of([box_of(*letter) for letter in letters], one.line.colour), letters=letters)
