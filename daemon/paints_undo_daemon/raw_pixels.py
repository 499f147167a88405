"""Raw pixels have no header that tells their shape, so their hash begins with a line that does.

The stored file is that line and then the pixels: its name is the hash of all its bytes, as with every other picture.
"""

from __future__ import annotations

from paints_undo.v1 import pictures_pb2

CHANNELS = {pictures_pb2.PICTURE_ENCODING_RAW_RGB8: 3, pictures_pb2.PICTURE_ENCODING_RAW_RGBA8: 4}
NAMES = {"RGB8": pictures_pb2.PICTURE_ENCODING_RAW_RGB8, "RGBA8": pictures_pb2.PICTURE_ENCODING_RAW_RGBA8}


def shape_line(encoding: pictures_pb2.PictureEncoding.ValueType, width: int, height: int) -> bytes:
    """The line before raw pixels; empty for an encoding that tells its shape itself.

    >>> shape_line(pictures_pb2.PICTURE_ENCODING_RAW_RGB8, 64, 32)
    b'RGB8 64 32\\n'
    """
    for name, known in NAMES.items():
        if known == encoding:
            return f"{name} {width} {height}\n".encode("ascii")
    return b""
