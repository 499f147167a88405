"""A mushroom with a face, 24 x 24 pixels, enlarged eight times."""

from __future__ import annotations

import numpy as np
from canvas import colour
from numpy.typing import NDArray

ROWS = [
    "........................",
    ".........kkkkkk.........",
    ".......kkRRRRRRkk.......",
    "......kRRRwwRRRRRk......",
    ".....kRRRwwwwRRRrrk.....",
    "....kRRRRwwwwRRRRrrk....",
    "....kRwRRRwwRRRRRrrk....",
    "...kRwwwRRRRRRwwRrrrk...",
    "...kRwwwRRRRRwwwwrrrk...",
    "...kRRwRRRRRRwwwwrrrk...",
    "...krRRRRRRRRRwwrrrrk...",
    "...kkrrrRRRRRrrrrrrkk...",
    "....kkkkrrrrrrrrkkkk....",
    "......kskkkkkkkkdk......",
    "......ksssssssssdk......",
    "......ksskssskssdk......",
    "......ksskssskssdk......",
    "......ksssssssssdk......",
    "......kspskkksspdk......",
    "......ksssssssssdk......",
    ".......ksssssssdk.......",
    "....gg.kkddddddkk.gg....",
    "..ggGGggkkkkkkkkggGGgg..",
    ".gGGGGGGGGGGGGGGGGGGGGg.",
]
PAINTS = {
    ".": "#8fc7e8",
    "k": "#2a1a2e",
    "R": "#d83a3f",
    "r": "#98263f",
    "w": "#fff4e4",
    "s": "#f4dcb4",
    "d": "#c79a72",
    "p": "#f09a8a",
    "g": "#3f7a3a",
    "G": "#63ab4b",
}
TIMES = 8


def draw() -> NDArray[np.uint8]:
    """uint8 [192, 192, 3] RGB."""
    grid = np.array([[colour(PAINTS[key]) for key in row] for row in ROWS]).astype(np.uint8)
    return np.ascontiguousarray(grid.repeat(TIMES, axis=0).repeat(TIMES, axis=1))
