"""Run by kritarunner: opens layered files and writes what Krita sees as JSON. `probe(OUT, FILE...)`."""

from __future__ import annotations

import json
import os
import traceback
from pathlib import Path

from krita import Krita


def _layer(document, node):
    width, height = document.width(), document.height()
    return {
        "name": node.name(),
        "visible": node.visible(),
        "opacity": node.opacity(),
        "type": node.type(),
        "depth": node.colorDepth(),
        "bgra": node.pixelData(0, 0, width, height).data().hex(),
    }


def _document(path):
    document = Krita.instance().openDocument(path)
    assert document is not None
    document.refreshProjection()
    document.waitForDone()
    width, height = document.width(), document.height()
    found = {
        "size": [width, height],
        "depth": document.colorDepth(),
        "layers": [_layer(document, node) for node in document.topLevelNodes()],
        "bgra": document.pixelData(0, 0, width, height).data().hex(),
    }
    document.close()
    return found


def probe(arguments):
    out, *paths = arguments
    try:
        Krita.instance().setBatchmode(True)
        Path(out).write_text(json.dumps([_document(path) for path in paths]))
    except BaseException:
        traceback.print_exc()
        os._exit(70)
    os._exit(0)
