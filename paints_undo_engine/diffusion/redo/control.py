"""What a half-done canvas holds fast: what kind of state it is, and the picture that ControlNet follows.

Lines come from the embedded engine's line finder, so that no annotator's weights are needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.ink import find_cover
from paints_undo_engine.request import Control

Pixels = NDArray[np.uint8]

_PAPER = 16
"""Levels by which a painted pixel differs from white."""
_PAINTED = 0.35
"""The share of the canvas that is painted where there are more than lines."""
_FIRST_LINES = 800
"""Above this operation step lines are a sketch."""


@dataclass(frozen=True, slots=True)
class Hold:
    """How firmly ControlNet holds on: its weight, and the share of the steps after which it lets go."""

    scale: float
    until: float


HOLDS = {Control.SCRIBBLE: Hold(0.7, 0.8), Control.LINEART: Hold(1.0, 0.8), Control.SOFTEDGE: Hold(0.5, 1.0)}


def choose_control(wanted: Control, canvas: Pixels, operation_step: int) -> Control:
    """What to hold on to of a canvas, uint8 [h, w, 3], at an operation step; one that is named is taken."""
    if wanted is not Control.AUTO:
        return wanted
    painted = float((canvas.min(axis=2) < 255 - _PAPER).mean())
    if painted >= _PAINTED:
        return Control.SOFTEDGE
    return Control.SCRIBBLE if operation_step >= _FIRST_LINES else Control.LINEART


def choose_strength(wanted: float, operation_step: int) -> float:
    """The img2img strength for a canvas with colours: the earlier its operation step, the more is painted over."""
    return wanted or 0.45 + 0.3 * operation_step / 1000


def control_picture(control: Control, canvas: Pixels) -> Pixels:
    """White lines on black, uint8 [h, w, 3], as the ControlNet of this kind was trained on."""
    lines = find_cover(canvas)
    if control is Control.SCRIBBLE:
        lines = np.where(cv2.GaussianBlur(lines, (0, 0), 1.5) > 64, 255, 0).astype(np.uint8)
    elif control is Control.SOFTEDGE:
        lines = np.maximum(lines, _colour_edges(canvas))
    return np.repeat(lines[:, :, None], 3, axis=2)


def _colour_edges(canvas: Pixels) -> Pixels:
    """How strongly colours change, uint8 [h, w]: soft, as far as the eye sees an edge."""
    calm = cv2.GaussianBlur(cv2.cvtColor(canvas, cv2.COLOR_RGB2LAB), (0, 0), 1.2).astype(np.float32)
    across, down = (cv2.Sobel(calm, cv2.CV_32F, dx, 1 - dx, ksize=3) for dx in (1, 0))
    steepness = np.sqrt((across**2 + down**2).sum(axis=2)) / 4
    return np.asarray(np.clip(cv2.GaussianBlur(steepness, (0, 0), 1.0) * 4, 0, 255), np.uint8)
