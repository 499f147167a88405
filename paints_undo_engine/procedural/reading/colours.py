"""Colours: their names, and how alike two paints are whatever light falls on them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Colour, Cover, Pixels
from paints_undo_engine.procedural.reading.segments import lab_of

_HUES = ((15, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (195, "teal"), (255, "blue"), (290, "purple"))


def name_of(colour: Colour) -> str:
    """A plain English name: "red", "dark brown"."""
    hue, saturation, value = (
        float(part) for part in cv2.cvtColor(np.array([[colour]], np.float32) / 255, cv2.COLOR_RGB2HSV)[0, 0]
    )
    if value < 0.16:
        return "black"
    if saturation < 0.1 or (saturation < 0.16 and value < 0.4):
        return "white" if value > 0.92 else "light grey" if value > 0.72 else "grey" if value > 0.4 else "dark grey"
    named = next((name for limit, name in _HUES if hue < limit), "pink" if hue < 345 else "red")
    if named in ("red", "pink") and saturation < 0.5 and value > 0.75:
        named = "pink"
    if named in ("orange", "yellow") and saturation < 0.4 and value > 0.75:
        named = "beige"
    if named in ("orange", "red", "yellow") and value < 0.62 and (named != "red" or saturation < 0.6):
        named = "olive" if named == "yellow" else "brown"
    tone = "dark " if value < 0.38 else "pale " if saturation < 0.3 and value > 0.8 and named != "beige" else ""
    return tone + named


def unlike(a: NDArray[np.float64], b: NDArray[np.float64], light: float = 0.2) -> NDArray[np.float64]:
    """How different two paints are, from Lab [..., 3] each.

    Shading scales L, a and b together, so light counts little, and a colour's depth as far as the light differs too.
    """
    depth = np.abs(a[..., 0] - b[..., 0])
    tint_a, tint_b = (40 * x[..., 1:] / np.maximum(x[..., :1], 12) for x in (a, b))
    tint = np.sqrt(((tint_a - tint_b) ** 2).sum(axis=-1))
    plain = np.sqrt(((a[..., 1:] - b[..., 1:]) ** 2).sum(axis=-1))
    shaded = np.clip(depth / 15, 0, 1)
    hue = (1 - shaded) * 0.85 * plain + shaded * np.minimum(0.9 * tint, 0.5 * plain + 0.35 * tint)
    return np.asarray(light * depth + hue)


def like_skin(pixels: Pixels) -> Cover:
    """uint8 [h, w]: 1 where a colour of uint8 [h, w, 3] may be that of skin in warm light, 0 elsewhere."""
    light, red, yellow = cv2.split(lab_of(pixels))
    hue, chroma = np.degrees(np.arctan2(yellow, red)), np.hypot(red, yellow)
    return np.asarray((light > 50) & (hue > 15) & (hue < 80) & (chroma > 7) & (chroma < 42), np.uint8)


def commonest(pixels: Pixels) -> Colour:
    """The most frequent colour, in steps of 16, of a patch."""
    flat = pixels.reshape(-1, 3)
    if not len(flat):
        return (128, 128, 128)
    codes = (flat >> 4).astype(np.int32) @ np.array([256, 16, 1], np.int32)
    common = flat[codes == np.bincount(codes).argmax()]
    red, green, blue = (int(value) for value in np.median(common, axis=0))
    return (red, green, blue)
