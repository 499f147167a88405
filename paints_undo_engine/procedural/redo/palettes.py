"""Another palette: each part of the picture gets a hue of one harmony, and keeps its light and shade."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Part, Reading, Region
from paints_undo_engine.procedural.redo.oklab import Floats, to_oklab

_NATURAL: dict[Part, float] = {Part.SKIN: 0.06, Part.MOUTH: 0.1, Part.FOLIAGE: 0.5, Part.SKY: 0.6}
"""How far a part may leave its own hue where another would look wrong: 0 not at all, 1 (all others) wholly."""
_LEAST_CHROMA = 0.05
_ONE_HUE = 38.0
"""Degrees within which regions are shades of the same thing, and are turned by the same angle."""
_PAPER_CHROMA = 0.015
"""Less than this is grey, white or black on purpose, and stays so beside colours."""
_INK, _PAPER = 0.11, 0.03
"""The chroma that a drawing without colours gets where it is black, and where it is white."""


class Harmony(Enum):
    """Hues that go together, as angles from the leading one in degrees (Itten's colour circle)."""

    COMPLEMENTARY = (0.0, 180.0)
    ANALOGOUS = (0.0, 30.0, -30.0)
    TRIAD = (0.0, 120.0, 240.0)
    SPLIT = (0.0, 150.0, 210.0)


def recoloured(lab: Floats, reading: Reading, harmony: Harmony, chance: np.random.Generator) -> Floats:
    """`lab` [H, W, 3] with another hue for every part, of one harmony; regions of one hue move together.

    A picture without colours becomes a drawing with coloured ink on toned paper.
    """
    small = to_oklab(reading.clean)
    turns = np.zeros(len(reading.regions) + 1, np.float32)
    boosts = np.ones_like(turns)
    lead = float(chance.uniform(0, 360))
    own = {region.label: _mean_colour(small, reading, region) for region in reading.regions}
    groups: list[tuple[float, float]] = []
    for region in sorted(reading.regions, key=lambda known: -known.area):
        lightness, a, b = own[region.label]
        chroma, hue = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)))
        if chroma < _PAPER_CHROMA or region.part in (Part.PAPER, Part.TEXT):
            continue
        skin = _is_skin(region, lightness, chroma, hue)
        reach = _NATURAL.get(Part.SKIN if skin else region.part, 1.0)
        turn = next((turn for known, turn in groups if abs(_angle(known - hue)) < _ONE_HUE), None)
        if turn is None:
            offset = harmony.value[len(groups) % len(harmony.value)]
            turn = _angle(lead + offset + float(chance.uniform(-8, 8)) - hue)
            if not skin:
                groups.append((hue, turn))
        turns[region.label] = np.radians(turn * reach)
        if reach == 1.0:
            boosts[region.label] = max(1.0, min(2.0, _LEAST_CHROMA / chroma))
    if not turns.any() and np.quantile(np.hypot(small[..., 1], small[..., 2]), 0.999) < _PAPER_CHROMA:
        return _inked(lab, lead, lead + harmony.value[1])
    return _turned(lab, reading, turns, boosts)


def _is_skin(region: Region, lightness: float, chroma: float, hue: float) -> bool:
    """Skin by its name, or by its colour: a face or an arm that was read as something else must not turn green."""
    return region.part is Part.SKIN or (lightness > 0.55 and 0.015 < chroma < 0.08 and 15 < hue < 75)


def _angle(degrees: float) -> float:
    """The same angle, -180 to 180."""
    return (degrees + 180) % 360 - 180


def _mean_colour(small: Floats, reading: Reading, region: Region) -> tuple[float, float, float]:
    rows, columns = region.box.grown(0.02, 0.02, 0.02, 0.02).slices(reading.labels.shape)
    at = reading.labels[rows, columns] == region.label
    if not at.any():
        return 0.0, 0.0, 0.0
    mean = small[rows, columns][at].mean(axis=0)
    return float(mean[0]), float(mean[1]), float(mean[2])


def _inked(lab: Floats, ink: float, paper: float) -> Floats:
    """`lab` in two hues, in degrees: that of the ink, which is a little lighter than black, and that of the paper."""
    light = np.clip(lab[..., 0], 0, 1)
    out = np.empty_like(lab)
    out[..., 0] = 0.16 + 0.8 * light
    for axis, wave in ((1, np.cos), (2, np.sin)):
        out[..., axis] = (1 - light) * _INK * wave(np.radians(ink)) + light * _PAPER * wave(np.radians(paper))
    return out


def _turned(lab: Floats, reading: Reading, turns: Floats, boosts: Floats) -> Floats:
    """The colour axes turned by each region's angle; a soft edge of a pixel of the reading's grid between regions."""
    height, width = lab.shape[:2]
    at = np.clip(reading.labels, -1, len(turns) - 2)
    field = np.dstack([np.cos(turns)[at] * boosts[at], np.sin(turns)[at] * boosts[at]]).astype(np.float32)
    large = cv2.resize(cv2.GaussianBlur(field, (0, 0), 0.7), (width, height), interpolation=cv2.INTER_LINEAR)
    cosine, sine = large[..., 0], large[..., 1]
    out = lab.copy()
    out[..., 1] = lab[..., 1] * cosine - lab[..., 2] * sine
    out[..., 2] = lab[..., 1] * sine + lab[..., 2] * cosine
    return out
