"""The illustration in the repository is what its script draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def test_the_script_draws_the_picture(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.png"
    subprocess.run([sys.executable, str(ASSETS / "draw_illustration.py"), str(fresh)], check=True, capture_output=True)
    difference = np.abs(
        np.asarray(Image.open(fresh), np.int16) - np.asarray(Image.open(ASSETS / "illustration.png"), np.int16)
    )
    assert difference.shape == (1280, 1024, 3)
    assert difference.max() <= 1
