"""A message of a stream that holds a chunk of bytes and nothing else, made without protobuf's copies.

protobuf copies a chunk into the message and once more into what is sent, which takes a fifth of the daemon's time for a
picture. On the wire a field of bytes is its tag, its length and the bytes:
https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

from google.protobuf.message import Message

CHUNK_FIELD = "chunk"
_LENGTH_DELIMITED = 2


class ChunkMessage:
    """What `kind(chunk=data)` is, written at once.

    >>> part = ChunkMessage(DownloadFramesResponse, b"ab")
    >>> part.SerializeToString() == DownloadFramesResponse(chunk=b"ab").SerializeToString()
    True
    """

    __slots__ = ("_written", "chunk_bytes")

    def __init__(self, kind: type[Message], data: bytes) -> None:
        self.chunk_bytes = len(data)
        self._written = b"".join((chunk_tag(kind), _varint(len(data)), data))

    def SerializeToString(self) -> bytes:  # noqa: N802 (as protobuf has it)
        """The bytes on the wire."""
        return self._written


def chunk_tag(kind: type[Message]) -> bytes:
    """What stands before the length of a message's chunk."""
    return _varint(kind.DESCRIPTOR.fields_by_name[CHUNK_FIELD].number << 3 | _LENGTH_DELIMITED)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
