"""Layered files: PSD and PSB through psd-tools, ORA and KRA by the merged picture that they carry."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from typing import Any

import numpy as np

from paints_undo_engine._picture import colour, reading
from paints_undo_engine._picture.limits import MERGED, check_size
from paints_undo_engine.errors import DamagedPictureError, PaintingError, UnsupportedPictureError

_MAX_MERGED_BYTES = 1024**3
_PNG = b"\x89PNG\r\n\x1a\n"


def is_layered(data: bytes) -> bool:
    """Whether a file begins like a PSD or a ZIP archive."""
    return data[:4] in (b"8BPS", b"PK\x03\x04")


def read(data: bytes) -> reading.Decoded:
    """Read the merged picture of a layered file. Raises the `PaintingError`s."""
    try:
        return _read_psd(data) if data[:4] == b"8BPS" else _read_zip(data)
    except (PaintingError, MemoryError):
        raise
    except Exception as error:  # a parser may fail in any way on a damaged file
        raise DamagedPictureError(f"The layered file is damaged or cut off: {error}.") from error


def _read_zip(data: bytes) -> reading.Decoded:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            entry = archive.getinfo(MERGED)
        except KeyError:
            raise UnsupportedPictureError(
                "The file is an archive without a merged picture. Save it as ORA, KRA or PNG and try again."
            ) from None
        if entry.file_size > _MAX_MERGED_BYTES:
            raise DamagedPictureError("The merged picture inside the file is unreasonably large.")
        with archive.open(entry) as file:  # before up to a gigabyte is unpacked for nothing
            if file.read(len(_PNG)) != _PNG:
                raise DamagedPictureError("The merged picture inside the file is no PNG.")
        return reading.read(archive.read(entry))


def _read_psd(data: bytes) -> reading.Decoded:
    if len(data) < 26:
        raise DamagedPictureError("The PSD file is cut off.")
    height, width, depth = struct.unpack(">IIH", data[14:24])
    check_size(width, height)
    from psd_tools import PSDImage
    from psd_tools.constants import Resource

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        psd = PSDImage.open(io.BytesIO(data))
        if not psd.has_preview():
            raise UnsupportedPictureError(
                "The PSD file has no merged picture. Save it with maximum compatibility and try again."
            )
        _check_complete(psd._record)
        icc = psd.image_resources.get_data(Resource.ICC_PROFILE)
        if depth > 8:
            samples = np.asarray(psd.numpy())
            if samples.shape[2] in (1, 2, 3, 4) and psd.color_mode.name in ("RGB", "GRAYSCALE"):
                deep = np.rint(np.clip(samples, 0, 1) * 65535).astype(np.uint16)
                return reading.Decoded(*colour.from_array(deep, icc))
        image = psd.topil(apply_icc=False)
    if image is None:
        raise DamagedPictureError("The PSD file has no pixels.")
    return reading.Decoded(*colour.from_image(image, icc))


def _check_complete(record: Any) -> None:
    """psd-tools fills what a cut-off file lacks; refuse such files."""
    header, merged = record.header, record.image_data
    rows = header.channels * header.height
    if merged.compression == 0:
        needed = rows * ((header.width * header.depth + 7) // 8)
    elif merged.compression == 1:
        table = np.frombuffer(merged.data, ">u2" if header.version == 1 else ">u4", rows)
        needed = table.nbytes + int(table.sum(dtype=np.int64))
    else:
        return
    if len(merged.data) < needed:
        raise DamagedPictureError("The PSD file is cut off.")
