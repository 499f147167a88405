"""The still life from the table's edge to the darkest accents."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import colour, ellipse, spline
from numpy.typing import NDArray

from pencil.forms import Form, ball, handle, shadow, turned
from pencil.hatching import Map, Paper

WIDTH, HEIGHT = 720, 900
"""Of the sheet that is drawn on."""
SIZE = 640, 800
"""Of the picture, width and height."""
TABLE = 560
JUG = [(196, 74), (214, 70), (250, 58), (300, 62), (380, 112), (470, 142), (560, 138), (640, 104), (682, 84)]
PASSES = (
    (0.16, 0.86, 5.0, 0.36),
    (0.28, 0.92, 4.5, 0.36),
    (0.40, 0.74, 4.5, 0.40),
    (0.52, -0.72, 4.5, 0.44),
    (0.62, 0.30, 4.0, 0.48),
    (0.72, 1.35, 3.5, 0.56),
)
"""Threshold of the tone, direction in radians, gap in pixels, weight: from the first light hatching to the darks."""


def draw() -> NDArray[np.uint8]:
    """uint8 [800, 640, 3] RGB."""
    random = np.random.default_rng(9)
    paper = Paper(HEIGHT, WIDTH, random)
    forms = still_life()
    tone = tones(forms)
    for threshold, angle, gap, weight in PASSES:
        paper.hatch(tone, threshold, angle, gap, weight)
    hidden = np.zeros((HEIGHT, WIDTH), bool)
    for form in reversed(forms):
        contours(paper, form, hidden)
        hidden |= form.inside
    table(paper, hidden)
    return np.asarray(cv2.resize(on_paper(paper), SIZE, interpolation=cv2.INTER_AREA))


def still_life() -> list[Form]:
    """From back to front."""
    bent = spline([(402, 262), (470, 250), (516, 300), (508, 392), (462, 452)], closed=False)
    return [
        handle(HEIGHT, WIDTH, bent, 13),
        turned(HEIGHT, WIDTH, 340, [(y, radius) for y, radius in JUG], 0.16),
        ball(HEIGHT, WIDTH, 530, 640, 84, 0.30),
        ball(HEIGHT, WIDTH, 190, 690, 92, 0.22),
        ball(HEIGHT, WIDTH, 356, 744, 76, 0.40),
    ]


def tones(forms: list[Form]) -> Map:
    """What the eye measures: ground, cast shadows, then each form over what is behind it."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    wall = 0.20 + 0.34 * np.clip((columns / WIDTH - 0.35), 0, 1) + 0.12 * rows / HEIGHT
    edge = np.minimum(np.minimum(columns - 40, WIDTH - 40 - columns), np.minimum(rows - 60, HEIGHT - 50 - rows))
    tone = np.where(rows < TABLE, wall, 0.14).astype(np.float32)
    for x, y, across, down, blur, dark in (
        (430, 700, 160, 34, 10, 0.55),
        (608, 700, 100, 22, 8, 0.6),
        (276, 762, 110, 22, 8, 0.6),
        (432, 806, 96, 18, 7, 0.62),
        (350, 690, 90, 16, 4, 0.3),
    ):
        tone = np.maximum(tone, tone + dark * shadow(HEIGHT, WIDTH, x, y, across, down, blur))
    for form in forms:
        tone = np.where(form.inside, form.tone, tone).astype(np.float32)
    mouth = cv2.fillPoly(np.zeros((HEIGHT, WIDTH), np.uint8), [np.round(ellipse(340, 198, 66, 10)).astype(np.int32)], 1)
    tone = np.where(mouth > 0, 0.74 - 0.4 * (columns - 274) / 132, tone)
    return np.asarray(np.clip(tone, 0, 0.95) * np.clip(edge / 70 + 0.4, 0, 1), np.float32)


def contours(paper: Paper, form: Form, hidden: NDArray[np.bool_]) -> None:
    """Outlines where nothing stands before them; heavier on the side away from the light."""
    for path in form.contours:
        xs = np.clip(path[:, 0].astype(int), 0, WIDTH - 1)
        ys = np.clip(path[:, 1].astype(int), 0, HEIGHT - 1)
        seen = ~hidden[ys, xs]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            for first in range(begin, end, 26):
                part = path[first : min(end, first + 30)]
                dark = 0.45 + 0.45 * float(
                    np.clip((part[:, 0].mean() / WIDTH + part[:, 1].mean() / HEIGHT) - 0.5, 0, 1)
                )
                paper.outline(part, dark, 1.0, 3)


def table(paper: Paper, hidden: NDArray[np.bool_]) -> None:
    """The table's edge, the jug's rim and a band of glaze."""
    for left, right in ((36, 196), (486, 690)):
        path = np.stack([np.linspace(left, right, 40), np.full(40, TABLE) + np.linspace(0, -3, 40)], axis=1)
        keep = ~hidden[path[:, 1].astype(int), path[:, 0].astype(int)]
        paper.outline(path[keep], 0.6, 1.0, 2)
    for rim in (ellipse(340, 198, 74, 13), ellipse(340, 198, 66, 10)):
        paper.outline(np.concatenate([rim, rim[:6]]), 0.7, 1.0, 3)
    for y, radius in ((404, 122), (416, 127)):
        paper.outline(ellipse(340, y, radius, radius * 0.15)[2:46], 0.4, 1.0, 2)
    for x in range(232, 450, 24):
        sag = 0.15 * 124 * np.sqrt(max(0.0, 1 - ((x - 340) / 124) ** 2))
        leaf = spline([(x - 8, 411 + sag), (x, 405 + sag), (x + 8, 411 + sag), (x, 417 + sag)])
        paper.outline(np.concatenate([leaf, leaf[:3]]), 0.4, 1.0, 2)


def on_paper(paper: Paper) -> NDArray[np.uint8]:
    """Warm white paper, graphite that never gets quite black."""
    cover = (1 - np.exp(-1.25 * paper.graphite))[..., None]
    sheet = colour("#f7f4ec")
    return np.clip(np.round(sheet + (colour("#34343a") - sheet) * cover), 0, 255).astype(np.uint8)
