"""The arm with the brush, and the palette."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, ellipse, spline

from fox.colours import DARK, DARK_SHADE, INK, SCARF, SCARF_SHADE, SMOCK, SMOCK_LIGHT, SMOCK_SHADE, WOOD, WOOD_SHADE


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
