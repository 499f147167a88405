"""Messages on a byte stream: each is preceded by its length as four bytes, little-endian."""

from __future__ import annotations

import asyncio
import struct
from typing import BinaryIO

_LENGTH = struct.Struct("<I")
MAX_MESSAGE = 16 * 2**20


class FramingError(Exception):
    """The other side does not keep to the format."""


def pack(data: bytes) -> bytes:
    """One message with its length."""
    return _LENGTH.pack(len(data)) + data


def read(stream: BinaryIO) -> bytes | None:
    """The next message; None at the end of the stream. Raises `FramingError`."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    data = stream.read(_checked(head))
    return data if len(data) == _checked(head) else None


async def read_async(stream: asyncio.StreamReader) -> bytes | None:
    """The next message; None at the end of the stream. Raises `FramingError`."""
    try:
        head = await stream.readexactly(_LENGTH.size)
        return await stream.readexactly(_checked(head))
    except asyncio.IncompleteReadError:
        return None


def _checked(head: bytes) -> int:
    length: int = _LENGTH.unpack(head)[0]
    if length > MAX_MESSAGE:
        raise FramingError(f"A message of {length} bytes is longer than the limit of {MAX_MESSAGE}.")
    return length
