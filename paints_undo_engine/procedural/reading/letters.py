"""A picture without what is written on it: all but the lettering is read and made as if nobody had written."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Cover, Labels, Pixels

_RIM = 2.4
"""Pixels of the grid: how far about its marks a letter is seen, as its soft edge."""
_AROUND = 5
"""Pixels at each side of letters, which is filled from there."""


def with_rims(letters: Labels) -> Labels:
    """The number of the letter whose mark or soft edge covers each pixel of the grid: int32 [h, w], of `letters`."""
    if not letters.any():
        return letters
    away, nearest = cv2.distanceTransformWithLabels(
        (letters == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers = np.zeros(int(nearest.max()) + 1, np.int32)
    numbers[nearest[letters > 0]] = letters[letters > 0]
    return np.where(away <= _RIM, numbers[nearest], 0).astype(np.int32)


def covered(letters: Labels, size: tuple[int, int]) -> Cover:
    """Where letters, int32 [h, w] on the grid, cover a picture of this size: 1 or 0, uint8 [H, W]."""
    rims = (with_rims(letters) > 0).astype(np.uint8)
    return np.asarray(cv2.resize(rims, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def unlettered(pixels: Pixels, letters: Labels) -> Pixels:
    """uint8 [H, W, 3 or 4] without its letters, int32 [h, w] on the grid, which are filled from around."""
    if not letters.any():
        return pixels
    written = covered(letters, (pixels.shape[0], pixels.shape[1]))
    bare = np.ascontiguousarray(pixels[..., :3]).copy()
    # Nearby letters at once: each piece of the picture is filled by itself.
    reach = 2 * max(_AROUND, round(0.01 * max(written.shape))) + 1
    blocks = cv2.dilate(written, np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(blocks, connectivity=8)
    for left, top, width, height, _ in stats[1:count].tolist():
        at = np.s_[top : top + height, left : left + width]
        bare[at] = cv2.inpaint(np.ascontiguousarray(bare[at]), written[at], 3, cv2.INPAINT_TELEA)
    return bare if pixels.shape[2] == 3 else np.dstack([bare, pixels[..., 3:]])
