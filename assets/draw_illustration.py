"""Draw the project's own illustration: a fox who paints the evening sky.

    python assets/draw_illustration.py [FILE]      default: assets/illustration.png

1024 x 1280 pixels: line art, flats, hard and soft shade, details, highlights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from drawing import Canvas, Points, ellipse, mirrored, spline

WIDTH, HEIGHT = 1024, 1280
AXIS = 500.0

INK = "#3a2230"
ORANGE, ORANGE_SHADE, ORANGE_LIGHT = "#ee8a3c", "#c8602f", "#ffb066"
CREAM, CREAM_SHADE = "#fff2df", "#e3c4b4"
DARK, DARK_SHADE = "#5b3136", "#43232c"
SMOCK, SMOCK_SHADE, SMOCK_LIGHT = "#5b6bb5", "#43498c", "#8494d8"
SCARF, SCARF_SHADE, SCARF_LIGHT = "#2f9c95", "#1f716f", "#6fcabd"
GOLD, WOOD, WOOD_SHADE = "#f6c453", "#b9804f", "#8d5a3a"


def draw() -> np.ndarray:
    """uint8 [1280, 1024, 3] RGB."""
    canvas = Canvas(WIDTH, HEIGHT)
    sky(canvas)
    hills(canvas)
    tail(canvas)
    stroke_in_the_sky(canvas)
    smock(canvas)
    scarf(canvas)
    ears(canvas)
    head(canvas)
    face(canvas)
    arm_with_brush(canvas)
    palette(canvas)
    return canvas.result()


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


def tail(canvas: Canvas) -> None:
    outline = spline([(330, 1300, "c"), (190, 1235), (90, 1120), (48, 980), (60, 850), (92, 750), (150, 660), (232, 596, "c"),
                      (222, 664), (236, 720, "c"), (252, 740), (270, 740, "c"), (262, 810), (260, 900), (268, 1010), (306, 1100),
                      (400, 1200, "c")])  # fmt: skip
    mask = canvas.fill(outline, ORANGE)
    tip = spline([(20, 560), (300, 560), (300, 830, "c"), (250, 862), (232, 900, "c"), (200, 852), (178, 905, "c"),
                  (140, 850), (110, 895, "c"), (88, 845), (20, 870, "c")])  # fmt: skip
    canvas.fill(tip, CREAM, 1.0, mask)
    shade = spline([(20, 700), (110, 800), (98, 980), (150, 1110), (260, 1220), (420, 1300), (0, 1300), (0, 900)])
    canvas.fill(shade, ORANGE_SHADE, 1.0, cv2.bitwise_and(mask, cv2.bitwise_not(canvas.mask(tip))))
    canvas.fill(shade, CREAM_SHADE, 1.0, cv2.bitwise_and(mask, canvas.mask(tip)))
    canvas.soft(ellipse(228, 980, 40, 130, -8), ORANGE_LIGHT, 0.75, 22, mask)
    canvas.outline(outline, 6.5, INK)
    for points in (
        [(88, 1010), (104, 1076), (142, 1140)],
        [(150, 940), (160, 1030), (196, 1104)],
        [(214, 930), (214, 1000), (236, 1064)],
    ):
        canvas.ink(spline(points, closed=False), 4.5, "#9a4427", (0.4, 0.6))
    for points in ([(120, 846), (140, 780), (178, 716)], [(186, 836), (200, 780), (222, 736)]):
        canvas.ink(spline(points, closed=False), 4, "#b98f84", (0.3, 0.7))


BODY = spline([(392, 720), (318, 764), (252, 850), (222, 980), (214, 1140), (206, 1300, "c"), (806, 1300, "c"),
               (790, 1140), (776, 980), (742, 856), (676, 764), (606, 720)])  # fmt: skip


def smock(canvas: Canvas) -> None:
    mask = canvas.fill(BODY, SMOCK)
    canvas.fill(
        spline([(200, 860), (300, 850), (296, 960), (330, 1100), (318, 1300), (150, 1300)]), SMOCK_SHADE, 1, mask
    )
    under = [(330, 730), (500, 810), (690, 730), (700, 806), (610, 850), (500, 868), (390, 850), (300, 810)]
    canvas.fill(spline(under), SMOCK_SHADE, 1, mask)
    for fold in (
        [(560, 1300, "c"), (548, 1180), (566, 1060, "c"), (580, 1180), (604, 1300, "c")],
        [(690, 1300, "c"), (676, 1180), (700, 1020, "c"), (712, 1180), (742, 1300, "c")],
        [(420, 1300, "c"), (426, 1200), (402, 1090, "c"), (394, 1200), (372, 1300, "c")],
    ):
        canvas.fill(spline(fold), SMOCK_SHADE, 0.9, mask)
    canvas.soft(ellipse(640, 960, 46, 150, -6), SMOCK_LIGHT, 0.6, 30, mask)
    canvas.soft(ellipse(736, 1000, 18, 150, -4), "#c7a6d8", 0.5, 16, mask)
    canvas.outline(BODY, 7, INK)
    canvas.ink(spline([(500, 866), (504, 1080), (500, 1290)], closed=False), 4.5, INK, (0.1, 0.0))
    for y in (930, 1020, 1110):
        button(canvas, 526, y)
    for points in ([(566, 1060), (548, 1180), (560, 1290)], [(700, 1022), (676, 1180), (688, 1290)], [(402, 1092), (426, 1200), (420, 1290)],
                   [(300, 900), (322, 940), (330, 990)], [(690, 900), (672, 938), (668, 985)]):  # fmt: skip
        canvas.ink(spline(points, closed=False), 4.5, INK, (0.5, 0.3))
    for x, y, r, paint in ((600, 1040, 15, "#f0687a"), (628, 1066, 8, "#f6c453"), (590, 1076, 7, "#6fcabd"),
                           (440, 1130, 13, "#f6c453"), (418, 1158, 7, "#f0687a"), (660, 1180, 10, "#6fcabd")):  # fmt: skip
        canvas.fill(spline([(x - r, y), (x, y - r * 0.8), (x + r, y + r * 0.2), (x + r * 0.1, y + r * 0.9)]), paint)


def button(canvas: Canvas, x: float, y: float) -> None:
    mask = canvas.fill(ellipse(x, y, 14, 14), GOLD)
    canvas.fill(ellipse(x + 4, y + 6, 14, 13), "#cf8f3a", 1, mask)
    canvas.fill(ellipse(x - 4, y - 5, 4, 3), "#fff4cf")
    canvas.outline(ellipse(x, y, 14, 14), 4, INK)


EAR: list = [(352, 420, "c"), (306, 318), (290, 214), (304, 126, "c"), (372, 172), (436, 246), (478, 330, "c")]
INNER_EAR: list = [
    (362, 372, "c"),
    (330, 300),
    (320, 226),
    (324, 178, "c"),
    (366, 222),
    (404, 272),
    (430, 330, "c"),
    (400, 322),
    (392, 350, "c"),
    (376, 338),
]
EAR_TIP: list = [
    (260, 240),
    (318, 226, "c"),
    (330, 208),
    (346, 232, "c"),
    (362, 200),
    (386, 222, "c"),
    (420, 160),
    (320, 90),
]


def ears(canvas: Canvas) -> None:
    for side in (list, lambda points: mirrored(points, AXIS)):
        outline = spline(side(EAR))
        mask = canvas.fill(outline, ORANGE)
        canvas.fill(spline(side(EAR_TIP)), DARK, 1, mask)
        inner = canvas.fill(spline(side(INNER_EAR)), "#f3b7a4", 1, mask)
        canvas.soft(ellipse(*side([(384, 344)])[0], 50, 62), "#c96f6c", 0.75, 18, inner)
        canvas.outline(outline, 7, INK)
        for fur in (
            [(380, 350), (362, 306), (352, 252)],
            [(398, 338), (388, 296), (370, 256)],
            [(414, 332), (410, 304), (398, 280)],
        ):
            canvas.ink(spline(side(fur) if side is list else side(fur)[::-1], closed=False), 6, CREAM, (0.05, 0.9))


RIGHT_HALF: list = [
    (500, 296),
    (560, 302),
    (622, 330),
    (676, 388),
    (706, 458),
    (730, 520),
    (782, 566, "c"),
    (742, 574),
    (764, 628, "c"),
    (712, 622),
    (708, 672, "c"),
    (652, 668),
    (584, 704),
    (500, 722),
]
HEAD = spline([*RIGHT_HALF, *mirrored(RIGHT_HALF[1:-1], AXIS)])


def head(canvas: Canvas) -> None:
    mask = canvas.fill(HEAD, ORANGE)
    cheeks = _cheeks()
    for cheek in cheeks:
        canvas.fill(cheek, CREAM, 1, mask)
    cream = canvas.union(*cheeks) & mask
    orange = cv2.bitwise_and(mask, cv2.bitwise_not(cream))
    side = spline(
        [(180, 250), (330, 400), (346, 470), (322, 520), (360, 600), (400, 668), (500, 735), (300, 760), (180, 600)]
    )
    canvas.fill(side, ORANGE_SHADE, 1, orange)
    canvas.fill(side, CREAM_SHADE, 1, cream)
    canvas.fill(spline([(430, 700), (500, 690), (600, 690), (680, 660), (640, 740), (500, 760)]), CREAM_SHADE, 1, cream)
    canvas.soft(ellipse(560, 372, 92, 46, 14), ORANGE_LIGHT, 0.85, 24, orange)
    canvas.soft(ellipse(700, 480, 22, 90, -14), "#ffc98f", 0.7, 14, orange)
    for x in (352, 648):
        canvas.soft(ellipse(x, 592, 44, 24), "#f58d80", 0.55, 14, mask)
    canvas.outline(HEAD, 7.5, INK)
    tuft = spline([(432, 312, "c"), (438, 262), (470, 226, "c"), (478, 262), (508, 208, "c"), (524, 256), (560, 236, "c"), (556, 282), (576, 314, "c"),
                   (536, 352), (520, 330, "c"), (500, 384, "c"), (478, 340), (462, 356, "c")])  # fmt: skip
    tuft_mask = canvas.fill(tuft, ORANGE)
    canvas.fill(
        spline([(420, 330), (440, 250), (470, 226), (470, 300), (500, 384), (440, 380)]), ORANGE_SHADE, 1, tuft_mask
    )
    canvas.soft(ellipse(530, 282, 22, 30), ORANGE_LIGHT, 0.8, 9, tuft_mask)
    canvas.ink(
        spline(
            [
                (432, 312),
                (438, 262),
                (470, 226, "c"),
                (478, 262),
                (508, 208, "c"),
                (524, 256),
                (560, 236, "c"),
                (556, 282),
                (576, 314),
            ],
            closed=False,
        ),
        6.5,
        INK,
        (0.15, 0.15),
    )
    for points in (
        [(462, 356), (466, 332), (462, 306)],
        [(500, 384), (494, 344), (502, 300)],
        [(520, 330), (528, 312), (526, 292)],
    ):
        canvas.ink(spline(points, closed=False), 4.5, "#8c3d28", (0.2, 0.8))


def _cheeks() -> list[Points]:
    right = [
        (496, 604, "c"),
        (540, 556),
        (588, 540),
        (650, 552),
        (700, 520, "c"),
        (820, 520),
        (820, 740),
        (496, 760, "c"),
    ]
    return [spline(right), spline(mirrored(right, AXIS))]


def face(canvas: Canvas) -> None:
    muzzle = spline([(500, 556), (556, 574), (588, 618), (566, 662), (500, 676), (434, 662), (412, 618), (444, 574)])
    mask = canvas.fill(muzzle, CREAM)
    canvas.soft(ellipse(440, 646, 60, 40), CREAM_SHADE, 0.9, 14, mask)
    bridge = spline([(468, 440), (532, 440), (540, 540), (534, 582), (500, 596), (466, 582), (460, 540)])
    bridge_mask = canvas.fill(bridge, ORANGE)
    canvas.soft(ellipse(512, 520, 16, 60), ORANGE_LIGHT, 0.8, 12, bridge_mask)
    canvas.soft(ellipse(468, 540, 12, 60), ORANGE_SHADE, 0.8, 9, bridge_mask)
    nose = spline([(462, 578), (500, 568), (538, 578), (536, 600), (500, 626), (464, 600)])
    nose_mask = canvas.fill(nose, DARK)
    canvas.fill(spline([(455, 590), (500, 612), (545, 590), (540, 640), (460, 640)]), DARK_SHADE, 1, nose_mask)
    canvas.soft(ellipse(512, 584, 14, 6), "#e8b9b0", 0.95, 3)
    canvas.outline(nose, 5, INK)
    canvas.ink(spline([(500, 626), (500, 646)], closed=False), 5, INK, (0, 0.2))
    smile = [(500, 646, "c"), (520, 662), (548, 660), (570, 640)]
    canvas.fill(spline([(478, 656), (500, 650), (522, 658), (516, 684), (500, 692), (484, 684)]), "#a8404f")
    canvas.fill(spline([(488, 676), (500, 668), (512, 676), (508, 688), (492, 688)]), "#f2909a")
    canvas.ink(
        spline([(478, 658), (484, 684), (500, 692), (516, 684), (522, 658)], closed=False), 4.5, INK, (0.15, 0.15)
    )
    for points in (smile, mirrored(smile, AXIS)):
        canvas.ink(spline(points, closed=False), 5.5, INK, (0.2, 0.35))
    for x, y in ((452, 624), (440, 640), (548, 624), (560, 640), (466, 642), (534, 642)):
        canvas.fill(ellipse(x, y, 2.6, 2.6), "#b98f84")
    for sign in (-1, 1):
        eye(canvas, sign)


def eye(canvas: Canvas, sign: int) -> None:
    """The right eye (sign 1), or the left one."""

    def at(points: list) -> list:
        return points if sign == 1 else mirrored(points, AXIS)

    x = AXIS + sign * 96
    shape = spline(
        at([(540, 500, "c"), (556, 462), (596, 442), (636, 456), (662, 486, "c"), (650, 528), (604, 548), (562, 534)])
    )
    white = canvas.fill(shape, "#fffaf3")
    canvas.fill(
        spline(at([(530, 500), (556, 450), (600, 430), (670, 470), (660, 492), (600, 462), (556, 486)])),
        "#d9c0c6",
        1,
        white,
    )
    iris = canvas.fill(ellipse(x, 496, 38, 46), "#2f7f74", 1, white)
    canvas.soft(ellipse(x, 528, 30, 22), "#a8e6a1", 0.95, 9, iris)
    canvas.soft(ellipse(x, 462, 40, 20), "#123c46", 0.9, 9, iris)
    canvas.fill(ellipse(x, 494, 18, 25), "#14222e", 1, iris)
    canvas.fill(ellipse(x + 13, 476, 11, 13), "#ffffff", 1, white)
    canvas.fill(ellipse(x - 14, 518, 6, 7), "#ffffff", 0.9, white)
    lash = at([(534, 508), (552, 462), (596, 438), (638, 450), (676, 482)])
    canvas.ink(spline(lash if sign == 1 else lash[::-1], closed=False), 13, INK, (0.35, 0.3))
    for points in ([(652, 462), (672, 460), (688, 448)], [(664, 474), (684, 476), (700, 470)]):
        canvas.ink(spline(at(points) if sign == 1 else at(points)[::-1], closed=False), 7, INK, (0.05, 0.8))
    lower = at([(566, 538), (604, 551), (648, 532)])
    canvas.ink(spline(lower if sign == 1 else lower[::-1], closed=False), 4.5, INK, (0.5, 0.4))
    brow = at([(560, 408), (594, 392), (630, 402)])
    canvas.ink(spline(brow if sign == 1 else brow[::-1], closed=False), 13, "#9a4427", (0.5, 0.6))


def scarf(canvas: Canvas) -> None:
    end = spline([(560, 770, "c"), (640, 780), (668, 900), (664, 1010), (676, 1052, "c"), (640, 1046), (612, 1062, "c"), (590, 1040), (566, 1050, "c"),
                  (582, 960), (572, 880)])  # fmt: skip
    end_mask = canvas.fill(end, SCARF)
    for y in (870, 950):
        canvas.fill(
            spline([(540, y), (620, y + 14), (700, y - 4), (700, y + 26), (620, y + 44), (540, y + 30)]),
            "#f3e6c4",
            1,
            end_mask,
        )
    canvas.fill(spline([(550, 790), (596, 850), (604, 960), (590, 1070), (540, 1070)]), SCARF_SHADE, 0.75, end_mask)
    canvas.outline(end, 6.5, INK)
    for points in ([(640, 1046), (644, 1010), (640, 980)], [(590, 1040), (600, 1008), (600, 984)]):
        canvas.ink(spline(points, closed=False), 4.5, INK, (0.1, 0.7))
    wrap = spline(
        [
            (338, 650),
            (404, 698),
            (500, 718),
            (596, 698),
            (662, 650),
            (702, 680),
            (706, 736),
            (640, 782),
            (500, 806),
            (360, 782),
            (294, 736),
            (298, 680),
        ]
    )
    mask = canvas.fill(wrap, SCARF)
    for x in (380, 500, 628):
        band = spline([(x - 22, 640), (x + 20, 640), (x + 26 + (x - 500) * 0.1, 840), (x - 20 + (x - 500) * 0.1, 840)])
        canvas.fill(band, "#f3e6c4", 1, mask)
    canvas.fill(
        spline([(280, 646), (404, 698), (500, 720), (596, 698), (720, 646), (640, 726), (500, 752), (360, 726)]),
        SCARF_SHADE,
        0.8,
        mask,
    )
    canvas.fill(spline([(270, 716), (360, 762), (500, 790), (420, 826), (280, 796)]), SCARF_SHADE, 0.6, mask)
    canvas.soft(ellipse(620, 752, 56, 14, -14), SCARF_LIGHT, 0.7, 9, mask)
    canvas.outline(wrap, 7, INK)
    for points in (
        [(330, 696), (396, 742), (470, 762)],
        [(676, 690), (620, 734), (548, 756)],
        [(420, 732), (500, 748), (560, 740)],
    ):
        canvas.ink(spline(points, closed=False), 4.5, INK, (0.3, 0.6))


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


def arm_with_brush(canvas: Canvas) -> None:
    handle = np.array([(838, 800), (846, 800), (884, 560), (872, 558)], float)
    mask = canvas.fill(handle, WOOD)
    canvas.fill(np.array([(838, 800), (842, 800), (877, 558), (870, 556)], float), WOOD_SHADE, 1, mask)
    canvas.outline(handle, 5, INK)
    ferrule = np.array([(868, 562), (888, 566), (894, 520), (872, 516)], float)
    canvas.fill(ferrule, "#cfd5e3")
    canvas.fill(np.array([(868, 562), (875, 563), (880, 518), (872, 516)], float), "#8f97b0")
    canvas.outline(ferrule, 4.5, INK)
    tip = spline([(871, 518, "c"), (864, 486), (890, 440, "c"), (906, 488), (895, 522, "c")])
    tip_mask = canvas.fill(tip, "#f0687a")
    canvas.fill(spline([(860, 530), (866, 480), (884, 450), (880, 500), (884, 530)]), "#c23f63", 1, tip_mask)
    canvas.outline(tip, 5, INK)

    sleeve = spline([(700, 846, "c"), (772, 900), (822, 930), (790, 850), (786, 806, "c"), (840, 790), (898, 806, "c"), (920, 900), (918, 1000), (868, 1062), (790, 1050),
                     (724, 1000)])  # fmt: skip
    mask = canvas.fill(sleeve, SMOCK)
    canvas.fill(
        spline([(700, 930), (780, 980), (850, 1000), (920, 960), (920, 1080), (780, 1080)]), SMOCK_SHADE, 1, mask
    )
    canvas.fill(spline([(780, 800), (812, 830), (826, 930), (800, 930), (770, 860)]), SMOCK_SHADE, 1, mask)
    canvas.soft(ellipse(888, 890, 14, 70, -6), SMOCK_LIGHT, 0.8, 12, mask)
    canvas.ink(
        spline(
            [
                (700, 846),
                (772, 900),
                (822, 930),
                (790, 850),
                (786, 806, "c"),
                (840, 790),
                (898, 806, "c"),
                (920, 900),
                (918, 1000),
                (868, 1062),
                (790, 1050),
                (724, 1000),
            ],
            closed=False,
        ),
        7,
        INK,
        (0.1, 0.1),
    )
    for points in (
        [(822, 930), (850, 950), (872, 990)],
        [(800, 986), (834, 1000), (880, 988)],
        [(812, 838), (850, 846), (884, 836)],
    ):
        canvas.ink(spline(points, closed=False), 4.5, INK, (0.2, 0.6))
    cuff = spline([(778, 800), (838, 778), (904, 800), (906, 828), (842, 812), (780, 832)])
    cuff_mask = canvas.fill(cuff, SCARF)
    canvas.fill(spline([(770, 800), (820, 796), (820, 830), (770, 840)]), SCARF_SHADE, 1, cuff_mask)
    canvas.outline(cuff, 6, INK)

    paw = spline(
        [
            (796, 790, "c"),
            (784, 744),
            (796, 706),
            (826, 694),
            (856, 690),
            (890, 704),
            (902, 740),
            (890, 790, "c"),
            (842, 776),
        ]
    )
    paw_mask = canvas.fill(paw, DARK)
    canvas.fill(spline([(780, 690), (812, 716), (812, 760), (842, 790), (780, 800)]), DARK_SHADE, 1, paw_mask)
    canvas.soft(ellipse(872, 716, 16, 10), "#9c6a66", 0.9, 6, paw_mask)
    canvas.outline(paw, 6.5, INK)
    for points in (
        [(806, 742, "c"), (830, 732), (856, 738)],
        [(810, 764, "c"), (834, 756), (858, 762)],
        [(826, 694), (832, 712), (826, 728)],
    ):
        canvas.ink(spline(points, closed=False), 4.5, "#24121a", (0.2, 0.5))


def palette(canvas: Canvas) -> None:
    sleeve = spline(
        [
            (300, 846, "c"),
            (236, 900),
            (188, 1000),
            (190, 1090),
            (236, 1150),
            (330, 1176),
            (372, 1140, "c"),
            (352, 1088),
            (310, 1060),
            (316, 960),
        ]
    )
    mask = canvas.fill(sleeve, SMOCK)
    canvas.fill(
        spline([(180, 960), (222, 1000), (234, 1080), (290, 1130), (370, 1150), (330, 1200), (160, 1160)]),
        SMOCK_SHADE,
        1,
        mask,
    )
    canvas.soft(ellipse(276, 950, 18, 80, 12), SMOCK_LIGHT, 0.6, 14, mask)
    canvas.ink(
        spline(
            [
                (300, 846),
                (236, 900),
                (188, 1000),
                (190, 1090),
                (236, 1150),
                (330, 1176),
                (372, 1140, "c"),
                (352, 1088),
                (310, 1060),
            ],
            closed=False,
        ),
        7,
        INK,
        (0.1, 0.1),
    )
    for points in ([(208, 1050), (246, 1076), (262, 1112)], [(310, 1060), (280, 1050), (262, 1024)]):
        canvas.ink(spline(points, closed=False), 4.5, INK, (0.2, 0.6))
    cuff = spline([(356, 1080), (386, 1108), (392, 1160), (366, 1190), (340, 1180), (348, 1130), (330, 1090)])
    cuff_mask = canvas.fill(cuff, SCARF)
    canvas.fill(spline([(330, 1130), (360, 1140), (366, 1200), (330, 1200)]), SCARF_SHADE, 1, cuff_mask)
    canvas.outline(cuff, 6, INK)
    board = spline(
        [
            (330, 1196),
            (420, 1140),
            (540, 1150),
            (596, 1204),
            (560, 1262),
            (440, 1276),
            (380, 1256),
            (352, 1262),
            (318, 1244),
        ]
    )
    board_mask = canvas.fill(board, WOOD)
    canvas.fill(
        spline([(300, 1230), (420, 1250), (540, 1240), (600, 1190), (600, 1290), (300, 1290)]),
        WOOD_SHADE,
        1,
        board_mask,
    )
    canvas.soft(ellipse(470, 1168, 80, 12, 2), "#e0ab78", 0.9, 8, board_mask)
    canvas.outline(board, 6.5, INK)
    for x, y, paint, light in ((440, 1178, "#f0687a", "#ffb3b3"), (500, 1176, "#f6c453", "#fff0b8"), (550, 1202, "#6fcabd", "#d2f5ec"),
                               (516, 1230, "#5b6bb5", "#aab6ee"), (452, 1236, "#fff2df", "#ffffff")):  # fmt: skip
        blob = spline(
            [(x - 22, y), (x - 8, y - 14), (x + 14, y - 11), (x + 23, y + 3), (x + 6, y + 14), (x - 14, y + 12)]
        )
        canvas.fill(blob, paint)
        canvas.fill(ellipse(x - 4, y - 5, 7, 3.4, -12), light)
        canvas.outline(blob, 4, INK)
    paw = spline([(382, 1118, "c"), (424, 1120), (446, 1146), (430, 1172), (400, 1190), (374, 1180, "c"), (392, 1150)])
    paw_mask = canvas.fill(paw, DARK)
    canvas.fill(spline([(370, 1160), (410, 1164), (446, 1150), (430, 1200), (370, 1200)]), DARK_SHADE, 1, paw_mask)
    canvas.outline(paw, 6, INK)
    for points in ([(440, 1140), (420, 1142), (408, 1150)], [(434, 1162), (416, 1160), (402, 1166)]):
        canvas.ink(spline(points, closed=False), 4, "#24121a", (0.1, 0.6))


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("illustration.png")
    cv2.imwrite(str(target), cv2.cvtColor(draw(), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(target)


if __name__ == "__main__":
    main()
