"""A picture without what is written on it: all but the lettering is read and made as if nobody had written."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Labels, Pixels

_RIM = 2.4
"""Pixels of the grid: how far about its marks a letter is seen, as its soft edge."""
_AROUND = 5
"""Pixels at each side of letters, which is filled from there."""


def letters_with_rims(letters: Labels, size: tuple[int, int]) -> Labels:
    """The number of the letter whose mark or soft edge covers each pixel of a picture of this size: int32 [H, W], of
    `letters` int32 [h, w] on the grid.
    """
    scale = max(size) / max(letters.shape)
    large = cv2.resize(letters.astype(np.float32), size[::-1], interpolation=cv2.INTER_NEAREST).astype(np.int32)
    if not large.any():
        return large
    away, nearest = cv2.distanceTransformWithLabels(
        (large == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers = np.zeros(int(nearest.max()) + 1, np.int32)
    numbers[nearest[large > 0]] = large[large > 0]
    return np.where(away <= max(_RIM, _RIM * scale), numbers[nearest], 0).astype(np.int32)


def unlettered(pixels: Pixels, letters: Labels) -> Pixels:
    """uint8 [H, W, 3 or 4] without its letters, int32 [h, w] on the grid, which are filled from around."""
    if not letters.any():
        return pixels
    covered = (letters_with_rims(letters, (pixels.shape[0], pixels.shape[1])) > 0).astype(np.uint8)
    bare = np.ascontiguousarray(pixels[..., :3]).copy()
    # Nearby letters at once: each piece of the picture is filled by itself.
    reach = 2 * max(_AROUND, round(0.01 * max(covered.shape))) + 1
    blocks = cv2.dilate(covered, np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(blocks, connectivity=8)
    for left, top, width, height, _ in stats[1:count].tolist():
        at = np.s_[top : top + height, left : left + width]
        bare[at] = cv2.inpaint(np.ascontiguousarray(bare[at]), covered[at], 3, cv2.INPAINT_TELEA)
    return bare if pixels.shape[2] == 3 else np.dstack([bare, pixels[..., 3:]])
