"""The card at a video's end: "Generated process, not a recording", over the darkened painting.

The words are pictures (`tools/render_end_card.py` makes them), so no font is needed and every machine draws the same.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.export.options import Language

_FOLDER = Path(__file__).parent / "end_card_words"
_ACROSS, _DOWN = 0.84, 0.7
"""The part of the picture that the words may take: players and phones cover its edges."""
_LARGEST = 0.085
"""A line's height, at most, as a share of the sides' geometric mean."""
_WORTH = 0.85
"""The share of their size for which words are broken where they should be."""
_ENDS = (",", "，", "、", "。")
_DIMMED = 0.22
_BLURRED_SIDE = 240
"""The shorter side of the picture that is blurred for the ground."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Word:
    """A word's place in its language's strip, in pixels; `ink` is its width without the space behind it."""

    text: str
    left: int
    width: int
    ink: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Lines of words, and the factor by which they are scaled."""

    lines: tuple[tuple[Word, ...], ...]
    scale: float


def draw(painting: Pixels, language: Language) -> Pixels:
    """The card, in the size of `painting` (uint8 [height, width, 3]); the words are never cut off."""
    height, width = painting.shape[:2]
    card = _ground(painting)
    ink, left, top = _inked(language, width, height)
    below = card[top : top + ink.shape[0], left : left + ink.shape[1]]
    below[...] = np.rint(below + (255 - below.astype(np.float32)) * ink[..., None])
    return card


def _ground(painting: Pixels) -> Pixels:
    """The painting, blurred and darkened; it is blurred small, where nobody sees the difference."""
    height, width = painting.shape[:2]
    shrink = max(1.0, min(width, height) / _BLURRED_SIDE)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small = cv2.resize(painting, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.5, min(size) / 60))
    dimmed = cv2.convertScaleAbs(blurred, alpha=_DIMMED)
    return np.asarray(cv2.resize(dimmed, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def lay_out(language: Language, width: int, height: int) -> Layout:
    """The lines in which the words are largest on `width` x `height` pixels.

    Lines end where a part of the sentence does, unless the words would be much smaller for it.
    """
    whole, parted = (_largest(language, width, height, by_parts=by_parts) for by_parts in (False, True))
    return parted if parted.scale >= _WORTH * whole.scale else whole


def _largest(language: Language, width: int, height: int, *, by_parts: bool) -> Layout:
    words, line_height = words_of(language), strip_of(language).shape[0]
    widths = sorted({_width(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)})
    best = Layout((), 0.0)
    for limit in widths:
        lines = _broken(words, limit, by_parts=by_parts)
        if lines is None:
            continue
        widest = max(_width(line) for line in lines)
        scale = min(
            _ACROSS * width / widest,
            _DOWN * height / (len(lines) * line_height),
            _LARGEST * math.sqrt(width * height) / line_height,
        )
        if scale > best.scale or (scale == best.scale and len(lines) < len(best.lines)):
            best = Layout(lines, scale)
    return best


@cache
def words_of(language: Language) -> tuple[Word, ...]:
    """The words of the card; a line may end behind each of them."""
    return tuple(Word(**word) for word in json.loads((_FOLDER / "words.json").read_text(encoding="utf-8"))[language])


@cache
def strip_of(language: Language) -> Pixels:
    """The words' picture: uint8 [line height, width], white on black."""
    data = np.frombuffer((_FOLDER / f"{language}.png").read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _width(words: tuple[Word, ...]) -> int:
    return words[-1].left + words[-1].ink - words[0].left


def _broken(words: tuple[Word, ...], limit: int, *, by_parts: bool) -> tuple[tuple[Word, ...], ...] | None:
    """The words in lines of at most `limit` pixels, or None where one of them is wider.

    With `by_parts` a line ends at every comma and full stop.
    """
    lines: list[tuple[Word, ...]] = []
    for word in words:
        if word.ink > limit:
            return None
        ends = by_parts and bool(lines) and lines[-1][-1].text.rstrip().endswith(_ENDS)
        if lines and not ends and _width((*lines[-1], word)) <= limit:
            lines[-1] = (*lines[-1], word)
        else:
            lines.append((word,))
    return tuple(lines)


def _inked(language: Language, width: int, height: int) -> tuple[NDArray[np.float32], int, int]:
    """How much of each pixel is covered by the words, 0 to 1 [h, w], and where this rectangle lies: left and top."""
    layout, strip = lay_out(language, width, height), strip_of(language)
    line_height = strip.shape[0]
    block = np.zeros((line_height * len(layout.lines), max(_width(line) for line in layout.lines)), np.uint8)
    for number, line in enumerate(layout.lines):
        across, left = _width(line), line[0].left
        start = (block.shape[1] - across) // 2
        block[number * line_height : (number + 1) * line_height, start : start + across] = strip[
            :, left : left + across
        ]
    size = max(1, round(block.shape[1] * layout.scale)), max(1, round(block.shape[0] * layout.scale))
    scaled = cv2.resize(block, size, interpolation=cv2.INTER_AREA if layout.scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(scaled / np.float32(255), np.float32), (width - size[0]) // 2, (height - size[1]) // 2
