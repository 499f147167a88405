"""PSD by psd-tools, which holds the whole file in memory: the size is estimated first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paints_undo_engine._picture.alpha import on_white
from paints_undo_engine.export import budget
from paints_undo_engine.export.geometry import channels_of
from paints_undo_engine.export.layers import sheets
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.ora import trimmed
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.picture import Blending

_XMP = 1060


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write the layers and the merged picture (the painting).

    Raises `ExportError` without such layers and above its `budget`.
    """
    canvas, listed = sheets(source, options)
    channels = channels_of(source.painting)
    budget.check(options.format, canvas.width, canvas.height, len(listed) + 1)
    from psd_tools import PSDImage
    from psd_tools.constants import BlendMode, Compression

    of = len(listed) + 1
    document = PSDImage.new("RGBA" if channels == 4 else "RGB", (canvas.width, canvas.height), 255)
    groups: dict[tuple[str, ...], Any] = {(): document}
    for number, sheet in enumerate(listed):
        pixels, left, top = trimmed(sheet.read())
        layer = _group_for(groups, sheet.group).create_pixel_layer(
            Image.fromarray(pixels), name=sheet.name, top=top, left=left, compression=Compression.RLE,
            opacity=round(sheet.opacity * 255), blend_mode=BlendMode[_MODES[sheet.blending]],
        )  # fmt: skip
        layer.visible = sheet.visible
        layer.clipping = sheet.clipped
        if sheet.group_hidden:
            groups[sheet.group].visible = False
        yield number + 1, of
    _set_merged(document, canvas.show(source.painting.picture(), channels))
    if not options.omit_metadata:
        _set_metadata(document, source)
    with target.open("wb") as file:
        document._record.write(file)
    yield of, of


_MODES = {
    Blending.NORMAL: "NORMAL",
    Blending.MULTIPLY: "MULTIPLY",
    Blending.SCREEN: "SCREEN",
    Blending.ADD: "LINEAR_DODGE",
    Blending.SUBTRACT: "SUBTRACT",
}


def _group_for(groups: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> Any:
    """The group at a path; groups that are missing are made at the top of their parents."""
    if path not in groups:
        groups[path] = _group_for(groups, path[:-1]).create_group(name=path[-1])
    return groups[path]


def _set_merged(document: Any, merged: NDArray[np.uint8]) -> None:
    """With transparency the merged colours lie on white, and a negative layer count says that its alpha is meant."""
    planes = [np.ascontiguousarray(plane).tobytes() for plane in np.moveaxis(on_white(merged), 2, 0)]
    if merged.shape[2] == 4:
        planes.append(np.ascontiguousarray(merged[..., 3]).tobytes())
        information = document._record.layer_and_mask_information.layer_info
        information.layer_count = -abs(information.layer_count)
    document._record.image_data.set_data(planes, document._record.header)


def _set_metadata(document: Any, source: ProcessSource) -> None:
    from psd_tools.psd.image_resources import ImageResource

    resources = document.image_resources
    xmp = source.provenance.xmp().encode()
    resources[_XMP] = ImageResource(key=_XMP, data=xmp)
