"""A small network that finds what a picture is about, where it is installed: U²-Net's small form (Qin et al. 2020).

A person, a creature or a thing: it learned what people look at first, and knows nothing of kinds. It takes some twenty
times as long as the network that sees figures, and is asked where that one says little.
"""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Cover, Pixels
from paints_undo_engine.procedural.reading.networks import SUBJECTS, run_network
from paints_undo_engine.procedural.reading.view import fitted, resized

_INPUT, _SOFT = 320, 256
"""Its square, and the smaller one that a picture goes through: it is surer without the finest lines and grain."""
_OUTPUT = "1959"
"""Of seven, the one that joins the others."""
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pictures that it learned from, in red, green and blue."""


def find_subject_cover(pixels: Pixels) -> Cover | None:
    """How surely each place of uint8 [h, w, 3] is of what the picture is about: uint8 on the small grid of figures.

    None where the file is not in the folder of models, is another than the one that is known, or cannot be used.

    Example: `find_subject_cover(view.pixels)`
    """
    height, width = fitted(pixels.shape)
    soft = resized(pixels, (_SOFT, _SOFT))
    square = cv2.resize(soft, (_INPUT, _INPUT), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    square = (square / max(float(square.max()), 1.0) - _MEAN) / _DEVIATION
    answer = run_network(SUBJECTS, np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32), (_OUTPUT,))
    if answer is None:
        return None
    seen = np.clip(answer[0].reshape(_INPUT, _INPUT), 0, 1)
    return np.asarray(np.round(255 * cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR)), np.uint8)
