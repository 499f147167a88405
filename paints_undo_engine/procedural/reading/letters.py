"""Where letters are, and what they lie on: lettering is no part of the shapes of a flat graphic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import greatest
from paints_undo_engine.procedural.reading.model import Box, Labels, PictureKind, Reading, TextLine

NEAR = 70.0
"""Levels: a pixel so far from the letters' colour is not theirs."""
_AROUND = 260.0
"""The diagonal divided by it: how far around letters a brush does not look."""
_BESIDE = 0.25
"""Of a letter's box, to each side: what it lies on is looked for there."""


def letters_of(reading: Reading, lines: Sequence[TextLine]) -> NDArray[np.bool_]:
    """Where the letters of some lines are, and a little around them: bool [h, w] on the grid."""
    letters = np.zeros(reading.shape, np.uint8)
    for line in lines:
        for letter in line.letters or (line.box,):
            at = letter.grown(0.1, 0.1, 0.1, 0.1).slices(letters.shape)
            away = greatest(np.abs(reading.pixels[at].astype(np.int16) - np.array(line.colour, np.int16)))
            letters[at] |= (away < NEAR).astype(np.uint8)
    reach = max(3, round(float(np.hypot(*reading.shape)) / _AROUND)) | 1
    return np.asarray(cv2.dilate(letters, np.ones((reach, reach), np.uint8)) > 0)


def unwritten(reading: Reading) -> Reading:
    """The reading of a flat graphic in which letters that lie in a region of another colour than theirs lie on what is
    around them: they are written, and not filled with the region's colour.
    """
    if reading.kind is not PictureKind.FLAT or not reading.text:
        return reading
    letters = letters_of(reading, reading.text)
    labels, tones = reading.labels.copy(), reading.cel_labels.copy()
    colours = np.array([*(region.colour for region in reading.regions), (0, 0, 0)], np.int16)
    for line in reading.text:
        unlike = np.append(greatest(np.abs(colours[:-1] - np.array(line.colour, np.int16))) >= NEAR, False)
        for letter in line.letters or (line.box,):
            at = letter.grown(_BESIDE, _BESIDE, _BESIDE, _BESIDE).slices(labels.shape)
            around = ~letters[at] & (labels[at] >= 0)
            if around.any():
                # With the insides of letters.
                moved = np.isin(labels[at], labels[at][letters[at] & unlike[labels[at]]])
                labels[at][moved] = np.bincount(labels[at][around]).argmax()
                tones[at][moved] = np.bincount(tones[at][around]).argmax()
    return _counted(reading, labels, tones)


def _counted(reading: Reading, labels: Labels, tones: Labels) -> Reading:
    """The reading with other labels; where a region would be left without a pixel, as it is."""
    area = np.bincount(labels[labels >= 0], minlength=len(reading.regions))
    if (area == 0).any() or (labels == reading.labels).all():
        return reading
    toned = np.bincount(tones[tones >= 0], minlength=len(reading.cels))
    changed = set(np.unique(labels[labels != reading.labels]).tolist())
    changed |= set(np.unique(reading.labels[labels != reading.labels]).tolist())
    regions = list(reading.regions)
    for label in changed:
        mask = (labels == label).astype(np.uint8)
        y, x = np.nonzero(mask)
        box = Box(*(float(side) for side in cv2.boundingRect(mask)))
        regions[label] = replace(
            regions[label], area=int(area[label]), box=box, centre=(float(x.mean()), float(y.mean()))
        )
    return replace(
        reading,
        labels=labels,
        cel_labels=tones,
        regions=tuple(regions),
        cels=tuple(replace(cel, area=int(toned[cel.label])) for cel in reading.cels),
    )
