"""Coloured pencil, graphite, ballpoint all over a sheet: fine strokes beside each other with the paper's light between
them, nowhere even. A brush leaves calm places, pens and programs leave most of them so, and texture of canvas has no
way along which it runs.
"""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Pixels

_AROUND, _FORM, _EDGE = 3.0, 4.0, 60.0
"""Pixels: the sigmas of a place's mean and of forms; how steep a form's edge is, by Sobel's operator."""
_BLACK, _LIGHT, _NEAREST = 25, 215, 400.0
"""Levels of what is too dark, or as light as paper, to show strokes; the square of the levels to white at least."""
_PLACE, _STRAND, _NOISE = 25, 17, 200.0
"""Pixels of the side of a place whose grain is measured, and of one in which strokes run one way; how much power has no
way."""
_ALONG, _RUNNING, _ONE_WAY, _MOST = 0.85, 0.5, 0.5, 0.6
"""Of the grain's power, along the way to white; of the picture, where one way is so much stronger than the other; of
the picture, away from edges."""
_STREAKED = 0.028
"""How much of it runs one way, times how far of the way to white the calmest places (one of twenty) stray: in three
drawings all over their sheets .033 to .040, in others that are coloured so far from edges .024 at most."""


def is_in_streaks(pixels: Pixels) -> bool:
    """Whether uint8 [h, w, 3] was drawn with fine strokes all over. Meant for a longer side of about 640 pixels."""
    measures = streaks_of(pixels)
    if measures is None:
        return False
    most, along, calmest, running = measures
    return most > _MOST and along > _ALONG and running > _RUNNING and calmest * running > _STREAKED


def streaks_of(pixels: Pixels) -> tuple[float, float, float, float] | None:
    """How much of uint8 [h, w, 3] lies away from edges, black and white, 0 to 1; there, how much of its grain leads to
    white, how far the calmest places stray along that way, and how much runs one way. None where hardly any does.
    """
    values = pixels.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), _AROUND)
    way, grain = np.float32(255) - mean, values - mean
    far = np.maximum((way * way).sum(axis=2), np.float32(_NEAREST))
    along = (grain * way).sum(axis=2) / far
    grey = values.mean(axis=2)
    forms = cv2.GaussianBlur(grey, (0, 0), _FORM)
    steep = sum(np.abs(cv2.Sobel(forms, cv2.CV_32F, *order)) for order in ((1, 0), (0, 1)))
    calm = (steep < _EDGE) & (mean.min(axis=2) < _LIGHT) & (mean.max(axis=2) > _BLACK)
    if not calm.any():
        return None
    share = float((along * along * far)[calm].sum()) / max(float((grain * grain).sum(axis=2)[calm].sum()), 1.0)
    power = np.maximum(cv2.blur(along * along, (_PLACE, _PLACE)), 0)
    fine = grey - mean.mean(axis=2)
    across, down = (cv2.Sobel(fine, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.blur(one, (_STRAND, _STRAND)) for one in (across * across, down * down, across * down))
    one_way = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (xx + yy + np.float32(_NOISE))
    return (
        float(calm.mean()),
        share,
        float(np.sqrt(np.percentile(power[calm], 5))),
        float((one_way[calm] > _ONE_WAY).mean()),
    )
