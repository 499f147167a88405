"""Paintings: decoding, colour, transparency, and the way to a working size and back to the canvas.

A painting is what the artist hands in. Whatever the file holds (grey, palette, CMYK, Lab, 16 bits, a colour profile, a
turned photograph), a `Painting` is sRGB, upright, with straight alpha, in the file's own depth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine import png
from paints_undo_engine._picture import layered, reading
from paints_undo_engine._picture.alpha import Pixels, is_opaque, on_white, to_8bit
from paints_undo_engine._picture.fitting import Fitted, draw, fit_to, resize, to_canvas
from paints_undo_engine._picture.limits import MAX_PIXELS, MAX_SIDE, check_file_size, check_size
from paints_undo_engine.errors import DamagedPictureError, InvalidRequestError, PaintingError, UnsupportedPictureError
from paints_undo_engine.picture import Picture, Placement

__all__ = [
    "MAX_PIXELS",
    "MAX_SIDE",
    "Fitted",
    "Painting",
    "decode",
    "draw",
    "fit_to",
    "from_png",
    "from_raw",
    "normalised_png",
    "resize",
    "to_canvas",
]

_BLANK_SIDE = 512
_SPARSE = 16
"""Of so many pixels one tells most paintings from a blank one."""


@dataclass(frozen=True, slots=True, eq=False)
class Painting:
    """The input picture: uint8 or uint16 [height, width, 3 or 4], sRGB, upright, straight alpha; not writable.

    `notes` are sentences for the artist about what had to be converted. `masks` are areas of it, bool [height, width],
    by the names that branches have for them; `states` are canvases of it, by operation step, that branches leave from
    and that are given.
    """

    pixels: Pixels
    notes: tuple[str, ...] = ()
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    states: Mapping[int, Picture] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def placement(self) -> Placement:
        """The whole painting."""
        return Placement(0.0, 0.0, float(self.width), float(self.height))

    def rgb8(self) -> NDArray[np.uint8]:
        """uint8 [height, width, 3], on white where the painting is transparent."""
        return on_white(to_8bit(self.pixels))

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to be seen but one colour, or nothing at all. Wherever pixels are wholly
        transparent, their colour does not count."""
        return all(_has_one_colour(self.pixels[::step, ::step]) for step in (_SPARSE, 1))

    def pixels8(self) -> NDArray[np.uint8]:
        """In 8 bits: uint8 [height, width, 3] when the painting is opaque, [height, width, 4] with alpha when not."""
        pixels = to_8bit(self.pixels)
        return np.ascontiguousarray(pixels[:, :, :3]) if is_opaque(pixels) else pixels

    def mask(self, name: str) -> NDArray[np.bool_] | None:
        """A mask by its name; None, which is everywhere, for the empty name. Raises `InvalidRequestError`."""
        if not name:
            return None
        if name not in self.masks:
            raise InvalidRequestError("procedural.branches.mask", name, "the name of a mask that is given")
        return self.masks[name]

    def with_masks(self, masks: Mapping[str, Painting]) -> Painting:
        """The painting with masks, which are pictures of its size: an area is where one is light and opaque.

        Raises `InvalidRequestError` for a mask of another size.
        """
        return replace(self, masks={name: _area(mask, self) for name, mask in masks.items()})

    def with_states(self, states: Mapping[int, Picture]) -> Painting:
        """The painting with canvases that branches leave from, by operation step."""
        return replace(self, states=dict(states))

    def picture(self) -> Picture:
        """The painting itself as a frame, in 8 bits."""
        return Picture(to_8bit(self.pixels), self.placement)

    def blank(self) -> Picture:
        """The white canvas in the painting's aspect, at most 512 pixels on the longer side."""
        scale = min(1.0, _BLANK_SIDE / max(self.width, self.height))
        size = (max(1, round(self.height * scale)), max(1, round(self.width * scale)), 3)
        return Picture(np.full(size, 255, np.uint8), self.placement)


def decode(source: bytes | Path) -> Painting:
    """Decode a picture file; its content decides, not its name.

    PNG, JPEG, WebP, GIF, BMP, TIFF, PSD and PSB, ORA, KRA, TGA, PNM, AVIF, JPEG 2000, ICO and a few more; of an
    animation the first frame. Size limits are checked before anything is decoded.

    Raises `UnsupportedPictureError` (empty, not a picture), `DamagedPictureError` (broken, cut off),
    `PictureTooLargeError`, or `PaintingError` when the file cannot be read at all.
    """
    data = _contents(source) if isinstance(source, Path) else bytes(source)
    check_file_size(len(data))
    if not data:
        raise UnsupportedPictureError("The file is empty: it has zero bytes.")
    decoded = layered.read(data) if layered.is_layered(data) else reading.read(data)
    return _painting(decoded.pixels, decoded.notes)


def from_raw(data: bytes | memoryview, width: int, height: int, channels: int) -> Painting:
    """A painting from raw RGB8 (`channels` 3) or RGBA8 (4) bytes, row by row from the top, without padding.

    Raises `PictureTooLargeError`, or `UnsupportedPictureError` when the number of bytes does not fit the size.
    """
    check_size(width, height)
    if channels not in (3, 4) or len(data) != width * height * channels:
        raise UnsupportedPictureError(
            f"{len(data)} bytes do not make a picture of {width} x {height} pixels in {channels} channels."
        )
    return _painting(np.frombuffer(data, np.uint8).reshape(height, width, channels))


def from_png(data: bytes) -> Painting:
    """A painting from what `normalised_png` made of it: nothing else is read.

    Raises `DamagedPictureError`, `PictureTooLargeError`.
    """
    pixels = png.decode(data)
    if pixels.shape[2] == 1:
        raise DamagedPictureError("The PNG is no normalised painting: it is grey.")
    return _painting(pixels)


def normalised_png(painting: Painting) -> bytes:
    """The painting as PNG in its own depth, size and alpha: `from_png` gives the same pixels."""
    return png.encode(painting.pixels)


class _Size(NamedTuple):
    width: int
    height: int

    def __repr__(self) -> str:
        return f"{self.width} x {self.height} pixels"


def _area(mask: Painting, painting: Painting) -> NDArray[np.bool_]:
    has, wanted = _Size(mask.width, mask.height), _Size(painting.width, painting.height)
    if has != wanted:
        raise InvalidRequestError("procedural.branches.mask", has, f"{wanted}, as the painting")
    pixels = to_8bit(mask.pixels)
    light = pixels[:, :, :3].max(axis=2) > 127
    return np.asarray(light & (pixels[:, :, 3] > 127) if pixels.shape[2] == 4 else light)


def _painting(pixels: Pixels, notes: tuple[str, ...] = ()) -> Painting:
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    return Painting(pixels, notes)


def _contents(path: Path) -> bytes:
    try:
        check_file_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise PaintingError(f"{path} cannot be read: {error.strerror or error}.") from error


def _has_one_colour(pixels: Pixels) -> bool:
    """Of uint8 or uint16 [height, width, 3 or 4]."""
    alpha = pixels[..., 3:]
    if alpha.shape[2] and (alpha != alpha[0, 0]).any():
        return False
    return bool((alpha.shape[2] and not alpha[0, 0]) or (pixels[..., :3] == pixels[0, 0, :3]).all())
