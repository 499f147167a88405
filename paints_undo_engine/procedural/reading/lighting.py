"""Dark pictures, seen as eyes see them that have become used to the dark."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import largest
from paints_undo_engine.procedural.reading.model import Colour, Face, PaperSheet, Pixels

_DIM, _LIT = 170, 215
"""Levels that a dark picture's lights do not reach, and that they are brought to: less than those of white paper."""
_LOW, _HIGH = 0.01, 0.995
"""Of the pixels: what is darker is black, what is lighter are single lights."""
_ROOM = 0.8
"""Of the blacks: what stays below them."""

_BLACK, _MOST, _GLOOM, _NIGHT = 8, 0.7, 90, 48
"""Levels of nothing but black; of what is not black, most, and the levels that it does not reach in a dark picture;
levels of light that half of a night does not reach, however strong its blue is."""

Table = NDArray[np.uint8]
"""uint8 [256]: what each level is seen as."""


def lighting(pixels: Pixels) -> Table | None:
    """How to see uint8 [h, w, 3] whose lights are dim; None for a picture that has lights, or nothing but black."""
    counts = np.cumsum(np.bincount(largest(pixels).ravel(), minlength=256))
    low, high = (int(np.searchsorted(counts, share * counts[-1])) for share in (_LOW, _HIGH))
    if high >= _DIM or high - low < 8:
        return None
    levels = np.arange(256) - _ROOM * low
    return np.asarray(np.rint(np.clip(levels * (_LIT / (high - _ROOM * low)), 0, 255)), np.uint8)


def is_gloomy(pixels: Pixels) -> bool:
    """Whether most of uint8 [h, w, 3] is dark, whatever lights there are: borders and grain hardly show in it."""
    counts = np.bincount(largest(pixels).ravel(), minlength=256)
    counts[: _BLACK + 1] = 0
    night = float(np.median(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))) < _NIGHT
    return night or int(counts[:_GLOOM].sum()) > _MOST * int(counts.sum())


def lit(pixels: Pixels, table: Table | None) -> Pixels:
    """The picture as it is seen."""
    return pixels if table is None else np.asarray(cv2.LUT(pixels, table), np.uint8)


def unlit(faces: tuple[Face, ...], table: Table | None) -> tuple[Face, ...]:
    """Faces with the colours that they have in the picture, not those that are seen."""
    if table is None:
        return faces

    def own(colour: Colour) -> Colour:
        red, green, blue = (min(int(np.searchsorted(table, level)), 255) for level in colour)
        return red, green, blue

    return tuple(
        replace(
            face,
            skin=own(face.skin),
            hair=own(face.hair),
            eyes=(
                replace(face.eyes[0], colour=own(face.eyes[0].colour)),
                replace(face.eyes[1], colour=own(face.eyes[1].colour)),
            ),
        )
        for face in faces
    )


def unlit_sheet(sheet: PaperSheet | None, table: Table | None) -> PaperSheet | None:
    """A sheet with the light that it has in the picture, not that which is seen."""
    if sheet is None or table is None:
        return sheet
    light = np.interp(sheet.light, table.astype(np.float32), np.arange(256, dtype=np.float32))
    return replace(sheet, light=np.maximum(light, 1).astype(np.float32))


def glow_of(pixels: Pixels) -> float:
    """0 to 1: soft bright spots in a dark picture."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    dark = float((grey < 70).mean())
    if dark < 0.5:
        return 0.0
    soft: NDArray[np.uint8] = np.asarray(cv2.GaussianBlur(grey, (0, 0), max(grey.shape) / 60), np.uint8)
    bright = (soft > 110).mean()
    return float(np.clip(dark * min(1.0, 12 * float(bright)), 0, 1))
