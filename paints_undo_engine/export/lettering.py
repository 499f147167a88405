"""Words in pictures: a font that has their characters, lines that fit, and letters that are read on any ground."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from paints_undo_engine.errors import ExportError

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_SYSTEM_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSans-Regular.ttf", "DejaVuSans.ttf",  # Linux
    "YuGothM.ttc", "msyh.ttc", "malgun.ttf", "segoeui.ttf",  # Windows
    "Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "Arial Unicode.ttf",  # macOS
)  # fmt: skip
"""For what Pillow's own font, which has Latin letters only, cannot write."""
_LINE = 1.35
"""From one line to the next, as a share of the letters' size."""
_TRIED = 20.0
"""A size at which fonts are tried."""
_DECORATING = ("So", "Sk", "Cf", "Me", "Co", "Cn")
"""Unicode's categories of pictures, of their colours, joints and frames, and of what Python does not know yet."""
_JOINTS = frozenset(map(chr, (0x200D, *range(0xFE00, 0xFE10))))
"""What joins or changes pictures, and is nothing without them."""
_UNKNOWN = "\uffff"
_SHADOW, _GROUND = 0.8, 0.5
"""How dark it is right beside a letter, and around the words."""


def font_for(text: str, size: float) -> tuple[Font, str]:
    """The font that has most of a text (Pillow's own, or one of this machine), and the text without the signs that it
    lacks: emoji and the like, which decorate. Raises `ExportError` where letters would be lacking, or nothing is left.
    """
    whole = (font for font in _fonts(size) if not _lacking(font, text))  # the others are not even opened
    best = next(whole, None) or min(_fonts(size), key=lambda font: _weight(_lacking(font, text)))
    lacking = _lacking(best, text)
    joints = _JOINTS if lacking else frozenset()
    rest = " ".join("".join(letter for letter in text if letter not in lacking and letter not in joints).split())
    if not rest or not all(map(_decorates, lacking)):
        raise ExportError(
            f"No font that is looked for on this machine has {lacking!r}. Leave it out, or install Noto Sans, "
            "Noto Sans CJK or DejaVu Sans, if they have it."
        )
    return best, rest


def unwritable(text: str) -> str:
    """The signs of a text that are left out of a video, since no font here has them. Raises `ExportError` where it
    cannot be written without them.

    >>> unwritable("Fox \U0001fae8")
    '\U0001fae8'
    """
    if not text.strip():
        return ""
    font, _ = font_for(text, _TRIED)
    return _lacking(font, text)


def letters(text: str, size: float, width: int, lines: int = 1) -> NDArray[np.uint8]:
    """White letters on a soft dark ground, which makes them readable on anything: uint8 [h, w, 4], at most about
    `width` pixels wide, in as many lines as they need and at most `lines`. Raises `ExportError`."""
    font, text = font_for(text, size)
    written = [shortened(line, font, max(1, width)) for line in in_lines(text, font, width, lines)]
    margin, step = margin_of(size), round(size * _LINE)
    across, down = max(1, *(round(font.getlength(line)) for line in written)), round(size * 1.4)
    page = Image.new("L", (across + 2 * margin, down + step * (len(written) - 1) + 2 * margin))
    for number, line in enumerate(written):
        ImageDraw.Draw(page).text((margin, margin + number * step), line, 255, font)
    ground = np.zeros((page.height, page.width), np.float32)
    ground[margin // 2 : page.height - margin // 2, margin // 2 : page.width - margin // 2] = _GROUND
    soft = cv2.GaussianBlur(ground, (0, 0), margin / 4, borderType=cv2.BORDER_CONSTANT)
    return shadowed(np.asarray(page), np.asarray(soft, np.float32), down + 2 * margin)


def fitting(text: str, size: float, width: int, lines: int, most: int) -> tuple[float, int]:
    """The largest size, at most `size` and not below half of it, in which a text is written to its end in so many
    `lines`; where it never is, half of it, and as many lines as it needs then, at most `most`."""
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        if _is_whole(text, size * share, width, lines):
            return size * share, lines
    more = range(lines + 1, most)
    return size / 2, next((each for each in more if _is_whole(text, size / 2, width, each)), max(lines, most))


def _is_whole(text: str, size: float, width: int, lines: int) -> bool:
    font, written = font_for(text, size)
    return font.getlength(in_lines(written, font, width, lines)[-1]) <= width


def lines_in(height: float, size: float) -> int:
    """How many lines of letters there is room for."""
    return int(height / (size * _LINE))


def margin_of(size: float) -> int:
    """How many pixels the ground of letters goes beyond them."""
    return max(2, round(size / 3))


def shadowed(shape: NDArray[np.uint8], ground: NDArray[np.float32] | None = None, high: int = 0) -> NDArray[np.uint8]:
    """A shape (uint8 [h, w], 0 to 255) in white, with a soft shadow as wide as a twentieth of its height, or of `high`.

    `ground` is how dark it is around the shape at least, [h, w], 0 to 1.
    """
    ink = shape.astype(np.float32) / 255
    shadow = cv2.GaussianBlur(ink, (0, 0), max(1.0, (high or shape.shape[0]) / 20))
    shadow = np.minimum(1.0, shadow * 4) * _SHADOW
    if ground is not None:
        shadow = np.maximum(shadow, ground)
    alpha = ink + shadow * (1 - ink)
    white = np.divide(ink, alpha, out=np.zeros_like(ink), where=alpha > 1e-3)
    return np.asarray(np.rint(np.dstack([white, white, white, alpha]) * 255), np.uint8)


def wrapped(text: str, font: Font, width: int) -> list[str]:
    """The text in lines of at most `width` pixels; only a single word may be wider."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def in_lines(text: str, font: Font, width: int, most: int) -> list[str]:
    """The text in as many lines of `width` pixels as it needs, at most `most`, of which the last may be wider: broken
    between words or, in a word that is wider and where no spaces are written, anywhere."""
    rest, lines = " ".join(text.split()), list[str]()
    while len(lines) < most - 1 and font.getlength(rest) > width:
        fitting = next((end for end in range(len(rest), 0, -1) if font.getlength(rest[:end]) <= width), 1)
        end = max(0, rest.rfind(" ", 0, fitting + 1)) or fitting
        lines.append(rest[:end])
        rest = rest[end:].lstrip()
    return [*lines, rest]


def shortened(text: str, font: Font, width: int) -> str:
    """The text, cut with an ellipsis where it is wider than `width` pixels."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ·") + "…"


def _lacking(font: Font, text: str) -> str:
    return "".join(dict.fromkeys(letter for letter in text if not _has(font, letter)))


def _weight(lacking: str) -> tuple[int, int]:
    """How much is lost without these: letters first."""
    return sum(not _decorates(letter) for letter in lacking), len(set(lacking) - _JOINTS)


def _decorates(letter: str) -> bool:
    """Whether a text says the same without a sign: a picture, or what only changes one."""
    return unicodedata.category(letter) in _DECORATING or letter in _JOINTS


def _fonts(size: float) -> Iterator[Font]:
    for name in ("", *_SYSTEM_FONTS):
        font = _font(name, size)
        if font is not None:
            yield font


@lru_cache(32)
def _font(name: str, size: float) -> Font | None:
    try:
        return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    except OSError:
        return None


@lru_cache(1024)
def _has(font: Font, letter: str) -> bool:
    """Whether a font has a character: it draws it otherwise than one that no font has."""
    if letter.isspace():
        return True
    drawn, unknown = font.getmask(letter), font.getmask(_UNKNOWN)
    return drawn.size != unknown.size or bytes(drawn) != bytes(unknown)
