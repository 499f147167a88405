"""The street behind the figure: painted sharp, then thrown out of focus, with lights as discs."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, ellipse, spline


def street(canvas: Canvas) -> None:
    """Dusk sky, house fronts to both sides, lit windows, the wet road."""
    width, height = canvas.width, canvas.height
    everything = canvas.mask(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64))
    canvas.gradient(
        everything, [(0, "#4c5a8f"), (300, "#8a78a8"), (560, "#e2a090"), (700, "#f4c391"), (1100, "#8a6a86")]
    )
    for outline, paint in (
        ([(0, 60, "c"), (170, 110, "c"), (250, 900, "c"), (0, 1090, "c")], "#3c4470"),
        ([(170, 260, "c"), (300, 300, "c"), (320, 860, "c"), (230, 900, "c")], "#5a5a88"),
        ([(832, 0, "c"), (832, 1090, "c"), (600, 900, "c"), (640, 90, "c")], "#453f66"),
        ([(560, 330, "c"), (640, 300, "c"), (620, 900, "c"), (550, 840, "c")], "#6a5a86"),
        (
            [(0, 960, "c"), (310, 840, "c"), (560, 840, "c"), (832, 980, "c"), (832, 1090, "c"), (0, 1090, "c")],
            "#54486e",
        ),
    ):
        canvas.fill(spline(outline, density=2), paint)
    windows = np.random.default_rng(4)
    for left, right, lean in ((20, 210, 0.06), (668, 815, -0.05)):
        for y in range(150, 820, 92):
            for x in np.arange(left, right - 30, 58):
                if windows.random() < 0.7:
                    paint = windows.choice(["#ffcf7a", "#ffb25e", "#ffe3ad", "#7f86b8"])
                    top = y + lean * (x - left)
                    canvas.fill(np.array([(x, top), (x + 32, top + 3), (x + 32, top + 52), (x, top + 50)]), paint)
    for x, y, paint in ((300, 930, "#ffd9a0"), (520, 930, "#ffc58a"), (120, 1010, "#f2a07a"), (720, 1030, "#ffb070")):
        canvas.soft(ellipse(x, y, 40, 110), paint, 0.5, 14)
    canvas.blur(11)


def lights(canvas: Canvas) -> None:
    """Street lamps out of focus: pale discs with a brighter rim."""
    spots = np.random.default_rng(11)
    for _ in range(26):
        x, y = spots.uniform(0, canvas.width), spots.uniform(330, 900)
        radius = spots.uniform(11, 34)
        paint = str(spots.choice(["#ffd08a", "#ffb877", "#ffe7bd", "#f7927e", "#a9c7e8"]))
        canvas.soft(ellipse(x, y, radius, radius), paint, float(spots.uniform(0.25, 0.55)), 1.5)
        canvas.soft(ellipse(x, y, radius * 0.6, radius * 0.6), paint, 0.15, 4)
    canvas.blur(1.6)
