"""The flow of a picture: which way its edges and lines run, as Kang, Lee and Chui follow them (2007)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def across_flow(gx: Plane, gy: Plane, sigma: float) -> Plane:
    """The way across the flow at each place, a unit vector of either sign: float32 [h, w, 2].

    `gx`, `gy`: the derivatives, float32 [h, w] or [h, w, channels]; `sigma`: pixels over which they are gathered.
    """
    products = (gx * gx, gy * gy, gx * gy)
    planes = (product if product.ndim == 2 else product.sum(axis=2) for product in products)
    xx, yy, xy = (cv2.GaussianBlur(plane, (0, 0), sigma) for plane in planes)
    turn = 0.5 * np.arctan2(2 * xy, xx - yy)
    return np.asarray(np.dstack([np.cos(turn), np.sin(turn)]), np.float32)


def mean_along(values: Plane, across: Plane, sigma: float, step: float = 1.0) -> Plane:
    """Values [h, w] averaged along the lines of the flow, by a Gaussian of so many pixels, in steps of so many."""
    height, width = values.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    along = np.dstack([-across[..., 1], across[..., 0]])
    total, whole = values.copy(), 1.0
    for sign in (1, -1):
        at_x, at_y, way = x, y, sign * along
        for number in range(1, int(2 * sigma / step) + 1):
            at_x, at_y = at_x + np.float32(step) * way[..., 0], at_y + np.float32(step) * way[..., 1]
            there = cv2.remap(along, at_x, at_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            way = np.where((there * way).sum(axis=2, keepdims=True) >= 0, there, -there)
            share = float(np.exp(-0.5 * (number * step / sigma) ** 2))
            total += np.float32(share) * cv2.remap(
                values, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            whole += share
    return np.asarray(total / np.float32(whole), np.float32)
