"""The line art of a picture: cover, colour, strokes, and the picture without it."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import lines
from paints_undo_engine.procedural.reading.model import Cover, Ink, InkPath, Labels, Pixels

_LONG = 0.03
"""Of the diagonal: lines longer than this are drawn lines; grain and texture are shorter."""


def find_ink(pixels: Pixels, figure: Cover) -> tuple[Ink, Pixels]:
    """The lines of uint8 [h, w, 3] and the picture without them; `figure` uint8 [h, w] is where edges count."""
    found = lines.find_lines(pixels)
    diagonal = float(np.hypot(*pixels.shape[:2]))
    cover = found.alpha
    skeleton = lines.thin((cover > 100).astype(np.uint8))
    traced = lines.trace(skeleton, max(3.0, 0.006 * diagonal))
    every = max(int(skeleton.sum()), 1)
    connected = sum(len(path) for path in traced if len(path) > _LONG * diagonal) / every
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.5), 40, 110) > 0
    if figure.any():
        edges &= figure > 127
    near = cv2.dilate(cover, np.ones((7, 7), np.uint8)) > 90
    explained = float(near[edges].mean()) if edges.any() else 0.0
    reach = max(4.0, 0.012 * diagonal)
    linked = [lines.smooth(path, 1.5) for path in lines.link(traced, reach)]
    distance = cv2.distanceTransform((cover > 100).astype(np.uint8), cv2.DIST_L2, 3)
    paths = tuple(_path(path, distance, pixels) for path in linked)
    return Ink(cover, pixels.copy(), paths, explained, float(connected), every / diagonal), found.clean


def _path(points: lines.Path, distance: np.ndarray, pixels: Pixels) -> InkPath:
    height, width = distance.shape
    x = np.clip(np.round(points[:, 0]).astype(int), 0, width - 1)
    y = np.clip(np.round(points[:, 1]).astype(int), 0, height - 1)
    widths = np.maximum(2 * distance[y, x] - 1, 1).astype(np.float32)
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    red, green, blue = (int(value) for value in np.median(pixels[y, x], axis=0))
    return InkPath(points, widths, length, 0, (red, green, blue))


def assigned(paths: tuple[InkPath, ...], labels: Labels) -> tuple[InkPath, ...]:
    """The strokes with the region that lies along most of each."""
    height, width = labels.shape
    given = []
    for path in paths:
        x = np.clip(np.round(path.points[:, 0]).astype(int), 0, width - 1)
        y = np.clip(np.round(path.points[:, 1]).astype(int), 0, height - 1)
        beside = labels[y, x]
        beside = beside[beside >= 0]
        region = int(np.bincount(beside).argmax()) if beside.size else -1
        given.append(InkPath(path.points, path.width, path.length, region, path.colour))
    return tuple(given)
