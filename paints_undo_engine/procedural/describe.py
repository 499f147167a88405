"""Tags from simple statistics and the palette of a picture, in the vocabulary of anime taggers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_HUES = (
    (8, "red"), (22, "orange"), (34, "yellow"), (78, "green"), (100, "aqua"),
    (128, "blue"), (150, "purple"), (172, "pink"), (181, "red"),
)  # fmt: skip


def describe(picture: NDArray[np.uint8]) -> str:
    """A comma-separated description of uint8 [H, W, 3 or 4], sRGB."""
    scale = min(1.0, 256 / max(picture.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else picture
    hsv = cv2.cvtColor(np.ascontiguousarray(small[..., :3]), cv2.COLOR_RGB2HSV)
    hue, saturation, value = (hsv[..., i].astype(float) for i in range(3))
    tags = []
    if picture.shape[2] == 4 and bool((picture[..., 3] < 250).any()):
        tags.append("transparent background")
    colourful = (saturation > 60) & (value > 50)
    if colourful.mean() < 0.03:
        tags += ["monochrome", "greyscale"]
    else:
        tags += _theme(hue[colourful])
    rim = np.concatenate([hsv[0], hsv[-1], hsv[:, 0], hsv[:, -1]]).astype(float)
    if rim[:, 2].mean() > 235 and rim[:, 1].mean() < 20:
        tags.append("white background")
    elif rim.std(axis=0)[1:].max() < 12:
        tags.append("simple background")
    if value.mean() < 85:
        tags.append("dark")
    edges = cv2.Canny(cv2.cvtColor(np.ascontiguousarray(small[..., :3]), cv2.COLOR_RGB2GRAY), 60, 140)
    tags.append(
        "highly detailed"
        if (edges > 0).mean() > 0.12
        else "flat color"
        if (edges > 0).mean() < 0.03
        else "illustration"
    )
    return ", ".join(tags)


def _theme(hues: NDArray[np.float64]) -> list[str]:
    """The one or two colours that cover most."""
    names = np.array([name for _, name in _HUES])[np.digitize(hues, [limit for limit, _ in _HUES[:-1]])]
    found, counts = np.unique(names, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [f"{found[i]} theme" for i in order[:2] if counts[i] > 0.2 * counts.sum()]
