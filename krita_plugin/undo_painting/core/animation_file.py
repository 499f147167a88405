"""A document file with one animated layer, written frame by frame, for Krita to open.

Krita's scripting has no call that makes a keyframe, and its `importAnimation` loads every picture file into one and
the same hidden document: in Krita 5.1 a job of the previous picture can still be running when the next one replaces
it, which ends Krita (small canvases and busy machines meet that nearly always). A file in Krita's own format has no
such race, loads faster, and its layer can be duplicated into the artist's document with a single undo step.
"""

from __future__ import annotations

import itertools
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

TILE = 64
PIXEL = 4
ROW = TILE * PIXEL
TILE_BYTES = TILE * ROW
TRANSPARENT = bytes(TILE_BYTES)
RAW = b"\x00"
LAYER = "layer2"
IMAGE = "process"
MOST_UNCOMPRESSED = 600 * 10**6


@dataclass(frozen=True)
class Key:
    """One keyframe: its time, its file's name, and the place of its pixels in the document."""

    time: int
    name: str
    x: int
    y: int


def tiles(pixels: bytes, width: int, height: int) -> bytes:
    """A paint device's data as Krita stores it: 64 x 64 tiles of BGRA, uncompressed; what lies outside is transparent.

    Raises ValueError when the bytes do not fit the size.
    """
    if len(pixels) != width * height * PIXEL:
        raise ValueError("the pixels do not fit their size")
    columns, beside = -(-width // TILE), b"\0" * (-width % TILE * PIXEL)
    row = struct.Struct(f"{ROW}s" * (columns - 1) + f"{ROW - len(beside)}s")
    found: list[bytes] = []
    for top in range(0, height, TILE):
        band = memoryview(pixels)[top * row.size : (top + TILE) * row.size]
        pieces = list(itertools.chain.from_iterable(row.iter_unpack(band)))
        for column in range(columns):
            edge = beside if column == columns - 1 else b""
            data = (edge.join(pieces[column::columns]) + edge).ljust(TILE_BYTES, b"\0")
            if data != TRANSPARENT:
                found += b"%d,%d,LZF,%d\n" % (column * TILE, top, TILE_BYTES + 1), RAW, data
    head = b"VERSION 2\nTILEWIDTH %d\nTILEHEIGHT %d\nPIXELSIZE %d\nDATA %d\n" % (TILE, TILE, PIXEL, len(found) // 3)
    return head + b"".join(found)


class AnimationFile:
    """Writes the file; use as a context manager, `add` frames in order of time."""

    def __init__(self, path: Path, width: int, height: int, profile: str, name: str, frames: int) -> None:
        packed = width * height * PIXEL * frames > MOST_UNCOMPRESSED
        self._archive = zipfile.ZipFile(
            path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED, compresslevel=1 if packed else None
        )
        self._archive.writestr(zipfile.ZipInfo("mimetype"), "application/x-krita")
        self._size = width, height
        self._profile, self._name = profile, name
        self._keys: list[Key] = []

    def __enter__(self) -> AnimationFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._archive.close()

    def add(self, time: int, data: bytes, x: int, y: int) -> None:
        """One keyframe; `data` comes from `tiles`, `x`, `y` is its top left corner in the document."""
        if not self._keys and time > 0:
            self._write(0, tiles(b"", 0, 0), 0, 0)
        self._write(time, data, x, y)

    def _write(self, time: int, data: bytes, x: int, y: int) -> None:
        name = LAYER if not self._keys else f"{LAYER}.f{len(self._keys)}"
        self._archive.writestr(f"{IMAGE}/layers/{name}", data)
        self._archive.writestr(f"{IMAGE}/layers/{name}.defaultpixel", bytes(PIXEL))
        self._keys.append(Key(time, name, x, y))

    def _finish(self) -> None:
        self._archive.writestr(f"{IMAGE}/layers/{LAYER}.keyframes.xml", self._keyframes())
        self._archive.writestr("maindoc.xml", self._document())

    def _keyframes(self) -> str:
        keys = "".join(
            f'<keyframe color-label="0" time="{key.time}" frame={_quoted(key.name)}>'
            f'<offset type="point" x="{key.x}" y="{key.y}"/></keyframe>\n'
            for key in self._keys
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            "<!DOCTYPE keyframes PUBLIC '-//KDE//DTD krita-keyframes 1.0//EN'"
            " 'http://www.calligra.org/DTD/krita-keyframes-1.0.dtd'>\n"
            '<keyframes xmlns="http://www.calligra.org/DTD/krita-keyframes">\n'
            f'<channel name="content">\n{keys}</channel>\n</keyframes>\n'
        )

    def _document(self) -> str:
        width, height = self._size
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            "<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>\n"
            '<DOC xmlns="http://www.calligra.org/DTD/krita" editor="Krita" kritaVersion="5.1.5" syntaxVersion="2.0">\n'
            f'<IMAGE name="{IMAGE}" mime="application/x-kra" description="" width="{width}" height="{height}"'
            f' x-res="72" y-res="72" colorspacename="RGBA" profile={_quoted(self._profile)}>\n'
            "<layers>\n"
            f'<layer name={_quoted(self._name)} nodetype="paintlayer" filename="{LAYER}"'
            f' keyframes="{LAYER}.keyframes.xml" colorspacename="RGBA" compositeop="normal" opacity="255" visible="1"'
            ' x="0" y="0" locked="0" collapsed="0" intimeline="1" onionskin="0" colorlabel="0"'
            ' channelflags="" channellockflags=""/>\n'
            "</layers>\n</IMAGE>\n</DOC>\n"
        )


def _quoted(text: str) -> str:
    """An attribute's value. The module brings along much that only this needs, so Krita's start does not load it."""
    from xml.sax.saxutils import quoteattr

    return quoteattr(text)
