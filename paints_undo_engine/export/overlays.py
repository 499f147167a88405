"""What may be drawn over a video: what is being done, how far it is, the colours, the brush, title and author.

All of it keeps clear of the edges, which players and phones cover.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.contract import BLANK_OPERATION_STEP
from paints_undo_engine.export.lettering import fitting, letters, lines_in, margin_of, shadowed
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.planes import Patch, Planes

_TITLE_SECONDS, _FADE_SECONDS = 3.5, 0.4
"""How long title and author stay at the beginning, and how long they come and go."""
_HEADING_LINES, _HEADING_SHARE = 3, 0.25
"""In how many lines a title is written, and the share of the height that it may take where it needs more; the author
the same."""
_EDGE = 0.06
_DARK_EDGE, _BAR_GREY = 200, 120
"""How dense the dark edges of bar and colours are, and the grey of what is not yet filled, 0 to 255."""
_MOST_DOTS = 8
_NUMBER = re.compile(r"[\s#]*\d+$")


@dataclass(frozen=True, slots=True)
class Moment:
    """A tick of a video.

    `share` of the process is shown, 0 to 1; `label` says what is being done, "phase, operation"; `brush` is where, in
    the video's pixels, or None. `used` tells of each of the palette's colours whether it is in use. `seconds` have
    passed; `done`: the painting is seen.
    """

    seconds: float
    share: float
    operation_step: float
    label: str
    brush: tuple[float, float] | None
    used: tuple[bool, ...]
    done: bool


class Overlays:
    """Draws over pictures of `width` x `height` pixels; `colours` is the palette, uint8 [n, 3].

    Raises `ExportError` for a title or an author that no font can write.
    """

    def __init__(self, options: ExportOptions, width: int, height: int, colours: NDArray[np.uint8]) -> None:
        self._options = options
        self._width, self._height, self._colours = width, height, colours
        self._unit = max(1.0, math.sqrt(width * height) / 100)
        self._left, self._top = round(width * _EDGE), round(height * _EDGE)
        self._across = width - 2 * self._left
        self._bottom = height - self._top
        self._row = self._bottom - round((1.6 if options.show_progress else 0) * self._unit)
        """The line on which words and colours stand."""
        self._dot_size = max(4, round(2.2 * self._unit))
        self._dot_step = min(round(self._dot_size * 1.25), max(self._dot_size, self._across // 2 // _MOST_DOTS))
        self._heading = self._made_heading()
        self._words = lru_cache(8)(self._made_words)
        self._dots = lru_cache(4)(self._made_dots)
        self._bar = lru_cache(2)(self._made_bar)
        self._ring = _ring(1.5 * self._unit)

    def draw(self, planes: Planes, at: Moment) -> None:
        """Draw what belongs to a moment over a picture."""
        if self._options.show_brush and at.brush is not None:
            x, y = (round(place - side / 2) for place, side in zip(at.brush, self._ring.shape[1::-1], strict=True))
            Patch(self._ring, x, y).lay_over(planes)
        if self._options.show_progress:
            self._bar(round(at.share * self._across)).lay_over(planes)
        if self._options.show_palette and any(at.used):
            self._dots(at.used).lay_over(planes)
        text = words_for(at) if self._options.show_operation else ""
        if text:
            self._words(text).lay_over(planes)
        opacity = 1.0 if at.done else min(1.0, max(0.0, (_TITLE_SECONDS - at.seconds) / _FADE_SECONDS))
        for patch in self._heading if opacity else ():
            patch.lay_over(planes, opacity)

    def _made_heading(self) -> list[Patch]:
        lines, top = [], self._top
        for text, size in ((self._options.title, 4.2), (self._options.author, 2.6)):
            if text.strip():
                room = lines_in(_HEADING_SHARE * self._height, size * self._unit / 2)
                high, most = fitting(text, size * self._unit, self._across, _HEADING_LINES, room)
                drawn = letters(text, high, self._across, most)
                lines.append(self._placed(drawn, high, top))
                top += drawn.shape[0] - 2 * margin_of(high)
        return lines

    def _made_words(self, text: str) -> Patch:
        size = 2.4 * self._unit
        beside = self._dot_step * (len(self._colours) + 1)
        return self._line(text, size, self._across - beside, self._row - round(1.5 * size))

    def _line(self, text: str, size: float, across: int, top: int) -> Patch:
        return self._placed(letters(text, size, across), size, top)

    def _placed(self, drawn: NDArray[np.uint8], size: float, top: int) -> Patch:
        margin = margin_of(size)
        return Patch(drawn, self._left - margin, top - margin)

    def _made_dots(self, used: tuple[bool, ...]) -> Patch:
        """The colours in use, each at its own place, on the right."""
        step, size = self._dot_step, self._dot_size
        page = np.zeros((size, step * len(used), 4), np.uint8)
        for number, (shown, colour) in enumerate(zip(used, self._colours, strict=True)):
            if shown:
                page[:, number * step : number * step + size] = _dot(size, colour)
        return Patch(page, self._left + self._across - page.shape[1], self._row - round(1.25 * size))

    def _made_bar(self, filled: int) -> Patch:
        """White on grey with a dark edge all around, so that it is seen on white and on black."""
        high = max(4, round(0.6 * self._unit))
        edge = max(2, high // 3)
        page = np.zeros((high + 2 * edge, self._across + 2 * edge, 4), np.uint8)
        page[..., 3] = _DARK_EDGE
        page[edge:-edge, edge:-edge, :3] = _BAR_GREY
        page[edge:-edge, edge : edge + filled] = 255
        return Patch(page, self._left - edge, self._bottom - high - edge)


def words_for(at: Moment) -> str:
    """What is being done, without the operation's number; of an engine that does not know it, how much is done.

    >>> words_for(Moment(1.0, 0.4, 600.0, "flats, brush stroke 324", None, (), False))
    'Flats · brush stroke'
    """
    if at.done:
        return ""
    phase, _, operation = (part.strip() for part in at.label.partition(","))
    if not phase:
        return f"{100 * (1 - at.operation_step / BLANK_OPERATION_STEP):.0f} %"
    return " · ".join(filter(None, [phase[:1].upper() + phase[1:], _NUMBER.sub("", operation)]))


def _ring(radius: float) -> NDArray[np.uint8]:
    """A white ring with a shadow, uint8 [side, side, 4]."""
    side = math.ceil(2.8 * radius)
    page = np.zeros((side, side), np.uint8)
    thick = max(1, round(radius / 5))
    cv2.circle(page, (side // 2, side // 2), max(1, round(radius)), 255, thick, cv2.LINE_AA)
    return shadowed(page)


def _dot(size: int, colour: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A colour in a white rim with a dark edge, so that it is seen on white and on black, uint8 [size, size, 4]."""
    thick = max(0.06, min(1 / size, 0.125))
    edge, rim, inner = (_disc(size, 1 - 2 * inwards)[..., None] / 255 for inwards in (0, thick, thick + 0.06))
    colours = rim * (1 - inner) * 255 + inner * colour
    return np.asarray(np.rint(np.dstack([colours, np.maximum(edge * _DARK_EDGE, rim * 255)])), np.uint8)


def _disc(size: int, share: float = 1.0) -> NDArray[np.uint8]:
    """A disc, uint8 [size, size], 0 to 255."""
    away = np.hypot(*np.meshgrid(*[np.arange(size) - (size - 1) / 2] * 2))
    return np.asarray(np.clip((size / 2 * share - away + 0.5) * 255, 0, 255), np.uint8)
