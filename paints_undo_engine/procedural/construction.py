"""The first lines on the paper: ellipses in the masses, axes around them, a cross on the head, a line of gesture."""

from __future__ import annotations

from dataclasses import dataclass

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
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disk)
    mask = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, disk), np.uint8)
    share = float(mask.mean())
    return mask if 0.02 < share < 0.97 else np.ones_like(mask)


def focus_of(ink: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the ink is densest inside the upper part of the subject: usually the face."""
    height, width = ink.shape
    density = cv2.GaussianBlur(ink.astype(np.float32) * mask, (0, 0), max(height, width) * 0.026)
    ys = np.nonzero(mask.any(axis=1))[0]
    top, bottom = (int(ys[0]), int(ys[-1])) if ys.size else (0, height - 1)
    third = top + (bottom - top) / 3
    weight = np.interp(np.arange(height), [top, third, bottom], [1.0, 0.7, 0.15])
    weighted = density * weight[:, None].astype(np.float32)
    y, x = np.unravel_index(int(weighted.argmax()), weighted.shape)
    return float(x), float(y)


@dataclass(frozen=True, slots=True)
class Mass:
    """An ellipse: centre, half axes (the longer first) in pixels, and the longer one's angle in radians."""

    x: float
    y: float
    long: float
    short: float
    angle: float

    def at(self, turn: NDArray[np.float64], scale: float = 1.0) -> Path:
        """Points on the ellipse at the given angles."""
        u, v = scale * self.long * np.cos(turn), scale * self.short * np.sin(turn)
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.stack([self.x + c * u - s * v, self.y + s * u + c * v], axis=1).astype(np.float32)


def construct(
    picture: NDArray[np.uint8], mask: NDArray[np.uint8], focus: tuple[float, float], jitter: np.random.Generator
) -> list[Path]:
    """The construction's strokes, in the order in which they are drawn: those of a figure, or of a whole scene.

    `picture` uint8 [h, w, 3], `mask` uint8 [h, w] of the subject, `focus` (x, y) where the face, or the centre of
    interest, is.
    """
    wobble = max(mask.shape) * 0.0018
    if _is_scene(mask):
        return _scene(picture, focus, wobble, jitter)
    return _figure(mask, focus, wobble, jitter)


def _is_scene(mask: NDArray[np.uint8]) -> bool:
    """Whether the subject fills the picture, or runs from one side to the other."""
    share, sides = float(mask.mean()), min(float(mask[:, 0].mean()), float(mask[:, -1].mean()))
    return share > 0.85 or (share > 0.4 and sides > 0.15)


def _figure(
    mask: NDArray[np.uint8], focus: tuple[float, float], wobble: float, jitter: np.random.Generator
) -> list[Path]:
    """Head with its cross, the line of gesture, then body and limbs as ellipses with an axis, and the ground."""
    distance = _inside(mask)
    head = _head(distance, focus)
    body = _body(mask, distance, head)
    strokes = [_loop(head, 1.1, wobble, jitter), _loop(head, 0.8, wobble * 2, jitter), *_cross(head, focus)]
    if body:
        far = max(body, key=lambda mass: float(np.hypot(mass.x - head.x, mass.y - head.y)))
        large = max(body, key=lambda mass: mass.long * mass.short)
        bend = [[head.x, head.y - head.long], [head.x, head.y], [large.x, large.y]]
        if far is not large:
            bend.append([far.x, far.y])
        strokes.append(_curve(np.array(bend, np.float32), wobble, jitter))
    for mass in body:
        strokes.append(_loop(mass, 1.08, wobble, jitter))
        if mass.long > 0.08 * max(mask.shape):
            strokes.append(_axis(mass, wobble, jitter))
    return [*strokes, *_ground(mask, wobble, jitter)]


def _scene(
    picture: NDArray[np.uint8], focus: tuple[float, float], wobble: float, jitter: np.random.Generator
) -> list[Path]:
    """The horizon, where the picture changes most from one row to the next; a way to the centre of interest; thirds."""
    height, width = picture.shape[:2]
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), max(1.0, height / 60)).astype(np.float32)
    change = np.abs(np.diff(grey.mean(axis=1), prepend=grey[:1].mean()))
    low, high = height // 5, max(height // 5 + 1, height * 4 // 5)
    level = float(low + int(change[low:high].argmax())) if height > 4 else height / 2
    rise = float(jitter.uniform(-0.006, 0.006)) * height
    horizon = [[0.03 * width, level + rise], [0.5 * width, level], [0.97 * width, level - rise]]
    x, y = focus
    side = 0.12 * width if x > width / 2 else 0.88 * width
    way = [[side, 0.97 * height], [(side + x) / 2, (0.9 * height + level) / 2], [x, y]]
    size = 0.13 * min(height, width)
    centre = Mass(x, y, size * 1.15, size, float(jitter.uniform(-0.3, 0.3)))
    strokes = [_curve(np.array(horizon, np.float32), wobble, jitter), _curve(np.array(way, np.float32), wobble, jitter)]
    strokes += [_loop(centre, 1.12, wobble, jitter), _loop(centre, 0.7, wobble * 2, jitter)]
    for third in (1 / 3, 2 / 3):
        column = [[third * width, 0.05 * height], [third * width, 0.5 * height], [third * width, 0.95 * height]]
        strokes.append(_curve(np.array(column, np.float32), wobble, jitter))
    return strokes


def _inside(mask: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far each pixel is from the edge of the subject; the picture's border is no edge."""
    if mask.all():
        mask = mask.copy()
        mask[[0, -1]] = 0
        mask[:, [0, -1]] = 0
    return np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 5))


def _head(distance: NDArray[np.float32], focus: tuple[float, float]) -> Mass:
    """The largest circle near the focus, a little longer than wide."""
    height, width = distance.shape
    ys, xs = np.ogrid[0:height, 0:width]
    away = np.hypot(xs - focus[0], ys - focus[1])
    score = np.where(away <= 0.14 * max(height, width), distance - 0.6 * away, -1e6)
    y, x = np.unravel_index(int(score.argmax()), score.shape)
    side = min(height, width)
    radius = float(np.clip(distance[y, x] * 1.08, 0.06 * side, 0.24 * side))
    return Mass(float(x), float(y), radius * 1.16, radius, np.pi / 2)


def _body(mask: NDArray[np.uint8], distance: NDArray[np.float32], head: Mass, most: int = 6) -> list[Mass]:
    """Ellipses that follow the subject, largest first: each is fitted around a circle that fits inside."""
    height, width = mask.shape
    ys, xs = np.ogrid[0:height, 0:width]
    side = min(height, width)
    rest = np.minimum(distance, np.maximum(np.hypot(xs - head.x, ys - head.y) - head.long, 0))
    found: list[Mass] = []
    for _ in range(most):
        y, x = np.unravel_index(int(rest.argmax()), rest.shape)
        radius = float(rest[y, x])
        if radius < 0.035 * side:
            break
        around = np.hypot(xs - x, ys - y)
        py, px = np.nonzero((mask > 0) & (rest > 0) & (around < 1.9 * radius))
        spread = np.cov(np.stack([px, py])) + np.eye(2) * 1e-3
        values, vectors = np.linalg.eigh(spread)
        long, short = float(1.8 * np.sqrt(values[1])), float(1.8 * np.sqrt(values[0]))
        angle = float(np.arctan2(vectors[1, 1], vectors[0, 1]))
        mass = Mass(float(px.mean()), float(py.mean()), min(long, 0.34 * side), min(short, 0.26 * side), angle)
        found.append(mass)
        rest = np.minimum(rest, np.maximum(np.hypot(xs - mass.x, ys - mass.y) - 0.5 * (mass.long + mass.short), 0))
    return found


def _loop(mass: Mass, turns: float, wobble: float, jitter: np.random.Generator) -> Path:
    """An ellipse as a hand draws it: it does not quite close on itself."""
    turn = np.linspace(0, 2 * np.pi * turns, 90) + float(jitter.uniform(0, 6))
    line = mass.at(turn, float(jitter.uniform(0.97, 1.03)))
    drift = wobble * np.sin(turn * 0.8 + float(jitter.uniform(0, 6)))
    return np.asarray(line + np.stack([drift, -drift], axis=1), np.float32)


def _axis(mass: Mass, wobble: float, jitter: np.random.Generator) -> Path:
    """The line around a form's middle, which shows that it is round."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 40)
    bulge = float(jitter.uniform(0.12, 0.26))
    u, v = bulge * mass.long * np.cos(t), mass.short * np.sin(t)
    c, s = np.cos(mass.angle), np.sin(mass.angle)
    line = np.stack([mass.x + c * u - s * v, mass.y + s * u + c * v], axis=1)
    line[:, 1] += wobble * np.sin(1.3 * t)
    return line.astype(np.float32)


def _cross(head: Mass, focus: tuple[float, float]) -> list[Path]:
    """The face's axes, bent around the head towards the focus."""
    bend_x = float(np.clip(focus[0] - head.x, -0.45 * head.short, 0.45 * head.short))
    bend_y = float(np.clip(focus[1] - head.y, -0.4 * head.long, 0.4 * head.long)) + 0.08 * head.long
    t = np.linspace(-1, 1, 40)
    bulge = np.sqrt(np.maximum(1 - t**2, 0))
    down = np.stack([head.x + bend_x * bulge, head.y + head.long * t], axis=1).astype(np.float32)
    across = np.stack([head.x + head.short * t, head.y + bend_y * bulge], axis=1).astype(np.float32)
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


def _ground(mask: NDArray[np.uint8], wobble: float, jitter: np.random.Generator) -> list[Path]:
    """A line under a subject that stands inside the picture."""
    _, y, width, height = cv2.boundingRect(mask)
    foot = y + height
    if width == 0 or foot > 0.97 * mask.shape[0]:
        return []
    low = np.nonzero(mask[max(y, foot - max(2, height // 12)) : foot].any(axis=0))[0]
    left, right = float(low[0]) - 0.06 * mask.shape[1], float(low[-1]) + 0.06 * mask.shape[1]
    points = [[left, foot], [(left + right) / 2, foot + 2 * wobble], [right, foot]]
    return [_curve(np.array(points, np.float32), wobble, jitter)]
