"""Krita's own compositor agrees with the layer split, pixel by pixel."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.picture import Blending, SplitLayer
from paints_undo_engine.procedural import Options, make_split
from paints_undo_engine.request import Method

Pixels = NDArray[np.uint8]
ASSETS = Path(__file__).parents[2] / "assets"

pytestmark = pytest.mark.krita


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Krita profile for this file. The first start fills it, which takes long on a busy machine."""
    return tmp_path_factory.mktemp("krita-home")


_KRITA = {
    Blending.NORMAL: "normal",
    Blending.MULTIPLY: "multiply",
    Blending.SCREEN: "screen",
    Blending.ADD: "add",
    Blending.SUBTRACT: "subtract",
}


def projection(layers: list[SplitLayer], folder: Path, home: Path) -> Pixels:
    """What Krita shows of the visible layers, RGBA."""
    height, width = layers[0].read().shape[:2]
    told = []
    for index, layer in enumerate(layers):
        if layer.visible:
            name = f"layer{index}"
            (folder / name).write_bytes(np.ascontiguousarray(layer.read()[..., [2, 1, 0, 3]]).tobytes())
            blending = _KRITA[layer.blending]
            told.append({"file": name, "group": layer.group, "blending": blending, "clipped": layer.clipped})
    (folder / "layers.json").write_text(json.dumps({"width": width, "height": height, "layers": told}))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XDG_"))}
    environment |= {
        "HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(Path(__file__).parent),
        "COMPOSITE_FOLDER": str(folder),
    }
    subprocess.run(["kritarunner", "-s", "composite", "-f", "main"], env=environment, check=True, timeout=300)
    bgra = np.frombuffer((folder / "projection").read_bytes(), np.uint8).reshape(height, width, 4)
    return bgra[..., [2, 1, 0, 3]]


@pytest.mark.parametrize("method", [Method.LINE, Method.PAINTER])
def test_split_of_the_illustration(method: Method, tmp_path: Path, home: Path) -> None:
    read = cv2.imread(str(ASSETS / "illustration.png"))
    assert read is not None
    small = cv2.resize(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    painting = np.asarray(small, np.uint8)
    shown = projection(list(make_split(painting, Options(method=method))), tmp_path, home)
    np.testing.assert_array_equal(shown[..., :3], painting)
    assert (shown[..., 3] == 255).all()


def test_split_of_a_transparent_picture(tmp_path: Path, home: Path) -> None:
    painting = np.zeros((120, 160, 4), np.uint8)
    painting[..., :3] = np.linspace(20, 230, 160, dtype=np.uint8)[None, :, None]
    painting[..., 3] = np.clip(np.hypot(*np.mgrid[-60:60, -80:80]) * -6 + 400, 0, 255).astype(np.uint8)
    cv2.circle(painting, (80, 60), 30, (200, 60, 40, 255), -1)
    shown = projection(list(make_split(painting)), tmp_path, home)
    np.testing.assert_array_equal(shown[..., 3], painting[..., 3])
    seen = painting[..., 3] > 0
    np.testing.assert_array_equal(shown[seen], painting[seen])
