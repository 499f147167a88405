"""Behind the painter: sky, clouds, sea, a lighthouse on its headland, meadows and a few gulls."""

from __future__ import annotations

import math

from .canvas import Canvas, Gradient, ellipse, line

INK = "#3b2c3f"
_SKY = Gradient((0, 0), (0, 850), ("#4f9fd0", "#8ac8e2", "#cfe9ea", "#fdebd2"))
_SEA = Gradient((0, 800), (0, 960), ("#8fd0d6", "#4aa3bd", "#2f7fa5"))


def draw(canvas: Canvas) -> None:
    """Everything that stands behind the figure."""
    whole = canvas.mask(line(f"0,0! {canvas.width},0! {canvas.width},{canvas.height}! 0,{canvas.height}!", closed=True))
    canvas.paint(whole, _SKY)
    canvas.paint(
        whole, Gradient((900, 110), (900, 760), ("#6b5230", "#3a2c1a", "#000000"), radial=True), blend="screen"
    )
    for cloud in _CLOUDS:
        _cloud(canvas, *cloud)
    _sea(canvas)
    _headland(canvas)
    _meadow(canvas)
    for x, y, size in ((700, 215, 30), (772, 262, 20), (412, 96, 22)):
        _gull(canvas, x, y, size)


# Each cloud: its flat base (x from, x to, y) and its billows (x, y, radius).
_CLOUDS = (
    (-60, 330, 706, ((20, 668, 62), (96, 618, 84), (176, 640, 70), (238, 672, 50), (290, 688, 32))),
    (700, 1100, 640, ((760, 612, 44), (828, 566, 74), (916, 520, 96), (1006, 566, 92), (880, 600, 60))),
    (640, 960, 330, ((700, 318, 26), (752, 298, 40), (812, 304, 36), (866, 318, 24))),
    (30, 250, 190, ((76, 176, 26), (126, 158, 40), (180, 170, 30), (214, 180, 18))),
)


def _cloud(
    canvas: Canvas, left: float, right: float, base: float, billows: tuple[tuple[float, float, float], ...]
) -> None:
    body = canvas.mask(*(ellipse(x, y, r, r * 0.92) for x, y, r in billows))
    height = max(r for _, _, r in billows)
    fade = canvas.mask(
        line(f"{left - 80},0! {right + 80},0! {right + 80},{base - 12}! {left - 80},{base - 12}!", closed=True),
        soften=7,
    )
    body = body.within(fade)
    canvas.paint(body, Gradient((0, base - 1.8 * height), (0, base), ("#c9dcec", "#b4cfe4", "#dbe6ea")))
    for x, y, r in billows:
        lit = canvas.mask(ellipse(x + 0.10 * r, y - 0.12 * r, r * 0.90, r * 0.80)).within(body)
        canvas.paint(lit, "#eef4f4", 0.85)
    for x, y, r in billows:
        bright = canvas.mask(ellipse(x + 0.24 * r, y - 0.28 * r, r * 0.62, r * 0.52)).within(body)
        canvas.paint(bright, "#fffaf0", 0.95)
    for x, y, r in billows[::2]:
        under = canvas.mask(ellipse(x - 0.2 * r, y + 0.55 * r, r * 0.7, r * 0.34), soften=5).within(body)
        canvas.paint(under, "#a9c4de", 0.4)


def _sea(canvas: Canvas) -> None:
    sea = canvas.mask(line("-5,806! 1030,800! 1030,1010! -5,1010!", closed=True))
    canvas.paint(sea, _SEA)
    canvas.paint(canvas.mask(line("-5,803! 1030,797! 1030,815! -5,821!", closed=True), soften=6), "#e9f6ef", 0.6)
    for i in range(46):
        # A fixed scatter (multiples of irrational numbers) instead of a random one.
        x, depth = 1024 * ((i * 0.618034) % 1), ((i * 0.414214) % 1) ** 1.5
        y, length = 818 + 120 * depth, 18 + 54 * depth
        canvas.ink(
            line(f"{x},{y} {x + length / 2},{y - 1.5} {x + length},{y}"), "#e6f7f2", 1.6 + 2.4 * depth, opacity=0.75
        )


def _headland(canvas: Canvas) -> None:
    cliff = line("700,846! 742,826 790,800 846,776 880,764 940,758 1030,744! 1030,900! 700,900!", closed=True)
    mask = canvas.mask(cliff)
    canvas.paint(mask, Gradient((0, 745), (0, 860), ("#8fb86a", "#6b9c66", "#58867a")))
    rock = line(
        "700,848! 744,832 800,812 838,806! 858,826 900,812 930,838 985,820 1030,838! 1030,900! 700,900!", closed=True
    )
    canvas.paint(canvas.mask(rock).within(mask), "#b59a86")
    shade = line("738,850! 770,828 800,818! 806,842 838,822 846,846 890,828 902,850! 906,900! 700,900!", closed=True)
    canvas.paint(canvas.mask(shade).within(mask), "#85707a", 0.85)
    canvas.ink(line("700,846 742,826 790,800 846,776 880,764 940,758 1030,744"), INK, 3.0, (0.3, 0.0))
    canvas.ink(line("700,848 744,832 800,812 838,806"), INK, 2.2)
    canvas.ink(line("838,806 858,826 900,812 930,838 985,820 1030,838"), INK, 2.0, (0.2, 0.0))
    _lighthouse(canvas)


def _lighthouse(canvas: Canvas) -> None:
    tower = line("862,770! 872,640! 914,640! 926,768!", closed=True)
    mask = canvas.mask(tower)
    canvas.paint(mask, "#fbf3e6")
    for top, bottom in ((664, 690), (716, 742)):
        band = line(f"850,{top}! 940,{top}! 940,{bottom}! 850,{bottom}!", closed=True)
        canvas.paint(canvas.mask(band).within(mask), "#d4554a")
    canvas.paint(canvas.mask(line("850,780! 868,636! 888,636! 884,780!", closed=True)).within(mask), "#7b86b4", 0.45)
    canvas.ink(tower, INK, 3.2, (0.1, 0.1), 0.5)
    lamp = line("878,634! 880,606! 908,606! 910,634!", closed=True)
    canvas.paint(canvas.mask(lamp), "#ffe9a3")
    canvas.ink(lamp, INK, 2.6, (0.1, 0.1), 0.6)
    roof = line("870,608! 880,592 893,578! 906,592 918,608!", closed=True)
    canvas.paint(canvas.mask(roof), "#b8433f")
    canvas.ink(roof, INK, 2.8, (0.1, 0.1), 0.6)
    canvas.ink(line("864,637! 922,637!"), INK, 5.0, (0.05, 0.05), 0.8)
    for y in (700, 752):
        window = canvas.mask(ellipse(897, y, 4.5, 7))
        canvas.paint(window, "#4a4766")


def _meadow(canvas: Canvas) -> None:
    far = line("-5,912! 120,884 260,896 420,934 600,950 800,912 930,884 1030,876! 1030,1290! -5,1290!", closed=True)
    mask = canvas.mask(far)
    canvas.paint(mask, Gradient((0, 880), (0, 1280), ("#b9d678", "#86b863", "#4f8f62")))
    for swell in (
        "-5,990! 120,950 280,966 380,1010! 260,1004 120,1000 -5,1040!",
        "700,1010! 800,962 920,936 1030,926! 1030,972! 920,976 810,1000!",
        "-5,1130! 90,1080 210,1080 330,1130! 200,1120 90,1130 -5,1180!",
        "760,1130! 860,1080 960,1050 1030,1046! 1030,1096! 950,1100 860,1120!",
    ):
        canvas.paint(canvas.mask(line(swell, closed=True), soften=2).within(mask), "#3f8063", 0.32)
    canvas.ink(line("-5,912 120,884 260,896 420,934 600,950 800,912 930,884 1030,876"), INK, 2.8, (0.0, 0.0))
    for i in range(64):
        x, depth = 1024 * ((i * 0.754878) % 1), (i * 0.569840) % 1
        _grass_tuft(canvas, x, 940 + 335 * depth, 10 + 22 * depth, i)
    for i in range(34):
        x, depth = 1024 * ((0.31 + i * 0.618034) % 1), (0.2 + i * 0.754878) % 1
        _flower(canvas, x, 950 + 320 * depth, 3.5 + 6.5 * depth, ("#fff6e6", "#f5b3a6", "#f7d774")[i % 3])


def _grass_tuft(canvas: Canvas, x: float, y: float, size: float, index: int) -> None:
    for k, lean in enumerate((-0.55, 0.0, 0.5)):
        bend = lean + 0.15 * math.sin(index)
        blade = line(
            f"{x + 2 * k},{y} {x + 2 * k + 0.3 * bend * size},{y - 0.6 * size} {x + 2 * k + bend * size},{y - size}"
        )
        canvas.ink(blade, ("#3f7f5c", "#5fa35f")[k % 2], 2.6 + size / 16, (0.0, 0.8), opacity=0.85)


def _flower(canvas: Canvas, x: float, y: float, r: float, colour: str) -> None:
    canvas.ink(line(f"{x},{y + r} {x - 1},{y + 2.2 * r} {x + 1},{y + 3.4 * r}"), "#3f7f5c", 2.0, (0.0, 0.4))
    petals = [
        ellipse(x + 0.75 * r * math.cos(a), y + 0.55 * r * math.sin(a), 0.62 * r, 0.46 * r)
        for a in (0.3, 1.55, 2.8, 4.1, 5.3)
    ]
    canvas.paint(canvas.mask(*petals), colour)
    canvas.paint(canvas.mask(ellipse(x, y, 0.34 * r, 0.28 * r)), "#d98b3a")


def _gull(canvas: Canvas, x: float, y: float, size: float) -> None:
    wings = line(
        f"{x - size},{y - 0.25 * size} {x - 0.5 * size},{y - 0.45 * size} {x},{y}!"
        f" {x + 0.5 * size},{y - 0.5 * size} {x + size},{y - 0.35 * size}"
    )
    canvas.ink(wings, "#5d6f8c", 3.4, (0.5, 0.3))
