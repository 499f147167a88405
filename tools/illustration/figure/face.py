"""The head: skin, eyes, nose, mouth. The face looks a little to the left of the picture."""

from __future__ import annotations

import cv2
from canvas import Canvas, Mask, Points, ellipse, spline

from figure.colours import (
    BLUSH,
    HAIR_DEEP,
    INK,
    INK_SOFT,
    IRIS_BOTTOM,
    IRIS_DEEP,
    IRIS_GLOW,
    IRIS_TOP,
    SKIN,
    SKIN_DEEP,
    SKIN_SHADE,
)

FACE: list = [
    (276, 330),
    (262, 420),
    (266, 500),
    (284, 572),
    (322, 632),
    (366, 674),
    (394, 688),
    (424, 676),
    (484, 624),
    (538, 548),
    (560, 470),
    (566, 380),
    (520, 260),
    (400, 230),
]
EYES = ((333, 505, 0.92), (484, 503, 1.0))
"""Centre and width (1 = full) of either eye."""


def neck(canvas: Canvas) -> None:
    outline = spline(
        [
            (364, 600, "c"),
            (370, 690),
            (348, 746, "c"),
            (390, 800),
            (466, 800),
            (520, 740, "c"),
            (486, 690),
            (492, 600, "c"),
        ]
    )
    skin = canvas.fill(outline, SKIN)
    shade = spline(
        [(350, 620, "c"), (392, 706), (436, 700), (500, 630, "c"), (496, 700), (470, 738), (420, 734), (366, 690, "c")]
    )
    canvas.fill(shade, SKIN_SHADE, 1, skin)
    canvas.soft(ellipse(430, 692, 60, 26), SKIN_DEEP, 0.5, 10, skin)
    canvas.ink(spline([(372, 668), (371, 704), (354, 742)], closed=False), 4.2, INK, (0.2, 0.3))
    canvas.ink(spline([(488, 640), (486, 694), (512, 734)], closed=False), 4.2, INK, (0.2, 0.3))
    canvas.ink(spline([(404, 752), (414, 770), (420, 790)], closed=False), 2.6, INK_SOFT, (0.3, 0.5))


def face(canvas: Canvas) -> None:
    """Skin with the fringe's shadow, blush, nose and mouth; the eyes come after it."""
    outline = spline(FACE)
    skin = canvas.fill(outline, SKIN)
    fringe_shadow = spline(
        [(240, 300, "c"), (256, 520), (284, 470, "c"), (300, 520), (330, 440, "c"), (350, 500), (382, 430, "c"),
         (410, 530), (440, 440, "c"), (488, 494), (500, 430, "c"), (540, 560), (584, 470, "c"), (580, 220, "c")]
    )  # fmt: skip
    canvas.fill(fringe_shadow, SKIN_SHADE, 1, skin)
    canvas.fill(
        spline([(560, 420, "c"), (522, 540), (470, 610), (396, 690, "c"), (470, 690), (600, 560, "c")]),
        SKIN_SHADE,
        1,
        skin,
    )
    for x, y, across in ((306, 578, 40), (506, 580, 50)):
        canvas.soft(ellipse(x, y, across, 22), BLUSH, 0.55, 13, skin)
    for x in (494, 506, 518):
        canvas.ink(spline([(x, 572), (x - 7, 588)], closed=False), 2.4, "#e0686a", (0.3, 0.5))
    for x in (292, 303, 314):
        canvas.ink(spline([(x, 570), (x - 6, 584)], closed=False), 2.2, "#e0686a", (0.3, 0.5))
    canvas.soft(ellipse(384, 560, 9, 14), "#fff6ee", 0.9, 4, skin)
    nose(canvas)
    mouth(canvas, skin)
    jaw = [
        (264, 470),
        (272, 540),
        (290, 584),
        (322, 632),
        (366, 674),
        (394, 688),
        (424, 676),
        (484, 624),
        (538, 548),
        (556, 490),
    ]
    canvas.ink(spline(jaw, closed=False), 5.2, INK, (0.2, 0.25))


def nose(canvas: Canvas) -> None:
    canvas.fill(spline([(380, 590, "c"), (394, 584), (392, 598, "c"), (384, 600)]), SKIN_DEEP, 0.8)
    canvas.ink(spline([(376, 584), (379, 592), (386, 596)], closed=False), 3.2, INK_SOFT, (0.35, 0.4))


def mouth(canvas: Canvas, skin: Mask) -> None:
    opening = spline([(362, 630, "c"), (384, 636), (418, 628, "c"), (408, 652), (388, 660), (370, 648)])
    inside = canvas.fill(opening, "#8e2f3c", 1, skin)
    canvas.fill(ellipse(388, 658, 20, 12), "#ee8b85", 1, inside)
    canvas.fill(spline([(362, 628, "c"), (418, 626, "c"), (414, 634), (386, 641), (366, 635)]), "#fffaf5", 1, inside)
    canvas.ink(
        spline([(356, 628), (366, 632), (386, 636), (408, 632), (424, 624)], closed=False), 3.8, INK, (0.2, 0.25)
    )
    canvas.ink(
        spline([(366, 642), (372, 652), (388, 660), (404, 654), (412, 640)], closed=False), 2.6, INK_SOFT, (0.35, 0.35)
    )
    canvas.ink(spline([(382, 670), (392, 672)], closed=False), 2.4, INK_SOFT, (0.4, 0.4))


def eyes(canvas: Canvas) -> None:
    for x, y, width in EYES:
        eye(canvas, x, y, width)


def eye(canvas: Canvas, x: float, y: float, width: float) -> None:
    """White, iris from dark to glowing, pupil, catch-lights, lashes, fold, brow."""

    def at(points: list[tuple]) -> list[tuple]:
        return [(x + point[0] * width, y + point[1], *point[2:]) for point in points]

    outer = 1 if x > 400 else -1
    opening = spline(at([(-45, 6, "c"), (-34, -28), (0, -46), (36, -30), (47, 6, "c"), (34, 32), (6, 44), (-26, 36)]))
    white = canvas.fill(opening, "#fffaf7")
    canvas.fill(
        spline(at([(-60, -60), (60, -60), (56, -8), (30, -24), (0, -30), (-30, -22), (-56, -4)])), "#cdb6c6", 1, white
    )
    iris_at = at([(-2 * outer - 2, 2)])[0]
    iris = canvas.mask(ellipse(iris_at[0], iris_at[1], 29 * width, 42)) & white
    canvas.gradient(iris, [(y - 40, IRIS_DEEP), (y - 16, IRIS_TOP), (y + 18, IRIS_BOTTOM), (y + 44, IRIS_GLOW)])
    pupil(canvas, iris, iris_at[0], iris_at[1], width)
    ring = cv2.subtract(iris, cv2.erode(iris, None, iterations=7))
    canvas.paint(ring, IRIS_DEEP, 0.9)
    canvas.soft(spline(at([(-50, -50), (50, -50), (44, -22), (0, -32), (-44, -20)])), IRIS_DEEP, 0.75, 4, white)
    for dx, dy, across, down, strength in ((-12, -20, 10, 13, 1.0), (13, 20, 6, 7, 0.95), (-16, 6, 3.4, 4.2, 0.8)):
        spot = at([(dx, dy)])[0]
        canvas.fill(ellipse(spot[0], spot[1], across * width, down, -18), "#ffffff", strength, white)
    lashes(canvas, at, outer)


def pupil(canvas: Canvas, iris: Mask, x: float, y: float, width: float) -> None:
    canvas.fill(ellipse(x, y - 2, 12 * width, 18), IRIS_DEEP, 1, iris)
    canvas.soft(ellipse(x, y + 26, 19 * width, 13), IRIS_GLOW, 0.9, 3, iris)
    for turn in (-50, -25, 0, 25, 50):
        ray: Points = spline([(x + turn * 0.24 * width, y + 12), (x + turn * 0.42 * width, y + 36)], closed=False)
        canvas.ink(ray, 2.2, IRIS_TOP, (0.2, 0.8))


def lashes(canvas: Canvas, at, outer: int) -> None:  # noqa: ANN001 - a local function of the eye
    near, far = (47, -47) if outer > 0 else (-47, 47)
    upper = [
        (far * 0.94, -8),
        (far * 0.72, -29),
        (far * 0.1, -47),
        (near * 0.7, -34),
        (near * 1.06, 4),
        (near * 1.16, 2),
    ]
    canvas.ink(spline(at(upper), closed=False), 10.5, INK, (0.25, 0.12))
    for points, thick in (
        ([(near * 0.74, -34), (near * 1.12, -32), (near * 1.3, -44)], 5.5),
        ([(near * 0.96, -14), (near * 1.24, -14), (near * 1.4, -22)], 5.0),
    ):
        canvas.ink(spline(at(points), closed=False), thick, INK, (0.05, 0.9))
    lower = [(far * 0.5, 40), (0, 46), (near * 0.6, 36), (near * 0.98, 14)]
    canvas.ink(spline(at(lower), closed=False), 3.6, INK_SOFT, (0.5, 0.25))
    canvas.ink(spline(at([(near * 0.72, 30), (near * 1.0, 32)]), closed=False), 2.8, INK, (0.1, 0.9))
    fold = [(far * 0.62, -50), (0, -64), (near * 0.7, -54)]
    canvas.ink(spline(at(fold), closed=False), 2.6, INK_SOFT, (0.4, 0.4))


def brows(canvas: Canvas) -> None:
    """Drawn over the fringe, as the style has it."""
    canvas.ink(spline([(292, 428), (322, 412), (362, 418)], closed=False), 7, HAIR_DEEP, (0.3, 0.5))
    canvas.ink(spline([(448, 418), (494, 408), (532, 424)], closed=False), 7, HAIR_DEEP, (0.5, 0.3))
