"""Painterly strokes: a picture laid in with brushes of one width, along its forms."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.channels import peak
from paints_undo_engine.procedural.strokes import Labels, Progress


@dataclass(frozen=True, eq=False)
class Brushed:
    """Strokes in painting order: `labels` int32 [h, w] (-1: none), `progress`, `target`, colours and centres."""

    labels: Labels
    progress: Progress
    target: NDArray[np.uint8]
    colours: NDArray[np.uint8]
    centres: NDArray[np.float64]


def seeds(
    picture: NDArray[np.uint8], below: NDArray[np.uint8], radius: float, threshold: float, jitter: np.random.Generator
) -> NDArray[np.float64]:
    """[n, 2] x, y: where strokes of this radius are needed, a jittered grid thinned to where `below` is still wrong."""
    height, width = picture.shape[:2]
    step = max(1.5, radius * 0.95)
    ys, xs = np.mgrid[step / 2 : height : step, step / 2 : width : step]
    at = np.stack([xs.ravel(), ys.ravel()], axis=1) + jitter.uniform(-0.4, 0.4, (xs.size, 2)) * step
    at = np.clip(at, 0, [width - 1, height - 1])
    error = peak(picture, below).astype(np.float32)
    side = max(1, round(radius))
    error = np.asarray(cv2.blur(error, (side, side)), np.float32)
    return np.asarray(at[error[at[:, 1].astype(int), at[:, 0].astype(int)] >= threshold])


def brush(
    picture: NDArray[np.uint8],
    below: NDArray[np.uint8],
    at: NDArray[np.float64],
    order: NDArray[np.int64],
    radius: float,
    jitter: np.random.Generator,
    closed: bool,
) -> Brushed:
    """Lay strokes of one radius over `below` in the given order; each follows the form and has one colour.

    With `closed` the strokes next to a hole spread into it.
    """
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.6, radius * 0.3))
    at = at[order]
    angle = _directions(picture, radius)[at[:, 1].astype(int), at[:, 0].astype(int)]
    angle = angle + jitter.uniform(-0.25, 0.25, len(at))
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    half = radius * jitter.uniform(1.1, 2.0, len(at))
    colours = soft[at[:, 1].astype(int), at[:, 0].astype(int)]
    labels = np.full(picture.shape[:2], -1, np.int32)
    thickness = max(1, round(radius * 1.15))
    begin, end = (
        np.round((at - way * half[:, None]) * 8).astype(int),
        np.round((at + way * half[:, None]) * 8).astype(int),
    )
    for i in range(len(at)):
        cv2.line(labels, begin[i].tolist(), end[i].tolist(), i, thickness, cv2.LINE_8, 3)
    if closed:
        labels = _without_holes(labels)
    painted = labels >= 0
    mine = np.where(painted, labels, 0)
    target = below.copy()
    progress = np.zeros(labels.shape, np.float32)
    if len(at):
        ys, xs = np.indices(labels.shape)
        along = (xs - at[mine, 0]) * way[mine, 0] + (ys - at[mine, 1]) * way[mine, 1]
        progress = np.clip(along / (2 * half[mine] + radius) + 0.5, 0, 1).astype(np.float32)
        target[painted] = colours[mine[painted]]
    return Brushed(labels, progress, target, colours, at)


def _without_holes(labels: Labels) -> Labels:
    """Every pixel belongs to a stroke: to the nearest one, where none was laid."""
    empty = (labels < 0).astype(np.uint8)
    if not empty.any() or empty.all():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[empty == 0]] = labels[empty == 0]
    return np.asarray(owner[nearest], np.int32)


def _directions(picture: NDArray[np.uint8], radius: float) -> NDArray[np.float64]:
    """The direction of the forms (across the gradient), from the smoothed structure tensor."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(part, (0, 0), max(1.0, radius)) for part in (gx * gx, gy * gy, gx * gy))
    return np.asarray(0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2, np.float64)
