"""What stands on the canvas of a coloured drawing before brushes go over it, and how near to borders they may go."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.source import Source

_HARD = (90, 220)
"""Of the edge detector: an edge so clear was drawn with care, and is not gone over by a brush."""


def form_depth(labels: Labels, clean: Pixels) -> NDArray[np.float32]:
    """How far each pixel is from the border of its region and from hard edges, in pixels: float32 [h, w]."""
    border = cv2.Canny(clean, *_HARD) > 0
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    return np.asarray(cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def evenly(source: Source) -> Pixels:
    """Flats with hard tones, on the grid: the colours from which the airbrush starts. uint8 [h, w, 3]."""
    cels = source.reading.cels
    palette = np.full((len(cels) + 1, 3), 255, np.uint8)
    for cel in cels:
        flat = source.reading.regions[cel.region].colour if cel.step == 0 else cel.colour
        palette[cel.label] = source.colour(flat)
    return np.take(palette, source.reading.cel_labels, axis=0, mode="wrap")
