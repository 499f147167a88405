"""Profiles for tests in a real Krita."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from krita_harness import Profile, warm_profile
from PIL import Image


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    """A warm profile with the plugin installed; its daemon is ended afterwards."""
    made = warm_profile(tmp_path / "profile")
    made.install_plugin()
    yield made
    made.stop_daemon()


@pytest.fixture
def small_picture(tmp_path: Path) -> Path:
    """320 x 200: a gradient with a disc and a square. Each test has a file of its own: Krita may leave others by it."""
    return _draw(tmp_path / "small.png", 320, 200)


@pytest.fixture
def large_picture(tmp_path: Path) -> Path:
    """1000 x 1000: takes long enough for something to happen half way."""
    return _draw(tmp_path / "large.png", 1000, 1000)


def _draw(path: Path, width: int, height: int) -> Path:
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, 255 - x * 255 // width], axis=2).astype(np.uint8)
    disc = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (height // 4) ** 2
    pixels[disc] = (250, 250, 240)
    pixels[height // 8 : height // 3, width // 8 : width // 4] = (30, 60, 160)
    Image.fromarray(pixels).save(path)
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Krita these tests are left out, but never in CI, where a skip is a failure."""
    if shutil.which("krita") and shutil.which("xvfb-run") and _has_pyqt():
        return
    for item in items:
        if item.get_closest_marker("krita"):
            item.add_marker(pytest.mark.skip(reason="needs krita, xvfb-run and the system's PyQt5 or PyQt6"))


def _has_pyqt() -> bool:
    code = "import importlib.util, sys; sys.exit(not any(map(importlib.util.find_spec, ('PyQt5', 'PyQt6'))))"
    return subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, check=False).returncode == 0
