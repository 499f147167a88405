"""A contact sheet of a process, for the eye."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from .measures import Frame

_COLUMNS, _GAP, _CAPTION = 8, 6, 14


def contact_sheet(
    states: Sequence[Frame], captions: Sequence[str], tile: int = 240, columns: int = _COLUMNS
) -> Image.Image:
    """The states in reading order, each fitted into `tile` pixels, with a caption above."""
    h, w = states[0].shape[:2]
    scale = tile / max(h, w)
    width, height = max(1, round(w * scale)), max(1, round(h * scale))
    rows = -(-len(states) // columns)
    sheet = Image.new("RGB", (columns * (width + _GAP) + _GAP, rows * (height + _CAPTION + _GAP) + _GAP), "#5a5a5a")
    pen = ImageDraw.Draw(sheet)
    for index, (state, caption) in enumerate(zip(states, captions, strict=True)):
        x = _GAP + index % columns * (width + _GAP)
        y = _GAP + index // columns * (height + _CAPTION + _GAP)
        pen.text((x, y), caption, fill="white")
        sheet.paste(Image.fromarray(state).resize((width, height), Image.Resampling.LANCZOS), (x, y + _CAPTION))
    return sheet
