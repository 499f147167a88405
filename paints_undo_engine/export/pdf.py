"""A picture as a page of a PDF (ISO 32000-1:2008), lossless, with XMP."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine import png

_LONGEST = 842.0
"""A4 paper's longer side, in points of 1/72 inch."""


def of_picture(pixels: NDArray[np.uint8], title: str, xmp: str) -> bytes:
    """A file with one page that uint8 [height, width, 3] fills; `xmp` is a packet, or empty.

    The picture is compressed as in a PNG, which PDF reads as it is (section 7.4.4.4, predictors).
    """
    height, width = pixels.shape[:2]
    scale = _LONGEST / max(height, width)
    across, down = f"{width * scale:.2f}", f"{height * scale:.2f}"
    compressed = b"".join(contents for name, contents in png.chunks(png.encode(pixels)) if name == b"IDAT")
    metadata = "/Metadata 6 0 R" if xmp else ""
    objects = [
        _dictionary(f"/Type /Catalog /Pages 2 0 R {metadata}"),
        _dictionary("/Type /Pages /Kids [3 0 R] /Count 1"),
        _dictionary(
            f"/Type /Page /Parent 2 0 R /MediaBox [0 0 {across} {down}] /Contents 4 0 R "
            "/Resources << /XObject << /Picture 5 0 R >> >>"
        ),
        _stream("", f"q {across} 0 0 {down} 0 0 cm /Picture Do Q".encode()),
        _stream(
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB "
            "/BitsPerComponent 8 "
            f"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns {width} >>",
            compressed,
        ),
    ]
    if xmp:
        objects.append(_stream("/Type /Metadata /Subtype /XML", xmp.encode()))
    objects.append(_dictionary(f"/Title {_text(title)} /Creator (Paints-Undo)" if title else ""))
    return _file(objects)


def _dictionary(entries: str) -> bytes:
    return f"<< {entries} >>".encode("ascii")


def _stream(entries: str, contents: bytes) -> bytes:
    return _dictionary(f"{entries} /Length {len(contents)}") + b"\nstream\n" + contents + b"\nendstream"


def _text(text: str) -> str:
    """A text string in UTF-16, written as hexadecimal digits."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def _file(objects: list[bytes]) -> bytes:
    """The objects, numbered from 1, the first being the catalogue and the last the information, and where each lies."""
    data, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, contents in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode("ascii") + contents + b"\nendobj\n"
    start, count = len(data), len(objects) + 1
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R /Info {count - 1} 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(data) + f"xref\n0 {count}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")
