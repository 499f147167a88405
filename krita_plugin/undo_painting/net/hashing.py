"""The names of pictures: the hashes of their bytes."""

from __future__ import annotations

import hashlib
from typing import Any

from .pictures import RAW_RGB8, RAW_RGBA8


def digest(data: bytes | bytearray, encoding: Any, width: int, height: int) -> str:
    """A picture's hash: SHA-256 of its bytes, before which raw pixels have a line that tells their shape."""
    names = {RAW_RGB8: "RGB8", RAW_RGBA8: "RGBA8"}
    line = f"{names[encoding]} {width} {height}\n" if encoding in names else ""
    found = hashlib.sha256(line.encode("ascii"))
    found.update(data)
    return found.hexdigest()
