"""Files to pixels. Every reader gives `Decoded`: pixels in the file's own colour space, and what has to be done yet."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from paints_undo_engine._picture import colour
from paints_undo_engine._picture.alpha import Pixels
from paints_undo_engine._picture.limits import FORMATS, check_size
from paints_undo_engine.errors import (
    DamagedPictureError,
    PaintingError,
    PictureTooLargeError,
    UnsupportedPictureError,
)

_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_UPRIGHT = {
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p),
}


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Upright sRGB pixels and the sentences that the artist should read about them."""

    pixels: Pixels
    notes: tuple[str, ...] = ()


def read(data: bytes) -> Decoded:
    """Read a file that Pillow or OpenCV know. Raises the `PaintingError`s."""
    try:
        image = _open(data)
    except PaintingError:
        raise
    except UnidentifiedImageError as error:
        wide = _wide_tiff(data) if data[:4] in (b"II*\0", b"MM\0*") else None
        if wide is None:
            raise _damaged_or_unknown(data) from error
        return wide
    except Image.DecompressionBombError as error:
        raise PictureTooLargeError("The picture has far more pixels than can be used.") from error
    except Exception as error:  # a parser may fail in any way on a damaged file
        raise _damaged_or_unknown(data) from error
    check_size(*image.size)
    try:
        with image:
            return _decode(data, image)
    except (PaintingError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLargeError("The picture has far more pixels than can be used.") from error
    except Exception as error:  # as above
        raise DamagedPictureError(f"The picture is damaged or cut off: {error}.") from error


def _open(data: bytes) -> Image.Image:
    if data[:8] == _PNG and len(data) >= 24:
        check_size(*struct.unpack(">II", data[16:24]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limits are checked instead
        Image.init()
        return Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN])


def _damaged_or_unknown(data: bytes) -> PaintingError:
    known = (_PNG, b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"qoif")
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if webp or data.startswith(known):
        return DamagedPictureError("The picture is damaged or cut off: its beginning cannot be read.")
    return UnsupportedPictureError("The file is not a picture, or of a kind that cannot be read.")


def _decode(data: bytes, image: Image.Image) -> Decoded:
    notes = []
    animated = getattr(image, "is_animated", False)
    if animated and image.format in ("GIF", "PNG", "WEBP", "AVIF"):
        notes.append("The picture is animated: only its first frame is used.")
    elif animated and image.format == "TIFF":
        notes.append("The file has several pages: only the first is used.")
    deep = _deep(data, image)
    icc = image.info.get("icc_profile")
    if deep is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
        orientation = image.getexif().get(_ORIENTATION, 1)  # Pillow clears it where it has turned the picture itself
        pixels, more = colour.from_image(image, icc)
    else:
        orientation = image.getexif().get(_ORIENTATION, 1) if image.format == "PNG" else 1
        pixels, more = colour.from_array(deep, icc)
    turn = _UPRIGHT.get(orientation)
    return Decoded(pixels if turn is None else np.ascontiguousarray(turn(pixels)), (*notes, *more))


def _deep(data: bytes, image: Image.Image) -> NDArray[Any] | None:
    """The samples of pictures with more than 8 bits in several channels, which Pillow would reduce; RGB order."""
    if image.format == "PNG":
        if data[24] != 16:
            return None
        _check_png(data)
    elif image.format == "TIFF":
        bits = image.tag_v2.get(258, (1,))  # type: ignore[attr-defined]
        photometric = image.tag_v2.get(262)  # type: ignore[attr-defined]
        if max(bits) <= 8 or len(bits) < 3 or photometric != 2:
            return None
    elif not (image.format == "PPM" and image.mode == "RGB" and data[:2] == b"P6" and _ppm_is_deep(data)):
        return None
    samples = _samples(data)
    if samples is None:
        raise DamagedPictureError("The picture is damaged or cut off.")
    return samples


def _samples(data: bytes) -> NDArray[Any] | None:
    """What OpenCV reads, in its own depth: [H, W, 1, 3 or 4], RGB order."""
    try:
        samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if samples is None:
        return None
    if samples.ndim == 2:
        return samples[:, :, None]
    return np.asarray(cv2.cvtColor(samples, cv2.COLOR_BGR2RGB if samples.shape[2] == 3 else cv2.COLOR_BGRA2RGBA))


def _wide_tiff(data: bytes) -> Decoded | None:
    """TIFF kinds that only OpenCV knows, such as RGB in floats; None when it is none."""
    try:
        with io.BytesIO(data) as file:
            tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
            file.seek(tags.next)
            tags.load(file)
        width, height = int(tags[256]), int(tags[257])
    except Exception:  # a parser may fail in any way on a damaged file
        return None
    check_size(width, height)
    samples = _samples(data)
    return None if samples is None else Decoded(*colour.from_array(samples, tags.get(34675)))


def _check_png(data: bytes) -> None:
    """OpenCV fills what a cut-off PNG lacks; refuse such files first."""
    image = Image.open(io.BytesIO(data), formats=("PNG",))
    image.verify()
    if b"IEND" not in data[-64:]:
        raise DamagedPictureError("The picture is cut off.")


def _ppm_is_deep(data: bytes) -> bool:
    fields = b" ".join(line.split(b"#")[0] for line in data[:512].splitlines()).split()
    return len(fields) > 3 and fields[3].isdigit() and int(fields[3]) > 255
