"""Regions of a picture: cels (one tone of one colour) and the flats that they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.mosaic import Mosaic

Labels = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Regions:
    """`cels` and `flats` int32 [h, w]: labels from 0; `flat_of` gives each cel's flat; colours are uint8 [n, 3]."""

    cels: Labels
    flats: Labels
    flat_of: NDArray[np.int64]
    cel_colours: NDArray[np.uint8]
    flat_colours: NDArray[np.uint8]


def segment(clean: NDArray[np.uint8], ink: NDArray[np.uint8], colours: int = 28) -> Regions:
    """Take a line-free picture apart.

    Cels are merged while their colours are close. Flats are merged further where no ink runs between and where only the
    light differs: multiplicative shading scales L, a and b together, so a/L and b/L tell a shadow from another paint.
    """
    lab = _lab(clean)
    pieces = _components(_quantised(lab, colours))
    mosaic = Mosaic.of(pieces, lab, ink)
    cel_of, mosaic = mosaic.merged(_cel_cost, limit=5.0, smallest=max(4, pieces.size // 20000))
    flat_of, _ = mosaic.merged(_flat_cost, limit=9.0, smallest=max(6, pieces.size // 6000))
    cels = cel_of[pieces].astype(np.int32)
    cel_colours = _means(cels, clean)
    flat_colours = _flat_colours(cels, flat_of, cel_colours)
    return Regions(cels, flat_of[cels].astype(np.int32), flat_of, cel_colours, flat_colours)


def components_of_colours(picture: NDArray[np.uint8]) -> Regions:
    """Connected areas of exactly one colour: pixel art."""
    codes = (picture.astype(np.int32) * np.array([65536, 256, 1])).sum(axis=2)
    _, index = np.unique(codes, return_inverse=True)
    labels = _components(index.reshape(codes.shape).astype(np.int32))
    colours = _means(labels, picture)
    return Regions(labels, labels, np.arange(len(colours)), colours, colours)


_LEVELS = np.arange(256, dtype=np.float64) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([[0.95047], [1.0], [1.08883]])


def _lab(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIE L*a*b* (D65) of uint8 [h, w, 3]: float32, L* 0..100."""
    xyz = np.asarray(cv2.transform(_LINEAR[picture], _TO_XYZ / _WHITE), np.float32)
    bent = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _quantised(lab: NDArray[np.float32], colours: int) -> Labels:
    """The nearest of `colours` k-means colours for each pixel, found on a fixed grid of samples."""
    flat = lab.reshape(-1, 3)
    samples = np.ascontiguousarray(flat[:: max(1, len(flat) // 12000)])
    different = np.unique(np.round(samples).astype(np.int64) @ np.array([1 << 20, 1 << 10, 1]))
    count = min(colours, len(different))
    if count < 2:
        return np.zeros(lab.shape[:2], np.int32)
    cv2.setRNGSeed(7)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    nothing = np.empty(0, np.int32)
    _, _, found = cv2.kmeans(samples, count, nothing, criteria, 1, cv2.KMEANS_PP_CENTERS)
    centres = np.asarray(found, np.float32)
    planes = np.ascontiguousarray(flat.T)
    least, nearest = np.full(len(flat), np.inf, np.float32), np.zeros(len(flat), np.int32)
    for number, centre in enumerate(centres):
        distance = (centre**2).sum() - 2 * sum(part * plane for part, plane in zip(centre, planes, strict=True))
        np.copyto(nearest, number, where=distance < least)
        np.minimum(least, distance, out=least)
    return nearest.reshape(lab.shape[:2])


def _components(classes: Labels) -> Labels:
    """Connected areas (4 neighbours) of equal class, numbered from 0."""
    height, width = classes.shape
    labels = np.zeros((height, width), np.int32)
    count = 0
    for value in np.unique(classes):
        found, part = cv2.connectedComponents((classes == value).astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
        inside = part > 0
        labels[inside] = part[inside] + (count - 1)
        count += found - 1
    return labels


def _means(labels: Labels, picture: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.round(_sums(labels, picture) / _areas(labels)[:, None]).astype(np.uint8)


def _areas(labels: Labels) -> NDArray[np.int64]:
    return np.maximum(np.bincount(labels.ravel()), 1)


def _sums(labels: Labels, picture: NDArray[np.generic]) -> NDArray[np.float64]:
    count = int(labels.max()) + 1
    channels = picture.reshape(-1, picture.shape[2]).T
    return np.stack([np.bincount(labels.ravel(), channel, count) for channel in channels], axis=1)


def _cel_cost(a: NDArray[np.float64], b: NDArray[np.float64], inked: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(((a - b) ** 2).sum(axis=1)) + 6 * inked)


def _flat_cost(a: NDArray[np.float64], b: NDArray[np.float64], inked: NDArray[np.float64]) -> NDArray[np.float64]:
    light = np.abs(a[:, 0] - b[:, 0])
    tint_a, tint_b = (40 * x[:, 1:] / np.maximum(x[:, :1], 12) for x in (a, b))
    chroma = np.sqrt(((tint_a - tint_b) ** 2).sum(axis=1))
    plain = np.sqrt(((a[:, 1:] - b[:, 1:]) ** 2).sum(axis=1))
    return np.asarray(0.2 * light + np.minimum(0.9 * chroma, 0.5 * plain + 0.35 * chroma) + 14 * inked)


def _flat_colours(cels: Labels, flat_of: NDArray[np.int64], cel_colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The colour of each flat's heaviest cel, weighted towards the light: a colour of the picture, not a mean."""
    light = cel_colours.astype(np.float64) @ np.array([0.3, 0.59, 0.11]) / 255
    weight = _areas(cels) * (0.15 + light) ** 2
    best = np.zeros(int(flat_of.max()) + 1, np.int64)
    order = np.lexsort((weight, flat_of))
    best[flat_of[order]] = order
    return np.asarray(cel_colours[best])
