"""A picture's size by the head of its file is that of the decoded painting."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from paints_undo_engine import painting
from paints_undo_engine.measuring import measured

WIDTH, HEIGHT = 40, 24


def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))


def encoded(kind: str, **options: object) -> bytes:
    with io.BytesIO() as buffer:
        picture().save(buffer, kind, **options)
        return buffer.getvalue()


def turned(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(kind, exif=exif)


def layered() -> bytes:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("mimetype", "image/openraster")
            archive.writestr("mergedimage.png", encoded("PNG"))
        return buffer.getvalue()


def photoshop() -> bytes:
    with io.BytesIO() as buffer:
        PSDImage.frompil(picture()).save(buffer)
        return buffer.getvalue()


FILES = {
    **{kind: encoded(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "TGA", "PPM")},
    **{f"lying {kind}": turned(kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF")},
    "ORA": layered(),
    "PSD": photoshop(),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_size_is_that_of_the_painting(kind: str, tmp_path: Path):
    path = tmp_path / "picture"
    path.write_bytes(FILES[kind])
    decoded = painting.decode(path)
    assert measured(path) == measured(FILES[kind]) == (decoded.width, decoded.height)
    assert sorted((decoded.width, decoded.height)) == [HEIGHT, WIDTH]


@pytest.mark.parametrize("kind", ["PNG", "lying PNG"])
def test_nothing_is_decoded(kind: str):
    """What lacks its last pixels has its size all the same."""
    half = FILES[kind][: len(FILES[kind]) // 2]
    assert sorted(measured(half) or ()) == [HEIGHT, WIDTH]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"8BPS", b"no picture at all", encoded("PNG")[:20]])
def test_of_what_is_no_picture_nothing_is_told(data: bytes):
    assert measured(data) is None
