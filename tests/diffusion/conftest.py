"""The small checkpoints, and a painting, for the diffusion engine's tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from paints_undo_engine.painting import Painting, from_raw

torch.set_num_threads(2)


@pytest.fixture(scope="session")
def repos() -> Path:
    return Path(__file__).parents[1] / "parity" / "golden" / "repos"


@pytest.fixture
def painting() -> Painting:
    y, x = np.mgrid[0:90, 0:120]
    pixels = np.stack([x * 2, y * 2, (x + y) % 256], axis=-1).astype(np.uint8)
    return from_raw(pixels.tobytes(), 120, 90, 3)
