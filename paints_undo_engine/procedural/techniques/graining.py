"""The grain of bare paper, made anew where it is hidden: noise with the spectrum of the paper's own.

Noise that is convolved with a piece of a texture has that texture's spectrum and no shapes (Galerne, Gousseau, Morel:
Random phase textures, 2011): what was drawn near the piece is never seen twice.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels

_PIECE, _SIDE = 96, 512
"""Pixels: the side of the piece of paper whose grain is looked at, and the side after which the new grain repeats."""
_ENOUGH = 400
"""Pixels of bare paper that tell a grain."""
_FORMS = 6.0
"""Pixels: the sigma of what is no longer grain."""
_MARKS = 4.0
"""Times the usual grain: what strays more is a mark."""


def grain_like(pixels: Pixels, bare: NDArray[np.bool_], chance: np.random.Generator) -> NDArray[np.int16]:
    """Grain like that of the `bare` places, bool [h, w], of uint8 [h, w, 3]: int16 [h, w, 3] about 0; none where hardly
    any place is bare.
    """
    height, width = bare.shape
    rows, columns = _barest(bare)
    known = bare[rows, columns].astype(np.float32)
    count = float(known.sum())
    if count < _ENOUGH:
        return np.zeros(pixels.shape, np.int16)
    grain = _without_forms(pixels[rows, columns].astype(np.float32), known)
    side = min(_SIDE, max(height, width, _PIECE))
    noise = np.fft.rfft2(chance.normal(0, 1 / np.sqrt(count), (side, side)))
    whole = np.fft.irfft2(noise[..., None] * np.fft.rfft2(grain, (side, side), axes=(0, 1)), (side, side), axes=(0, 1))
    times = (-(-height // side), -(-width // side), 1)
    return np.tile(np.rint(whole).astype(np.int16), times)[:height, :width]


def _without_forms(piece: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """How what is `known` (1, else 0: float32 [h, w]) of float32 [h, w, 3] strays from what lies around it."""
    mass = np.maximum(cv2.GaussianBlur(known, (0, 0), _FORMS), np.float32(1e-3))
    calm = cv2.GaussianBlur(piece * known[..., None], (0, 0), _FORMS) / mass[..., None]
    grain = (piece - calm) * known[..., None]
    most = _MARKS * float(np.median(np.abs(grain[known > 0]))) + 1
    grain = np.clip(grain, -most, most)
    return np.asarray(grain - (grain.sum(axis=(0, 1)) / known.sum()) * known[..., None], np.float32)


def _barest(bare: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The square of which most is bare."""
    height, width = bare.shape
    tall, wide = min(_PIECE, height), min(_PIECE, width)
    total = cv2.integral(bare.astype(np.uint8))
    share = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
    top, left = (int(at) for at in np.unravel_index(int(share.argmax()), share.shape))
    return slice(top, top + tall), slice(left, left + wide)
