"""Bringing a painting to a working size and back: contain, crop, and drawing a picture onto a canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.alpha import Pixels, premultiplied, straight
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.request import Fit

_WHOLE = 0.01
"""Positions that are off a whole pixel by less than this count as whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A painting at a working size.

    `pixels` has the working size and the painting's depth and channels. `inner` is the rectangle of it (left, top,
    width, height; whole pixels) that shows the painting, the rest is extended edge; `placement` is what that rectangle
    shows, in the painting's pixels.
    """

    pixels: Pixels
    inner: tuple[int, int, int, int]
    placement: Placement

    def cut(self, pixels: NDArray[np.uint8]) -> Picture:
        """A picture of the working size, uint8 [height, width, 3 or 4], without the extended edges.

        Raises `ValueError` when the size is not the working size.
        """
        if pixels.shape[:2] != self.pixels.shape[:2]:
            raise ValueError(f"The working size is {self.pixels.shape[:2]}, but the picture has {pixels.shape[:2]}.")
        left, top, width, height = self.inner
        return Picture(np.ascontiguousarray(pixels[top : top + height, left : left + width]), self.placement)


def fit_to(pixels: Pixels, width: int, height: int, fit: Fit) -> Fitted:
    """Bring a painting's pixels [H, W, C] to `height` x `width`.

    CONTAIN fits the whole painting inside and repeats its outermost pixels outwards; CROP is the published resizing to
    cover and cropping at the centre (`docs/models.md`, "Image helpers").
    """
    return _contain(pixels, width, height) if fit is Fit.CONTAIN else _crop(pixels, width, height)


def _contain(pixels: Pixels, width: int, height: int) -> Fitted:
    full_height, full_width = pixels.shape[:2]
    scale = min(width / full_width, height / full_height)
    inner_width = min(width, max(1, round(full_width * scale)))
    inner_height = min(height, max(1, round(full_height * scale)))
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    inner = resize(pixels, inner_width, inner_height)
    extended = cv2.copyMakeBorder(
        inner, top, height - inner_height - top, left, width - inner_width - left, cv2.BORDER_REPLICATE
    )
    return Fitted(extended, (left, top, inner_width, inner_height), Placement(0.0, 0.0, full_width, full_height))


def _crop(pixels: Pixels, width: int, height: int) -> Fitted:
    full_height, full_width = pixels.shape[:2]
    scale = max(height / full_height, width / full_width)
    new_width, new_height = max(width, round(full_width * scale)), max(height, round(full_height * scale))
    resized = cv2.resize(pixels, (new_width, new_height), interpolation=cv2.INTER_AREA)
    left, top = (new_width - width) // 2, (new_height - height) // 2
    across, down = full_width / new_width, full_height / new_height
    placement = Placement(left * across, top * down, width * across, height * down)
    cropped = np.ascontiguousarray(resized[top : top + height, left : left + width])
    return Fitted(cropped, (0, 0, width, height), placement)


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resample to `height` x `width`: by area when shrinking, bicubic when enlarging. The same size: uncopied."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = width <= pixels.shape[1] and height <= pixels.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    if pixels.shape[2] == 4:
        scaled = cv2.resize(premultiplied(pixels), (width, height), interpolation=method)
        return straight(np.asarray(scaled, np.float32), pixels.dtype)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=method))


def to_canvas(picture: Picture, width: int, height: int) -> Pixels:
    """A picture scaled to the whole painting of `width` x `height` pixels, as its placement says.

    What the picture does not cover is white, or transparent when the picture has an alpha channel.
    """
    return draw(picture, Placement(0.0, 0.0, width, height), width, height)


def draw(picture: Picture, region: Placement, width: int, height: int) -> Pixels:
    """What `region` (in the painting's pixels, may reach beyond it) shows of a picture, as `height` x `width` pixels.

    A picture that fills the canvas in its own size comes out unchanged. Uncovered parts are white, or transparent
    when the picture has an alpha channel.
    """
    across, down = width / region.width, height / region.height
    left, right = _edges(picture.placement.x - region.x, picture.placement.width, across)
    top, bottom = _edges(picture.placement.y - region.y, picture.placement.height, down)
    whole_left, whole_right = math.floor(left), max(math.ceil(right), math.floor(left) + 1)
    whole_top, whole_bottom = math.floor(top), max(math.ceil(bottom), math.floor(top) + 1)
    size = (whole_right - whole_left, whole_bottom - whole_top)
    if (left, top, right, bottom) == (whole_left, whole_top, whole_right, whole_bottom):
        scaled = resize(picture.pixels, *size)
    else:
        scaled = _shifted(picture.pixels, (left - whole_left, top - whole_top, right - left, bottom - top), size)
    return _on_canvas(scaled, whole_left, whole_top, width, height)


def _edges(start: float, length: float, scale: float) -> tuple[float, float]:
    first, last = start * scale, (start + length) * scale
    return tuple(round(edge) if abs(edge - round(edge)) < _WHOLE else edge for edge in (first, last))  # type: ignore[return-value]


def _shifted(pixels: Pixels, rectangle: tuple[float, float, float, float], size: tuple[int, int]) -> Pixels:
    """`pixels` drawn into a fractional rectangle (left, top, width, height) of a picture of `size`; edges repeat."""
    left, top, width, height = rectangle
    near = resize(pixels, max(1, round(width)), max(1, round(height)))
    across, down = width / near.shape[1], height / near.shape[0]
    matrix = np.array([[across, 0, left + (across - 1) / 2], [0, down, top + (down - 1) / 2]])

    def warp(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(cv2.warpAffine(values, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    return straight(warp(premultiplied(near)), near.dtype) if near.shape[2] == 4 else warp(near)


def _on_canvas(pixels: Pixels, left: int, top: int, width: int, height: int) -> Pixels:
    if (left, top) == (0, 0) and pixels.shape[:2] == (height, width):
        return pixels
    channels = pixels.shape[2]
    paper = np.iinfo(pixels.dtype).max if channels == 3 else 0
    canvas = np.full((height, width, channels), paper, pixels.dtype)
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + pixels.shape[1]), min(height, top + pixels.shape[0])
    if x0 < x1 and y0 < y1:
        canvas[y0:y1, x0:x1] = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    return canvas
