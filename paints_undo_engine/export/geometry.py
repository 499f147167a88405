"""The exported picture's shape: what is shown of the painting and what is beside it, scale, even sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from paints_undo_engine._picture.alpha import Pixels, is_opaque, on_white, with_alpha
from paints_undo_engine.export.extent import fitted, shown_region
from paints_undo_engine.export.options import Aspect, ExportOptions, Fill, FrameSize
from paints_undo_engine.painting import Painting, draw
from paints_undo_engine.picture import Picture, Placement

_WHOLE = 1e-6
_BLUR_SIDE = 96
"""Longer side of the picture that is blurred; nobody sees more of it."""
_BLUR_LIGHT = 0.75


@dataclass(frozen=True, slots=True)
class Canvas:
    """The exported picture: `width` x `height` pixels that show `region` of the painting's plane.

    `inner` is the rectangle (left, top, right, bottom) that the painting takes of it; what lies outside is black, or
    with `blurred` a blurred part of the picture. In a canvas that does not move both lie on whole pixels, so that a
    frame in its resolution is not resampled.
    """

    width: int
    height: int
    region: Placement
    inner: tuple[int, int, int, int]
    blurred: bool = False

    def show(self, picture: Picture, channels: int = 3) -> Pixels:
        """[height, width, channels] of the picture's depth: on white, or, with 4 channels, with its alpha.

        Beside a picture with alpha is nothing.
        """
        pixels = on_white(picture.pixels) if channels == 3 else with_alpha(picture.pixels)
        shown = Picture(pixels, picture.placement)
        drawn = draw(shown, self.region, self.width, self.height)
        left, top, right, bottom = self.inner
        if (left, top, right, bottom) == (0, 0, self.width, self.height):
            return drawn
        page = np.zeros_like(drawn)
        if self.blurred and channels == 3:
            cv2.resize(self.ground(shown), (self.width, self.height), dst=page, interpolation=cv2.INTER_LINEAR)
        page[top:bottom, left:right] = drawn[top:bottom, left:right]
        return page

    def at(self, region: Placement, painting: Painting) -> Canvas:
        """The same canvas with another view of the painting, which need not lie on whole pixels."""
        across, down = self.width / region.width, self.height / region.height
        inner = (
            math.ceil(max(0.0, -region.x * across - _WHOLE)),
            math.ceil(max(0.0, -region.y * down - _WHOLE)),
            math.floor(min(self.width, (painting.width - region.x) * across + _WHOLE)),
            math.floor(min(self.height, (painting.height - region.y) * down + _WHOLE)),
        )
        return replace(self, region=region, inner=inner)

    def moves_from(self, before: Canvas) -> float:
        """By how many of its pixels the edge that moves fastest has moved since a view before."""
        old, new = before.region, self.region
        across, down = self.width / new.width, self.height / new.height
        return max(
            abs(new.x - old.x) * across,
            abs(new.x + new.width - old.x - old.width) * across,
            abs(new.y - old.y) * down,
            abs(new.y + new.height - old.y - old.height) * down,
        )

    def ground(self, picture: Picture) -> Pixels:
        """What lies beside the painting, to be enlarged: [h, w, 3] of the picture's depth, at most 96 pixels long.

        It is black, or with `blurred` the picture's middle in the canvas' shape, blurred and a little darker.
        """
        if not self.blurred:
            return np.zeros((1, 1, 3), picture.pixels.dtype)
        place = picture.placement
        shrink = max(1.0, max(self.width, self.height) / _BLUR_SIDE)
        width, height = max(1, round(self.width / shrink)), max(1, round(self.height / shrink))
        across, down = fitted(place.width, place.height, self.width / self.height, inside=True)
        left, top = place.x + (place.width - across) / 2, place.y + (place.height - down) / 2
        nearly = Picture(nearly_shrunk(picture.pixels, _BLUR_SIDE), place)
        small = draw(nearly, Placement(left, top, across, down), width, height)
        blurred = cv2.GaussianBlur(small, (0, 0), max(0.5, max(width, height) / 24))
        return np.asarray(np.rint(np.float32(_BLUR_LIGHT) * blurred), small.dtype)


def nearly_shrunk(pixels: Pixels, side: int) -> Pixels:
    """The pixels, halved while their shorter side has four times `side` or more: halving is fast, shrinking to a
    thirteenth is not."""
    while min(pixels.shape[:2]) >= 4 * side:
        half = -(-pixels.shape[1] // 2), -(-pixels.shape[0] // 2)
        pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), pixels.dtype)
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
    region_width, region_height = shown_region(painting.width, painting.height, options)
    if options.max_side:
        across = down = options.max_side / max(region_width, region_height)
    elif options.size is FrameSize.PAINTING:
        across = down = 1.0
    least = 2 if even else 1
    unit = 2 if even and options.max_side else 1
    scaled_width, scaled_height = (
        max(least, round(length * scale)) // unit * unit
        for length, scale in ((painting.width, across), (painting.height, down))
    )
    width, height = scaled_width, scaled_height
    if options.aspect is not Aspect.OWN:
        width, height = max(least, round(region_width * across)), max(least, round(region_height * down))
    if even:
        width, height = width // 2 * 2, height // 2 * 2
    left, top = (
        (scaled - seen) // 2 // least * least for scaled, seen in ((scaled_width, width), (scaled_height, height))
    )
    across, down = painting.width / scaled_width, painting.height / scaled_height
    return Canvas(
        width,
        height,
        Placement(left * across, top * down, width * across, height * down),
        (max(0, -left), max(0, -top), min(width, scaled_width - left), min(height, scaled_height - top)),
        options.fill is not Fill.BARS,
    )


def painting_side(painting: Painting, options: ExportOptions) -> int:
    """The longer side, in exported pixels, of the whole painting whose canvas has a longer side of `max_side`.

    0 where no side is asked for. It is more than `max_side` where the canvas shows a part alone.
    """
    if not options.max_side:
        return 0
    shown = max(shown_region(painting.width, painting.height, options))
    return max(1, round(options.max_side * max(painting.width, painting.height) / shown))
