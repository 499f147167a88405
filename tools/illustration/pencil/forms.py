"""The forms of the still life: where they are, how dark they are in the light from the upper left, their outlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from canvas import Points, ellipse, spline
from numpy.typing import NDArray

Map = NDArray[np.float32]

LIGHT = np.array([-0.55, -0.52, 0.65])


@dataclass
class Form:
    """`inside` bool [h, w], `tone` float32 [h, w] 0 (paper) .. 1 (darkest), `contours` lines that are drawn."""

    inside: NDArray[np.bool_]
    tone: Map
    contours: list[Points]


def lit(normal_x: Map, normal_y: Map, normal_z: Map, own: float) -> Map:
    """Tone of a surface: light, half-tone, core shadow, and light thrown back into the shadow."""
    light = normal_x * LIGHT[0] + normal_y * LIGHT[1] + normal_z * LIGHT[2]
    thrown_back = 0.28 * np.clip(normal_x * 0.75 + normal_y * 0.5, 0, 1) ** 3
    return np.asarray(np.clip(own + 0.62 * (1 - np.clip(light * 1.15 + 0.12, 0, 1)) - thrown_back, 0, 1), np.float32)


def turned(h: int, w: int, axis: float, profile: list[tuple[float, float]], own: float) -> Form:
    """A body turned on a wheel: `profile` is (y, radius) from the top down."""
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    curve = spline([(y, radius) for y, radius in profile], closed=False)
    radius = np.interp(np.arange(h), curve[:, 0], curve[:, 1], left=0, right=0).astype(np.float32)
    radius = cv2.GaussianBlur(radius[:, None], (1, 9), 0)[:, 0]
    slope = np.gradient(radius)[:, None]
    across = (columns - axis) / np.maximum(radius[:, None], 1e-3)
    top, bottom = profile[0][0], profile[-1][0]
    dip = 0.16 * radius[int(bottom) - 2] * np.sqrt(np.clip(1 - across**2, 0, 1))
    inside = (np.abs(across) < 1) & (rows > top) & (rows < bottom - profile[-1][1] * 0.0 + dip)
    depth = np.sqrt(np.clip(1 - across**2, 0, 1))
    length = np.sqrt(1 + slope**2)
    tone = lit(across / length, -slope / length, depth / length, own)
    left = np.stack([axis - curve[:, 1], curve[:, 0]], axis=1)
    right = np.stack([axis + curve[:, 1], curve[:, 0]], axis=1)
    foot = profile[-1][1]
    base = ellipse(axis, bottom, foot, foot * 0.16)[:49]
    return Form(inside, tone, [left, right, base])


def ball(h: int, w: int, x: float, y: float, radius: float, own: float, squash: float = 0.92) -> Form:
    """An apple: a ball, a little flat, with a dimple for the stalk."""
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    across, down = (columns - x) / radius, (rows - y) / (radius * squash)
    apart = across**2 + down**2
    depth = np.sqrt(np.clip(1 - apart, 0, 1))
    tone = lit(across, down, depth, own)
    dimple = np.exp(
        -(((columns - x - radius * 0.08) / (radius * 0.30)) ** 2 + ((rows - y + radius * 0.62) / (radius * 0.13)) ** 2)
    )
    tone = np.clip(tone + 0.5 * dimple * np.clip(0.6 - down, 0, 1), 0, 1)
    shine = np.exp(-(((across + 0.38) / 0.16) ** 2 + ((down + 0.40) / 0.13) ** 2))
    tone = np.asarray(tone * (1 - 0.95 * shine), np.float32)
    outline = ellipse(x, y, radius, radius * squash)
    stalk = spline(
        [
            (x + radius * 0.06, y - radius * 0.62),
            (x + radius * 0.10, y - radius * 0.9),
            (x + radius * 0.26, y - radius * 1.14),
        ],
        closed=False,
    )
    hollow = ellipse(x + radius * 0.08, y - radius * 0.62, radius * 0.24, radius * 0.07)[4:44]
    return Form(apart < 1, tone, [np.concatenate([outline, outline[:4]]), stalk, stalk + np.array([2.5, 0.5]), hollow])


def handle(h: int, w: int, path: Points, thick: float) -> Form:
    """A bent tube along a path."""
    line = np.full((h, w), 255, np.uint8)
    cv2.polylines(line, [np.round(path).astype(np.int32)], False, 0, 1)
    way = cv2.distanceTransform(line, cv2.DIST_L2, 5)
    soft = cv2.GaussianBlur(way, (0, 0), 1.5)
    gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    length = np.maximum(np.hypot(gx, gy), 1e-6)
    rim = np.clip(way / thick, 0, 1)
    tone = lit(gx / length * rim, gy / length * rim, np.sqrt(1 - rim**2), 0.10)
    along = np.gradient(path, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-6)
    return Form(way < thick, tone, [path + normal * thick, path - normal * thick])


def shadow(h: int, w: int, x: float, y: float, across: float, down: float, blur: float) -> Map:
    """A cast shadow on the table: darkest below the thing, softer away from it."""
    mask = np.zeros((h, w), np.float32)
    cv2.fillPoly(mask, [np.round(ellipse(x, y, across, down, 4)).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), blur), np.float32)
