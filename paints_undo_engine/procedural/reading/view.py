"""The picture on the analysis grid: of sizes that differ little, so that the answer does not depend on the file's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.cell_grid import PixelCells
from paints_undo_engine.procedural.reading.model import Cover, Pixels

MOST, LEAST = 960, 640
"""The longer side of the analysis grid: the picture's own within these."""
_MOST_ENLARGED = 4
_ROWS = 256
MEASURED_SIDE = 640
"""Pixels of the longer side on which grain and lines are measured."""
FIGURE_SIDE = 320
"""Of the small grid on which figures are found."""


@dataclass(frozen=True, slots=True, eq=False)
class ReducedPicture:
    """`pixels` uint8 [h, w, 3] on white, `alpha` uint8 [h, w] or None; `size` of the picture, `scale` to its pixels."""

    pixels: Pixels
    alpha: Cover | None
    size: tuple[int, int]
    scale: float

    @property
    def diagonal(self) -> float:
        """Of the grid, in its pixels."""
        return float(np.hypot(*self.pixels.shape[:2]))


def view_of(pixels: Pixels, alpha: Cover | None, cells: PixelCells | None = None) -> ReducedPicture:
    """The view of uint8 [H, W, 3] with straight alpha uint8 [H, W]; of enlarged pixel art one pixel for each cell."""
    size = pixels.shape[0], pixels.shape[1]
    if alpha is not None and int(alpha.min()) == 255:
        alpha = None
    enlarged = cells is not None and cells.across.side > 1
    if cells is not None and enlarged:
        pixels, alpha = cells.sampled(pixels), None if alpha is None else cells.sampled(alpha)
    longer = max(pixels.shape[:2])
    wanted = longer if enlarged or longer <= 96 else int(np.clip(longer, min(LEAST, _MOST_ENLARGED * longer), MOST))
    height, width = (max(1, round(side * wanted / longer)) for side in pixels.shape[:2])
    scale = size[0] / height if size[0] >= size[1] else size[1] / width
    if alpha is None:
        return ReducedPicture(resized(pixels, (height, width)), None, size, scale)
    return ReducedPicture(
        resized(on_white(pixels, alpha), (height, width)), resized(alpha, (height, width)), size, scale
    )


def resized(picture: Pixels, shape: tuple[int, int]) -> Pixels:
    """uint8 [H, W] or [H, W, c] at another height and width: by area when smaller, by cubics when larger."""
    if picture.shape[:2] == shape:
        return np.ascontiguousarray(picture)
    smaller = shape[0] * shape[1] < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), shape[::-1], interpolation=way), np.uint8)


def on_measure(pixels: Pixels) -> Pixels:
    """uint8 [h, w, 3] whose longer side is at most that on which grain is measured."""
    scale = min(1.0, MEASURED_SIDE / max(pixels.shape[:2]))
    return resized(pixels, (max(1, round(pixels.shape[0] * scale)), max(1, round(pixels.shape[1] * scale))))


def on_white(pixels: Pixels, alpha: Cover) -> Pixels:
    """Straight-alpha pixels laid on white paper, a few rows at once."""
    laid = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _ROWS):
        rows = slice(top, top + _ROWS)
        share = alpha[rows, :, None].astype(np.uint16)
        laid[rows] = (pixels[rows] * share + 255 * (255 - share) + 127) // 255
    return laid


def fitted(shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width of the small grid on which figures are found."""
    scale = FIGURE_SIDE / max(shape[:2])
    return max(8, round(shape[0] * scale)), max(8, round(shape[1] * scale))
