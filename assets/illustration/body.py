"""The painter below the chin: neck, blouse, apron dress, bow, and the arm that carries the palette."""

from __future__ import annotations

from .canvas import Canvas, Gradient, Mask, ellipse, line
from .head import INK, SKIN, SKIN_INK, SKIN_SHADE

BLOUSE, BLOUSE_SHADE, BLOUSE_DEEP = "#fbf4e6", "#cfc9de", "#a4a2c4"
DRESS, DRESS_SHADE, DRESS_LIGHT = "#44548a", "#2d3766", "#6a7db0"
BOW, BOW_SHADE, BOW_LIGHT = "#dd5a4e", "#a6393f", "#f59079"


def _shape(canvas: Canvas, outline: str, fill: str | Gradient) -> Mask:
    """Fill a closed outline; what is painted inside it later is clipped by the returned mask."""
    path = line(outline, closed=True)
    mask = canvas.mask(path)
    canvas.paint(mask, fill)
    return mask


def _shade(
    canvas: Canvas, within: Mask, colour: str, *outlines: str, soften: float = 0.0, opacity: float = 1.0
) -> None:
    for outline in outlines:
        canvas.paint(canvas.mask(line(outline, closed=True), soften=soften).within(within), colour, opacity)


def _lines(canvas: Canvas, colour: str, width: float, *strokes: str, clip: Mask | None = None) -> None:
    for stroke in strokes:
        canvas.ink(line(stroke), colour, width, (0.15, 0.6), clip=clip)


def draw_torso(canvas: Canvas) -> None:
    """Neck, blouse and apron dress."""
    neck = _shape(canvas, "480,560! 483,640 466,690 430,724! 520,790! 622,724! 582,690 566,640 566,560!", SKIN)
    _shade(canvas, neck, SKIN_SHADE, "470,560! 474,640 500,668 540,660 572,622 580,560!", opacity=0.95)
    _lines(canvas, SKIN_INK, 4.0, "481,610 482,645 466,690", "567,610 567,645 582,690")
    _lines(canvas, SKIN_INK, 3.0, "500,742 508,730 516,722", "552,742 546,730 540,722")
    chest = (
        "440,700! 396,724 352,756 336,830 372,920 396,1010 392,1110 380,1290! 680,1290! 664,1110 660,1010"
        " 690,920 712,830 694,756 650,724 602,700! 560,748 520,776 480,748"
    )
    blouse = _shape(canvas, chest, BLOUSE)
    _shade(
        canvas,
        blouse,
        BLOUSE_SHADE,
        "336,760! 372,800 392,860 398,1010 380,1290! 330,1290! 320,900!",
        "690,900! 664,940 650,1000 660,1100 690,1290! 720,1100!",
    )
    _shade(
        canvas, blouse, BLOUSE_SHADE, "430,716! 450,770 520,812 590,770 616,716! 590,748 520,790 452,748!", opacity=0.9
    )
    canvas.ink(line(chest, closed=True), INK, 5.0, (0.1, 0.1), 0.4)
    _dress(canvas)
    _collar_and_bow(canvas)


def _dress(canvas: Canvas) -> None:
    outline = (
        "404,722! 418,790 428,868! 470,884 520,888 572,884 618,866! 626,790 638,720! 672,738! 668,820"
        " 652,900 640,960 642,1060 668,1150 704,1290!"
        " 352,1290! 384,1150 406,1060 408,960 394,900 376,820 370,742!"
    )
    dress = _shape(canvas, outline, Gradient((400, 760), (660, 1250), ("#5263a0", DRESS, "#3d4c80")))
    _shade(
        canvas,
        dress,
        DRESS_SHADE,
        "366,740! 384,830 404,910 420,1000 414,1080 396,1180 380,1290! 330,1290! 350,900!",
        "640,940! 622,990 618,1050 630,1130 640,1290! 668,1290! 652,1150 634,1060!",
        "430,890! 520,914 616,888! 616,900 520,932 432,906!",
        "470,1090! 462,1160 440,1290! 480,1290! 484,1180!",
        "570,1096! 584,1160 600,1290! 560,1290! 562,1180!",
    )
    _shade(
        canvas,
        dress,
        DRESS_LIGHT,
        "594,920 604,980 598,1040! 586,1000 584,950",
        "510,1100 520,1180 514,1290! 500,1200",
        soften=3,
        opacity=0.8,
    )
    canvas.ink(line(outline, closed=True), INK, 5.0, (0.08, 0.08), 0.45)
    waist = _shape(canvas, "406,1046! 470,1062 560,1062 642,1046! 646,1084! 560,1100 470,1100 404,1084!", "#38467a")
    _shade(canvas, waist, "#262f5a", "404,1046! 440,1060 452,1100 400,1100!", "600,1090! 640,1046! 650,1090!")
    canvas.ink(
        line("406,1046! 470,1062 560,1062 642,1046! 646,1084! 560,1100 470,1100 404,1084!", closed=True),
        INK,
        4.2,
        (0.1, 0.1),
        0.5,
    )
    _lines(
        canvas,
        "#1d2348",
        4.0,
        "440,1102 432,1160 420,1230",
        "490,1104 486,1180 478,1260",
        "550,1104 556,1170 566,1250",
        "604,1100 616,1160 630,1230",
    )
    pocket = _shape(canvas, "452,948! 520,958 590,948! 588,1010 574,1028 520,1036 468,1028 456,1010!", DRESS_LIGHT)
    _shade(canvas, pocket, DRESS, "452,948! 590,948! 590,964 520,974 452,964!", "452,980! 470,1000 480,1034 452,1034!")
    canvas.ink(
        line("452,948! 520,958 590,948! 588,1010 574,1028 520,1036 468,1028 456,1010!", closed=True),
        INK,
        4.0,
        (0.1, 0.1),
        0.5,
    )
    canvas.ink(line("462,966 520,976 580,966"), "#c9d2ee", 2.0, (0.1, 0.1))
    for x, y, r, colour in (
        (610, 1008, 9, "#f0b542"),
        (628, 1030, 5, "#e86a5c"),
        (436, 930, 7, "#5cc0b0"),
        (596, 930, 5, "#f2efe4"),
    ):
        canvas.paint(
            canvas.mask(ellipse(x, y, r, 0.8 * r, 20), ellipse(x + r, y + 0.6 * r, 0.4 * r, 0.4 * r)).within(dress),
            colour,
            0.92,
        )
    for x in (420, 628):
        button = canvas.mask(ellipse(x, 876, 11, 11))
        canvas.paint(button, "#e3b04b")
        canvas.paint(canvas.mask(ellipse(x + 3, 872, 4, 3)), "#fff0b8")
        canvas.ink(ellipse(x, 876, 11, 11), INK, 3.4, (0, 0))


def _collar_and_bow(canvas: Canvas) -> None:
    for outline, shade in (
        (
            "444,686! 420,716 410,748 420,782! 460,796 496,790 520,764! 486,738 460,712!",
            "420,782! 460,796 496,790 520,764! 500,762 460,774 424,762!",
        ),
        (
            "600,686! 624,716 634,748 624,782! 584,796 548,790 520,764! 556,738 584,712!",
            "624,782! 584,796 548,790 520,764! 544,764 584,776 622,764!",
        ),
    ):
        collar = _shape(canvas, outline, "#fffaf0")
        _shade(canvas, collar, BLOUSE_SHADE, shade)
        canvas.ink(line(outline, closed=True), INK, 4.6, (0.12, 0.12), 0.4)
    for tail in (
        "512,782! 498,822 470,872! 494,866 506,884! 524,836 530,790!",
        "528,784! 544,826 566,878! 544,868 528,884! 518,836 516,790!",
    ):
        ribbon = _shape(canvas, tail, BOW)
        _shade(
            canvas,
            ribbon,
            BOW_SHADE,
            "506,780! 500,812 488,840! 512,830 532,790!",
            "536,784! 544,812 552,836! 530,824 516,790!",
        )
        canvas.ink(line(tail, closed=True), INK, 4.4, (0.15, 0.15), 0.4)
    for loop, shade, light in (
        (
            "516,778! 490,746 452,736 428,748 426,782 440,812 470,812 500,798!",
            "516,784! 484,778 456,786 440,812! 480,816 506,800!",
            "446,754 466,750 486,760! 466,760 448,768",
        ),
        (
            "526,778! 552,746 590,736 614,748 616,782 602,812 572,812 542,798!",
            "526,784! 558,780 586,788 602,812! 562,816 536,800!",
            "560,756 580,748 600,756! 584,760 566,768",
        ),
    ):
        bow = _shape(canvas, loop, BOW)
        _shade(canvas, bow, BOW_SHADE, shade)
        _shade(canvas, bow, BOW_LIGHT, light, soften=1)
        canvas.ink(line(loop, closed=True), INK, 4.8, (0.12, 0.12), 0.4)
    _lines(
        canvas,
        "#7d2533",
        3.6,
        "510,782 486,776 464,778",
        "508,790 488,794 472,802",
        "532,782 556,776 578,780",
        "534,790 554,794 570,802",
    )
    knot = _shape(canvas, "504,764! 520,758 538,764! 542,782 536,800! 520,804 506,800! 500,782", BOW)
    _shade(canvas, knot, BOW_SHADE, "500,784! 520,790 542,784! 538,806! 504,806!")
    canvas.ink(
        line("504,764! 520,758 538,764! 542,782 536,800! 520,804 506,800! 500,782", closed=True),
        INK,
        4.6,
        (0.15, 0.15),
        0.4,
    )


def draw_palette_arm(canvas: Canvas) -> None:
    """The arm on the viewer's right, bent at the elbow, and the palette on it."""
    forearm = _shape(canvas, "766,1066! 710,1078 650,1092! 644,1152! 710,1154 780,1150!", SKIN)
    _shade(canvas, forearm, SKIN_SHADE, "640,1126! 710,1130 780,1112! 780,1164! 640,1164!")
    canvas.ink(line("766,1066 710,1078 650,1092"), INK, 4.4)
    canvas.ink(line("640,1152 710,1154 780,1150"), INK, 4.4)
    sleeve = (
        "650,724! 700,736 742,772 768,836 796,920 824,1010 832,1076 812,1128 784,1156 752,1162! 738,1116"
        " 744,1064! 752,1040 734,990 700,930 678,860!"
    )
    mask = _shape(canvas, sleeve, BLOUSE)
    _shade(
        canvas,
        mask,
        BLOUSE_SHADE,
        (
            "660,740! 684,800 700,870 730,930 764,990 776,1050 750,1090 726,1100! 716,1050! 740,1040 726,990"
            " 690,920 660,840!"
        ),
        "730,1160! 760,1130 800,1110 834,1070! 830,1130 780,1170!",
        "742,800! 752,860 780,910! 764,850!",
        "790,960! 786,1010 800,1050! 812,1010!",
    )
    _shade(
        canvas,
        mask,
        BLOUSE_DEEP,
        "724,1062! 750,1050 770,1020! 764,1064 742,1080!",
        "690,800! 700,850 716,890! 696,870!",
        opacity=0.8,
    )
    _lines(
        canvas,
        INK,
        3.6,
        "770,1010 758,1044 728,1060",
        "790,1040 776,1076 740,1092",
        "690,770 700,820 696,860",
        "716,760 732,800 734,840",
        "800,1000 810,1030 806,1060",
    )
    canvas.ink(line(sleeve, closed=True), INK, 5.2, (0.08, 0.08), 0.4)
    cuff = "730,1060! 750,1050 766,1054! 764,1100 774,1158! 754,1170 734,1168! 724,1112!"
    cuff_mask = _shape(canvas, cuff, "#fffaf0")
    _shade(canvas, cuff_mask, BLOUSE_SHADE, "724,1120! 772,1110! 778,1172! 726,1172!")
    canvas.ink(line(cuff, closed=True), INK, 4.6, (0.12, 0.12), 0.4)
    _palette(canvas)


def _palette(canvas: Canvas) -> None:
    for brush in ("640,1110! 560,1000! 470,900!", "650,1116! 590,986! 528,872!"):
        canvas.ink(line(brush), INK, 13, (0, 0.1), 0.6)
        canvas.ink(line(brush), "#b9773f", 7, (0, 0.1), 0.6)
    outline = (
        "424,1128! 424,1072 486,1030 572,1018 660,1034 710,1076 716,1132 680,1188 608,1222 520,1224"
        " 452,1194 428,1160! 456,1152 460,1136! 444,1134"
    )
    mask = _shape(canvas, outline, Gradient((450, 1020), (690, 1220), ("#e9bd82", "#d79b5c", "#bd7b45")))
    _shade(
        canvas,
        mask,
        "#96572f",
        "424,1150! 460,1186 530,1210 610,1206 676,1176 720,1120! 720,1240! 420,1240!",
        opacity=0.75,
    )
    for grain in ("470,1070 560,1046 660,1066", "480,1170 570,1186 650,1164", "500,1100 580,1090 640,1100"):
        canvas.ink(line(grain), "#a9683a", 2.2, opacity=0.6)
    canvas.ink(line(outline, closed=True), INK, 5.4, (0.05, 0.05), 0.6)
    for x, y, r, colour, shade, light in (
        (484, 1082, 25, "#e05a4e", "#9d3340", "#ffb09b"),
        (540, 1056, 24, "#f0b542", "#b9772f", "#ffeaa8"),
        (602, 1054, 23, "#fbf6ea", "#b9b4cf", "#ffffff"),
        (656, 1076, 22, "#4fb3a5", "#1f6f7c", "#b9f0dc"),
        (500, 1178, 24, "#4d63ad", "#2b346c", "#a6bcf0"),
        (562, 1190, 20, "#6fae5a", "#3b7351", "#cdeaa0"),
    ):
        blob = line(
            (
                f"{x - r},{y} {x - 0.6 * r},{y - 0.7 * r} {x + 0.1 * r},{y - 0.8 * r} {x + 0.9 * r},{y - 0.5 * r}"
                f" {x + r},{y + 0.2 * r} {x + 0.5 * r},{y + 0.75 * r} {x - 0.3 * r},{y + 0.6 * r}"
            ),
            closed=True,
        )
        blob_mask = canvas.mask(blob)
        canvas.paint(blob_mask, colour)
        canvas.paint(
            canvas.mask(ellipse(x - 0.15 * r, y + 0.5 * r, 0.95 * r, 0.42 * r, -10)).within(blob_mask), shade, 0.8
        )
        canvas.paint(canvas.mask(ellipse(x + 0.25 * r, y - 0.36 * r, 0.3 * r, 0.16 * r, -20)), light)
        canvas.ink(blob, INK, 3.6, (0.1, 0.1), 0.5)
    smear = canvas.mask(line("486,1128 524,1112 566,1122 560,1142 520,1148 484,1144", closed=True), soften=1)
    canvas.paint(smear.within(mask), "#e8876d", 0.9)
    canvas.paint(canvas.mask(line("504,1130 528,1121 552,1129! 528,1136", closed=True), soften=1), "#f7c98a", 0.9)
    canvas.paint(canvas.mask(ellipse(672, 1128, 34, 23, -12)), "#5a3030")
    canvas.ink(ellipse(672, 1128, 34, 23, -12), INK, 3.8, (0, 0))
    thumb = "696,1116! 672,1108 640,1106 612,1112 600,1124 606,1138 630,1144 660,1144 692,1142!"
    thumb_mask = _shape(canvas, thumb, SKIN)
    _shade(canvas, thumb_mask, SKIN_SHADE, "600,1132! 640,1136 670,1132 700,1126! 700,1150! 600,1150!")
    canvas.ink(line(thumb.rstrip("!")), SKIN_INK, 4.2)
    canvas.paint(canvas.mask(ellipse(612, 1123, 9, 6, -14)).within(thumb_mask), "#fbd0c6")
    canvas.ink(line("622,1116 606,1118 603,1127 614,1130"), "#b9655f", 2.4)
