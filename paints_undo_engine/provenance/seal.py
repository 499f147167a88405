"""The seal: a digest of the whole file inside its own note, so that a changed file is told from an untouched one.

The digest is the SHA-256 of the file's bytes with zeros where the digest stands, and, in a PNG, where the checksum of
its chunk stands. Anybody can make one: it shows that a file was changed, not by whom it was made.
"""

from __future__ import annotations

import hashlib
import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paints_undo_engine import png
from paints_undo_engine.provenance.note import UNSEALED

_MARK = b"pu:Content='"
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_PIECE = 1 << 20

Bytes = bytes | bytearray | mmap.mmap


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal in a file: the digest that it states, where that begins, and the chunk (start, end) of a PNG around it."""

    stated: str
    start: int
    chunk: tuple[int, int] | None = None

    @property
    def blank(self) -> list[tuple[int, int]]:
        """The ranges that count as zeros: the digest, and in a PNG the chunk's checksum, which depends on it."""
        digest = (self.start, self.start + len(UNSEALED))
        return [digest] if self.chunk is None else [digest, (self.chunk[1] - 4, self.chunk[1])]


def find(data: Bytes) -> Seal | None:
    """The last seal in a file's bytes, or None. An archive's own comes behind those of its members."""
    start = data.rfind(_MARK)
    if start < 0:
        return None
    start += len(_MARK)
    stated = bytes(data[start : start + len(UNSEALED)])
    if not _DIGEST.fullmatch(stated):
        return None
    around = [chunk for chunk in _chunks(data) if chunk[0] < start < chunk[1]]
    return Seal(stated.decode("ascii"), start, around[0] if around else None)


def digest_of(data: Bytes, seal: Seal) -> str:
    """The digest that a file with this seal should state."""
    digest, position = hashlib.sha256(), 0
    for start, end in seal.blank:
        _update(digest, data, position, start)
        digest.update(bytes(end - start))
        position = end
    _update(digest, data, position, len(data))
    return digest.hexdigest()


def holds(data: Bytes, seal: Seal) -> bool:
    """Whether the file is as it was when it was sealed."""
    if seal.chunk is not None:
        start, end = seal.chunk
        if zlib.crc32(data[start + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
    return digest_of(data, seal) == seal.stated


def seal(path: Path) -> None:
    """Put the digest into a complete file; nothing where it has no place for one."""
    if not path.stat().st_size:
        return
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        _put(data)


def sealed(data: bytes) -> bytes:
    """The same for a file in memory."""
    changed = bytearray(data)
    _put(changed)
    return bytes(changed)


def _put(data: bytearray | mmap.mmap) -> None:
    found = find(data)
    if found is None:
        return
    data[found.start : found.start + len(UNSEALED)] = digest_of(data, found).encode("ascii")
    if found.chunk is not None:
        start, end = found.chunk
        data[end - 4 : end] = zlib.crc32(data[start + 4 : end - 4]).to_bytes(4, "big")


def _chunks(data: Bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each chunk of a PNG, as far as they are whole; none of another file."""
    if data[: len(png.SIGNATURE)] != png.SIGNATURE:
        return
    position = len(png.SIGNATURE)
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            return
        yield position, end
        position = end


def _update(digest: hashlib._Hash, data: Bytes, start: int, end: int) -> None:
    for position in range(start, end, _PIECE):
        digest.update(data[position : min(end, position + _PIECE)])
