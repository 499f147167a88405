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
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(18)
    for number, (picture, name) in enumerate(zip_longest(opened, names[: len(opened)], fillvalue="")):
        left = _GAP + number * (width + _GAP)
        draw.text((left, 6), f"{number + 1}  {name}".rstrip(), _INK, font)
        page.paste(picture, (left, _LABEL + _GAP))
    with io.BytesIO() as buffer:
        page.save(buffer, "PNG")
        return buffer.getvalue()
