"""PNG as the project stores and sends pictures: lossless, 8 or 16 bits, as fast as it gets.

The settings come from `benchmarks/png.py`.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.limits import check_size
from paints_undo_engine.errors import DamagedPictureError

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_FAST = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP),
)
"""Zlib level 1 with runs only, every row as the difference to the one above: fastest, and among the smallest."""
_CHANNELS = {0: 1, 2: 3, 6: 4}
"""Channels by PNG's colour types."""
_NONE, _UP = 0, 2
"""PNG's filters: a row as it is, and as the difference to the row above."""
_CHUNK = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_PIECE_BYTES = 2**20
_REFUSED = "The PNG is damaged, or not of this program's own making."


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

    It reads that one form alone (a header, compressed rows, an end, and nothing else), by zlib and a sum: who drives a
    device cannot give up the rights that a decoder of strangers' files must not have, and reads pictures by this.
    Pictures from outside go through `painting.decode` instead.

    Raises `DamagedPictureError` for every other PNG and everything else, `PictureTooLargeError`, and
    `UnsupportedPictureError` for one without pixels.

    >>> decode(encode(np.full((2, 3, 3), 7, np.uint8))).shape
    (2, 3, 3)
    """
    header, compressed = _parts(data)
    width, height, bits, colour, *methods = _HEADER.unpack(header)
    if bits not in (8, 16) or colour not in _CHANNELS or any(methods):
        raise DamagedPictureError(_REFUSED)
    check_size(width, height)
    channels = _CHANNELS[colour]
    out = np.empty((height, width * channels * bits // 8), np.uint8)
    _fill(out, _inflate(compressed, height * (out.shape[1] + 1)))
    if bits == 16:
        samples = out.view(np.uint16)
        if sys.byteorder == "little":
            samples.byteswap(inplace=True)
        return samples.reshape(height, width, channels)
    return out.reshape(height, width, channels)


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


def with_profile(data: bytes, icc: bytes) -> bytes:
    """A PNG with a colour profile added behind its header."""
    file = io.BytesIO()
    file.write(SIGNATURE)
    for name, contents in chunks(data):
        write_chunk(file, name, contents)
        if name == b"IHDR":
            write_chunk(file, b"iCCP", b"sRGB\0\0" + zlib.compress(icc))
    return file.getvalue()


def _parts(data: bytes) -> tuple[bytes, list[memoryview]]:
    """The header and the compressed rows; each checksum is compared."""
    view, position = memoryview(data), len(SIGNATURE)
    names: list[bytes] = []
    contents: list[memoryview] = []
    while position + _CHUNK.size <= len(view):
        length, name = _CHUNK.unpack_from(view, position)
        end = position + _CHUNK.size + length
        body, found = view[position + _CHUNK.size : end], view[end : end + 4]
        if len(found) < 4 or zlib.crc32(body, zlib.crc32(name)) != int.from_bytes(found, "big"):
            raise DamagedPictureError(_REFUSED)
        names.append(name)
        contents.append(body)
        position = end + 4
    is_plain = names == [b"IHDR", *[b"IDAT"] * (len(names) - 2), b"IEND"] and len(names) > 2
    fits = position == len(view) and is_plain and len(contents[0]) == _HEADER.size and not contents[-1]
    if not fits or bytes(view[: len(SIGNATURE)]) != SIGNATURE:
        raise DamagedPictureError(_REFUSED)
    return bytes(contents[0]), contents[1:-1]


def _fill(out: NDArray[np.uint8], pieces: Iterator[bytes]) -> None:
    """Fill [height, length] with the rows, filters undone, out of the bytes of which each row's first is its filter."""
    y, length, rest = 0, out.shape[1], bytearray()
    for piece in pieces:
        rest += piece
        count = len(rest) // (length + 1)
        if not count:  # of many small pieces, what came of the row is not copied each time
            continue
        rows = np.frombuffer(rest, np.uint8, count * (length + 1)).reshape(count, length + 1)
        for row, kind in zip(rows[:, 1:], rows[:, 0].tolist(), strict=True):
            if kind == _UP and y:  # takes a twentieth of the time of `np.add.accumulate`
                np.add(out[y - 1], row, out=out[y])
            elif kind in (_NONE, _UP):
                out[y] = row
            else:
                raise DamagedPictureError(_REFUSED)
            y += 1
        rest = rest[rows.size :]


def _inflate(parts: Iterable[memoryview], size: int) -> Iterator[bytes]:
    """Just `size` bytes in pieces, of which each is at most `_PIECE_BYTES` long."""
    stream, missing = zlib.decompressobj(), size
    try:
        for part in parts:
            compressed: bytes | memoryview = part
            piece = b""
            while compressed or len(piece) == _PIECE_BYTES:
                piece = stream.decompress(compressed, _PIECE_BYTES)
                missing -= len(piece)
                if missing < 0 or stream.unused_data:
                    raise DamagedPictureError(_REFUSED)
                yield piece
                compressed = stream.unconsumed_tail
    except zlib.error as error:
        raise DamagedPictureError(_REFUSED) from error
    if missing or not stream.eof:
        raise DamagedPictureError(_REFUSED)
