"""What stands on the canvas of a coloured drawing before brushes go over it, and how near to borders they may go."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import between, strips, wide_blur
from paints_undo_engine.procedural.techniques.refining import narrow_forms

_HARD = (90, 220)
"""Of the edge detector: an edge so clear was drawn with care, and is not gone over by a brush."""


def form_depth(labels: Labels, clean: Pixels) -> NDArray[np.float32]:
    """How far each pixel is from the border of its region and from hard edges, in pixels: float32 [h, w]."""
    border = cv2.Canny(clean, *_HARD) > 0
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    return np.asarray(cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def evenly(source: Source, soft: Mapping[int, int]) -> Pixels:
    """Flats with hard tones, on the grid: the colours from which the airbrush starts. uint8 [h, w, 3]. `soft` tones,
    each with the region of its flat, are none.
    """
    cels = source.reading.cels
    palette = np.full((len(cels) + 1, 3), 255, np.uint8)
    for cel in cels:
        even = cel.step == 0 or cel.label in soft
        flat = source.reading.regions[soft.get(cel.label, cel.region)].colour if even else cel.colour
        palette[cel.label] = source.colour(flat)
    return np.take(palette, source.reading.cel_labels, axis=0, mode="wrap")


def near(one: Pixels, other: Pixels, inside: NDArray[np.bool_], levels: int) -> float:
    """The share of a mask bool [h, w] in which two pictures are nearer than some levels; 1 of none."""
    away = difference(one, other)[inside]
    return float((away < levels).mean()) if away.size else 1.0


def before_details(source: Source, figure: list[int], shaded: Pixels, ground: Pixels, *, lined: bool) -> Pixels:
    """About what is on the canvas before details, on the grid: a shaded figure before a ground, and lines."""
    inside = np.isin(source.reading.labels, figure)
    standing = np.where(inside[..., None], shaded, ground)
    return with_lines(source, standing) if lined else standing


def with_lines(source: Source, standing: NDArray[np.number]) -> Pixels:
    """A canvas [h, w, 3] of the grid, 0 to 255, with the line art on it: uint8."""
    lined = np.empty(standing.shape, np.uint8)
    for rows in strips(len(lined)):
        cover = source.inked[rows]
        lined[rows] = np.rint(standing[rows] * (1 - cover) + source.ink_colour[rows] * cover)
    return lined


def soft_forms(source: Source, blur: float, brush: float) -> Pixels:
    """What a small soft brush aims at, uint8 [h, w, 3]: the picture without its texture, its edges as they are. How far
    it blurs, and the brush's radius, are in the grid's pixels.
    """
    clean = source.small_clean.astype(np.float32)
    depth = form_depth(source.reading.labels, source.small_clean)
    share = np.clip(depth / np.float32(brush) - 0.5, 0, 1)[..., None]
    return np.asarray(np.rint(clean + (wide_blur(clean, blur) - clean) * share), np.uint8)


def broad_forms(source: Source, standing: Pixels, blur: float, brush: float) -> Pixels:
    """`soft_forms` without thin things, which come as details, and nowhere farther away than what stands."""
    soft, clean = soft_forms(source, blur, brush), source.small_clean
    wide, thin = narrow_forms(soft, source.diagonal)
    return between(standing, np.where(thin[..., None], wide, soft), clean)
