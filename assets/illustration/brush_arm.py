"""The raised arm with the brush, and the paint that follows it through the air."""

from __future__ import annotations

from .body import BLOUSE, BLOUSE_DEEP, BLOUSE_SHADE
from .canvas import Canvas, Gradient, ellipse, line
from .head import INK, SKIN, SKIN_INK, SKIN_SHADE


def draw_paint_trail(canvas: Canvas) -> None:
    """Ribbons of paint behind the brush's tip."""
    for outline, colour, shade, light in (
        (
            (
                "84,560! 40,500 30,420 70,360 140,330 214,318 262,282 268,222 240,170! 300,214 312,290 262,344"
                " 180,366 106,390 76,440 92,510!"
            ),
            "#f0b542",
            "#c57f33",
            "#ffe9a6",
        ),
        (
            "86,562! 60,520 56,460 88,408 150,386 210,376! 160,400 112,424 92,468 100,520!",
            "#e4655a",
            "#a83f49",
            "#ffb9a2",
        ),
        (
            "84,556! 20,520 -10,440 10,350 60,300 120,276 150,240! 150,286 96,320 44,360 26,430 48,506!",
            "#4fb3a5",
            "#237782",
            "#bdf2de",
        ),
    ):
        path = line(outline, closed=True)
        mask = canvas.mask(path)
        canvas.paint(mask, colour)
        canvas.ink(path.moved(lambda p: p + 5.5), shade, 9, (0.2, 0.2), clip=mask, opacity=0.75)
        canvas.ink(path.moved(lambda p: p - 5.5), light, 6, (0.3, 0.3), clip=mask, opacity=0.9)
        canvas.ink(path, INK, 3.6, (0.2, 0.2), 0.3)
    for x, y, r, colour in (
        (300, 176, 9, "#f0b542"),
        (180, 250, 8, "#4fb3a5"),
        (238, 396, 7, "#e4655a"),
        (330, 236, 6, "#e4655a"),
        (40, 270, 6, "#f0b542"),
        (190, 204, 5, "#f0b542"),
    ):
        drop = ellipse(x, y, r, r)
        canvas.paint(canvas.mask(drop), colour)
        canvas.paint(canvas.mask(ellipse(x - 0.3 * r, y - 0.3 * r, 0.35 * r, 0.25 * r)), "#fffdf0")
        canvas.ink(drop, INK, 2.6, (0, 0))


def draw(canvas: Canvas) -> None:
    """Sleeve, forearm, hand and brush."""
    sleeve = (
        "404,722! 362,732 326,756 296,806 268,880 240,950 214,1010 204,1056 226,1092 268,1100 304,1084!"
        " 300,1040! 330,990 356,930 372,860 380,800!"
    )
    mask = canvas.mask(line(sleeve, closed=True))
    canvas.paint(mask, BLOUSE)
    for shade in (
        (
            "380,800! 352,860 330,930 300,980 262,1020 216,1040! 200,1080 260,1110 310,1090! 300,1040!"
            " 336,990 362,930 384,860!"
        ),
        "330,770! 312,820 302,870! 326,830 350,790!",
        "276,880! 262,930 262,960! 282,930!",
    ):
        canvas.paint(canvas.mask(line(shade, closed=True)).within(mask), BLOUSE_SHADE)
    canvas.paint(
        canvas.mask(line("300,1084! 280,1060 250,1052! 270,1076 262,1100!", closed=True)).within(mask), BLOUSE_DEEP, 0.8
    )
    for fold in (
        "360,752 344,790 340,830",
        "386,760 380,800 368,840",
        "306,960 290,1000 262,1020",
        "330,950 318,1000 300,1040",
        "268,890 262,930 270,960",
    ):
        canvas.ink(line(fold), INK, 3.6, (0.15, 0.6))
    canvas.ink(line(sleeve, closed=True), INK, 5.2, (0.08, 0.08), 0.4)
    _forearm(canvas)
    _brush_and_hand(canvas)


def _forearm(canvas: Canvas) -> None:
    skin = "166,960! 160,900 160,846! 226,838! 236,890 244,950!"
    mask = canvas.mask(line(skin, closed=True))
    canvas.paint(mask, SKIN)
    canvas.paint(
        canvas.mask(line("160,960! 184,930 180,880 176,840! 150,840! 150,960!", closed=True), soften=1).within(mask),
        SKIN_SHADE,
    )
    canvas.ink(line("166,960 160,900 160,846"), INK, 4.6)
    canvas.ink(line("244,950 236,890 226,838"), INK, 4.6)
    sleeve = "150,948! 186,962 224,958 258,940! 282,990 300,1040 304,1084 276,1104 234,1098 206,1072 176,1010!"
    mask = canvas.mask(line(sleeve, closed=True))
    canvas.paint(mask, BLOUSE)
    for shade in (
        "150,948! 170,1000 200,1060 234,1098! 200,1110! 140,1000!",
        "158,960! 200,976 256,954! 264,972 206,992 164,980!",
        "236,1100! 250,1060 290,1040! 310,1090! 270,1112!",
    ):
        canvas.paint(canvas.mask(line(shade, closed=True)).within(mask), BLOUSE_SHADE)
    for fold in ("206,990 214,1030 232,1060", "250,980 258,1020 276,1050", "300,1070 274,1070 250,1084"):
        canvas.ink(line(fold), INK, 3.4, (0.15, 0.6))
    canvas.ink(line(sleeve, closed=True), INK, 5.0, (0.1, 0.1), 0.4)
    cuff = "142,930! 186,944 228,940 264,920! 272,950! 232,970 186,974 148,960!"
    mask = canvas.mask(line(cuff, closed=True))
    canvas.paint(mask, "#fffaf0")
    canvas.paint(
        canvas.mask(line("140,948! 190,960 274,938! 276,960! 230,980 140,980!", closed=True)).within(mask), BLOUSE_SHADE
    )
    canvas.ink(line(cuff, closed=True), INK, 4.6, (0.12, 0.12), 0.4)


def _finger(canvas: Canvas, outline: str, shade: str) -> None:
    path = line(outline, closed=True)
    mask = canvas.mask(path)
    canvas.paint(mask, SKIN)
    canvas.paint(canvas.mask(line(shade, closed=True)).within(mask), SKIN_SHADE)
    canvas.ink(path, SKIN_INK, 4.2, (0.15, 0.15), 0.45)


def _brush_and_hand(canvas: Canvas) -> None:
    palm = "160,850! 146,812 142,776 156,750 190,740 224,752 238,784 232,820 226,842!"
    mask = canvas.mask(line(palm, closed=True))
    canvas.paint(mask, SKIN)
    canvas.paint(
        canvas.mask(line("160,850! 190,836 226,842! 236,800 230,770! 196,800 150,800!", closed=True)).within(mask),
        SKIN_SHADE,
    )
    canvas.ink(
        line("160,850 146,812 142,776 156,750 190,740 224,752 238,784 232,820 226,842"), INK, 4.8, (0.2, 0.2), 0.4
    )
    canvas.ink(line("250,852! 86,566!"), INK, 17, (0.12, 0), 0.4)
    canvas.ink(line("248,849! 100,590!"), "#c98a4c", 10, (0.12, 0), 0.4)
    canvas.ink(line("244,842! 110,604!"), "#f0c48a", 3, (0.2, 0.2))
    ferrule = line("104,612! 118,604! 104,580! 88,589!", closed=True)
    canvas.paint(canvas.mask(ferrule), Gradient((90, 600), (116, 590), ("#8f98ad", "#f4f7fa", "#8f98ad")))
    canvas.ink(ferrule, INK, 4.0, (0.1, 0.1), 0.6)
    hair = line("88,589! 74,566 72,536 66,516! 92,538 102,560 104,580!", closed=True)
    canvas.paint(canvas.mask(hair), "#5a3a34")
    canvas.paint(canvas.mask(line("76,568! 72,536 66,516! 92,538 98,556!", closed=True)), "#f0b542")
    canvas.ink(hair, INK, 4.0, (0.1, 0.1), 0.5)
    _finger(
        canvas,
        "152,846! 148,826 166,816 196,818 220,826! 226,840 214,852 184,856 162,858",
        "150,850! 180,842 222,842! 220,860! 160,864!",
    )
    _finger(
        canvas,
        "144,824! 142,802 162,792 198,796 226,806! 234,820 222,832 190,832 158,834",
        "144,826! 180,820 232,820! 224,838! 150,840!",
    )
    _finger(
        canvas,
        "142,798! 142,778 162,768 200,772 230,784! 238,798 226,810 192,808 156,810",
        "142,802! 180,796 236,798! 228,816! 146,816!",
    )
    _finger(
        canvas,
        "148,778! 140,756 146,728 156,704 168,694! 182,700 182,718 176,742 186,762 182,778 164,784",
        "148,778! 156,756 160,728 170,698! 184,704 176,742 188,770 164,786!",
    )
    _finger(
        canvas,
        "236,812! 244,786 228,762 206,740 190,728! 176,730 178,746 194,764 204,790 216,812",
        "236,812! 228,790 206,764 184,744! 178,748 196,772 208,800 220,814!",
    )
