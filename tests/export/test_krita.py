"""Layered exports opened in a real Krita (kritarunner, offscreen), composited by Krita itself."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from export.sources import deep_process, process

from paints_undo_engine.export import LayerContent, export, options_for


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What Krita sees of an ORA and a PSD of each layer content, opaque and transparent."""
    folder = tmp_path_factory.mktemp("krita")
    names = {}
    for suffix in ("ora", "psd"):
        for content in LayerContent:
            for channels in (3, 4):
                path = folder / f"{content}-{channels}.{suffix}"
                list(export(process(channels=channels), path, options_for(path, layer_content=content)))
                names[suffix, content, channels] = path
    for channels in (3, 4):
        path = folder / f"deep-{channels}.ora"
        list(export(deep_process(channels), path, options_for(path, layer_content=LayerContent.FRAMES)))
        names["deep", LayerContent.FRAMES, channels] = path
    out = folder / "seen.json"
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    variables = {"HOME": folder, "XDG_CONFIG_HOME": folder / "config", "XDG_DATA_HOME": folder / "data",
                 "XDG_CACHE_HOME": folder / "cache", "XDG_RUNTIME_DIR": runtime, "QT_QPA_PLATFORM": "offscreen",
                 "PYTHONPATH": Path(__file__).parent, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}  # fmt: skip
    command = ["kritarunner", "-s", "krita_probe", "-f", "probe", str(out), *map(str, names.values())]
    done = subprocess.run(
        command, env={key: str(value) for key, value in variables.items()}, capture_output=True, text=True, timeout=600
    )
    assert out.exists(), done.stdout + done.stderr
    return dict(zip(names, json.loads(out.read_text()), strict=True))


@pytest.mark.krita
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("content", list(LayerContent))
@pytest.mark.parametrize("suffix", ["ora", "psd"])
def test_krita_shows_the_painting(seen, suffix, content, channels):
    found = seen[suffix, content, channels]
    source = process(channels=channels)
    width, height = found["size"]
    bgra = np.frombuffer(bytes.fromhex(found["bgra"]), np.uint8).reshape(height, width, 4)
    painted = source.painting.pixels[..., 3] > 0 if channels == 4 else np.ones((48, 64), bool)

    assert (width, height) == (64, 48)
    assert np.array_equal(bgra[..., 3] > 0, painted)
    assert np.array_equal(bgra[..., 2::-1][painted], source.painting.pixels[..., :3][painted])


@pytest.mark.krita
@pytest.mark.parametrize("suffix", ["ora", "psd"])
def test_krita_sees_the_layers(seen, suffix):
    layers = seen[suffix, LayerContent.SPLIT, 3]["layers"]
    assert [(layer["name"], layer["visible"]) for layer in layers] == [
        ("sketch", False),
        ("lower", True),
        ("upper", True),
    ]
    states = seen[suffix, LayerContent.KEYFRAMES, 3]["layers"]
    assert [layer["visible"] for layer in states] == [False, False, False, True]
    assert "step 1000" in states[0]["name"]


@pytest.mark.krita
@pytest.mark.parametrize("channels", [3, 4])
def test_krita_keeps_the_depth_of_a_16_bit_painting_in_its_states(seen, channels):
    """The document around them has 8 bits: Krita takes that depth for every OpenRaster file."""
    found, source = seen["deep", LayerContent.FRAMES, channels], deep_process(channels)
    width, height = found["size"]
    assert (width, height) == (source.painting.width, source.painting.height)
    assert [layer["depth"] for layer in found["layers"]] == ["U16"] * 3
    assert found["depth"] == "U8"
    painting, half, restored = (
        np.frombuffer(bytes.fromhex(layer["bgra"]), np.uint16).reshape(height, width, 4)[..., [2, 1, 0, 3][:channels]]
        for layer in reversed(found["layers"])
    )
    assert np.array_equal(painting, source.painting.pixels)
    assert np.array_equal(half[:60], source.painting.pixels[:60])
    assert (half[60:] == 65_535).all()
    assert np.abs(restored[5:-5, 5:-40].astype(int) - painting[5:-5, 5:-40]).max() < 300
