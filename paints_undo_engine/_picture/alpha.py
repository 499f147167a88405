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


def on_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 [H, W, 3 or 4] laid on white: uint8 [H, W, 3]; three channels come back uncopied."""
    if pixels.shape[2] == 3:
        return pixels
    out = np.empty((*pixels.shape[:2], 3), np.uint8)
    for band in bands(pixels):
        alpha = pixels[band, :, 3:].astype(np.uint32)
        out[band] = (pixels[band, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return out


def with_alpha(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 [H, W, 3 or 4] with an alpha channel, opaque where there was none: uint8 [H, W, 4]."""
    if pixels.shape[2] == 4:
        return pixels
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


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
