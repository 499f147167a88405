"""Messages as they lie in the database: a CRC-32 (four bytes, big-endian) and the serialized message.

SQLite notices a damaged tree, but no bit that flips within a value, and much of what is damaged can still be parsed.
"""

from __future__ import annotations

import zlib
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

_SUM_BYTES = 4

Kind = TypeVar("Kind", bound=Message)


def pack(message: Message) -> bytes:
    """The message with its checksum."""
    data = message.SerializeToString()
    return zlib.crc32(data).to_bytes(_SUM_BYTES, "big") + data


def is_whole(packed: bytes) -> bool:
    """Whether the bytes are those that were stored."""
    return packed[:_SUM_BYTES] == zlib.crc32(packed[_SUM_BYTES:]).to_bytes(_SUM_BYTES, "big")


def unpack(kind: type[Kind], packed: bytes) -> Kind:
    """The message. Raises `DecodeError` when the bytes are not those that were stored."""
    if not is_whole(packed):
        raise DecodeError("The checksum of a stored message is wrong.")
    return kind.FromString(packed[_SUM_BYTES:])
