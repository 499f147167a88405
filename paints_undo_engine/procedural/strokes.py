"""Strokes and fills as maps: for every pixel which mark paints it, and when within the mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.lines import Path

Labels = NDArray[np.int32]
Progress = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Marks on a canvas: `labels` int32 [h, w], -1 where there is none; `progress` float32 0..1; `cover` uint8."""

    labels: Labels
    progress: Progress
    cover: NDArray[np.uint8]


def draw(paths: list[Path], widths: NDArray[np.float64], shape: tuple[int, int], taper: float = 0.35) -> Drawn:
    """All strokes at once, anti-aliased and tapered: every pixel belongs to the nearest sample of any stroke."""
    labels = np.full(shape, -1, np.int32)
    progress = np.zeros(shape, np.float32)
    cover = np.zeros(shape, np.uint8)
    if not paths:
        return Drawn(labels, progress, cover)
    at, owner, along = _samples(paths)
    swell = 1 - taper * np.abs(2 * along - 1) ** 3
    half = np.maximum(widths[owner] / 2 * swell, 0.55)
    distance, sample = _nearest(at, shape)
    ys, xs = np.nonzero(distance <= float(half.max()) + 1.5)
    mine = sample[ys, xs]
    exact = np.hypot(xs - at[mine, 0], ys - at[mine, 1])
    opacity = np.clip(half[mine] + 0.5 - exact, 0, 1)
    labels[ys, xs] = np.where(opacity > 0, owner[mine], -1)
    progress[ys, xs] = along[mine]
    cover[ys, xs] = np.round(opacity * 255)
    return Drawn(labels, progress, cover)


def _samples(paths: list[Path]) -> tuple[NDArray[np.float64], NDArray[np.int64], Progress]:
    """Points of all strokes [n, 2], one for every 0.7 pixel, the stroke of each, and how far along it each is.

    All strokes are measured as one line, in which a pixel's length leads from the end of one to the begin of the next.
    """
    corners = np.concatenate(paths).astype(np.float64)
    first = np.cumsum([0, *(len(path) for path in paths[:-1])])
    last = np.append(first[1:], len(corners)) - 1
    step = np.hypot(*np.diff(corners, axis=0).T)
    step[first[1:] - 1] = 1.0
    place = np.concatenate([[0.0], np.cumsum(step)])
    length = place[last] - place[first]
    count = np.maximum(2, (length / 0.7).astype(np.int64))
    owner = np.repeat(np.arange(len(paths)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    along = number / (count[owner] - 1)
    at = place[first][owner] + along * length[owner]
    points = np.stack([np.interp(at, place, corners[:, axis]) for axis in (0, 1)], axis=1)
    return points, owner, along.astype(np.float32)


def _nearest(at: NDArray[np.float64], shape: tuple[int, int]) -> tuple[Progress, NDArray[np.int64]]:
    """For every pixel the distance to the nearest of the points, and its number."""
    columns = np.clip(np.round(at[:, 0]).astype(int), 0, shape[1] - 1)
    rows = np.clip(np.round(at[:, 1]).astype(int), 0, shape[0] - 1)
    blank = np.full(shape, 255, np.uint8)
    blank[rows, columns] = 0
    distance, nearest = cv2.distanceTransformWithLabels(blank, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    number = np.zeros(int(nearest.max()) + 1, np.int64)
    number[nearest[rows, columns]] = np.arange(len(at))
    return np.asarray(distance, np.float32), number[nearest]


def nearest_stroke(paths: list[Path], shape: tuple[int, int]) -> tuple[Labels, Progress]:
    """For every pixel of the canvas the nearest stroke, and where along it."""
    at, owner, along = _samples(paths)
    _, sample = _nearest(at, shape)
    return owner.astype(np.int32)[sample], along[sample]


def zigzag(labels: Labels, angle: float, band: float) -> Progress:
    """How far a brush that fills each region in bands, to and fro, has come at a pixel: a share of the region's area.

    The bands are arcs around an elbow outside the canvas, a little wavy; the brush's middle is ahead of its sides.
    Counted in short pieces of the bands instead of sorted, which is exact to a fraction of a piece.
    """
    height, width = labels.shape
    ys, xs = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    c, s, reach = np.float32(np.cos(angle)), np.float32(np.sin(angle)), np.float32(np.hypot(height, width))
    ahead, aside = c * (xs - width / 2) + s * (ys - height / 2) + reach, c * (ys - height / 2) - s * (xs - width / 2)
    v, turn = cv2.cartToPolar(-ahead, -aside)
    u = turn * reach
    v += np.float32(0.35 * band) * np.sin(u / np.float32(2.2 * band))
    rows = (v - v.min()) / np.float32(band)
    row = rows.astype(np.int32)
    beside = 2 * (rows - np.floor(rows)) - 1
    u = np.where(row & 1, u.max() - u, u - u.min()) + np.float32(0.6 * band) * beside * beside
    pieces = max(1, int(u.max() / (3 * band)) + 1)
    place = u * np.float32(pieces / (float(u.max()) + 1))
    piece = place.astype(np.int32)
    each = (int(row.max()) + 1) * pieces
    mark = labels.astype(np.int64).ravel()
    area = np.bincount(mark)
    begin = np.full(len(area), each)
    end = np.zeros(len(area), np.int64)
    index = (row * pieces + piece).ravel().astype(np.int64)
    np.minimum.at(begin, mark, index)
    np.maximum.at(end, mark, index)
    room = np.cumsum(np.where(area > 0, end - begin + 1, 0))
    index += (room - 1 - end)[mark]
    counts = np.bincount(index)
    before = np.cumsum(counts) - counts
    first = (np.cumsum(area) - area)[mark]
    rank = before[index] - first + (place - np.floor(place)).ravel() * counts[index]
    return np.asarray(rank / area[mark], np.float32).reshape(labels.shape)


def cut_in(
    labels: Labels, centre: NDArray[np.float64], area: NDArray[np.float64], turn: Progress, band: float
) -> Progress:
    """Fills as careful hands make them: large regions are painted along their borders first, round about, then inside.

    `turn` is how a region would be filled at once, `centre` and `area` are the regions'; the canvas' edge is no border.
    """
    large = area > 0.03 * labels.size
    blank = np.ones(labels.shape, np.uint8)
    blank[:, 1:] &= labels[:, 1:] == labels[:, :-1]
    blank[1:] &= labels[1:] == labels[:-1]
    if not large.any() or blank.all():
        return turn
    inside = large[labels]
    ys, xs = np.nonzero(inside & (cv2.distanceTransform(blank, cv2.DIST_L2, 3) < band))
    mine = labels[ys, xs]
    around = (np.arctan2(ys - centre[mine, 1], xs - centre[mine, 0]) / (2 * np.pi) + 0.6 + 0.37 * mine) % 1.0
    share = (np.bincount(mine, minlength=len(area)) / np.maximum(area, 1)).astype(np.float32)
    done = share[labels]
    made = np.where(inside, done + (1 - done) * turn, turn)
    made[ys, xs] = share[mine] * around
    return np.asarray(made, np.float32)


def cells(parents: Labels, size: float, jitter: np.random.Generator) -> Labels:
    """Brush-sized pieces of regions: each region cut along a slanted grid."""
    height, width = parents.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = float(jitter.uniform(0.3, 0.9))
    c, s = np.cos(angle), np.sin(angle)
    wave = np.sin(ys / size * 1.7 + float(jitter.uniform(0, 6))) * size * 0.18
    u = np.floor((c * xs + s * ys + wave) / (1.5 * size)).astype(np.int64)
    v = np.floor((-s * xs + c * ys + wave) / (0.8 * size)).astype(np.int64)
    u -= u.min()
    v -= v.min()
    return compact((parents.astype(np.int64) * (int(u.max()) + 1) + u) * (int(v.max()) + 1) + v)


def compact(codes: NDArray[np.integer[Any]]) -> Labels:
    """Codes renumbered from 0 without gaps, in their order."""
    most = int(codes.max())
    if most > 64 * codes.size + 1024:
        return np.asarray(np.unique(codes, return_inverse=True)[1], np.int32).reshape(codes.shape)
    present = np.zeros(most + 1, bool)
    present[codes.ravel()] = True
    return np.asarray(np.cumsum(present, dtype=np.int32)[codes] - 1)
