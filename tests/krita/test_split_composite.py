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

from paints_undo_engine.procedural import make_plan
from paints_undo_engine.procedural.solve import translucent
from paints_undo_engine.procedural.split import split_layers

Pixels = NDArray[np.uint8]
ASSETS = Path(__file__).parents[2] / "assets"

pytestmark = pytest.mark.krita


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Krita profile for this file. The first start fills it, which takes long on a busy machine."""
    return tmp_path_factory.mktemp("krita-home")


def projection(layers: list[Pixels], folder: Path, home: Path) -> Pixels:
    """What Krita shows of the layers (RGBA, bottom first), RGBA."""
    height, width = layers[0].shape[:2]
    names = [f"layer{index}" for index in range(len(layers))]
    for name, rgba in zip(names, layers, strict=True):
        (folder / name).write_bytes(np.ascontiguousarray(rgba[..., [2, 1, 0, 3]]).tobytes())
    (folder / "layers.json").write_text(json.dumps({"width": width, "height": height, "layers": names}))
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


def test_split_of_the_illustration(tmp_path: Path, home: Path) -> None:
    painting = cv2.cvtColor(cv2.imread(str(ASSETS / "illustration.png")), cv2.COLOR_BGR2RGB)
    painting = cv2.resize(painting, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    shown = projection([layer.rgba for layer in split_layers(make_plan(painting)) if layer.visible], tmp_path, home)
    np.testing.assert_array_equal(shown[..., :3], painting)
    assert (shown[..., 3] == 255).all()


def test_split_of_a_transparent_picture(tmp_path: Path, home: Path) -> None:
    painting = np.zeros((120, 160, 4), np.uint8)
    painting[..., :3] = np.linspace(20, 230, 160, dtype=np.uint8)[None, :, None]
    painting[..., 3] = np.clip(np.hypot(*np.mgrid[-60:60, -80:80]) * -6 + 400, 0, 255).astype(np.uint8)
    cv2.circle(painting, (80, 60), 30, (200, 60, 40, 255), -1)
    shown = projection([layer.rgba for layer in split_layers(make_plan(painting)) if layer.visible], tmp_path, home)
    np.testing.assert_array_equal(shown[..., 3], painting[..., 3])
    seen = painting[..., 3] > 0
    np.testing.assert_array_equal(shown[seen], painting[seen])


def test_every_solved_colour_blends_as_promised(tmp_path: Path, home: Path) -> None:
    chance = np.random.default_rng(3)
    below = chance.integers(0, 256, (65536, 3)).astype(np.uint8)
    goal = np.clip(below.astype(int) + chance.integers(-60, 61, below.shape), 0, 255).astype(np.uint8)
    top = translucent(below, goal, chance.integers(0, 200, len(below)).astype(np.uint8))
    opaque = np.column_stack([below, np.full(len(below), 255, np.uint8)])
    shown = projection([opaque.reshape(256, 256, 4), top.reshape(256, 256, 4)], tmp_path, home)
    np.testing.assert_array_equal(shown[..., :3].reshape(-1, 3), goal)
