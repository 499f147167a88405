"""Another light: the same picture at another time of day, or lit from a side."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.model import Reading
from paints_undo_engine.procedural.redo.oklab import Floats


@dataclass(frozen=True, slots=True)
class Mood:
    """`gamma` above 1 darkens the middle tones, `ceiling` is the lightness of white; `chroma` scales all colours.

    `light` and `shade` are added to the colour axes of what is lit and of what is not; `side` darkens the far side.
    """

    gamma: float
    ceiling: float
    chroma: float
    light: tuple[float, float]
    shade: tuple[float, float]
    side: float


class Light(Enum):
    """Lights that everyone knows."""

    DUSK = Mood(1.25, 0.97, 1.0, (0.045, 0.075), (0.035, -0.06), 0.22)
    NIGHT = Mood(1.7, 0.74, 0.65, (-0.02, -0.045), (0.0, -0.075), 0.12)
    MORNING = Mood(0.8, 1.0, 0.9, (0.012, 0.03), (-0.012, -0.03), 0.08)


def lit(lab: Floats, reading: Reading, light: Light, chance: np.random.Generator) -> Floats:
    """`lab` [H, W, 3] in another light, which comes from a side that chance decides."""
    mood = light.value
    height, width = lab.shape[:2]
    angle = float(chance.uniform(-0.6, 0.6)) + (0.0 if chance.random() < 0.5 else np.pi)
    across, down = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    far = np.clip(0.5 + 0.5 * (np.cos(angle) * across[None] + np.sin(angle) * down[:, None]), 0, 1)
    out = lab.copy()
    lightness = np.clip(lab[..., 0], 0, 1) ** mood.gamma * mood.ceiling * (1 - mood.side * far)
    share = np.clip(lightness * 1.6 - 0.3 - 0.4 * far, 0, 1)[..., None]
    tint = share * np.array(mood.light, np.float32) + (1 - share) * np.array(mood.shade, np.float32)
    tint *= _not_line(reading, (height, width))[..., None]
    out[..., 0] = lightness
    out[..., 1:] = lab[..., 1:] * mood.chroma + tint
    return out


def _not_line(reading: Reading, size: tuple[int, int]) -> Floats:
    """Less tint on the lines, which stay what they are."""
    cover = cv2.resize(reading.ink.cover, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - cover.astype(np.float32) * (0.6 / 255), np.float32)
