"""Transparency and depth: onto white, premultiplied and back, 16 to 8 bits; in bands, so that memory stays low."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
"""uint8 or uint16 [height, width, 3 or 4], sRGB, straight alpha."""

_BAND_PIXELS = 1 << 20


def bands(pixels: Pixels) -> Iterator[slice]:
    """Slices of rows of about a million pixels each."""
    rows = max(1, _BAND_PIXELS // max(1, pixels.shape[1]))
    for top in range(0, pixels.shape[0], rows):
        yield slice(top, min(top + rows, pixels.shape[0]))


def is_opaque(pixels: Pixels) -> bool:
    """Whether no pixel lets anything shine through."""
    if pixels.shape[2] == 3:
        return True
    full = np.iinfo(pixels.dtype).max
    return all(bool((pixels[band, :, 3] == full).all()) for band in bands(pixels))


def to_8bit(pixels: Pixels) -> NDArray[np.uint8]:
    """Round 16-bit values to 8 bits (65535 -> 255); 8-bit values come back as they are, uncopied."""
    if pixels.dtype == np.uint8:
        return pixels
    out = np.empty(pixels.shape, np.uint8)
    for band in bands(pixels):
        out[band] = (pixels[band].astype(np.uint32) + 128) // 257
    return out


def to_16bit(pixels: Pixels) -> NDArray[np.uint16]:
    """8-bit values in 16 bits (255 -> 65535); 16-bit values come back as they are, uncopied."""
    if pixels.dtype == np.uint16:
        return pixels
    return np.asarray(np.multiply(pixels, 257, dtype=np.uint16))


def on_white(pixels: Pixels) -> Pixels:
    """[H, W, 3 or 4] laid on white: [H, W, 3] of the same depth; three channels come back uncopied."""
    if pixels.shape[2] == 3:
        return pixels
    full = int(np.iinfo(pixels.dtype).max)
    wide = np.uint32 if pixels.dtype == np.uint8 else np.uint64
    out = np.empty((*pixels.shape[:2], 3), pixels.dtype)
    for band in bands(pixels):
        alpha = pixels[band, :, 3:].astype(wide)
        out[band] = (pixels[band, :, :3] * alpha + full * (full - alpha) + full // 2) // full
    return out


def with_alpha(pixels: Pixels) -> Pixels:
    """[H, W, 3 or 4] with an alpha channel, opaque where there was none: [H, W, 4] of the same depth."""
    if pixels.shape[2] == 4:
        return pixels
    return np.dstack([pixels, np.full(pixels.shape[:2], np.iinfo(pixels.dtype).max, pixels.dtype)])


def premultiplied(pixels: Pixels) -> NDArray[np.float32]:
    """Straight alpha to float32 premultiplied, alpha 0..1; the colour keeps its range."""
    out = pixels.astype(np.float32)
    out[..., 3] /= np.iinfo(pixels.dtype).max
    out[..., :3] *= out[..., 3:]
    return out


def straight(pixels: NDArray[np.float32], dtype: np.dtype[Any]) -> Pixels:
    """The inverse of `premultiplied`, rounded; where alpha is zero the colour is zero."""
    full = np.iinfo(dtype).max
    alpha = np.clip(pixels[..., 3:], 0.0, 1.0)
    colour = np.divide(pixels[..., :3], alpha, out=np.zeros_like(pixels[..., :3]), where=alpha > 1e-6)
    return np.concatenate([np.clip(np.rint(colour), 0, full), np.rint(alpha * full)], axis=2).astype(dtype)
