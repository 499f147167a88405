from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from psd_tools import PSDImage

from paints_undo_engine import png
from paints_undo_engine.errors import (
    DamagedPictureError,
    PaintingError,
    PictureTooLargeError,
    UnsupportedPictureError,
)
from paints_undo_engine.painting import decode, from_raw, normalised_png

RNG = np.random.default_rng(11)
RGB = RNG.integers(0, 256, (20, 30, 3), np.uint8)
RGBA = RNG.integers(0, 256, (20, 30, 4), np.uint8)
DEEP = RNG.integers(0, 65536, (20, 30, 4)).astype(np.uint16)


def file(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "TGA", "PPM", "GIF", "WEBP", "JPEG2000"])
def test_lossless_formats_keep_the_pixels(kind):
    pixels = RGB // 128 * 128 if kind == "GIF" else RGB
    options = {"WEBP": {"lossless": True}, "JPEG2000": {"irreversible": False}}.get(kind, {})
    painting = decode(file(Image.fromarray(pixels), kind, **options))
    assert np.array_equal(painting.pixels, pixels)
    assert (painting.width, painting.height, painting.notes) == (30, 20, ())


@pytest.mark.parametrize("pixels", [RGB, RGBA, RGB[..., :1], DEEP, DEEP[..., :3], DEEP[..., :1]])
def test_png_round_trip(pixels):
    pixels = np.ascontiguousarray(pixels)
    assert np.array_equal(png.decode(png.encode(pixels)), pixels)


@pytest.mark.parametrize("pixels", [RGB, RGBA, DEEP, DEEP[..., :3]])
def test_the_normalised_png_is_the_painting(pixels):
    painting = decode(png.encode(np.ascontiguousarray(pixels)))
    assert painting.pixels.dtype == pixels.dtype
    assert np.array_equal(painting.pixels, pixels)
    again = decode(normalised_png(painting))
    assert again.pixels.dtype == painting.pixels.dtype
    assert np.array_equal(again.pixels, painting.pixels)


def test_grey_with_and_without_alpha():
    grey = decode(file(Image.fromarray(RGB[..., 0].copy()), "PNG"))
    assert np.array_equal(grey.pixels, np.dstack([RGB[..., 0]] * 3))
    both = Image.merge("LA", [Image.fromarray(RGBA[..., channel].copy()) for channel in (0, 3)])
    assert np.array_equal(decode(file(both, "PNG")).pixels, RGBA[..., [0, 0, 0, 3]])


def test_palette_with_alpha():
    image = Image.fromarray(RGB).quantize(8)
    painting = decode(file(image, "PNG", transparency=3))
    assert painting.pixels.shape == (20, 30, 4)
    assert np.array_equal(painting.pixels[..., 3] == 0, np.asarray(image) == 3)
    assert np.array_equal(painting.pixels[..., :3], np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_converted_with_a_note(kind):
    painting = decode(file(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), kind))
    assert np.abs(painting.pixels.astype(int) - (255, 0, 0)).max() <= 3
    assert "CMYK" in painting.notes[0]


def test_lab_is_converted():
    lab = Image.new("LAB", (4, 4), (255 * 53 // 100, 80 + 128 - 256 * 1 + 256, 67 + 128 - 0))
    painting = decode(file(lab, "TIFF"))
    assert painting.pixels.shape == (4, 4, 3)
    assert painting.notes == ("Lab was converted to sRGB.",)


@pytest.mark.parametrize("maker", [lambda p: p, lambda p: p[..., :3], lambda p: p[..., :1]])
def test_16_bit_tiff_keeps_its_depth(maker):
    pixels = np.ascontiguousarray(maker(DEEP))
    code = {4: cv2.COLOR_RGBA2BGRA, 3: cv2.COLOR_RGB2BGR}.get(pixels.shape[2])
    _, data = cv2.imencode(".tiff", pixels if code is None else cv2.cvtColor(pixels, code))
    wanted = np.dstack([pixels] * 3) if pixels.shape[2] == 1 else pixels
    assert np.array_equal(decode(data.tobytes()).pixels, wanted)


def test_float_tiff_becomes_16_bits():
    values = DEEP[..., :3].astype(np.float32) / 65535
    _, data = cv2.imencode(".tiff", cv2.cvtColor(values, cv2.COLOR_RGB2BGR))
    painting = decode(data.tobytes())
    assert np.array_equal(painting.pixels, DEEP[..., :3])
    assert "0 to 1" in painting.notes[0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("deep", [False, True])
def test_exif_rotated_pictures_are_turned_upright(orientation, deep):
    upright: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda p: p, 2: np.fliplr, 3: lambda p: np.rot90(p, 2), 4: np.flipud, 5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, -1), 7: lambda p: np.rot90(p, 2).transpose(1, 0, 2), 8: np.rot90,
    }  # fmt: skip
    pixels = DEEP[..., :3].copy() if deep else RGB
    exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" + struct.pack("<HHI", orientation, 0, 0)
    data = io.BytesIO()
    data.write(png.SIGNATURE)
    for name, contents in png.chunks(png.encode(pixels)):
        png.write_chunk(data, name, contents)
        if name == b"IHDR":
            png.write_chunk(data, b"eXIf", exif)
    assert np.array_equal(decode(data.getvalue()).pixels, upright[orientation](pixels))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_used(kind):
    frames = [Image.new("RGB", (6, 5), colour) for colour in ("red", "lime")]
    painting = decode(file(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True))
    assert np.abs(painting.pixels[..., :3].astype(int) - (255, 0, 0)).max() <= 1
    assert painting.notes == ("The picture is animated: only its first frame is used.",)


def test_the_content_decides_not_the_name(tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(file(Image.fromarray(RGB), "PNG"))
    assert np.array_equal(decode(path).pixels, RGB)


def test_one_pixel():
    painting = decode(file(Image.new("RGB", (1, 1), (9, 8, 7)), "PNG"))
    assert painting.pixels.tolist() == [[[9, 8, 7]]]
    assert painting.blank().pixels.shape == (1, 1, 3)


def test_psd_and_ora():
    psd = io.BytesIO()
    PSDImage.frompil(Image.fromarray(RGB)).save(psd)
    assert np.array_equal(decode(psd.getvalue()).pixels, RGB)
    ora = io.BytesIO()
    with zipfile.ZipFile(ora, "w") as archive:
        archive.writestr("mergedimage.png", png.encode(RGBA))
    assert np.array_equal(decode(ora.getvalue()).pixels, RGBA)


def test_an_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    painting = decode(file(Image.fromarray(RGB), "PNG", icc_profile=profile))
    assert np.array_equal(painting.pixels, RGB)
    assert painting.notes == ()


def test_a_linear_16_bit_picture_keeps_its_depth_in_srgb():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for number in range(struct.unpack(">I", profile[128:132])[0]):
        name, offset, _ = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            assert profile[offset : offset + 4] == b"para"
            profile[offset + 8 : offset + 16] = struct.pack(">HHi", 0, 0, 65536)
    data = io.BytesIO()
    data.write(png.SIGNATURE)
    for name, contents in png.chunks(png.encode(DEEP)):
        png.write_chunk(data, name, contents)
        if name == b"IHDR":
            png.write_chunk(data, b"iCCP", b"linear\0\0" + zlib.compress(bytes(profile)))
    painting = decode(data.getvalue())

    linear = DEEP[..., :3] / 65535
    wanted = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055) * 65535
    assert painting.pixels.dtype == np.uint16
    assert np.abs(painting.pixels[..., :3] - wanted).max() < 100
    assert np.array_equal(painting.pixels[..., 3], DEEP[..., 3])
    assert painting.notes == ("Its colour profile was converted to sRGB.",)


def test_a_broken_profile_is_ignored():
    assert np.array_equal(decode(file(Image.fromarray(RGB), "PNG", icc_profile=b"nonsense" * 20)).pixels, RGB)


def test_8_bit_views():
    painting = from_raw(RGBA.tobytes(), 30, 20, 4)
    assert np.array_equal(painting.pixels8(), RGBA)
    alpha = RGBA[..., 3:].astype(float) / 255
    assert np.abs(painting.rgb8() - (RGBA[..., :3] * alpha + 255 * (1 - alpha))).max() <= 0.5
    opaque = RGBA.copy()
    opaque[..., 3] = 255
    assert np.array_equal(from_raw(opaque.tobytes(), 30, 20, 4).pixels8(), opaque[..., :3])
    deep = decode(png.encode(DEEP))
    assert np.array_equal(deep.pixels8(), np.rint(DEEP / 257).astype(np.uint8))
    assert not painting.pixels.flags.writeable


def test_blank_keeps_the_aspect():
    blank = from_raw(bytes(1000 * 400 * 3), 1000, 400, 3).blank()
    assert blank.pixels.shape == (205, 512, 3)
    assert (blank.pixels == 255).all()
    assert (blank.placement.width, blank.placement.height) == (1000, 400)


def header_only(width: int, height: int) -> bytes:
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = io.BytesIO()
    data.write(png.SIGNATURE)
    for name, contents in ((b"IHDR", ihdr), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")):
        png.write_chunk(data, name, contents)
    return data.getvalue()


@pytest.mark.parametrize("size", [(30_000, 30_000), (30_001, 1), (2**31 - 1, 2**31 - 1), (10_001, 10_000)])
def test_too_large_pictures_are_refused_by_their_header(size):
    with pytest.raises(PictureTooLargeError):
        decode(header_only(*size))
    with pytest.raises(PictureTooLargeError):
        from_raw(b"", size[0], size[1], 3)
    psd = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, size[1] % 2**32, size[0] % 2**32, 8, 3) + bytes(14)
    with pytest.raises(PictureTooLargeError):
        decode(psd)


def test_a_large_gif_header_is_refused():
    with pytest.raises(PictureTooLargeError):
        decode(b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(3) + b"," + bytes(40))


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%PDF-1.7\n" + bytes(200), b"%!PS-Adobe-3.0 EPSF-3.0\n" * 9, bytes(4000)]
)
def test_what_is_no_picture_is_unsupported(data):
    with pytest.raises(UnsupportedPictureError):
        decode(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_cut_off_pictures_are_damaged(kind):
    data = file(Image.fromarray(RGB), kind)
    with pytest.raises(DamagedPictureError):
        decode(data[: len(data) // 2])


def test_cut_off_deep_and_layered_pictures_are_damaged():
    psd = io.BytesIO()
    PSDImage.frompil(Image.fromarray(RGB)).save(psd)
    for data in (png.encode(DEEP), psd.getvalue()):
        for length in (30, len(data) // 2, len(data) - 40):
            with pytest.raises(DamagedPictureError):
                decode(data[:length])


def test_an_archive_without_a_picture():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(UnsupportedPictureError, match="merged picture"):
        decode(data.getvalue())


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(PaintingError, match="cannot be read: No such file"):
        decode(tmp_path / "none.png")


def test_raw_bytes_must_fit_the_size():
    with pytest.raises(UnsupportedPictureError):
        from_raw(bytes(10), 2, 2, 3)


SEEDS = [
    file(Image.fromarray(RGB), "PNG"), file(Image.fromarray(RGB), "JPEG"), file(Image.fromarray(RGB), "TIFF"),
    file(Image.fromarray(RGB), "WEBP"), file(Image.fromarray(RGB), "GIF"), png.encode(DEEP),
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(
    seed=st.sampled_from(SEEDS), place=st.floats(0, 1, exclude_max=True), patch=st.binary(max_size=12),
    cut=st.floats(0, 1), where=st.booleans(),
)  # fmt: skip
def test_mutated_bytes_decode_or_raise_a_painting_error(seed, place, patch, cut, where):
    start = int(place * (len(seed) if where else 64))
    data = seed[:start] + patch + seed[start + len(patch) :]
    data = data[: max(1, int(len(data) * cut))] if cut < 0.5 else data
    try:
        painting = decode(data)
    except PaintingError as error:
        assert str(error).endswith(".")
    else:
        assert painting.pixels.dtype in (np.uint8, np.uint16)
        assert painting.pixels.shape[2] in (3, 4)
