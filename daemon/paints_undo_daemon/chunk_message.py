"""A message of a stream that holds a chunk of bytes and nothing else, made without protobuf's copies.

protobuf copies a chunk into the message and once more into what is sent, which takes a fifth of the daemon's time for a
picture. On the wire a field of bytes is its tag, its length and the bytes:
https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import Message

_LENGTH_DELIMITED = 2


@dataclass(frozen=True, slots=True)
class ChunkMessage:
    """What `kind(chunk=data)` is, until it is written.

    >>> part = ChunkMessage(DownloadFramesResponse, b"ab")
    >>> part.SerializeToString() == DownloadFramesResponse(chunk=b"ab").SerializeToString()
    True
    """

    kind: type[Message]
    data: bytes

    def SerializeToString(self) -> bytes:  # noqa: N802 (as protobuf has it)
        """The bytes on the wire."""
        number = self.kind.DESCRIPTOR.fields_by_name["chunk"].number
        return b"".join((_varint(number << 3 | _LENGTH_DELIMITED), _varint(len(self.data)), self.data))


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
