"""The candidates of a branch side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import zip_longest

from PIL import Image, ImageDraw, ImageFont

_GAP = 12
_LABEL = 24
_PAPER, _INK = (246, 246, 244), (60, 60, 60)


def candidates_sheet(pictures: Sequence[bytes], names: Sequence[str] = ()) -> bytes:
    """A PNG that shows pictures (PNG, all of one size) in a row, each under its number from 1 and its name."""
    opened = [Image.open(io.BytesIO(data)).convert("RGB") for data in pictures]
    width, height = opened[0].size
    page = Image.new("RGB", (len(opened) * (width + _GAP) + _GAP, height + 2 * _GAP + _LABEL), _PAPER)
    draw = ImageDraw.Draw(page)
    for number, (picture, name) in enumerate(zip_longest(opened, names[: len(opened)], fillvalue="")):
        left = _GAP + number * (width + _GAP)
        words = f"{number + 1}  {name}".rstrip()
        draw.text((left, 6), words, _INK, _font(words, width))
        page.paste(picture, (left, _LABEL + _GAP))
    with io.BytesIO() as buffer:
        page.save(buffer, "PNG")
        return buffer.getvalue()


def _font(words: str, width: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The largest of a few sizes in which the words are not wider than `width` pixels; else the smallest."""
    fonts = [ImageFont.load_default(size) for size in range(18, 8, -1)]
    return next((font for font in fonts if font.getlength(words) <= width), fonts[-1])
