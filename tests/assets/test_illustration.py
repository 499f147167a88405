"""The pictures in the repository are what their scripts draw; the landscape, which takes a minute, is left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SHAPES = {
    "illustration": (1280, 1024, 3),
    "figure": (1088, 832, 3),
    "pencil": (800, 640, 3),
    "watercolour": (720, 560, 3),
    "sprite": (192, 192, 3),
    "logo": (640, 640, 3),
    "comic": (980, 700, 3),
}


@pytest.mark.parametrize(
    "name",
    [
        "illustration",
        "figure",
        "pencil",
        "watercolour",
        "sprite",
        "logo",
        pytest.param("comic", marks=pytest.mark.slow),
    ],
)
def test_the_script_draws_the_picture(name: str, tmp_path: Path) -> None:
    script = ROOT / "tools" / "illustration" / "draw.py"
    subprocess.run([sys.executable, str(script), name, "--out", str(tmp_path)], check=True, capture_output=True)
    fresh, kept = (np.asarray(Image.open(folder / f"{name}.png"), np.int16) for folder in (tmp_path, ROOT / "assets"))
    assert fresh.shape == SHAPES[name]
    difference = np.abs(fresh - kept)
    assert difference.max() <= 1 or (difference > 8).mean() < 0.001
