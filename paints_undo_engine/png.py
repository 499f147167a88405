"""PNG as the project stores and sends pictures: lossless, 8 or 16 bits, as fast as it gets.

The settings come from `benchmarks/png.py`.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.errors import DamagedPictureError

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_FAST = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
)
"""Zlib level 1 with runs only, every row as the difference to the one above: fastest, and among the smallest."""


def encode(pixels: NDArray[Any]) -> bytes:
    """Encode uint8 or uint16 [height, width, 1, 3 or 4], RGB order, straight alpha, as PNG.

    Raises `ValueError` for another shape or type.
    """
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"PNG holds uint8 or uint16 [H, W, 1, 3 or 4], not {pixels.dtype} {pixels.shape}.")
    if pixels.shape[2] == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    elif pixels.shape[2] == 4:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA)
    _, data = cv2.imencode(".png", pixels, _FAST)
    return data.tobytes()


def decode(data: bytes) -> NDArray[Any]:
    """Decode a PNG that `encode` made: uint8 or uint16 [height, width, 1, 3 or 4], RGB order.

    Pictures from outside go through `painting.decode` instead. Raises `DamagedPictureError`.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise DamagedPictureError("The PNG data is damaged.")
    if pixels.ndim == 2:
        return pixels[:, :, None]
    code = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(pixels, code))


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and contents of each chunk of a PNG that `encode` made."""
    position = len(SIGNATURE)
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        yield data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        position += length + 12


def write_chunk(file: BinaryIO, name: bytes, data: bytes) -> None:
    """Write one chunk with its length and checksum."""
    file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))


def text_chunk(keyword: str, text: str) -> bytes:
    """The contents of an iTXt chunk; XMP has the keyword ``XML:com.adobe.xmp``."""
    return keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()


def with_text(data: bytes, texts: Mapping[str, str]) -> bytes:
    """A PNG with texts (keyword to text) added behind its header."""
    file = io.BytesIO()
    file.write(SIGNATURE)
    for name, contents in chunks(data):
        write_chunk(file, name, contents)
        if name == b"IHDR":
            for keyword, text in texts.items():
                write_chunk(file, b"iTXt", text_chunk(keyword, text))
    return file.getvalue()
