"""OpenRaster (the baseline of the OpenRaster specification 0.0.6), one layer at a time.

OpenRaster has no layers that subtract: such a layer holds the painting's own pixels where it would have changed any,
and says so in its name. It has no clipping either; the split's layers end where the layer below them does.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine import png
from paints_undo_engine.export import budget, deep
from paints_undo_engine.export.geometry import Canvas, channels_of
from paints_undo_engine.export.layers import Sheet, sheets
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.source import ProcessSource
from paints_undo_engine.painting import resize
from paints_undo_engine.picture import Blending

_THUMBNAIL_SIDE = 256


def write(source: ProcessSource, target: Path, options: ExportOptions) -> Iterator[tuple[int, int]]:
    """Write the layers, the merged picture (the painting) and a thumbnail. Raises `ExportError` without such layers and
    above its `budget`."""
    canvas, listed = sheets(source, options)
    budget.check(options.format, canvas.width, canvas.height, len(listed) + 1)
    of = len(listed) + 1
    image = ElementTree.Element("image", version="0.0.6", w=str(canvas.width), h=str(canvas.height))
    stack = ElementTree.SubElement(image, "stack")
    texts = {} if options.omit_metadata else source.provenance.texts()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", "image/openraster")
        for number, sheet in enumerate(listed):
            name = f"data/layer{number:03d}.png"
            group = _stack_for(stack, sheet.group)
            group.insert(0, _layer(archive, name, _without_subtraction(sheet, source, canvas)))
            if sheet.group_hidden:
                group.set("visibility", "hidden")
            yield number + 1, of
        merged = canvas.show(source.painting.picture(), channels_of(source.painting))
        archive.writestr("mergedimage.png", png.with_text(png.encode(merged), texts))
        archive.writestr("Thumbnails/thumbnail.png", png.encode(_thumbnail(merged)))
        if not options.omit_metadata:
            image.insert(0, ElementTree.Comment(f" {source.provenance.sentence} "))
            archive.writestr("provenance.json", json.dumps(source.provenance.as_dict(), indent=1))
            archive.comment = source.provenance.xmp().encode()
        archive.writestr("stack.xml", ElementTree.tostring(image, encoding="utf-8", xml_declaration=True))
        yield of, of


_OPERATORS = {
    Blending.NORMAL: "svg:src-over",
    Blending.MULTIPLY: "svg:multiply",
    Blending.SCREEN: "svg:screen",
    Blending.ADD: "svg:plus",
}


def _stack_for(stack: ElementTree.Element, group: tuple[str, ...]) -> ElementTree.Element:
    """The group's element, at the top of its parent's layers; layers of one group follow each other."""
    for name in group:
        top = stack[0] if len(stack) else None
        if top is None or top.tag != "stack" or top.get("name") != name:
            top = ElementTree.Element("stack", name=name, opacity="1.0", visibility="visible")
            stack.insert(0, top)
        stack = top
    return stack


def _without_subtraction(sheet: Sheet, source: ProcessSource, canvas: Canvas) -> Sheet:
    if sheet.blending is not Blending.SUBTRACT:
        return sheet

    def read() -> NDArray[np.uint8]:
        pixels = sheet.read()
        painting = canvas.show(source.painting.picture(), 3)
        pixels[..., :3] = np.where(pixels[..., 3:] > 0, painting, 0)
        return pixels

    return replace(sheet, read=read, blending=Blending.NORMAL, name=f"{sheet.name} (covers what is below)")


def _layer(archive: zipfile.ZipFile, name: str, sheet: Sheet) -> ElementTree.Element:
    pixels, left, top = trimmed(sheet.read())
    archive.writestr(name, deep.encode(pixels))
    return ElementTree.Element(
        "layer",
        {
            "name": sheet.name,
            "src": name,
            "x": str(left),
            "y": str(top),
            "opacity": f"{sheet.opacity:.4f}",
            "visibility": "visible" if sheet.visible else "hidden",
            "composite-op": _OPERATORS[sheet.blending],
        },
    )


def trimmed(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int, int]:
    """A layer without the empty margins around what is painted on it, and where its top left corner then lies."""
    if pixels.shape[2] == 3:
        return pixels, 0, 0
    rows = np.flatnonzero(pixels[..., 3].any(axis=1))
    if rows.size == 0:
        return pixels[:1, :1], 0, 0
    columns = np.flatnonzero(pixels[..., 3].any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    return np.ascontiguousarray(pixels[top : rows[-1] + 1, left : columns[-1] + 1]), left, top


def _thumbnail(merged: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = merged.shape[:2]
    scale = min(1.0, _THUMBNAIL_SIDE / max(height, width))
    return resize(merged, max(1, round(width * scale)), max(1, round(height * scale)))
