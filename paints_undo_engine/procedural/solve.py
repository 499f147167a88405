"""Normal blending in 8 bits: reference compositors, and the translucent colours that all of them agree on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_ROOM = (0.04, 0.46)
"""How far above the wanted level a blend may end: rounding to nearest and cutting off then give the same."""

_TRIES = 72
"""How many opacities are tried, one level apart, before a pixel is made opaque."""


def translucent(below: Pixels, goal: Pixels, least: Pixels) -> Pixels:
    """Straight-alpha colours [n, 4] that normally blended over `below` [n, 3] give exactly `goal` [n, 3].

    The opacity is at least `least` [n] (0..255) and a third more than the smallest possible; opaque where no
    opacity near it meets the goal with room to spare.
    """
    base, wanted = below.astype(np.float32), goal.astype(np.float32)
    way = wanted - base
    possible = np.where(way > 0, way / np.maximum(255 - base, 1), -way / np.maximum(base, 1)).max(axis=1)
    start = np.clip(np.ceil(np.maximum(possible * 255 * 1.33, least)), 8, 255)
    found = np.column_stack([goal, np.full(len(goal), 255, np.uint8)])
    open_ = np.arange(len(goal))
    for step in range(_TRIES):
        opacity = start[open_] + step
        open_, opacity = open_[opacity < 255], opacity[opacity < 255]
        if not len(open_):
            break
        scale = (255 / opacity)[:, None]
        colour = np.ceil(base[open_] + (way[open_] + _ROOM[0]) * scale)
        highest = np.minimum(base[open_] + (way[open_] + _ROOM[1]) * scale, 255)
        good = ((colour <= highest) & (colour >= 0)).all(axis=1)
        found[open_[good]] = np.column_stack([colour[good], opacity[good]]).astype(np.uint8)
        open_ = open_[~good]
    return found


def composite(layers: Sequence[Pixels], *, integer: bool = False) -> Pixels:
    """Straight-alpha layers uint8 [H, W, 4], bottom first, blended normally with 8 bits kept after each: [H, W, 4].

    Exactly rounded, or with `integer` by the shift-and-add division by 255 of Krita's 8-bit colour maths.
    """
    result = np.zeros_like(layers[0])
    for layer in layers:
        result = _over(result, layer, integer=integer)
    return result


def _over(below: Pixels, layer: Pixels, *, integer: bool) -> Pixels:
    lower, upper = below[..., 3].astype(np.int32), layer[..., 3].astype(np.int32)
    alpha = upper + lower - _divided(upper * lower, integer)
    share = np.where(lower == 255, upper, np.rint(upper * 255 / np.maximum(alpha, 1)).astype(np.int32))[..., None]
    base, colour = below[..., :3].astype(np.int32), layer[..., :3].astype(np.int32)
    mixed = base + _divided((colour - base) * share, integer)
    return np.dstack([np.where(share == 255, colour, mixed), alpha]).astype(np.uint8)


def _divided(product: NDArray[np.int32], integer: bool) -> NDArray[np.int32]:
    if integer:
        product = product + 128
        return (product + (product >> 8)) >> 8
    return np.floor(product / 255 + 0.5).astype(np.int32)
