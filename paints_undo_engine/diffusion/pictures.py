"""Pictures as scripts have them: paths, arrays and Pillow images, as the engine's paintings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.painting import Painting, decode, from_raw, resize
from paints_undo_engine.picture import Picture

Pixels = NDArray[np.uint8]


def as_painting(image: Any) -> Painting:
    """A picture as a painting: a path or a file's bytes, a Pillow image, or an array uint8 [h, w], [h, w, 3 or 4].

    Raises `PaintingError` for a file that is none, `ValueError` for an array of another kind.
    """
    if isinstance(image, Painting):
        return image
    if isinstance(image, str | Path):
        return decode(Path(image))
    if isinstance(image, bytes):
        return decode(image)
    pixels = np.asarray(image.convert("RGBA" if "A" in image.getbands() else "RGB") if _is_pillow(image) else image)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
        raise ValueError(f"A picture is uint8 [h, w], [h, w, 3] or [h, w, 4], not {pixels.dtype} {list(pixels.shape)}.")
    height, width, channels = pixels.shape
    return from_raw(np.ascontiguousarray(pixels).tobytes(), width, height, channels)


def _is_pillow(image: Any) -> bool:
    from PIL import Image

    return isinstance(image, Image.Image)


def resized(picture: Picture, like: Pixels) -> Pixels:
    """The pixels of `picture`, uint8 [h, w, 3], at the size of `like`."""
    return np.asarray(resize(picture.pixels, like.shape[1], like.shape[0]), np.uint8)
