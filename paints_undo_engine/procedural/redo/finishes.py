"""Another finish of the same drawing: few colours, or flat tones under the same lines."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Reading
from paints_undo_engine.procedural.redo.oklab import Floats, to_oklab

_SAMPLES = 20_000


def in_few_colours(lab: Floats, count: int, chance: np.random.Generator) -> Floats:
    """`lab` [H, W, 3] drawn with `count` inks: each pixel is moved nearly onto the nearest, softly between two."""
    flat = lab.reshape(-1, 3)
    some = flat[chance.integers(0, len(flat), min(_SAMPLES, len(flat)))]
    cv2.setRNGSeed(int(chance.integers(1 << 30)))
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-4)
    count, labels = min(count, len(some)), np.zeros((len(some), 1), np.int32)
    inks = cv2.kmeans(np.ascontiguousarray(some), count, labels, stop, 3, cv2.KMEANS_PP_CENTERS)[2]
    out = np.empty_like(lab)
    for top in range(0, len(lab), 64):
        rows = cv2.bilateralFilter(np.ascontiguousarray(lab[top : top + 64]), 5, 0.08, 2)
        away = np.square(rows[:, :, None] - inks[None, None]).sum(axis=3)
        weight = np.exp(-(away - away.min(axis=2, keepdims=True)) / 0.0012)
        out[top : top + 64] = (weight / weight.sum(axis=2, keepdims=True)) @ inks
    return out


def in_flat_tones(lab: Floats, reading: Reading) -> Floats:
    """`lab` [H, W, 3] as cel shading: each hard tone that was read in one colour, under the picture's own lines.

    What is drawn on a pale tone without being read as a line or a tone of its own is kept as it is.
    """
    height, width = lab.shape[:2]
    colours = np.zeros((len(reading.cels) + 1, 3), np.uint8)
    for cel in reading.cels:
        colours[cel.label] = cel.colour
    tones = to_oklab(colours[np.clip(reading.cel_labels, -1, len(colours) - 2)])
    read = np.asarray(cv2.resize(tones, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    cover = cv2.resize(reading.ink.cover, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    line = np.clip(cover * (1.6 / 255), 0, 1)
    pale = np.clip((read[..., 0] - 0.85) / 0.1, 0, 1)
    missed = np.clip((np.linalg.norm(lab - read, axis=2) - 0.02) / 0.04, 0, 1)
    kept = np.maximum(line, pale * missed)[..., None]
    flat = np.concatenate([_contrast(read[..., :1]), read[..., 1:] * 1.25], axis=2)
    return np.asarray(flat + (lab - flat) * kept, np.float32)


def _contrast(light: Floats) -> Floats:
    """Lightness 0 to 1 with the middle tones apart; black and white stay, and what is nearly white is not cut off."""
    return np.asarray(light + 0.8 * (light - 0.5) * light * (1 - light), np.float32)
