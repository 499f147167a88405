"""Films for tests: a picture for each tick, and how far two are apart."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.export import ExportFormat, ExportOptions
from paints_undo_engine.export.film import Film
from paints_undo_engine.export.planes import Planes

SIZE = {"width": 320, "height": 240}


def shown(source, **options) -> list[Planes]:
    """A picture for each tick."""
    film = Film(source, ExportOptions(format=ExportFormat.MP4, **options))
    items = list(film.shown())
    assert len(items) == film.steps
    pictures = [item.planes for item in items if item.planes is not None for _ in range(item.ticks)]
    assert len(pictures) == film.length
    return pictures


def difference(one: Planes, other: Planes) -> np.ndarray:
    return np.abs(one.y.astype(int) - other.y)


def rgb(planes: Planes) -> np.ndarray:
    """By OpenCV's own conversion, BT.601, which is near enough for plain colours."""
    return cv2.cvtColor(planes.buffer, cv2.COLOR_YUV2RGB_I420)
