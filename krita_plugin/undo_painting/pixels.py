"""Work on pixels with QImage, which may run in any thread. No Krita objects here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import chain

from .qt import QImage, Qt, QtGui

FORMAT = QImage.Format
SMOOTH = Qt.TransformationMode.SmoothTransformation
EXACT_SIZE = Qt.AspectRatioMode.IgnoreAspectRatio
BAND_PIXELS = 2**14
"""From twice so many on, Qt shares the work on an image out to threads of its own and waits for them. Where other
programs keep the processors busy that takes long, and Python's lock is kept all the while."""
LARGE_BAND_PIXELS = 2**20
"""Of what is made small at once: some 5 ms."""
FEW = 64


def content(image: QImage) -> bytes:
    """A QImage's bytes, rows padded as Qt has them."""
    pointer = image.constBits()
    return pointer.asstring(image.sizeInBytes()) if pointer is not None else b""


def tight(image: QImage, bytes_per_pixel: int) -> bytes:
    """A QImage's bytes without padding between rows."""
    data, row, stride = content(image), image.width() * bytes_per_pixel, image.bytesPerLine()
    if row == stride:
        return data
    return b"".join(data[start : start + row] for start in range(0, stride * image.height(), stride))


def bands(image: QImage) -> Iterator[QImage]:
    """The image from top to bottom, in parts of `BAND_PIXELS` or less."""
    rows = max(1, BAND_PIXELS // max(1, image.width()))
    for top in range(0, image.height(), rows):
        yield image.copy(0, top, image.width(), min(rows, image.height() - top))


def giving_way(parts: Iterable[QImage]) -> Iterator[QImage]:
    """The same images, for work beside Krita's thread: before each of them that may have Python's lock. A thread that
    never lets go of it keeps Krita waiting for some 5 ms each time that it calls anything in Python."""
    for part in parts:
        time.sleep(0)
        yield part


def opaque(image: QImage) -> bool:
    """Whether no pixel is transparent."""
    if not image.hasAlphaChannel():
        return True
    alphas = (tight(band.convertToFormat(FORMAT.Format_Alpha8), 1) for band in giving_way(bands(image)))
    return all(alpha.count(b"\xff") == len(alpha) for alpha in alphas)


def only_colour(image: QImage) -> bytes | None:
    """The one colour that is to be seen, as a pixel of four bytes; None where there are several. Wherever pixels are
    wholly transparent, their colour does not count. A painting is told from a few of its pixels, a line on a large
    canvas from all."""
    few = image.scaled(FEW, FEW) if min(image.width(), image.height()) > FEW else image
    first = tight(few.convertToFormat(FORMAT.Format_ARGB32_Premultiplied), 4)[:4]
    return first if all(_is_all(first, each) for each in chain((few,), bands(image))) else None


def _is_all(colour: bytes, image: QImage) -> bool:
    pixels = tight(image.convertToFormat(FORMAT.Format_ARGB32_Premultiplied), 4)
    return pixels == colour * (len(pixels) // 4)


def put(image: QImage, part: QImage, top: int) -> None:
    """Put an image as wide as another into it, from its row `top` on."""
    painter = QtGui.QPainter(image)
    painter.setCompositionMode(QtGui.QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(0, top, part)
    painter.end()


def masked(image: QImage, mask: bytes) -> QImage:
    """The image with its alpha multiplied by a selection's mask (one byte a pixel, rows without padding)."""
    width, height = image.width(), image.height()
    if len(mask) != width * height or mask.count(b"\xff") == len(mask):
        return image
    stencil = QImage(mask, width, height, width, FORMAT.Format_Alpha8)
    result = image.convertToFormat(FORMAT.Format_ARGB32_Premultiplied)
    painter = QtGui.QPainter(result)
    painter.setCompositionMode(QtGui.QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, stencil)
    painter.end()
    return result.convertToFormat(FORMAT.Format_ARGB32)


def scaled_in_bands(image: QImage, width: int, height: int) -> QImage:
    """As `scaled`, for small sizes, without keeping Python's lock for long. Each band is scaled by itself, which moves
    its rows by less than one of the image's."""
    if (image.width(), image.height()) == (width, height):
        return image
    rows = max(1, min(4 * BAND_PIXELS // width, LARGE_BAND_PIXELS * height // (image.width() * image.height())))
    result = QImage(width, height, FORMAT.Format_ARGB32_Premultiplied)
    result.fill(0)
    painter = QtGui.QPainter(result)
    for top in range(0, height, rows):
        time.sleep(0)  # as in `giving_way`
        bottom = min(height, top + rows)
        begin, end = top * image.height() // height, -(-bottom * image.height() // height)
        band = image.copy(0, begin, image.width(), end - begin)
        painter.drawImage(0, top, band.scaled(width, bottom - top, EXACT_SIZE, SMOOTH))
    painter.end()
    return result


def scaled(image: QImage, width: int, height: int) -> QImage:
    """The image at another size, smoothly; the same image when the size is right."""
    if (image.width(), image.height()) == (width, height):
        return image
    return image.scaled(width, height, EXACT_SIZE, SMOOTH)
