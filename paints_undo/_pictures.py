"""What may be given as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine import painting

if TYPE_CHECKING:
    from PIL.Image import Image

PictureLike: TypeAlias = "str | Path | bytes | NDArray[np.uint8] | Image"
"""A file's name or path, a file's bytes, uint8 pixels [height, width, 3 or 4] in sRGB, or a PIL image."""


def read_picture(picture: PictureLike) -> painting.Painting:
    """A painting from a path, a file's bytes, pixels or a PIL image. Raises `PaintingError`, `TypeError`."""
    if isinstance(picture, str | Path):
        return painting.decode(Path(picture))
    if isinstance(picture, bytes):
        return painting.decode(picture)
    if not isinstance(picture, np.ndarray):
        picture = _pixels_of(picture)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise TypeError(
            f"The pixels are {picture.dtype} {list(picture.shape)}, but must be uint8 [height, width, 3 or 4]."
        )
    height, width, channels = picture.shape
    return painting.from_raw(np.ascontiguousarray(picture).tobytes(), width, height, channels)


def _pixels_of(image: Image) -> NDArray[np.uint8]:
    from PIL.Image import Image as PilImage

    if not isinstance(image, PilImage):
        raise TypeError(f"A picture is a path, bytes, a NumPy array or a PIL image, not {type(image).__name__}.")
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
