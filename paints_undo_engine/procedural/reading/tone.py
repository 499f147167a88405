"""What the tones of a drawing without colour are made of: graphite, ink, or greys that a program filled."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import steps
from paints_undo_engine.procedural.reading.model import PictureKind, Pixels

_THICK, _LINES = 85.0, 0.38
"""The diagonal divided by it: what is thinner is a line; of all darkness, what is left without lines at least in a
drawing of tones."""
_BARE, _GREYS, _DEEP, _MIDDLE_PART, _BLACKS = 231, (30, 165, 200), 190, 0.4, 0.47
"""Levels of paper; of darkness, from where to where tones are middle ones or are looked at; what is black; of all
darkness, in middle tones at least; of what is left without lines, black at most."""
_SOLID_LINES, _EVEN_GREY, _LEAST_GRAIN = 0.2, 0.16, 1.8
"""What is left without lines where solid blacks count; of grey tones, like their neighbours: where a program filled
them there is more; levels of their grain at least."""
_SOLID, _HARDLY_ANY = 0.08, 0.04
"""Of the picture: with so much black and so few middle greys its greys are a screen's; a pencil's drawing has .1."""
_MOST_GRAIN, _FEW_BLACK = 12.0, 0.3
"""Levels of grain, and black in a share of what is left without lines: only one of them is more with a pencil."""


class Tone(StrEnum):
    """What the tones of a drawing without colour are made of."""

    GREY = "grey"
    """Greys with grain, as graphite and charcoal have."""
    BLACK = "black"
    """Solid black, as of ink."""
    EVEN = "even"
    """Greys without grain, which a program filled."""
    LINES = "lines"
    """Hardly any but between lines."""


def made_of(pixels: Pixels) -> Tone | None:
    """What the tones of uint8 [h, w, 3], a drawing without colour on white paper, are made of; None where that is not
    clear. Meant for a longer side of about 640 pixels.

    Lines are filled up with paper. What is left of the darkness is in middle tones with a pencil, and nearly all black
    with ink.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    without = unlined(grey)
    whole, left = (np.where(one < _BARE, np.int32(255) - one, 0) for one in (grey, without))
    drawn = max(int(whole.sum()), 1)
    share = float(left.sum()) / drawn
    black = float(left[left > _DEEP].sum()) / max(float(left.sum()), 1.0)
    if share > _SOLID_LINES and black > _BLACKS:
        return Tone.BLACK
    if share < _LINES:
        return Tone.LINES
    low, middle, high = _GREYS
    toned = cv2.erode(((left > low) & (left < high)).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not toned.any() or float(whole[(left > low) & (left < middle)].sum()) < _MIDDLE_PART * drawn:
        return None
    if float((steps(pixels)[toned] <= 1).mean()) > _EVEN_GREY:
        return Tone.EVEN
    grain = float(cv2.absdiff(grey, cv2.medianBlur(grey, 5))[toned].mean())
    # Much black among lines is ink's rather than charcoal's, and then nothing is sure.
    return Tone.GREY if grain > _LEAST_GRAIN and (grain < _MOST_GRAIN or black < _FEW_BLACK) else None


def unlined(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 [h, w] with paper in place of all lines."""
    side = 2 * round(float(np.hypot(*grey.shape)) / _THICK / 2) + 1
    return np.asarray(
        cv2.morphologyEx(grey, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))), np.uint8
    )


def by_tone(
    scores: Mapping[PictureKind, float], tone: Tone | None, dark: float, middle: float
) -> Mapping[PictureKind, float]:
    """The scores that the tones of a drawing change: grey ones with grain are a pencil's, solid blacks and what a
    program filled are none. `dark` and `middle`: how much of the picture is nearly black, and how much a middle grey.
    """
    if scores[PictureKind.COMIC] or tone is None or tone is Tone.LINES:
        return {}
    if tone is Tone.GREY and dark > _SOLID and middle < _HARDLY_ANY:
        # A screen's dots are greys with grain as well.
        tone = Tone.BLACK
    if tone is Tone.GREY:
        return {PictureKind.PENCIL: 0.98}
    pencil = scores[PictureKind.PENCIL]
    drawn = {PictureKind.LINE_ART: max(pencil, scores[PictureKind.LINE_ART])} if tone is Tone.BLACK else {}
    return {PictureKind.PENCIL: min(pencil, 0.2), **drawn}
