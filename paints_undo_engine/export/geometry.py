"""The exported picture's shape: crop or letterbox, scale, even sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.alpha import is_opaque, on_white, with_alpha
from paints_undo_engine.export.options import Aspect, ExportOptions, FrameSize
from paints_undo_engine.painting import Painting, draw
from paints_undo_engine.picture import Picture, Placement

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The exported picture: `width` x `height` pixels that show `region` of the painting's plane.

    `inner` is the rectangle (left, top, right, bottom) that the painting takes of it; what lies outside is letterbox.
    Both lie on whole pixels, so that a frame in the canvas' resolution is not resampled.
    """

    width: int
    height: int
    region: Placement
    inner: tuple[int, int, int, int]

    def show(self, picture: Picture, channels: int = 3) -> Pixels:
        """uint8 [height, width, channels]: a picture on white with black bars, or, with 4 channels, with its alpha."""
        pixels = on_white(picture.pixels) if channels == 3 else with_alpha(picture.pixels)
        return self._barred(draw(Picture(pixels, picture.placement), self.region, self.width, self.height))

    def _barred(self, pixels: Pixels) -> Pixels:
        left, top, right, bottom = self.inner
        if (left, top, right, bottom) == (0, 0, self.width, self.height):
            return pixels
        pixels = pixels.copy()
        for outside in (np.s_[:top], np.s_[bottom:], np.s_[:, :left], np.s_[:, right:]):
            pixels[outside] = 0
        return pixels


def channels_of(painting: Painting) -> int:
    """3 for an opaque painting, 4 for one with transparency."""
    return 3 if is_opaque(painting.pixels) else 4


def canvas_for(painting: Painting, frame: Picture, options: ExportOptions, *, even: bool = False) -> Canvas:
    """The canvas for a painting whose frames have the resolution of `frame`.

    With `even`, an odd side loses its last row or column of pixels (video needs even sides).
    """
    across = frame.pixels.shape[1] / frame.placement.width
    down = frame.pixels.shape[0] / frame.placement.height
    region_width, region_height = _shape(painting.width, painting.height, options)
    if options.max_side:
        across = down = options.max_side / max(region_width, region_height)
    elif options.size is FrameSize.PAINTING:
        across = down = 1.0
    least = 2 if even else 1
    scaled_width, scaled_height = max(least, round(painting.width * across)), max(least, round(painting.height * down))
    width, height = scaled_width, scaled_height
    if options.aspect is not Aspect.OWN:
        width, height = max(least, round(region_width * across)), max(least, round(region_height * down))
    if even:
        width, height = width // 2 * 2, height // 2 * 2
    left, top = (scaled_width - width) // 2, (scaled_height - height) // 2
    across, down = painting.width / scaled_width, painting.height / scaled_height
    return Canvas(
        width,
        height,
        Placement(left * across, top * down, width * across, height * down),
        (max(0, -left), max(0, -top), min(width, scaled_width - left), min(height, scaled_height - top)),
    )


def painting_side(painting: Painting, options: ExportOptions) -> int:
    """The longer side, in exported pixels, of the whole painting whose canvas has a longer side of `max_side`.

    0 where no side is asked for. It is more than `max_side` where the canvas shows a part alone.
    """
    if not options.max_side:
        return 0
    shown = max(_shape(painting.width, painting.height, options))
    return max(1, round(options.max_side * max(painting.width, painting.height) / shown))


def _shape(width: int, height: int, options: ExportOptions) -> tuple[float, float]:
    """Width and height of what is shown, in the painting's pixels."""
    ratio = options.aspect.ratio
    if ratio is None:
        return width, height
    too_wide = width / height > ratio
    if too_wide != options.letterbox:
        return height * ratio, height
    return width, width / ratio
