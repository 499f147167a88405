"""What lies beside the painting in a video: it follows the picture, in steps that nobody sees."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.export.geometry import Canvas
from paints_undo_engine.export.planes import Pixels, Planes
from paints_undo_engine.picture import Picture

_UNSEEN = 2
"""Levels by which it may lag behind the picture: each step of it costs a whole picture."""


class Beside:
    """The ground of one state after the other, at a canvas' size."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._small: Pixels | None = None
        self._planes = Planes.empty(0, 0)

    def of(self, shown: Picture) -> Planes:
        """What lies beside a picture without alpha: `Canvas.ground`, enlarged. It is not the caller's to change."""
        small = self._canvas.ground(shown)
        if self._small is None or np.abs(small.astype(np.int16) - self._small).max() > _UNSEEN:
            self._small, self._planes = small, Planes.enlarged(small, self._canvas.width, self._canvas.height)
        return self._planes
