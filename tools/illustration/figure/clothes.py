"""A yellow coat with a hood, a shirt's collar and a red ribbon."""

from __future__ import annotations

from canvas import Canvas, Mask, ellipse, spline

from figure.colours import (
    COAT,
    COAT_DEEP,
    COAT_LIGHT,
    COAT_SHADE,
    INK,
    RIBBON,
    RIBBON_LIGHT,
    RIBBON_SHADE,
    SHIRT,
    SHIRT_SHADE,
)

COAT_OUTLINE: list = [
    (330, 712, "c"),
    (264, 748),
    (176, 792),
    (116, 858),
    (84, 952),
    (66, 1110, "c"),
    (790, 1110, "c"),
    (764, 942),
    (724, 848),
    (660, 788),
    (590, 750),
    (524, 712, "c"),
]
HOOD: list = [
    (300, 684, "c"),
    (240, 714),
    (196, 754),
    (178, 798, "c"),
    (236, 792),
    (300, 822),
    (372, 902, "c"),
    (428, 932),
    (486, 900, "c"),
    (556, 822),
    (620, 794),
    (686, 800, "c"),
    (664, 750),
    (614, 712),
    (556, 682, "c"),
    (520, 772),
    (430, 842, "c"),
    (344, 772),
]


def coat(canvas: Canvas) -> None:
    outline = spline(COAT_OUTLINE)
    cloth = canvas.fill(outline, COAT)
    for shade in (
        [(240, 822, "c"), (330, 872), (420, 952, "c"), (440, 1110, "c"), (370, 1110, "c"), (340, 952)],
        [(180, 902, "c"), (206, 972), (202, 1110, "c"), (160, 1110, "c"), (170, 982)],
        [(620, 822, "c"), (690, 882), (740, 1110, "c"), (800, 1110, "c"), (780, 902), (700, 802, "c")],
        [(560, 842, "c"), (600, 922), (590, 1110, "c"), (640, 1110, "c"), (650, 932)],
        [(500, 902, "c"), (520, 972), (500, 1110, "c"), (540, 1110, "c"), (550, 952)],
    ):
        canvas.fill(spline(shade), COAT_SHADE, 1, cloth)
    canvas.soft(ellipse(720, 1002, 90, 130), COAT_DEEP, 0.55, 26, cloth)
    canvas.soft(ellipse(170, 872, 60, 80), COAT_LIGHT, 0.8, 22, cloth)
    for fold in (
        [(120, 902), (150, 962), (156, 1090)],
        [(196, 892), (222, 962), (220, 1100)],
        [(700, 872), (676, 952), (690, 1100)],
        [(436, 942), (440, 992), (438, 1100)],
        [(600, 922), (612, 982), (604, 1095)],
    ):
        canvas.ink(spline(fold, closed=False), 4.0, INK, (0.2, 0.7))
    canvas.outline(outline, 5.5, INK)
    for y in (974, 1040):
        canvas.fill(ellipse(462, y, 11, 11), "#7a4a3a")
        canvas.outline(ellipse(462, y, 11, 11), 3.4, INK)
        canvas.fill(ellipse(458, y - 4, 3.4, 3.0), "#ffe9c4")


def hood_inside(canvas: Canvas) -> None:
    """What shows of the hood behind the neck."""
    outline = spline([(300, 690, "c"), (340, 652), (430, 640), (520, 652), (560, 690, "c"), (520, 790), (340, 790)])
    cloth = canvas.fill(outline, COAT_DEEP)
    canvas.soft(ellipse(430, 700, 90, 40), INK, 0.45, 18, cloth)
    canvas.outline(outline, 4.6, INK)


def collar(canvas: Canvas) -> None:
    for leaf, shade in (
        (
            [(338, 714, "c"), (356, 762), (412, 826, "c"), (384, 858), (346, 838, "c"), (316, 772)],
            [(352, 772, "c"), (384, 818), (412, 826, "c"), (384, 858), (368, 822, "c")],
        ),
        (
            [(530, 710, "c"), (494, 766), (436, 826, "c"), (464, 862), (506, 834, "c"), (546, 768)],
            [(506, 768, "c"), (472, 814), (436, 826, "c"), (464, 862), (512, 822, "c"), (532, 778)],
        ),
    ):
        outline = spline(leaf)
        cloth = canvas.fill(outline, SHIRT)
        canvas.fill(spline(shade), SHIRT_SHADE, 1, cloth)
        canvas.outline(outline, 4.4, INK)


def hood(canvas: Canvas) -> None:
    outline = spline(HOOD)
    cloth = canvas.fill(outline, COAT)
    for shade in (
        [(300, 684, "c"), (330, 772), (430, 847, "c"), (430, 892), (340, 822), (280, 742, "c")],
        [(560, 684, "c"), (530, 772), (430, 847, "c"), (440, 902), (540, 812), (610, 742, "c")],
        [(600, 792, "c"), (660, 778), (700, 804, "c"), (640, 802)],
    ):
        canvas.fill(spline(shade), COAT_SHADE, 1, cloth)
    canvas.soft(ellipse(232, 754, 44, 24, -30), COAT_LIGHT, 0.9, 10, cloth)
    canvas.outline(outline, 5.2, INK)
    for seam in ([(214, 778), (290, 782), (372, 862), (428, 904)], [(428, 904), (490, 860), (572, 784), (652, 778)]):
        canvas.ink(spline(seam, closed=False), 2.4, COAT_DEEP, (0.1, 0.1))


def ribbon(canvas: Canvas) -> None:
    for tail in (
        [(416, 834, "c"), (396, 892), (372, 952, "c"), (398, 946), (412, 968, "c"), (428, 902), (432, 838, "c")],
        [(428, 834, "c"), (444, 892), (478, 954, "c"), (452, 952), (442, 972, "c"), (426, 902), (420, 838, "c")],
    ):
        leaf(canvas, tail)
    for loop in (
        [(420, 832, "c"), (372, 788), (330, 800), (322, 842), (352, 866), (424, 846, "c")],
        [(430, 832, "c"), (478, 786), (520, 798), (528, 838), (498, 866), (428, 846, "c")],
    ):
        leaf(canvas, loop)
    knot = spline([(408, 822), (424, 816), (442, 824), (446, 844), (426, 856), (406, 846)])
    cloth = canvas.fill(knot, RIBBON)
    canvas.fill(ellipse(436, 846, 16, 12), RIBBON_SHADE, 1, cloth)
    canvas.fill(ellipse(418, 828, 6, 4, -20), RIBBON_LIGHT, 1, cloth)
    canvas.outline(knot, 4.2, INK)
    for crease in ([(408, 834), (380, 826), (356, 834)], [(444, 834), (472, 824), (496, 832)]):
        canvas.ink(spline(crease, closed=False), 3.0, INK, (0.05, 0.8))


def leaf(canvas: Canvas, points: list) -> Mask:
    """One loop or tail of the ribbon: lit above, in shade below."""
    outline = spline(points)
    cloth = canvas.fill(outline, RIBBON)
    middle = sum(point[1] for point in points) / len(points)
    lower = [(x, y + 0.5 * (middle - y) + 16, *kind) for x, y, *kind in points]
    canvas.fill(spline(lower), RIBBON_SHADE, 1, cloth)
    x = sum(point[0] for point in points) / len(points)
    canvas.soft(ellipse(x, middle - 24, 20, 6), RIBBON_LIGHT, 0.8, 3, cloth)
    canvas.outline(outline, 4.4, INK)
    return cloth
