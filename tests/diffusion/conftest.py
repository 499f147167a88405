"""The small checkpoints, a painting, and a hub on this machine that serves a model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.branching import SIZE
from diffusion.hub import Hub
from diffusion.redo import KINDS, save_base, save_control, save_likeness
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.painting import Painting, from_raw

torch.set_num_threads(1)

GOLDEN = Path(__file__).parents[1] / "parity" / "golden"


@pytest.fixture(scope="session")
def repos() -> Path:
    return GOLDEN / "repos"


@pytest.fixture
def painting() -> Painting:
    y, x = np.mgrid[0:90, 0:120]
    pixels = np.stack([x * 2, y * 2, (x + y) % 256], axis=-1).astype(np.uint8)
    return from_raw(pixels.tobytes(), 120, 90, 3)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with the small checkpoints and the small tagger."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(GOLDEN / "repos" / "single_frame", folder / "paints_undo_single_frame")
    shutil.copytree(GOLDEN / "repos" / "multi_frame", folder / "paints_undo_multi_frame")
    shutil.copytree(GOLDEN / "tagger", folder / "wd14_tagger")
    return folder


@pytest.fixture(scope="session")
def redo_models(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with the small checkpoints and tiny ones for the redo."""
    made = tmp_path_factory.mktemp("redo")
    for model in models.iterdir():
        (made / model.name).symlink_to(model)
    save_base(made / "redo_base", GOLDEN / "repos" / "single_frame" / "tokenizer")
    for number, kind in enumerate(KINDS, start=1):
        save_control(made / f"redo_{kind}", number)
    save_likeness(made / "redo_likeness")
    return made


@pytest.fixture(scope="module")
def redo_pipeline(redo_models: Path) -> Iterator[PaintsUndoPipeline]:
    made = PaintsUndoPipeline.from_pretrained(redo_models, device="cpu")
    yield made
    made.close()


@pytest.fixture(scope="module")
def canvas() -> np.ndarray:
    """A canvas with flats and a line, of the redo's working size, so that nothing is resized."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    pixels = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    pixels[:, 100:104] = 0
    return pixels


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that offers the small single-frame model as ``lllyasviel/paints_undo_single_frame``."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    source = GOLDEN / "repos" / "single_frame"
    files = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    with Hub("lllyasviel/paints_undo_single_frame", files) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
