"""The evening sky and the hills below it."""

from __future__ import annotations

import cv2
import numpy as np
from canvas import Canvas, ellipse, spline


def sky(canvas: Canvas) -> None:
    everything = np.full(canvas.pixels.shape[:2], 255, np.uint8)
    canvas.gradient(
        everything, [(0, "#23265a"), (330, "#4a4d92"), (640, "#a27bb0"), (860, "#f0a79a"), (1000, "#ffd9a8")]
    )
    canvas.soft(ellipse(216, 262, 170, 170), "#cfc6f2", 0.45, 46)
    moon = canvas.fill(ellipse(216, 262, 128, 128), "#fff6dc")
    canvas.fill(ellipse(262, 250, 128, 132), "#fffdf2", 0.75, moon)
    for x, y, r in ((160, 222, 24), (196, 318, 32), (150, 288, 12), (252, 208, 15), (262, 300, 10)):
        canvas.fill(ellipse(x, y, r, r * 0.9), "#ecdcbf", 0.85, moon)
    for x, y, r in STARS:
        star(canvas, x, y, r)
    cloud(canvas, [(-30, 520), (60, 470), (130, 492), (190, 448), (280, 470), (330, 520), (250, 545), (90, 552)], 0.75)
    cloud(
        canvas, [(640, 300), (720, 262), (800, 276), (870, 236), (980, 262), (1060, 300), (960, 326), (760, 330)], 0.5
    )
    cloud(canvas, [(700, 560), (800, 520), (880, 536), (960, 500), (1060, 540), (1060, 590), (860, 590)], 0.7)


STARS = (
    (420, 92, 7), (560, 58, 5), (700, 120, 8), (840, 80, 6), (940, 160, 7), (90, 92, 6), (330, 60, 4), (960, 400, 5),
    (880, 190, 4), (60, 400, 5), (640, 200, 4), (770, 190, 5), (110, 620, 4), (370, 140, 4), (985, 60, 4), (30, 200, 4),
)  # fmt: skip


def star(canvas: Canvas, x: float, y: float, r: float) -> None:
    turn = np.arange(8) * np.pi / 4 - np.pi / 2
    reach = np.where(np.arange(8) % 2 == 0, r * 1.7, r * 0.45)
    canvas.soft(ellipse(x, y, r, r), "#fff3c9", 0.5, r * 0.8)
    canvas.fill(np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], axis=1), "#fffbe6")


def cloud(canvas: Canvas, points: list[tuple[float, float]], opacity: float) -> None:
    shape = canvas.fill(spline(points), "#e9b6c6", opacity)
    lit = spline([(x, y + 16) for x, y in points])
    canvas.paint(cv2.bitwise_and(shape, cv2.bitwise_not(canvas.mask(lit))), "#fbdcd6", opacity)


def hills(canvas: Canvas) -> None:
    far = spline([(-20, 880), (150, 800), (330, 860), (560, 790), (800, 850), (1050, 780), (1050, 1300), (-20, 1300)])
    canvas.fill(far, "#8f6fa3")
    middle = [(-20, 980), (140, 920), (380, 985), (640, 930), (860, 960), (1050, 900), (1050, 1300), (-20, 1300)]
    mask = canvas.fill(spline(middle), "#62568f")
    canvas.soft(ellipse(880, 930, 240, 40), "#9c7db4", 0.7, 26, mask)
    for x, y, size in ((30, 982, 34), (84, 962, 44), (905, 956, 46), (960, 940, 58), (1008, 926, 40), (868, 966, 28)):
        tree(canvas, x, y, size)
    house(canvas, 800, 948)
    near = spline([(-20, 1110), (200, 1040), (520, 1120), (800, 1060), (1050, 1040), (1050, 1300), (-20, 1300)])
    mask = canvas.fill(near, "#3d3c6e")
    canvas.soft(spline([(600, 1090), (820, 1056), (1050, 1036), (1050, 1070), (820, 1100)]), "#6a66a6", 0.8, 12, mask)
    for x in range(6, 1024, 23):
        grass(canvas, x + (x * 7) % 11, near_height(x), 16 + (x * 13) % 17)


def near_height(x: float) -> float:
    return float(np.interp(x, [0, 200, 520, 800, 1024], [1102, 1044, 1118, 1064, 1044])) + 10


def grass(canvas: Canvas, x: float, y: float, size: float) -> None:
    for lean in (-0.5, 0.0, 0.5):
        blade = spline([(x, y), (x + lean * size * 0.4, y - size * 0.6), (x + lean * size, y - size)], closed=False)
        canvas.ink(blade, 4, "#3d3c6e", (0.0, 0.9))


def tree(canvas: Canvas, x: float, y: float, size: float) -> None:
    crown = [(x, y - size * 2.4, "c"), (x + size * 0.55, y - size * 0.9), (x + size * 0.62, y - size * 0.1, "c"),
             (x - size * 0.62, y - size * 0.1, "c"), (x - size * 0.55, y - size * 0.9)]  # fmt: skip
    mask = canvas.fill(spline(crown), "#454277")
    canvas.fill(spline([(px - size * 0.3, py + 5, *rest) for px, py, *rest in crown]), "#5a568f", 1.0, mask)
    canvas.ink(np.array([[x, y - size * 0.15], [x, y + size * 0.22]]), size * 0.2, "#38345f", (0, 0))


def house(canvas: Canvas, x: float, y: float) -> None:
    canvas.fill(np.array([(x - 24, y - 26), (x + 24, y - 26), (x + 24, y + 12), (x - 24, y + 12)], float), "#4b4576")
    canvas.fill(np.array([(x - 32, y - 24), (x, y - 54), (x + 32, y - 24)], float), "#37335f")
    canvas.soft(ellipse(x, y - 6, 22, 18), "#ffcf7a", 0.8, 10)
    canvas.fill(np.array([(x - 9, y - 16), (x + 9, y - 16), (x + 9, y + 4), (x - 9, y + 4)], float), "#ffdf91")


def stroke_in_the_sky(canvas: Canvas) -> None:
    """The glowing stroke that the brush leaves in the sky, behind everything near."""
    stroke = spline(
        [(884, 452), (918, 380), (900, 312), (846, 300), (816, 346), (842, 394), (900, 396), (960, 350), (984, 280)],
        closed=False,
        density=30,
    )
    canvas.ink(stroke, 40, "#f0687a", (0.3, 0.5))
    canvas.ink(stroke - np.array([3, 8]), 14, "#ffb3a6", (0.4, 0.6))
    canvas.ink(stroke + np.array([5, 11]), 7, "#c23f63", (0.4, 0.6))
    for x, y, r in ((800, 430, 6), (960, 440, 7), (780, 280, 5), (940, 240, 6)):
        star(canvas, x, y, r)
