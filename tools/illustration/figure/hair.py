"""A bob with a fringe: what hangs behind, what falls over the face, its shadows, light and lines."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Canvas, Mask, Point, ellipse, spline

from figure.colours import HAIR, HAIR_DEEP, HAIR_LIGHT, HAIR_SHADE, INK, RIM

BACK: list = [
    (408, 161),
    (296, 179),
    (214, 246),
    (178, 343),
    (176, 470),
    (162, 580),
    (140, 668, "c"),
    (196, 664),
    (204, 702, "c"),
    (262, 676),
    (290, 716, "c"),
    (340, 660),
    (420, 640),
    (520, 660),
    (556, 716, "c"),
    (600, 676),
    (646, 704, "c"),
    (652, 660),
    (704, 664, "c"),
    (668, 580),
    (660, 450),
    (648, 334),
    (604, 241),
    (520, 179),
]
TOP: list = [
    (410, 157),
    (294, 177),
    (214, 243),
    (182, 343),
    (184, 450),
    (178, 560),
    (160, 640, "c"),
    (214, 604),
    (226, 668, "c"),
    (262, 590),
    (270, 500),
    (282, 432, "c"),
    (282, 474),
    (290, 512, "c"),
    (314, 456),
    (332, 404, "c"),
    (328, 450),
    (336, 486, "c"),
    (364, 440),
    (386, 393, "c"),
    (384, 452),
    (394, 520, "c"),
    (424, 452),
    (436, 397, "c"),
    (446, 442),
    (474, 480, "c"),
    (488, 432),
    (492, 387, "c"),
    (516, 424),
    (546, 470),
    (556, 560),
    (584, 660, "c"),
    (614, 600),
    (648, 650, "c"),
    (652, 560),
    (650, 440),
    (642, 334),
    (600, 236),
    (520, 177),
]
PARTING = (424, 164)


def back_hair(canvas: Canvas) -> None:
    outline = spline(BACK)
    hair = canvas.fill(outline, HAIR_SHADE)
    canvas.soft(ellipse(420, 640, 190, 120), HAIR_DEEP, 0.9, 26, hair)
    canvas.outline(outline, 5.5, INK)
    for strand in (
        [(214, 560), (206, 620), (196, 662)],
        [(250, 600), (258, 640), (262, 674)],
        [(590, 600), (594, 640), (600, 674)],
        [(632, 560), (642, 610), (652, 658)],
    ):
        canvas.ink(spline(strand, closed=False), 3.4, INK, (0.6, 0.1))


def front_hair(canvas: Canvas) -> None:
    outline = spline(TOP)
    hair = canvas.fill(outline, HAIR)
    shadows(canvas, hair)
    shine(canvas, hair)
    rim_light(canvas, hair)
    lines(canvas)
    canvas.outline(outline, 5.5, INK)
    stray_hairs(canvas)


def shadows(canvas: Canvas, hair: Mask) -> None:
    """Cels along the tips of the locks and at the side away from the light."""
    for shade in (
        [(664, 277, "c"), (606, 343), (592, 440), (606, 560), (576, 620, "c"), (590, 700), (680, 680, "c")],
        [(556, 470, "c"), (536, 400), (540, 343, "c"), (576, 420), (590, 560), (582, 650, "c"), (560, 570)],
        [(440, 400, "c"), (462, 434), (474, 482, "c"), (490, 432), (492, 387, "c"), (484, 420, "c")],
        [(388, 397, "c"), (408, 440), (394, 522, "c"), (426, 452), (436, 397, "c"), (424, 420, "c")],
        [(333, 406, "c"), (344, 440), (336, 488, "c"), (366, 440), (386, 393, "c"), (366, 420, "c")],
        [(283, 434, "c"), (294, 460), (290, 514, "c"), (316, 456), (332, 404, "c"), (312, 436, "c")],
        [(180, 470, "c"), (206, 540), (196, 610), (158, 644, "c")],
        [(226, 668, "c"), (264, 590), (272, 500), (270, 440, "c"), (250, 500), (240, 560)],
    ):
        canvas.fill(spline(shade), HAIR_SHADE, 1, hair)
    canvas.soft(ellipse(640, 420, 60, 230), HAIR_DEEP, 0.55, 22, hair)
    canvas.soft(ellipse(420, 168, 120, 30), HAIR_DEEP, 0.25, 16, hair)


def shine(canvas: Canvas, hair: Mask) -> None:
    """The ring of light around the head, broken by strands of uneven length."""
    strands = np.random.default_rng(3)
    upper = [(236, 298), (270, 274), (340, 251), (424, 243), (504, 254), (560, 284)]
    teeth: list[Point] = [(222, 333, "c"), *upper, (592, 331, "c")]
    x = 580.0
    while x > 240:
        rise = 40 * np.cos((x - 415) / 190 * 1.2)
        depth = strands.uniform(28, 62)
        teeth.append((x - 6, 325 - rise + depth, "c"))
        x -= strands.uniform(13, 34)
        teeth.append((x + 5, 318 - rise + strands.uniform(-14, 10), "c"))
    band = canvas.mask(spline(teeth, density=6)) & hair
    canvas.paint(band, HAIR_LIGHT, 0.8)
    core = spline([*[(x, y + 15) for x, y in upper[1:-1]], (500, 287), (420, 274), (330, 282)])
    canvas.fill(core, "#b9e3da", 0.8, band)
    canvas.soft(ellipse(330, 240, 120, 50), "#bfe0e6", 0.35, 30, hair)


def rim_light(canvas: Canvas, hair: Mask) -> None:
    """The evening sky from behind, on the left."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
    edge = cv2.subtract(hair, cv2.erode(hair, kernel))
    side = canvas.mask(
        spline([(120, 195, "c"), (300, 146, "c"), (244, 261), (212, 351), (206, 480), (160, 660, "c"), (100, 600, "c")])
    )
    canvas.paint(edge & side, RIM, 0.85)


def lines(canvas: Canvas) -> None:
    """From the tips upwards, lost half way to the parting; a few short ones at the parting."""
    for strand, thick in (
        ([(282, 432), (284, 359), (330, 261)], 4.2),
        ([(332, 404), (338, 334), (380, 244)], 4.2),
        ([(386, 393), (392, 326), (416, 252)], 4.0),
        ([(436, 397), (438, 334), (436, 269)], 3.8),
        ([(492, 387), (486, 318), (464, 244)], 4.2),
        ([(552, 470), (546, 367), (510, 252)], 4.4),
        ([(232, 660), (240, 560), (238, 420), (262, 318)], 3.8),
        ([(196, 610), (206, 500), (204, 400), (220, 334)], 3.4),
        ([(252, 590), (258, 500), (254, 400)], 2.6),
        ([(590, 646), (602, 540), (594, 420), (566, 318)], 3.8),
        ([(640, 620), (634, 520), (628, 400), (604, 310)], 3.4),
        ([(616, 590), (620, 500), (612, 400)], 2.6),
        ([(306, 440), (312, 392), (330, 351)], 2.2),
        ([(410, 450), (412, 400), (418, 359)], 2.2),
        ([(466, 440), (464, 400), (458, 359)], 2.2),
    ):
        canvas.ink(spline(strand, closed=False), thick, INK, (0.02, 0.8))
    x, y = PARTING
    for strand in (
        [(x, y), (x - 22, y + 40), (x - 40, y + 90)],
        [(x, y), (x + 2, y + 36), (x + 2, y + 80)],
        [(x, y), (x + 30, y + 36), (x + 56, y + 84)],
        [(x, y), (x - 70, y + 36), (x - 120, y + 90)],
        [(x, y), (x + 80, y + 32), (x + 130, y + 90)],
    ):
        canvas.ink(spline(strand, closed=False), 3.0, INK, (0.1, 0.8))


def stray_hairs(canvas: Canvas) -> None:
    """A lock that will not lie down, and single hairs at the sides."""
    lock = spline([(408, 164, "c"), (398, 134), (356, 110), (300, 108, "c"), (350, 123), (376, 146), (384, 167, "c")])
    hair = canvas.fill(lock, HAIR)
    canvas.fill(spline([(408, 164, "c"), (392, 138), (352, 113), (384, 147), (396, 167, "c")]), HAIR_SHADE, 1, hair)
    canvas.outline(lock, 4.4, INK)
    canvas.paint(canvas.mask(ellipse(396, 170, 17, 7)), HAIR)
    for strand in ([(184, 384), (164, 440), (158, 500)], [(650, 392), (672, 450), (674, 510)]):
        canvas.ink(spline(strand, closed=False), 4.0, INK, (0.05, 0.9))
