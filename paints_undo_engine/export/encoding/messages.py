"""What is said between an export and the process that drives video hardware (`service`).

A message is its length (4 bytes, big-endian) and so many bytes. A film is its `Order`, a message for each picture (4
bytes: for how many ticks it is seen; then its yuv420p planes), and an empty one. The answer to it is pieces of the film
in FFmpeg's NUT container, and its end or why it failed; each begins with its `Reply`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import IO

LENGTH = struct.Struct(">I")
_MOST_PIXELS = 64_000_000
_MOST_BYTES = _MOST_PIXELS * 3 // 2 + LENGTH.size


class Reply(StrEnum):
    """What an answer is: a piece of the film, its end, or why there is none."""

    PIECE = "p"
    FINISHED = "f"
    FAILED = "e"


@dataclass(frozen=True, slots=True)
class Order:
    """A film to be encoded: the encoder's name, the size in pixels, and its ticks in a second as a fraction."""

    encoder: str
    width: int
    height: int
    ticks: int
    seconds: int = 1

    def __post_init__(self) -> None:
        numbers = (self.width, self.height, self.ticks, self.seconds)
        if any(not isinstance(number, int) or number < 1 for number in numbers):
            raise ValueError("The size and the rate of a film are whole numbers from 1.")
        if self.width % 2 or self.height % 2 or self.width * self.height > _MOST_PIXELS:
            raise ValueError(f"No film has {self.width} x {self.height} pixels.")

    def packed(self) -> bytes:
        """As a message."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpacked(cls, message: bytes) -> Order:
        """From a message. Raises `ValueError` for one that is none, or asks for what cannot be."""
        try:
            return cls(**json.loads(message))
        except TypeError as error:
            raise ValueError("This is no order.") from error


def write(stream: IO[bytes], *parts: bytes | memoryview) -> None:
    """Write one message, made of parts. Raises `OSError`."""
    stream.write(LENGTH.pack(sum(len(part) for part in parts)))
    for part in parts:
        stream.write(part)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end of the stream. Raises `ValueError` for one that is too long or cut off."""
    head = stream.read(LENGTH.size)
    if not head:
        return None
    length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else _MOST_BYTES + 1
    if length > _MOST_BYTES:
        raise ValueError("A message is cut off or too long.")
    message = stream.read(length)
    if len(message) < length:
        raise ValueError("A message is cut off.")
    return message
