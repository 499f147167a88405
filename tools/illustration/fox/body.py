"""The fox's tail, smock and scarf."""

from __future__ import annotations

import cv2
from canvas import Canvas, ellipse, spline

from fox.colours import (
    CREAM,
    CREAM_SHADE,
    GOLD,
    INK,
    ORANGE,
    ORANGE_LIGHT,
    ORANGE_SHADE,
    SCARF,
    SCARF_LIGHT,
    SCARF_SHADE,
    SMOCK,
    SMOCK_LIGHT,
    SMOCK_SHADE,
)


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
