"""Bringing a job's keyframes to the interpolation size, all alike, and its frames back to the painting."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.diffusion.interpolation.conditions import Size, nearest_bucket
from paints_undo_engine.painting import Fitted, Painting, draw, fit_to
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.request import Fit

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class IntervalLayout:
    """Where a job's pictures lie at the interpolation size `height` x `width`.

    CONTAIN shows `region` (the whole painting) in the rectangle `inner` and repeats its edges outwards. CROP draws
    `region` at the keyframes' `keyframe_size` first and crops that, as the published code does.
    """

    height: int
    width: int
    fit: Fit
    keyframe_size: Size
    region: Placement
    fitted: Fitted

    def to_model(self, picture: Picture) -> Pixels:
        """A keyframe as uint8 [height, width, 3], on white."""
        if self.fit is Fit.CROP:
            height, width = self.keyframe_size
            drawn = _on_white(draw(picture, self.region, width, height))
            return np.asarray(fit_to(drawn, self.width, self.height, Fit.CROP).pixels, np.uint8)
        left, top, width, height = self.fitted.inner
        drawn = _on_white(draw(picture, self.region, width, height))
        borders = (top, self.height - height - top, left, self.width - width - left)
        return np.asarray(cv2.copyMakeBorder(drawn, *borders, cv2.BORDER_REPLICATE), np.uint8)

    def to_frame(self, pixels: Pixels) -> Picture:
        """The model's picture uint8 [height, width, 3] as a frame: without the extended edges, with its placement."""
        cut = self.fitted.cut(pixels)
        if self.fit is Fit.CONTAIN:
            return cut
        height, width = self.keyframe_size
        across, down = self.region.width / width, self.region.height / height
        inner = cut.placement
        placement = Placement(
            self.region.x + inner.x * across,
            self.region.y + inner.y * down,
            inner.width * across,
            inner.height * down,
        )
        return Picture(cut.pixels, placement)


def layout(painting: Painting, keyframe_size: Size, fit: Fit, buckets: tuple[Size, ...]) -> IntervalLayout:
    """The layout of a job: the bucket nearest in aspect to the painting, or with CROP to the keyframes."""
    if fit is Fit.CROP:
        outer = fit_to(painting.rgb8(), keyframe_size[1], keyframe_size[0], fit)
        height, width = nearest_bucket(*keyframe_size, buckets)
        return IntervalLayout(
            height, width, fit, keyframe_size, outer.placement, fit_to(outer.pixels, width, height, fit)
        )
    height, width = nearest_bucket(painting.height, painting.width, buckets)
    fitted = fit_to(painting.rgb8(), width, height, fit)
    return IntervalLayout(height, width, fit, keyframe_size, fitted.placement, fitted)


def _on_white(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.float32) / 255
    return np.round(pixels[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
