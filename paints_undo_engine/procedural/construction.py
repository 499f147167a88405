"""The first lines on the paper: circles in the masses, axes through them, a cross on the head, a line of gesture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.lines import Path
from paints_undo_engine.procedural.strokes import Labels


def subject(flats: Labels, areas: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A mask of what the picture is about: all but the large regions that lie along the top and the sides."""
    height, width = flats.shape
    rim = np.concatenate([flats[0], flats[: height * 2 // 3, 0], flats[: height * 2 // 3, -1]])
    touching = np.bincount(rim, minlength=len(areas)) / rim.size
    background = (touching > 0.04) & (areas > 0.01 * flats.size)
    mask = (~background[flats]).astype(np.uint8)
    size = max(3, round(0.012 * max(height, width)) | 1)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    mask = np.asarray(cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disk), cv2.MORPH_OPEN, disk), np.uint8)
    share = float(mask.mean())
    return mask if 0.02 < share < 0.97 else np.ones_like(mask)


def focus_of(ink: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the ink is densest inside the upper part of the subject: usually the eyes."""
    height, width = ink.shape
    density = cv2.GaussianBlur(ink.astype(np.float32) * mask, (0, 0), max(height, width) * 0.035)
    ys = np.nonzero(mask.any(axis=1))[0]
    top, bottom = (int(ys[0]), int(ys[-1])) if ys.size else (0, height - 1)
    weight = np.interp(np.arange(height), [top, top + 0.55 * (bottom - top), bottom], [1.0, 0.9, 0.35])
    weighted = density * weight[:, None].astype(np.float32)
    y, x = np.unravel_index(int(weighted.argmax()), weighted.shape)
    return float(x), float(y)


def construct(mask: NDArray[np.uint8], focus: tuple[float, float], jitter: np.random.Generator) -> list[Path]:
    """The construction's strokes, in the order in which they are drawn."""
    masses = _masses(mask, focus)
    strokes: list[Path] = []
    wobble = max(mask.shape) * 0.0022
    head = masses[0]
    strokes += [_circle(head, wobble, jitter), _circle(head, wobble * 1.6, jitter, turns=0.85)]
    strokes += _cross(head, focus)
    if len(masses) > 1:
        spine = np.array([mass[:2] for mass in masses], np.float32)
        spine = np.concatenate([[[head[0], head[1] - head[2]]], spine]).astype(np.float32)
        strokes.append(_curve(spine, wobble, jitter))
    for mass in masses[1:]:
        strokes.append(_circle(mass, wobble, jitter))
        x, y, r = mass
        tilt = float(jitter.uniform(-0.25, 0.25))
        reach = (r * np.cos(tilt), r * np.sin(tilt))
        ends = np.array([[x - reach[0], y - reach[1]], [x, y + r * 0.12], [x + reach[0], y + reach[1]]], np.float32)
        strokes.append(_curve(ends, wobble, jitter))
    height, width = mask.shape
    frame = _box(mask)
    if frame is not None:
        left, top, right, bottom = frame
        for a, b in (((left, top), (right, top)), ((left, bottom), (right, bottom))):
            strokes.append(_curve(np.array([a, ((a[0] + b[0]) / 2, a[1]), b], np.float32), wobble, jitter))
    ground = np.array(
        [[width * 0.04, height * 0.9], [width * 0.5, height * 0.885], [width * 0.96, height * 0.9]], np.float32
    )
    strokes.append(_curve(ground, wobble, jitter))
    return strokes


def _masses(mask: NDArray[np.uint8], focus: tuple[float, float]) -> list[tuple[float, float, float]]:
    """Circles (x, y, radius): the head around the focus, then the largest that fit into what is left."""
    left = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(left, cv2.DIST_L2, 5)[1:-1, 1:-1]
    height, width = mask.shape
    ys, xs = np.mgrid[0:height, 0:width]
    away = np.hypot(xs - focus[0], ys - focus[1])
    reach = 0.16 * max(height, width)
    score = distance - 0.45 * away - np.where(away > reach, 1e6, 0)
    y, x = np.unravel_index(int(score.argmax()), score.shape)
    radius = float(np.clip(distance[y, x], 0.07 * min(mask.shape), 0.3 * min(mask.shape)))
    found = [(float(x), float(y), radius)]
    rest = distance.copy()
    for _ in range(4):
        for cx, cy, r in found[-1:]:
            rest = np.minimum(rest, np.maximum(np.hypot(xs - cx, ys - cy) - 0.8 * r, 0))
        y, x = np.unravel_index(int(rest.argmax()), rest.shape)
        if rest[y, x] < 0.055 * min(mask.shape):
            break
        found.append((float(x), float(y), float(min(rest[y, x] * 1.05, 0.32 * min(mask.shape)))))
    return [found[0], *sorted(found[1:], key=lambda mass: np.hypot(mass[0] - found[0][0], mass[1] - found[0][1]))]


def _circle(mass: tuple[float, float, float], wobble: float, jitter: np.random.Generator, turns: float = 1.08) -> Path:
    x, y, r = mass
    t = np.linspace(0, 2 * np.pi * turns, 90) + float(jitter.uniform(0, 6))
    squeeze = float(jitter.uniform(0.97, 1.03))
    drift = wobble * np.sin(t * 0.8 + float(jitter.uniform(0, 6)))
    return np.stack([x + (r * squeeze + drift) * np.cos(t), y + (r / squeeze + drift) * np.sin(t)], axis=1).astype(
        np.float32
    )


def _cross(head: tuple[float, float, float], focus: tuple[float, float]) -> list[Path]:
    """The face's axes, bent around the head towards the focus."""
    x, y, r = head
    bend_x = float(np.clip(focus[0] - x, -0.45 * r, 0.45 * r))
    bend_y = float(np.clip(focus[1] - y, -0.4 * r, 0.4 * r)) + 0.08 * r
    t = np.linspace(-1, 1, 40)
    bulge = np.sqrt(np.maximum(1 - t**2, 0))
    down = np.stack([x + bend_x * bulge, y + r * t], axis=1).astype(np.float32)
    across = np.stack([x + r * t, y + bend_y * bulge], axis=1).astype(np.float32)
    return [down, across]


def _curve(points: NDArray[np.float32], wobble: float, jitter: np.random.Generator) -> Path:
    """A smooth line through a few points, with a slow tremble."""
    n = len(points)
    t = np.linspace(0, n - 1, max(24, 14 * n))
    line = np.stack([np.interp(t, np.arange(n), points[:, axis]) for axis in (0, 1)], axis=1)
    kernel = cv2.getGaussianKernel(15, 4.0)
    padded = cv2.copyMakeBorder(line, 7, 7, 0, 0, cv2.BORDER_REPLICATE)
    soft = np.asarray(cv2.filter2D(padded, -1, kernel), np.float64)[7:-7]
    soft[:, 1] += wobble * np.sin(t * 1.3 + float(jitter.uniform(0, 6)))
    return soft.astype(np.float32)


def _box(mask: NDArray[np.uint8]) -> tuple[float, float, float, float] | None:
    x, y, width, height = cv2.boundingRect(mask)
    if width * height > 0.9 * mask.size or width == 0:
        return None
    return float(x), float(y), float(x + width), float(y + height)
