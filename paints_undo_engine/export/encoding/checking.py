"""Whether a film shows the pictures that it was made of: a coarse look, for encoders that may write rubbish."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from paints_undo_engine.export.planes import Pixels, Planes

_CELLS = 32
"""Cells across and down of a luma plane; chroma has half as many."""
_MOST, _MEAN = 16, 3.0
"""Levels by which a cell, and all of them on average, may be off. Quantizing moves a cell's mean by one or two."""


class Expected:
    """What a film should show, tick by tick: each picture's cells, 1.5 kB."""

    def __init__(self) -> None:
        self._pictures: list[tuple[Pixels, int]] = []

    def add(self, planes: Planes, ticks: int) -> None:
        """The next picture and for how many ticks it is seen."""
        self._pictures.append((_cells(planes), ticks))

    def difference(self, path: Path) -> str:
        """In what the film in a file differs, in a few words; empty where it does not.

        Decodes the whole film. Raises nothing: what cannot be read differs.
        """
        expected = (cells for cells, ticks in self._pictures for _ in range(ticks))
        length = sum(ticks for _, ticks in self._pictures)
        seen = 0
        try:
            with av.open(str(path), "r") as film:
                for frame in film.decode(video=0):
                    cells = next(expected, None)
                    if cells is None:
                        return f"it has more than {length} pictures"
                    shown = _cells(Planes(np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)))
                    if shown.shape != cells.shape or _differ(shown, cells):
                        return f"its picture {seen + 1} shows something else"
                    seen += 1
        except (av.FFmpegError, ValueError, IndexError) as error:
            return f"it cannot be read ({error})"
        return "" if seen == length else f"it has {seen} of {length} pictures"


def _cells(planes: Planes) -> Pixels:
    """uint8 [n]: the means of a picture's cells."""
    means = [
        cv2.resize(plane, (_CELLS // share, _CELLS // share), interpolation=cv2.INTER_AREA)
        for plane, share in planes.parts
    ]
    return np.concatenate([np.asarray(each, np.uint8).reshape(-1) for each in means])


def _differ(shown: Pixels, cells: Pixels) -> bool:
    off = np.abs(shown.astype(np.int16) - cells)
    return bool(off.max() > _MOST or off.mean() > _MEAN)
