"""Small processes for the export tests: a painting that appears from the top down."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting, from_raw, resize
from paints_undo_engine.picture import Picture, SplitLayer
from paints_undo_engine.provenance import Provenance

PROVENANCE = Provenance("procedural", 4711, "9.8.7")


def drawn(width: int = 64, height: int = 48, channels: int = 3) -> np.ndarray:
    """Ellipses of plain colours on a pale ground; with 4 channels the ground is transparent."""
    rng = np.random.default_rng(3)
    pixels = np.zeros((height, width, channels), np.uint8)
    pixels[..., :3] = (250, 240, 220) if channels == 3 else 0
    for _ in range(6):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        axes = (int(rng.integers(2, max(3, width // 4))), int(rng.integers(2, max(3, height // 4))))
        colour = (*map(int, rng.integers(0, 256, 3)), 255)[:channels]
        cv2.ellipse(pixels, centre, axes, 30.0, 0, 360, colour, -1)
    return pixels


def process(frames: int = 10, width: int = 64, height: int = 48, channels: int = 3) -> ProcessSource:
    """`frames` frames in the painting's size, four keyframes, and two layers that give the painting."""
    pixels = drawn(width, height, channels)
    painting = from_raw(pixels.tobytes(), width, height, channels)

    def state(number: int) -> Picture:
        if number == frames - 1:
            return painting.picture()
        shown = np.full_like(pixels, 255) if channels == 3 else np.zeros_like(pixels)
        rows = max(1, height * (number + 1) // frames)
        shown[:rows] = pixels[:rows]
        return Picture(shown, painting.placement)

    stills = [
        Still(1000.0 - 1000.0 * (n + 1) / frames, partial(state, n), "ink" if n % 2 else "flats") for n in range(frames)
    ]
    keyframes = [Still(1000.0, painting.blank, "blank canvas"), stills[frames // 3], stills[frames // 2], stills[-1]]
    return ProcessSource(painting, PROVENANCE, stills, keyframes, _layers(painting, pixels))


def deep_process(channels: int) -> ProcessSource:
    """A soft ramp with more tones than 8 bits have: a small state, and one of the painting's size, half painted."""
    ramp = np.linspace(20_000, 30_000, 160 * 120).reshape(120, 160)
    pixels = np.dstack([ramp, ramp[::-1], ramp[:, ::-1], np.linspace(65_535, 1_000, 160)[None].repeat(120, axis=0)])
    painting = Painting(pixels[..., :channels].astype(np.uint16))
    whole = painting.picture()
    half = whole.pixels.copy()
    half[60:] = 255
    small = Picture(resize(whole.pixels, 40, 30), painting.placement)
    stills = [
        Still(20.0, lambda: small),
        Still(10.0, lambda: Picture(half, painting.placement)),
        Still(0.0, painting.picture),
    ]
    return ProcessSource(painting, PROVENANCE, stills)


def _layers(painting: Painting, pixels: np.ndarray) -> list[SplitLayer]:
    full = pixels if pixels.shape[2] == 4 else np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    upper = full.copy()
    upper[painting.height // 2 :] = 0
    lower = full.copy()
    lower[: painting.height // 2] = 0
    sketch = np.zeros_like(full)
    sketch[2:4, 2:9] = (80, 120, 200, 255)
    return [
        SplitLayer("sketch", lambda: sketch, visible=False),
        SplitLayer("lower", lambda: lower),
        SplitLayer("upper", lambda: upper),
    ]
