"""The records of a SQLite file, read from its pages alone: without its header, its schema and its trees.

What SQLite itself cannot open, or cannot reach because a page above is damaged, is found all the same. The format is
described in https://www.sqlite.org/fileformat2.html; sections are cited below. Deleted rows are not found again as
long as the file was written with `secure_delete`, which overwrites them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

Value = int | float | str | bytes | None

_MAGIC = b"SQLite format 3\0"
_DEFAULT_PAGE = 4096
_FILE_HEADER = 100
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 13, 10, 2
_HEADER_BYTES = {_TABLE_LEAF: 8, _INDEX_LEAF: 8, _INDEX_INTERIOR: 12}
_MAX_RECORD = 64 * 2**20
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
_WAL_MAGIC = 0x377F0682  # the lowest bit tells the order of bytes in the checksums
_WAL_HEADER, _FRAME_HEADER = 32, 24


class _DamagedError(Exception):
    """Bytes that are no record."""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One row of a table, or one entry of an index. `rowid` is None where the values hold the whole key."""

    rowid: int | None
    values: tuple[Value, ...]


def records(file: Path, *, journal: bool = True) -> Iterator[PageRecord]:
    """Every record of a database and of what its journal (`-wal`) has committed, in no order. Raises `OSError`.

    Example: ``[record.values for record in records(Path("jobs.sqlite3")) if len(record.values) == 4]``
    """
    with file.open("rb") as opened:
        header = opened.read(_FILE_HEADER)
        size = _page_bytes(header)
        newer, count = _committed(file.with_name(f"{file.name}-wal"), size) if journal else ({}, 0)
        pages = _Pages(opened, size, newer, count)
        for number in range(1, pages.count + 1):
            yield from _of_page(pages, number)


def _page_bytes(header: bytes) -> int:
    """Section 1.3.2; the default where the header is damaged."""
    if header.startswith(_MAGIC):
        size = int.from_bytes(header[16:18], "big")
        size = 65536 if size == 1 else size
        if size >= 512 and size & (size - 1) == 0:
            return size
    return _DEFAULT_PAGE


class _Pages:
    """Pages by number, from 1; those of the journal are newer than the file's."""

    def __init__(self, opened: BinaryIO, size: int, newer: dict[int, bytes], count: int) -> None:
        self._file = opened
        self._newer = newer
        self.size = size
        end = opened.seek(0, 2)
        self.count = count or end // size

    def read(self, number: int) -> bytes:
        """The bytes of a page; fewer where the file ends. Raises `_DamagedError`."""
        if number in self._newer:
            return self._newer[number]
        if not 1 <= number <= self.count:
            raise _DamagedError
        self._file.seek((number - 1) * self.size)
        return self._file.read(self.size)


def _of_page(pages: _Pages, number: int) -> Iterator[PageRecord]:
    """Section 1.6: the cells that the page's own list names."""
    page = pages.read(number)
    start = _FILE_HEADER if number == 1 else 0
    if len(page) < pages.size or page[start] not in _HEADER_BYTES:
        return
    kind = page[start]
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    first = start + _HEADER_BYTES[kind]
    if first + 2 * cells > pages.size:
        return
    for position in struct.unpack_from(f">{cells}H", page, first):
        try:
            yield _cell(pages, page, position, kind)
        except (_DamagedError, IndexError, struct.error, UnicodeDecodeError):
            continue


def _cell(pages: _Pages, page: bytes, position: int, kind: int) -> PageRecord:
    rowid = None
    if kind == _INDEX_INTERIOR:
        position += 4
    length, position = _varint(page, position)
    if kind == _TABLE_LEAF:
        rowid, position = _varint(page, position)
        rowid -= (rowid >> 63) << 64
    return PageRecord(rowid, tuple(_values(_payload(pages, page, position, length, kind))))


def _payload(pages: _Pages, page: bytes, position: int, length: int, kind: int) -> bytes:
    """Section 1.6, overflow: what does not fit on the page goes on in a chain of others."""
    if not 2 <= length <= _MAX_RECORD:
        raise _DamagedError
    usable = pages.size
    most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    local = length
    if length > most:
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= most else least
    data = bytearray(page[position : position + local])
    if length > local:
        following = int.from_bytes(page[position + local : position + local + 4], "big")
        while len(data) < length:
            more = pages.read(following)
            following = int.from_bytes(more[:4], "big")
            data += more[4 : 4 + length - len(data)]
            if len(more) < usable:
                break
    if len(data) != length:
        raise _DamagedError
    return bytes(data)


def _values(payload: bytes) -> Iterator[Value]:
    """Section 2.1: a header with the type of every value, then the values."""
    end, position = _varint(payload, 0)
    value_at = end
    if not position <= end <= len(payload):
        raise _DamagedError
    while position < end:
        kind, position = _varint(payload, position)
        value, value_at = _value(payload, value_at, kind)
        yield value
    if position != end or value_at != len(payload):
        raise _DamagedError


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in (10, 11):
        raise _DamagedError
    length = 8 if kind == 7 else _INTEGER_BYTES[kind] if kind < 7 else (kind - 12) // 2
    data = payload[at : at + length]
    if len(data) != length:
        raise _DamagedError
    at += length
    if kind < 7:
        return int.from_bytes(data, "big", signed=True), at
    if kind == 7:
        return float(struct.unpack(">d", data)[0]), at
    return (data.decode() if kind % 2 else data), at


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Section 1.6: seven bits a byte, at most nine bytes, the last one whole; and the position behind it."""
    value = 0
    for _ in range(8):
        byte = data[position]
        position += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position
    return value << 8 | data[position], position + 1


def _committed(wal: Path, size: int) -> tuple[dict[int, bytes], int]:
    """Section 4: the newest committed form of each page in the journal, and how many pages the database has then; 0
    where the journal says nothing. As SQLite does, it is read up to the first frame that is damaged."""
    try:
        data = wal.read_bytes()
    except OSError:
        return {}, 0
    if len(data) < _WAL_HEADER:
        return {}, 0
    magic, _, page_bytes = struct.unpack_from(">3I", data)
    order = ">" if magic & 1 else "<"
    checksum = _checksum(data[:24], order, (0, 0))
    if magic & ~1 != _WAL_MAGIC or page_bytes != size or checksum != struct.unpack_from(">2I", data, 24):
        return {}, 0
    committed: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    count = 0
    step = _FRAME_HEADER + size
    for start in range(_WAL_HEADER, len(data) - step + 1, step):
        number, pages = struct.unpack_from(">2I", data, start)
        page = data[start + _FRAME_HEADER : start + step]
        checksum = _checksum(page, order, _checksum(data[start : start + 8], order, checksum))
        if data[start + 8 : start + 16] != data[16:24] or checksum != struct.unpack_from(">2I", data, start + 16):
            break
        waiting[number] = page
        if pages:
            committed |= waiting
            waiting, count = {}, pages
    return committed, count


def _checksum(data: bytes, order: str, start: tuple[int, int]) -> tuple[int, int]:
    """Section 4.2."""
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
