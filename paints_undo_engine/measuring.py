"""How large a picture is, by the head of its file: nothing is decoded, and neither numpy nor OpenCV is needed."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from pathlib import Path
from typing import BinaryIO

from paints_undo_engine._picture.limits import FORMATS, MERGED

_WIDTH, _HEIGHT, _ORIENTATION, _FIRST_LYING = 0x0100, 0x0101, 0x0112, 5
_IHDR = slice(16, 24)


def measured(source: Path | bytes) -> tuple[int, int] | None:
    """Width and height of the painting that a file holds, in pixels; None where only decoding it tells. A PNG whose
    Exif data comes after its pixels counts as upright.

    Raises `OSError` for a file that cannot be read.

    >>> measured(Path("painting.png"))
    (1024, 1280)
    """
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as file:
        beginning = file.read(26)
        file.seek(0)
        try:
            return _size_of(beginning, file)
        except Exception:  # a parser may fail in any way on a damaged file: that is told when it is decoded
            return None


def _size_of(beginning: bytes, file: BinaryIO) -> tuple[int, int]:
    if beginning[:4] == b"8BPS":
        height, width = struct.unpack(">II", beginning[14:22])
        return width, height
    if beginning[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive, archive.open(MERGED) as merged:
            width, height = struct.unpack(">II", merged.read(_IHDR.stop)[_IHDR])
            return width, height
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.init()
        with Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN]) as image:
            # Some versions of Pillow have turned a TIFF's size already.
            tags = getattr(image, "tag_v2", None)
            width, height = image.size if tags is None else (tags[_WIDTH], tags[_HEIGHT])
            exif = Image.Image.getexif(image)  # that of PNG decodes the picture to find what comes after it
            lying = exif.get(_ORIENTATION, 1) >= _FIRST_LYING
    return (height, width) if lying else (width, height)
