"""Pictures that are drawn here, with what is true of them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource

Pixels = NDArray[np.uint8]

SKIN, HAIR, SHIRT, SHADE, BLACK = (250, 218, 200), (110, 70, 60), (190, 40, 50), (120, 20, 45), (25, 20, 25)
GROUND = (120, 150, 190)


def doll(side: int, ground: tuple[int, int, int] = (255, 255, 255)) -> tuple[Pixels, NDArray[np.bool_]]:
    """An inked doll with hair, a head and a two-toned shirt, and where it is; `side` pixels, drawn at four times."""
    big = 4 * side
    picture = np.full((big, big, 3), ground, np.uint8)

    def point(x: float, y: float) -> tuple[int, int]:
        return round(x * big), round(y * big)

    line = max(1, round(0.006 * big))
    shirt = np.array([point(0.3, 0.95), point(0.34, 0.6), point(0.5, 0.52), point(0.66, 0.6), point(0.7, 0.95)])
    shade = np.array([point(0.52, 0.95), point(0.55, 0.65), point(0.66, 0.6), point(0.7, 0.95)])
    for outline, colour in ((shirt, SHIRT), (shade, SHADE)):
        cv2.fillPoly(picture, [outline], colour)
    cv2.polylines(picture, [shirt], True, BLACK, line)
    for centre, axes, colour in (((0.5, 0.32), (0.2, 0.22), HAIR), ((0.5, 0.37), (0.13, 0.15), SKIN)):
        cv2.ellipse(picture, point(*centre), point(*axes), 0, 0, 360, colour, -1)
        cv2.ellipse(picture, point(*centre), point(*axes), 0, 0, 360, BLACK, line)
    mask = np.zeros((big, big), np.uint8)
    cv2.fillPoly(mask, [shirt], 1)
    cv2.polylines(mask, [shirt], True, 1, line)
    cv2.ellipse(mask, point(0.5, 0.32), point(0.2, 0.22), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, point(0.5, 0.32), point(0.2, 0.22), 0, 0, 360, 1, line)
    small = np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    share = cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return small, np.asarray(share > 0.5)


def portrait(side: int, degrees: float = 0.0) -> Pixels:
    """A drawn face with large eyes, hair and shoulders before `GROUND`, turned about its nose: uint8 [side, side, 3].

    The eyes lie at .38 and .62 of the width and .57 of the height.
    """
    picture = np.full((1200, 1200, 3), GROUND, np.uint8)

    def oval(x: int, y: int, a: int, b: int, colour: tuple[int, int, int], *, line: int = -1, begin: int = 0) -> None:
        end = 360 if begin == 0 else 540 - begin
        cv2.ellipse(picture, (x, y), (a, b), 0, begin, end, colour, line, cv2.LINE_AA)

    def shape(points: str, colour: tuple[int, int, int] | None) -> None:
        corners = np.array([[int(value) for value in point.split(",")] for point in points.split()])
        if colour is not None:
            cv2.fillPoly(picture, [corners], colour)
        cv2.polylines(picture, [corners], False, BLACK, 6, cv2.LINE_AA)

    oval(600, 520, 330, 360, HAIR)
    oval(600, 520, 330, 360, BLACK, line=6)
    shape("540,860 660,860 670,1010 530,1010", (235, 195, 175))
    shape("260,1200 320,1030 530,980 670,980 880,1030 940,1200", (240, 240, 245))
    shape("870,520 600,380 330,520 345,690 420,800 560,900 640,900 780,800 855,690 870,520", SKIN)
    fringe = "320,560 350,360 600,270 850,360 880,560 810,470 780,600 720,450 640,590 600,440 540,600 480,460 420,600"
    shape(f"{fringe} 390,470 320,560", HAIR)
    for x in (455, 745):
        oval(x, 680, 70, 85, (252, 252, 252))
        oval(x, 690, 52, 74, (70, 110, 170))
        oval(x, 700, 26, 44, BLACK)
        oval(x - 16, 650, 17, 20, (255, 255, 255))
        oval(x, 690, 52, 74, BLACK, line=4)
        oval(x, 690, 80, 95, BLACK, line=14, begin=200)
        oval(x, 600, 80, 40, BLACK, line=6, begin=220)
    shape("600,770 594,785", None)
    shape("565,818 600,830 635,818", None)
    turn = cv2.getRotationMatrix2D((600, 680), degrees, 1.0)
    turned = cv2.warpAffine(picture, turn, (1200, 1200), borderValue=GROUND)
    return np.asarray(cv2.resize(turned, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def person(side: int, degrees: float = 0.0) -> Pixels:
    """A head and shoulders with a person's proportions, softly painted, turned about its middle: uint8 [side, side, 3].

    The eyes lie at .42 and .58 of the width and .44 of the height, the chin at .73.
    """
    skin, hair, dark = (224, 178, 150), (62, 44, 34), (72, 50, 38)
    picture = np.full((1200, 1200, 3), (96, 90, 84), np.uint8)

    def oval(x: int, y: int, a: int, b: int, colour: tuple[int, int, int], *, line: int = -1, begin: int = 0) -> None:
        end = 360 if begin == 0 else 540 - begin
        cv2.ellipse(picture, (x, y), (a, b), 0, begin, end, colour, line, cv2.LINE_AA)

    oval(600, 1180, 480, 300, (60, 66, 92))
    cv2.rectangle(picture, (500, 800), (700, 1010), (188, 140, 116), -1)
    oval(600, 470, 290, 330, hair)
    oval(600, 560, 225, 310, skin)
    oval(600, 640, 190, 235, skin)
    oval(600, 330, 235, 110, hair)
    for way in (-1, 1):
        x = 600 + way * 98
        oval(x, 520, 52, 34, (190, 140, 116))
        oval(x, 530, 44, 19, (238, 230, 222))
        oval(x, 530, 19, 19, (84, 60, 44))
        oval(x, 530, 9, 9, (14, 12, 12))
        oval(x, 532, 46, 21, dark, line=7, begin=190)
        oval(x, 490, 66, 24, dark, line=16, begin=205)
        oval(600 + way * 34, 668, 18, 12, (150, 96, 80))
        oval(600 + way * 150, 650, 50, 60, (216, 160, 136))
    oval(560, 600, 16, 80, (204, 156, 130))
    oval(600, 684, 44, 10, (160, 108, 90))
    oval(600, 752, 78, 22, (176, 92, 86))
    oval(600, 750, 78, 4, (110, 54, 52))
    oval(600, 800, 52, 10, (196, 148, 124))
    turn = cv2.getRotationMatrix2D((600, 600), degrees, 1.0)
    turned = cv2.warpAffine(cv2.GaussianBlur(picture, (0, 0), 5), turn, (1200, 1200), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(turned, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def face_at(x: float, y: float, width: float, confidence: float = 1.0) -> Face:
    """A face in a square box at x, y."""
    eyes = tuple(Eye((x + side * width, y + 0.5 * width), (0.1 * width, 0.1 * width), (0, 0, 0)) for side in (0.3, 0.7))
    return Face(
        box=Box(x, y, width, width),
        eyes=(eyes[0], eyes[1]),
        mouth=Box(x + 0.4 * width, y + 0.8 * width, 0.2 * width, 0.1 * width),
        nose=(x + 0.5 * width, y + 0.65 * width),
        chin=(x + 0.5 * width, y + width),
        tilt=0.0,
        skin=(250, 218, 200),
        hair=(110, 70, 60),
        confidence=confidence,
        source=FaceSource.MTCNN,
    )


def agreement(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks."""
    return float((a & b).sum() / max((a | b).sum(), 1))
