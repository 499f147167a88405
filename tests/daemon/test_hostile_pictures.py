"""Hostile pictures: the good ones give a process, the bad ones fail their own job with a sentence, and nothing else."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from paints_undo.v1 import jobs_pb2

from .conftest import Client, few, fuzz, kinds, small_painting

pytestmark = pytest.mark.usefixtures("unharmed")


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A valid PNG of one colour: small in the file, huge when decoded."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    compressor = zlib.compressobj(9)
    row = bytes(1 + width // 8 + 1)
    body = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    ihdr = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def archive(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return written.getvalue()


def ramp(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, size[0], dtype=np.uint8)
    pixels[8:24, 8:24] = (20, 120, 60)
    return Image.fromarray(pixels).convert(mode)


def unseen() -> Image.Image:
    image = ramp("RGBA")
    image.putalpha(0)
    return image


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(ramp(), "JPEG", exif=exif)


def deep() -> bytes:
    import cv2

    pixels = (np.asarray(ramp(), np.uint16) * 257)[..., ::-1]
    return bytes(cv2.imencode(".png", pixels)[1])


def palette() -> bytes:
    return encoded(ramp().quantize(8), "PNG", transparency=0)


GOOD: dict[str, Callable[[], bytes]] = {
    "a thin one": lambda: encoded(Image.linear_gradient("L").resize((1, 600)), "PNG"),
    "a flat one": lambda: encoded(ramp(size=(30000, 10)), "PNG"),
    "two pixels": lambda: encoded(Image.linear_gradient("L").resize((1, 2)), "PNG"),
    "16 bits": deep,
    "CMYK JPEG": lambda: encoded(ramp("CMYK"), "JPEG"),
    "palette with alpha": palette,
    "EXIF rotation": rotated,
    "WebP": lambda: encoded(ramp(), "WEBP"),
    "grey": lambda: encoded(ramp("L"), "PNG"),
    "alpha": lambda: encoded(ramp("RGBA"), "PNG"),
}


@pytest.mark.parametrize("name", GOOD)
def test_unusual_but_good_pictures_give_a_process(client: Client, name: str) -> None:
    job, _ = client.finish(client.upload(GOOD[name]()), parameters=few())
    assert job.state == jobs_pb2.JOB_STATE_FINISHED, job.failure
    assert job.frames_stored == job.frame_count
    if name == "EXIF rotation":
        assert (job.painting_width, job.painting_height) == (32, 48)


BAD: dict[str, Callable[[], bytes]] = {
    "not a picture": lambda: b"hello, this is text" * 20,
    "a broken PNG": lambda: small_painting()[:30] + b"\0" * 50,
    "a cut JPEG": lambda: encoded(ramp(), "JPEG")[:200],
    "a bomb": lambda: bomb(30000, 30000),
    "an archive of zeros": lambda: archive({"mimetype": b"image/openraster", "mergedimage.png": bytes(300 * 2**20)}),
    "a PNG header alone": lambda: small_painting()[:33],
    "one pixel": lambda: encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
    "one colour": lambda: encoded(Image.new("RGB", (96, 64), "red"), "PNG"),
    "nothing to be seen": lambda: encoded(unseen(), "PNG"),
    "a pickle": lambda: b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.",
}


BLANK = ("one pixel", "one colour", "nothing to be seen")


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_fail_their_job_and_nothing_else(client: Client, name: str) -> None:
    job, events = client.finish(client.upload(BAD[name]()), parameters=few())
    assert job.state == jobs_pb2.JOB_STATE_FAILED
    assert job.failure.code == "INVALID_ARGUMENT"
    assert job.failure.message.endswith(".")
    assert ("nothing to undo" in job.failure.message) == (name in BLANK)
    assert "Traceback" not in job.failure.message
    assert kinds(events)[-1] == "failed"


@fuzz
@given(data=st.data())
def test_damaged_pictures_end_in_a_result_or_a_sentence(client: Client, data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(sorted(GOOD)))
    good = bytearray(GOOD[original]())
    for _ in range(data.draw(st.integers(1, 5))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(good[: data.draw(st.integers(1, len(good)))])
    job, _ = client.finish(client.upload(cut), parameters=few(stop_after=jobs_pb2.STAGE_TAGS))
    assert job.state in (jobs_pb2.JOB_STATE_FINISHED, jobs_pb2.JOB_STATE_FAILED)
    assert job.failure.code in ("", "INVALID_ARGUMENT")
