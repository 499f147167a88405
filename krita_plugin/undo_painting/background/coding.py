"""Pictures between QImage and the bytes that travel. Runs in the pool's threads; no Krita objects here."""

from __future__ import annotations

from collections.abc import Callable

from ..net.hashing import digest
from ..net.pictures import FILE, PNG, RAW_RGB8, RAW_RGBA8, Pixels
from ..pixels import FORMAT, bands, giving_way, opaque, scaled, scaled_in_bands, tight
from ..qt import QImage, QtCore, QtGui

PREVIEW_SIDE = 512


def for_upload(image: QImage, local: bool) -> tuple[str, Pixels]:
    """A painting's digest and bytes: raw pixels to a daemon on this machine, PNG to others."""
    data: bytes | bytearray
    if not local:
        encoding, data = FILE, png(image if not opaque(image) else image.convertToFormat(FORMAT.Format_RGB32))
    elif opaque(image):
        encoding, data = RAW_RGB8, _raw(image, FORMAT.Format_RGB888, 3)
    else:
        encoding, data = RAW_RGBA8, _raw(image, FORMAT.Format_RGBA8888, 4)
    width, height = image.width(), image.height()
    return digest(data, encoding, width, height), Pixels(data, encoding, width, height)


def _raw(image: QImage, kind: QImage.Format, bytes_per_pixel: int) -> bytearray:
    """An image's bytes in another format, band by band: each call on pixels keeps Python's lock from Krita's thread."""
    data = bytearray()  # which grows: to make a large one at once keeps that lock for a tenth of a second
    for band in giving_way(bands(image)):
        data += tight(band.convertToFormat(kind), bytes_per_pixel)
    return data


def png(image: QImage, quality: int = 80) -> bytes:
    """The image as PNG; a higher `quality` means a larger file and less time."""
    buffer = QtCore.QBuffer()
    buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG", quality):
        raise ValueError("the picture could not be encoded")
    return buffer.data().data()


def decode(pixels: Pixels, fit: Callable[[int, int], tuple[int, int]]) -> QImage:
    """A QImage that owns its bytes, scaled smoothly to what `fit` makes of its width and height. Raises ValueError when
    the bytes are no picture."""
    data, width, height = pixels.data, pixels.width, pixels.height
    if pixels.encoding in (RAW_RGB8, RAW_RGBA8):
        channels = 3 if pixels.encoding == RAW_RGB8 else 4
        if width <= 0 or height <= 0 or len(data) != width * height * channels:
            raise ValueError("the picture's bytes do not fit its size")
        kind = FORMAT.Format_RGB888 if channels == 3 else FORMAT.Format_RGBA8888
        return scaled(QImage(bytes(data), width, height, width * channels, kind).copy(), *fit(width, height))
    buffer = QtCore.QBuffer()
    buffer.setData(QtCore.QByteArray(data))
    buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
    # A reader lets Krita's own thread run Python meanwhile; QImage.fromData and QImage.scaled do not.
    reader = QtGui.QImageReader(buffer, b"PNG") if pixels.encoding == PNG else QtGui.QImageReader(buffer)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(QtCore.QSize(*fit(size.width(), size.height())))
    image = reader.read()
    if image.isNull():
        raise ValueError("the picture could not be decoded")
    return image


def fitted(side: int, width: int, height: int) -> tuple[int, int]:
    """A picture's size when its longer side is at most `side`."""
    longer = max(width, height)
    return (width, height) if longer <= side else (max(1, width * side // longer), max(1, height * side // longer))


def preview_size(width: int, height: int) -> tuple[int, int]:
    """A small picture's size, for the docker."""
    return fitted(PREVIEW_SIDE, width, height)


def preview_of_image(image: QImage) -> QImage:
    """A small copy for the docker."""
    width, height = preview_size(image.width(), image.height())
    if image.width() > 4 * width:
        image = image.scaled(2 * width, 2 * height)  # in a moment, and without holding Krita's thread up
    small = scaled_in_bands(image, width, height)
    return small.convertToFormat(FORMAT.Format_ARGB32_Premultiplied) if small.hasAlphaChannel() else small


def preview(pixels: Pixels) -> QImage:
    """A small picture of a frame for the docker."""
    return preview_of_image(decode(pixels, preview_size))


def layer_bytes(pixels: Pixels, width: int, height: int) -> bytes:
    """The bytes of an 8-bit RGBA layer of `width` x `height`, as Krita wants them: blue, green, red, straight alpha."""
    return tight(decode(pixels, lambda *_: (width, height)).convertToFormat(FORMAT.Format_ARGB32), 4)
