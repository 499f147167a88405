"""A plain compositor, written from the blending modes' definitions alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.picture import Blending, SplitLayer

Pixels = NDArray[np.uint8]


def composite(layers: Sequence[SplitLayer]) -> Pixels:
    """uint8 [H, W, 4], straight alpha: the visible layers, bottom first, each rounded to 8 bit."""
    size = layers[0].read().shape[:2]
    colour, alpha = np.zeros((*size, 3)), np.zeros((*size, 1))
    for layer in layers:
        if not layer.visible:
            continue
        rgba = layer.read().astype(np.float64)
        top, share = rgba[..., :3], rgba[..., 3:] / 255 * layer.opacity
        total = share + alpha * (1 - share)
        mixed = (1 - alpha) * top + alpha * _mixed(layer.blending, colour, top)
        out = (share * mixed + (1 - share) * alpha * colour) / np.maximum(total, 1e-9)
        colour, alpha = np.where(share > 0, np.rint(out), colour), total
    return np.dstack([colour, np.rint(alpha * 255)]).astype(np.uint8)


def _mixed(blending: Blending, below: NDArray[np.float64], top: NDArray[np.float64]) -> NDArray[np.float64]:
    match blending:
        case Blending.MULTIPLY:
            return below * top / 255
        case Blending.SCREEN:
            return 255 - (255 - below) * (255 - top) / 255
        case Blending.ADD:
            return np.minimum(below + top, 255)
        case Blending.SUBTRACT:
            return np.maximum(below - top, 0)
        case _:
            return top
