"""What a phase brings to the canvas."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.channels import peak
from paints_undo_engine.procedural.compositor import UNIT
from paints_undo_engine.procedural.strokes import Labels
from paints_undo_engine.procedural.timetable import Work

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Material:
    """One phase's layer: the work, what it brings (on the analysis grid and on the canvas), its opacity, its ramp.

    `full` and `full_cover` are as small as they can be: on the grid where the canvas knows no more.
    """

    work: Work
    small: Pixels
    full: Pixels
    small_cover: Pixels | None = None
    full_cover: Pixels | None = None
    ramp: int = UNIT // 2


def moved(labels: Labels, count: int, before: Pixels, after: Pixels) -> NDArray[np.float64]:
    """How much each of `count` marks changes, in pixels times levels."""
    change = peak(before, after).astype(np.float64)
    return np.asarray(np.bincount(labels.ravel(), np.maximum(change - 4, 0).ravel() / 32, count), np.float64)


def plain(colour: tuple[int, int, int]) -> Pixels:
    """One colour for all pixels: uint8 [1, 1, 3]."""
    return np.array([[colour]], np.uint8)


def graded(picture: Pixels) -> Pixels:
    """The picture before its final adjustments: a little less colour, a little less contrast."""
    saturation, contrast = 0.9, 0.955
    luma = np.array([[0.299, 0.587, 0.114]] * 3)
    matrix = contrast * (saturation * np.eye(3) + (1 - saturation) * luma)
    offset = (1 - contrast) * 255
    return np.asarray(cv2.transform(picture, np.hstack([matrix, np.full((3, 1), offset)])))
