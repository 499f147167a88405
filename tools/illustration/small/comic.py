"""A comic page: four panels in ink with grey tones, speech balloons and lettering."""

from __future__ import annotations

import cv2
import fox
import numpy as np
from canvas import Canvas, ellipse, spline
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 700, 980
Box = tuple[int, int, int, int]
PANELS: tuple[Box, ...] = ((30, 30, 640, 290), (30, 340, 310, 300), (360, 340, 310, 300), (30, 660, 640, 290))
"""x, y, width, height."""


def draw() -> NDArray[np.uint8]:
    """uint8 [980, 700, 3] RGB."""
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    hero = toned(fox.draw())
    for box, picture in zip(
        PANELS,
        (town(PANELS[0]), fitted(hero[380:760, 220:800], PANELS[1]), fitted(hero[330:960, 640:1010], PANELS[2]),
         fitted(hero[90:660, 120:930], PANELS[3])),
        strict=True,
    ):  # fmt: skip
        x, y, width, height = box
        page[y : y + height, x : x + width] = picture
        cv2.rectangle(page, (x, y), (x + width, y + height), (15, 15, 15), 4)
    image = Image.fromarray(page)
    balloon(image, (470, 92), (150, 50), "That evening,\nabove the town...", (430, 170))
    balloon(image, (118, 388), (78, 36), "Hm...", (150, 470))
    balloon(image, (448, 392), (80, 36), "Pink!", (500, 470))
    balloon(image, (548, 890), (108, 44), "Nobody saw\nit coming.", (470, 850))
    return np.asarray(image)


def toned(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Black ink and three greys, as a printer would have them."""
    grey = cv2.cvtColor(cv2.bilateralFilter(picture, 7, 30, 7), cv2.COLOR_RGB2GRAY)
    levels = np.interp(np.arange(256), [0, 62, 70, 110, 118, 170, 178, 255], [12, 12, 96, 96, 176, 176, 255, 255])
    return cv2.cvtColor(cv2.LUT(grey, levels.astype(np.uint8)), cv2.COLOR_GRAY2RGB)


def fitted(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The middle of a picture, filling a panel."""
    _, _, width, height = box
    h, w = picture.shape[:2]
    scale = max(width / w, height / h)
    large = cv2.resize(picture, (round(w * scale), round(h * scale)), interpolation=cv2.INTER_AREA)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return np.asarray(large[top : top + height, left : left + width])


def town(box: Box) -> NDArray[np.uint8]:
    """Roofs under the moon."""
    _, _, width, height = box
    canvas = Canvas(width, height)
    canvas.fill(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64), "#606060")
    moon = ellipse(150, 90, 54, 54)
    canvas.fill(moon, "#ffffff")
    canvas.outline(moon, 4, "#101010")
    random = np.random.default_rng(3)
    x = -30.0
    while x < width:
        across, top = random.uniform(70, 120), random.uniform(120, 200)
        house = spline(
            [
                (x, height, "c"),
                (x, top + 40, "c"),
                (x + across / 2, top - 14, "c"),
                (x + across, top + 40, "c"),
                (x + across, height, "c"),
            ],
            density=2,
        )
        canvas.fill(house, str(random.choice(["#ffffff", "#b0b0b0", "#d8d8d8"])))
        for row in range(int(top) + 56, height - 24, 46):
            for column in (0.2, 0.6):
                left = x + across * column
                window = np.array([(left, row), (left + 16, row), (left + 16, row + 24), (left, row + 24)], np.float64)
                canvas.fill(window, str(random.choice(["#101010", "#ffffff"])))
                canvas.outline(window, 2.4, "#101010")
        canvas.outline(house, 4, "#101010")
        x += across * random.uniform(0.8, 1.0)
    return canvas.result()


def balloon(
    image: Image.Image, centre: tuple[int, int], half: tuple[int, int], words: str, tip: tuple[int, int]
) -> None:
    """A balloon with a tail, and its words in the middle."""
    pen = ImageDraw.Draw(image)
    (x, y), (across, down) = centre, half
    oval = (x - across, y - down, x + across, y + down)
    pen.ellipse(oval, fill="white", outline="black", width=4)
    pen.polygon([(x - 16, y + down - 6), tip, (x + 14, y + down - 6)], fill="white", outline="black", width=3)
    pen.ellipse((x - across + 4, y - down + 4, x + across - 4, y + down - 4), fill="white")
    pen.multiline_text(centre, words, font=ImageFont.load_default(size=24), fill="black", anchor="mm", align="center")
