"""Graphite on rough paper: hatching that follows a tone, and outlines drawn more than once."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Points
from numpy.typing import NDArray

Map = NDArray[np.float32]


class Paper:
    """The sheet: `graphite` float32 [h, w] gathers from 0 to about 1, more on the paper's hills."""

    def __init__(self, h: int, w: int, random: np.random.Generator) -> None:
        self.random = random
        self.graphite = np.zeros((h, w), np.float32)
        fine = cv2.GaussianBlur(random.normal(0, 1, (h, w)).astype(np.float32), (0, 0), 0.8)
        coarse = cv2.GaussianBlur(random.normal(0, 1, (h, w)).astype(np.float32), (0, 0), 2.2)
        self.grain = np.clip(0.78 + 0.55 * fine + 0.6 * coarse, 0.12, 1.25).astype(np.float32)

    def line(self, path: Points, weight: float, width: float) -> None:
        """One pencil line; pressure swells in the middle."""
        if len(path) < 2:
            return
        x0, y0 = np.floor(path.min(axis=0)).astype(int) - 4
        x1, y1 = np.ceil(path.max(axis=0)).astype(int) + 5
        h, w = self.graphite.shape
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, w), min(y1, h)
        if x0 >= x1 or y0 >= y1:
            return
        mark = np.zeros((y1 - y0, x1 - x0), np.uint8)
        points = np.round((path - (x0, y0)) * 16).astype(np.int32)
        pressure = np.sin(np.linspace(0.25, np.pi - 0.35, len(path) - 1)) ** 0.6
        for a, b, press in zip(points[:-1], points[1:], pressure, strict=True):
            cv2.line(mark, a.tolist(), b.tolist(), int(255 * press), max(1, round(width)), cv2.LINE_AA, 4)
        part = np.s_[y0:y1, x0:x1]
        self.graphite[part] += mark.astype(np.float32) / 255 * weight * self.grain[part]

    def outline(self, path: Points, weight: float, width: float = 1.0, times: int = 2) -> None:
        """Searching lines: the same way more than once, each a little off, overshooting at the ends."""
        for _ in range(times):
            sway = self.random.normal(0, 1, (7, 2)) * 1.3
            at = np.linspace(0, 6, len(path))
            off = np.stack([np.interp(at, range(7), sway[:, axis]) for axis in (0, 1)], axis=1)
            start = int(self.random.integers(0, max(1, len(path) // 9)))
            self.line((path + off)[start:], weight * self.random.uniform(0.7, 1.1), width)

    def hatch(self, tone: Map, threshold: float, angle: float, gap: float, weight: float) -> None:
        """Parallel strokes wherever the tone is above the threshold, lifted where it falls below."""
        h, w = tone.shape
        c, s = np.cos(angle), np.sin(angle)
        reach = np.hypot(h, w) / 2
        offset = -reach
        while offset < reach:
            offset += gap * self.random.uniform(0.7, 1.35)
            lean = self.random.normal(0, 0.03)
            t = np.arange(-reach, reach, 3.0)
            bow = 3 * np.sin(t / 90 + self.random.uniform(0, 6))
            xs = w / 2 + t * (c - lean * s) - (offset + bow) * s
            ys = h / 2 + t * (s + lean * c) + (offset + bow) * c
            on = (xs >= 0) & (xs < w) & (ys >= 0) & (ys < h)
            values = np.zeros(len(t), np.float32)
            values[on] = tone[ys[on].astype(int), xs[on].astype(int)]
            self._strokes(xs, ys, values > threshold + self.random.normal(0, 0.02), weight)

    def _strokes(
        self, xs: NDArray[np.float64], ys: NDArray[np.float64], wanted: NDArray[np.bool_], weight: float
    ) -> None:
        """Runs of wanted points as strokes of a hand's reach."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            while end - begin > 2:
                length = int(self.random.uniform(14, 34))
                stop = min(end, begin + length)
                path = np.stack([xs[begin:stop], ys[begin:stop]], axis=1)
                self.line(path, weight * self.random.uniform(0.7, 1.15), 1.0)
                begin = stop - int(self.random.integers(0, 3)) if stop < end else end
