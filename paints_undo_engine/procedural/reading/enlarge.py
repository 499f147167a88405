"""Label maps at the picture's own size, with smooth borders instead of stairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Cover, Labels, Pixels

_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class EnlargedLabels:
    """`labels` int32 [H, W]. Where two labels meet (`at`, int64 [n], numbers of pixels row by row), `other` int32 [n]
    is the second label and `share` uint8 [n] how much of the pixel is its, at most 128.
    """

    labels: Labels
    at: NDArray[np.int64]
    other: NDArray[np.int32]
    share: NDArray[np.uint8]

    def paint(self, palette: NDArray[np.uint8]) -> Pixels:
        """uint8 [H, W, 3]: each label in its colour of `palette` uint8 [n, 3] (label -1 in the last), borders mixed."""
        painted = palette[self.labels]
        flat = painted.reshape(-1, 3)
        share = self.share[:, None].astype(np.uint16)
        mixed = flat[self.at] * (255 - share) + palette[self.other] * share
        flat[self.at] = ((mixed + 127) // 255).astype(np.uint8)
        return painted

    def cover(self, label: int) -> Cover:
        """uint8 [H, W]: how much of each pixel belongs to a label."""
        cover = np.where(self.labels == label, 255, 0).astype(np.uint8)
        flat = cover.reshape(-1)
        own = self.labels.reshape(-1)[self.at] == label
        flat[self.at[own]] = 255 - self.share[own]
        second = self.other == label
        flat[self.at[second]] = self.share[second]
        return cover


def enlarge(labels: Labels, size: tuple[int, int]) -> EnlargedLabels:
    """A label map int32 [h, w] at height and width `size`.

    Away from borders the nearest label is taken. In a band along them each label that occurs near is spread by a
    Gaussian of .6 of the grid's pixel, and the two strongest share the pixel: borders are smooth, one pixel soft.
    """
    height, width = size
    if labels.shape == size:
        nothing = np.zeros(0, np.int64)
        return EnlargedLabels(labels.copy(), nothing, nothing.astype(np.int32), nothing.astype(np.uint8))
    big = np.asarray(cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST_EXACT), np.int32)
    smaller = height < labels.shape[0] or width < labels.shape[1]
    if smaller:
        nothing = np.zeros(0, np.int64)
        return EnlargedLabels(big, nothing, nothing.astype(np.int32), nothing.astype(np.uint8))
    border = np.zeros(labels.shape, np.uint8)
    border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    near = cv2.dilate(border, np.ones((3, 3), np.uint8))
    band = cv2.resize(near, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    with ThreadPoolExecutor(2) as beside:
        tops = range(0, height, _ROWS)
        parts = list(beside.map(lambda top: _band(labels, big, band, top, min(top + _ROWS, height)), tops))
    at, other, share = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return EnlargedLabels(big, at, other.astype(np.int32), share.astype(np.uint8))


_REACH = (-1, 0, 1, 2)
_SIGMA = 0.6


def _band(
    labels: Labels, big: Labels, band: NDArray[np.generic], top: int, bottom: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    """Resolve the band's pixels between two rows; `big` gets the stronger label."""
    height, width = big.shape
    rows, columns = np.nonzero(band[top:bottom])
    rows = rows + top
    y = (rows + 0.5) * labels.shape[0] / height - 0.5
    x = (columns + 0.5) * labels.shape[1] / width - 0.5
    y0, x0 = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    wy = [np.exp(-((y0 + k - y) ** 2) / (2 * _SIGMA**2)) for k in _REACH]
    wx = [np.exp(-((x0 + k - x) ** 2) / (2 * _SIGMA**2)) for k in _REACH]
    near, weight = [], []
    for i, dy in enumerate(_REACH):
        line = np.clip(y0 + dy, 0, labels.shape[0] - 1)
        for j, dx in enumerate(_REACH):
            near.append(labels[line, np.clip(x0 + dx, 0, labels.shape[1] - 1)])
            weight.append((wy[i] * wx[j]).astype(np.float32))
    found, force = np.stack(near), np.stack(weight)
    first = big[rows, columns]
    first, strong = _strongest(found, force, first)
    rest = np.where(found == first, 0, force)
    at_second = rest.argmax(axis=0)
    second = np.take_along_axis(found, at_second[None], axis=0)[0]
    weak = np.where(found == second, rest, 0).sum(axis=0)
    swap = weak > strong
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    strong, weak = np.where(swap, weak, strong), np.where(swap, strong, weak)
    big[rows, columns] = first
    scale = height / labels.shape[0]
    mixed = weak / np.maximum(strong + weak, 1e-6)
    sharp = np.clip(0.5 + (mixed - 0.5) * max(1.0, 0.9 * scale), 0, 0.5)
    share = np.round(255 * sharp).astype(np.uint8)
    kept = share > 4
    return (rows * width + columns)[kept], second[kept], share[kept]


def _strongest(
    found: NDArray[np.int32], force: NDArray[np.float32], first: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The label with the greatest weight among those near: each of the four nearest is tried."""
    best, most = first, np.where(found == first, force, 0).sum(axis=0)
    for at in (5, 6, 9, 10):
        label = found[at]
        weight = np.where(found == label, force, 0).sum(axis=0)
        better = weight > most
        best, most = np.where(better, label, best), np.where(better, weight, most)
    return best, most
