"""A small network that sees figures, where its file is installed: MediaPipe's selfie segmentation (Google, Apache-2.0).

It was trained on people before cameras, and yet knows figures that were drawn or painted. It looks twice: at the whole
picture, and from nearer and mirrored at what it saw. What is a figure is seen both times, and what only looks like one
seldom is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Cover, Pixels
from paints_undo_engine.procedural.reading.networks import OUTLINES, run_network
from paints_undo_engine.procedural.reading.view import fitted, resized

_INPUT = 256
_SEEN, _LEAST, _PIECE = 0.3, 0.005, 0.1
"""How sure, of the picture, and of all that was seen: what is looked at again."""
_SOMEBODY = 0.1
"""Of the picture, what is seen of somebody at least: landscapes, jugs and beetles show .02 at most, figures .27."""
_AROUND = 0.2
"""Of the longer side of what was seen: so much around it is looked at as well."""
_NEAR, _NEARER, _SAME = 0.5, 0.75, 0.8
"""How much the second look counts, and where it shows less than this share of the picture and so sees more."""

Sureness = NDArray[np.float32]
"""float32 [h, w], 0 ground to 1 figure."""


def find_figures_cover(pixels: Pixels) -> Cover | None:
    """How surely each place of uint8 [h, w, 3] belongs to a figure: uint8 on the small grid of figures.

    None where the file is not in the folder of models, is another than the one that is known, or cannot be used.

    Example: `find_figures_cover(view.pixels)`
    """
    seen = _both(pixels)
    return None if seen is None else np.asarray(np.round(255 * seen), np.uint8)


def find_somebody(pixels: Pixels) -> Box | None:
    """Where somebody is in uint8 [h, w, 3], found or not told from the ground: the box, all of the picture without the
    network; None where it sees too little.
    """
    height, width = pixels.shape[:2]
    seen = _both(pixels)
    if seen is None:
        return Box(0, 0, width, height)
    box = _what_was_seen(seen)
    if box is None or float((seen > _SEEN).mean()) < _SOMEBODY:
        return None
    rows, columns = box
    place = Box(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
    return place.scaled(max(height, width) / max(seen.shape))


def _both(pixels: Pixels) -> Sureness | None:
    """What both looks say, on the small grid."""
    height, width = fitted(pixels.shape)
    first = _look(pixels)
    if first is None:
        return None
    whole = _enlarged(first, (height, width))
    box = _what_was_seen(whole)
    if box is None:
        return whole
    scale = len(pixels) / height
    rows, columns = (slice(round(side.start * scale), round(side.stop * scale)) for side in box)
    nearer = pixels[rows, columns][:, ::-1]
    again = _look(nearer)
    if again is None:
        return None
    second = _enlarged(again, whole[box].shape)[:, ::-1]
    weight = _NEAR if second.size > _SAME * whole.size else _NEARER
    whole[box] += weight * (second - whole[box])
    return whole


def _look(pixels: Pixels) -> Sureness | None:
    """One look at uint8 [h, w, 3], fitted into the network's square whose rest repeats the border: float32 [h, w]."""
    scale = _INPUT / max(pixels.shape[:2])
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    top, left = (_INPUT - height) // 2, (_INPUT - width) // 2
    square = cv2.copyMakeBorder(
        resized(pixels, (height, width)), top, _INPUT - height - top, left, _INPUT - width - left, cv2.BORDER_REPLICATE
    )
    answer = run_network(OUTLINES, np.asarray(cv2.dnn.blobFromImage(square, 1 / 255), np.float32))
    if answer is None:
        return None
    seen = answer[0].reshape(_INPUT, _INPUT)
    return np.clip(seen[top : top + height, left : left + width], 0, 1)


def _enlarged(seen: Sureness, shape: tuple[int, ...]) -> Sureness:
    return np.asarray(cv2.resize(seen, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _what_was_seen(whole: Sureness) -> tuple[slice, slice] | None:
    """Rows and columns about all pieces of which something was seen; None where there is hardly anything."""
    seen = (whole > _SEEN).astype(np.uint8)
    area = int(seen.sum())
    if area < _LEAST * whole.size:
        return None
    _, _, stats, _ = cv2.connectedComponentsWithStats(seen)
    pieces = stats[1:][stats[1:, cv2.CC_STAT_AREA] > _PIECE * area]
    if not len(pieces):
        return None
    left, top = pieces[:, 0].min(), pieces[:, 1].min()
    right, bottom = (pieces[:, 0] + pieces[:, 2]).max(), (pieces[:, 1] + pieces[:, 3]).max()
    around = round(_AROUND * max(right - left, bottom - top))
    rows = slice(max(0, int(top) - around), min(whole.shape[0], int(bottom) + around))
    return rows, slice(max(0, int(left) - around), min(whole.shape[1], int(right) + around))
