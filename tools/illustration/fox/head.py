"""The fox's ears, head and face."""

from __future__ import annotations

import cv2
from canvas import Canvas, Points, ellipse, mirrored, spline

from fox.colours import AXIS, CREAM, CREAM_SHADE, DARK, DARK_SHADE, INK, ORANGE, ORANGE_LIGHT, ORANGE_SHADE

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
