"""What all kinds of layers share: a name, a place in a group, a blending mode, and opacity over time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import UNIT, Blending, Cover, Keys, Pixels
from paints_undo_engine.procedural.document.tiles import Grid, Tile


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layer's part of a tile: uint8 [h, w, 3] with its `cover` [h, w]; None means that it covers all.

    `premultiplied`: the colours have been multiplied by the cover already. `erases`: it takes away instead, as an
    eraser does from all layers below. `alpha` uint8 [h, w]: it takes the place of what lies below, with this opacity.
    """

    colour: Pixels
    cover: Cover | None
    premultiplied: bool = False
    erases: bool = False
    alpha: Cover | None = None


class Layer(ABC):
    """A layer of a document. Its look is a pure function of the clock: any tick, in any order, gives the same bytes.

    Layers of one group lie together; `clipped` layers show only on the layer below them in their group.
    """

    def __init__(
        self, name: str, group: tuple[str, ...] = (), blending: Blending = Blending.NORMAL, clipped: bool = False
    ) -> None:
        self.name, self.group, self.blending, self.clipped = name, group, blending, clipped
        self.opacity = Keys()

    @abstractmethod
    def attach(self, grid: Grid) -> None:
        """Get ready to be drawn on a canvas; called once, when the document is complete."""

    @abstractmethod
    def changed(self, early: int, late: int) -> NDArray[np.bool_]:
        """Which tiles may look different at two ticks, opacity aside."""

    @abstractmethod
    def shown(self, clock: int) -> NDArray[np.bool_]:
        """Which tiles may hold paint at a tick."""

    @abstractmethod
    def busy(self, operations: int) -> NDArray[np.bool_]:
        """In which operations of the layers' clock something happens that can be seen: bool [operations]."""

    @abstractmethod
    def draw(self, tile: Tile, clock: int) -> Drawn | None:
        """The layer's part of a tile, or None where it holds nothing. Called from several threads at once."""

    def advance(self, clock: int) -> None:  # noqa: B027 - most kinds keep nothing
        """Bring what the layer keeps between moments to a tick; called before any of its tiles is drawn there."""

    def fading(self, operations: int) -> NDArray[np.bool_]:
        """In which operations the whole layer's opacity changes: bool [operations]."""
        levels = np.rint(self.opacity.along(np.arange(operations + 1) * UNIT) * 255)
        return np.asarray(levels[1:] != levels[:-1], bool)

    def level(self, clock: int) -> int:
        """The whole layer's opacity at a tick, 0 to 255."""
        return round(self.opacity(clock) * 255)


def blend(canvas: Pixels, drawn: Drawn, blending: Blending, level: int) -> None:
    """Blend a layer onto its part of the canvas, in place.

    The canvas has three channels (opaque) or four (premultiplied). Products are rounded once each, so that even colours
    stay within one level; what has cover 0 or 255 stays exact.
    """
    channels = canvas.shape[2]
    cover = drawn.cover
    if level < 255:
        cover = np.full(canvas.shape[:2], level, np.uint8) if cover is None else scaled(cover, level)
    if drawn.erases:
        gone = np.full(canvas.shape[:2], 255, np.uint8) if cover is None else cover
        canvas[:] = cv2.multiply(canvas, cv2.bitwise_not(_spread(gone, channels)), scale=1 / 255)
        return
    if drawn.alpha is not None and channels == 4:
        _replace(canvas, drawn.colour, drawn.alpha, cover)
        return
    match blending:
        case Blending.NORMAL:
            _lay_over(canvas, drawn, cover, level)
        case Blending.MULTIPLY:
            factor = drawn.colour
            if cover is not None:
                darker = cv2.multiply(cv2.bitwise_not(factor), _spread(cover, 3), scale=1 / 255)
                factor = np.asarray(cv2.bitwise_not(darker), np.uint8)
            canvas[..., :3] = cv2.multiply(np.ascontiguousarray(canvas[..., :3]), factor, scale=1 / 255)
        case Blending.SCREEN:
            light = drawn.colour
            if cover is not None:
                light = np.asarray(cv2.multiply(light, _spread(cover, 3), scale=1 / 255), np.uint8)
            ground = np.ascontiguousarray(canvas[..., :3])
            room = cv2.bitwise_not(ground) if channels == 3 else cv2.subtract(_spread(canvas[..., 3], 3), ground)
            canvas[..., :3] = cv2.add(ground, cv2.multiply(light, room, scale=1 / 255))
        case _:
            raise ValueError(f"{blending} is for the layer split alone")


def _replace(canvas: Pixels, colour: Pixels, alpha: Cover, cover: Cover | None) -> None:
    """Go over from what is there to a colour with its own opacity."""
    paint = np.asarray(cv2.merge([cv2.multiply(colour, _spread(alpha, 3), scale=1 / 255), alpha]), np.uint8)
    if cover is None:
        canvas[:] = paint
        return
    spread = _spread(cover, 4)
    left = cv2.multiply(np.ascontiguousarray(canvas), cv2.bitwise_not(spread), scale=1 / 255)
    canvas[:] = cv2.add(left, cv2.multiply(paint, spread, scale=1 / 255))


def _lay_over(canvas: Pixels, drawn: Drawn, cover: Cover | None, level: int) -> None:
    channels = canvas.shape[2]
    if cover is None:
        canvas[..., :3] = drawn.colour
        canvas[..., 3:] = 255
        return
    left, top, width, height = cv2.boundingRect(cover)
    if not width * height:
        return
    at = np.s_[top : top + height, left : left + width]
    canvas, cover, colour = canvas[at], cover[at], drawn.colour[at]
    spread = _spread(cover, channels)
    if not drawn.premultiplied:
        whole = colour if channels == 3 else cv2.merge([*cv2.split(colour), np.full_like(cover, 255)])
        paint = cv2.multiply(whole, spread, scale=1 / 255)
    else:
        paint = colour if level == 255 else scaled(colour, level)
        if channels == 4:
            paint = cv2.merge([*cv2.split(paint), cover])
    left_over = cv2.multiply(canvas, cv2.bitwise_not(spread, dst=spread), scale=1 / 255)
    cv2.add(left_over, paint, dst=canvas)


def scaled(values: NDArray[np.uint8], level: int) -> NDArray[np.uint8]:
    """Values times an opacity of 0 to 255."""
    return np.asarray(cv2.convertScaleAbs(values, alpha=level / 255), np.uint8)


def product(a: Cover, b: Cover) -> Cover:
    """Two covers, one within the other."""
    return np.asarray(cv2.multiply(a, b, scale=1 / 255), np.uint8)


def _spread(cover: Cover, channels: int) -> Pixels:
    return np.asarray(cv2.merge([cover] * channels), np.uint8)
