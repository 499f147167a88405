"""Runs inside kritarunner: stacks the layers of a folder in a document and writes the projection beside them.

The folder holds `layers.json`, {"width", "height", "layers": [{"file", "group", "blending", "clipped"}, ...]}, bottom
first, and a raw BGRA file for each. Blending modes are Krita's.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

from krita import Krita


def main(folder: str | None = None) -> None:
    """kritarunner turns an exception into exit code 0, so this one says itself how it ended."""
    try:
        _composite(Path(folder or os.environ["COMPOSITE_FOLDER"]))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)
    os._exit(0)


def _composite(folder: Path) -> None:
    told = json.loads((folder / "layers.json").read_text())
    width, height = told["width"], told["height"]
    document = Krita.instance().createDocument(width, height, "split", "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", 72.0)
    root = document.rootNode()
    for child in root.childNodes():
        root.removeChildNode(child)
    groups = {(): root}
    for layer in told["layers"]:
        node = document.createNode(layer["file"], "paintlayer")
        node.setPixelData((folder / layer["file"]).read_bytes(), 0, 0, width, height)
        node.setBlendingMode(layer["blending"])
        node.setInheritAlpha(layer["clipped"])
        _group(document, groups, tuple(layer["group"])).addChildNode(node, None)
    document.refreshProjection()
    document.waitForDone()
    (folder / "projection").write_bytes(bytes(document.pixelData(0, 0, width, height)))


def _group(document, groups, path):
    """The group at a path, made where it is missing."""
    if path not in groups:
        group = document.createGroupLayer(path[-1])
        _group(document, groups, path[:-1]).addChildNode(group, None)
        groups[path] = group
    return groups[path]
