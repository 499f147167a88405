"""Bringing a frame to the painting's size, or to a longer side below it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.alpha import Pixels, on_white, premultiplied, straight, to_8bit, to_16bit, with_alpha
from paints_undo_engine._picture.fitting import resize
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.restoring.calibration import EXACT, Calibration, Values, blurred, each_channel, measured
from paints_undo_engine.restoring.gain import gain
from paints_undo_engine.restoring.sharpening import sharpened
from paints_undo_engine.restoring.upsampling import EnlargedMaps, Upscaler, upscaled

_BAND = 32
"""Rows that are put together at once."""


def restore(
    frame: Picture,
    painting: Painting,
    calibration: Calibration = EXACT,
    *,
    deep: bool = False,
    upscaler: Upscaler | None = None,
) -> Picture:
    """A frame at the painting's size, with the painting's own detail where the frame has its structure.

    ``up(f) + up(a) (P - up(f of P))``, band by band: f the frame, P the painting, a the local `gain`, and "f of P" the
    painting shrunk and blurred as the frame is. A frame without alpha is restored from the painting on white. A frame
    that is as large as its place in the painting comes back as it is. With `deep` a 16-bit painting gives 16 bits, its
    own where a frame shows what it shows. With an `upscaler` ``up`` is that one, for the frame and for the shrunk
    painting alike, instead of cubic convolution.
    """
    left, top, width, height = _whole(frame.placement, painting)
    large = painting.pixels[top : top + height, left : left + width]
    if not deep:
        large = to_8bit(large)
    if frame.pixels.shape[1] >= width and frame.pixels.shape[0] >= height:
        return frame if large.dtype == np.uint8 else Picture(_deepened(frame.pixels, large), frame.placement)
    pixels = _restored(frame.pixels, _like(large, frame.pixels.shape[2]), calibration, upscaler)
    return Picture(pixels, Placement(left, top, width, height))


def at_size(
    frame: Picture,
    painting: Painting,
    longer_side: int,
    calibration: Calibration = EXACT,
    *,
    deep: bool = False,
    upscaler: Upscaler | None = None,
) -> Picture:
    """A frame whose canvas has a longer side of so many pixels; 0, and more than the painting has: the painting's size.

    Below its own size it is shrunk by area; above, `restore` is given the painting shrunk to that size. The placement
    stays in the painting's pixels; `deep` as for `restore`.
    """
    longest = max(painting.width, painting.height)
    if not 0 < longer_side < longest:
        return restore(frame, painting, calibration, deep=deep, upscaler=upscaler)
    scale = longer_side / longest
    place = frame.placement
    width, height = max(1, round(place.width * scale)), max(1, round(place.height * scale))
    left, top, across, down = _whole(place, painting)
    large = painting.pixels[top : top + down, left : left + across]
    if not deep:
        large = to_8bit(large)
    if width <= frame.pixels.shape[1] and height <= frame.pixels.shape[0]:
        pixels = frame.pixels if large.dtype == np.uint8 else _deepened(frame.pixels, large)
        return Picture(resize(pixels, width, height), place)
    large = resize(large, width, height)
    return Picture(_restored(frame.pixels, _like(large, frame.pixels.shape[2]), calibration, upscaler), place)


def calibrate(frame: Picture, painting: Painting) -> Calibration:
    """How an engine's frames differ from the shrunk painting; `frame` is one that is nearly, or wholly, painted."""
    left, top, width, height = _whole(frame.placement, painting)
    if frame.pixels.shape[1] >= width and frame.pixels.shape[0] >= height:
        return EXACT
    large = _like(to_8bit(painting.pixels[top : top + height, left : left + width]), frame.pixels.shape[2])
    return measured(_values(frame.pixels), _values(resize(large, frame.pixels.shape[1], frame.pixels.shape[0])))


def _deepened(pixels: NDArray[np.uint8], large: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A frame in 16 bits. Where it is as large as the painting and shows the same 8 bits, it has the painting's 16."""
    out = to_16bit(pixels)
    large = _like(large, pixels.shape[2])
    if large.shape != pixels.shape:
        return out
    for top in range(0, len(out), _BAND):
        rows = slice(top, top + _BAND)
        same = (pixels[rows] == to_8bit(large[rows])).all(axis=2, keepdims=True)
        np.copyto(out[rows], large[rows], where=same)
    return out


def _restored(pixels: NDArray[np.uint8], large: Pixels, calibration: Calibration, upscaler: Upscaler | None) -> Pixels:
    """The frame's pixels in the size and depth of `large`, which has as many channels."""
    height, width = large.shape[:2]
    frame = _values(pixels)
    small = blurred(_values(resize(large, pixels.shape[1], pixels.shape[0])), calibration.blur)
    share = gain(frame, small, calibration)
    if upscaler is None:
        frame, small = sharpened(frame, small, share, calibration)
    full = np.float32(np.iinfo(large.dtype).max)
    enlarged = [upscaled(values, height, width, upscaler) * full for values in (frame, small)]
    parts = EnlargedMaps((*enlarged, share), height, width)
    out = np.empty_like(large)
    with ThreadPoolExecutor(max(1, cv2.getNumThreads())) as threads:

        def put_together(top: int) -> None:
            rows = slice(top, min(top + _BAND, height))
            shown, common, shares = parts.rows(rows.start, rows.stop)
            detail = np.subtract(_levels(large[rows]), common, out=common)
            detail *= each_channel(shares, detail.shape[2])
            out[rows] = _pixels(detail, shown, out.dtype)

        for _ in threads.map(put_together, range(0, height, _BAND)):
            pass
    return out


def _like(large: Pixels, channels: int) -> Pixels:
    """The painting with a frame's channels: on white where the frame has no alpha, opaque where it alone has one."""
    if large.shape[2] == channels:
        return large
    return with_alpha(large) if channels == 4 else on_white(large)


def _values(pixels: Pixels) -> Values:
    """0 to 1; with alpha, premultiplied."""
    values = _levels(pixels)
    values *= np.float32(1 / np.iinfo(pixels.dtype).max)
    return values


def _levels(pixels: Pixels) -> Values:
    """In levels, 0 to 255 or 65535; with alpha, premultiplied."""
    if pixels.shape[2] == 3:
        return pixels.astype(np.float32)
    levels = premultiplied(pixels)
    levels[..., 3] *= np.iinfo(pixels.dtype).max
    return levels


def _pixels(one: Values, other: Values, dtype: np.dtype[Any]) -> Pixels:
    """The sum of two maps of levels, rounded, and straight again where there is alpha."""
    if one.shape[2] == 3:
        kind = cv2.CV_8U if dtype == np.uint8 else cv2.CV_16U
        return np.asarray(cv2.add(one, other, dtype=kind))
    levels = one + other
    levels[..., 3] /= np.iinfo(dtype).max
    return straight(levels, dtype)


def _whole(place: Placement, painting: Painting) -> tuple[int, int, int, int]:
    """The rectangle of whole pixels of the painting (left, top, width, height) that comes nearest to a placement."""
    left, top = max(0, round(place.x)), max(0, round(place.y))
    right, bottom = (
        min(painting.width, round(place.x + place.width)),
        min(painting.height, round(place.y + place.height)),
    )
    return left, top, max(1, right - left), max(1, bottom - top)
