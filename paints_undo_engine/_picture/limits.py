"""What may be read: which formats, and how large a picture, checked from its header before anything is decoded."""

from __future__ import annotations

from paints_undo_engine.errors import PictureTooLargeError, UnsupportedPictureError

FORMATS = (
    *("PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "TGA", "PPM", "ICO", "JPEG2000", "AVIF"),
    *("PCX", "SGI", "DDS", "QOI"),
)
"""What Pillow may open here: no format that runs other programs (EPS) or that is no picture (PDF, MPEG)."""
MERGED = "mergedimage.png"
"""The merged picture in an OpenRaster file or a Krita document."""
MAX_PIXELS = 100_000_000
MAX_SIDE = 30_000
MAX_FILE_BYTES = 2 * 1024**3


def check_size(width: int, height: int) -> None:
    """Raise `PictureTooLargeError` above the limits, `UnsupportedPictureError` for an empty picture."""
    if width < 1 or height < 1:
        raise UnsupportedPictureError(f"The picture has no pixels: its size is {width} x {height}.")
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureTooLargeError(
            f"The picture is {width} x {height} pixels, but at most {MAX_PIXELS // 1_000_000} million pixels and "
            f"{MAX_SIDE} on a side can be used. Make it smaller and try again."
        )


def check_file_size(size: int) -> None:
    """Raise `PictureTooLargeError` for a file that is larger than any picture within the limits needs."""
    if size > MAX_FILE_BYTES:
        raise PictureTooLargeError(
            f"The file has {size / 1e9:.1f} GB, but at most {MAX_FILE_BYTES / 1e9:.1f} GB can be read."
        )
