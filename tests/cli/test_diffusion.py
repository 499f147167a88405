"""The whole diffusion job from the command line, in process and through the daemon.

The checkpoints are small, with random weights: what comes out is noise, but it comes out of every stage.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli.conftest import Run

GOLDEN = Path(__file__).resolve().parents[1] / "parity" / "golden"
LESS = ("--keyframe-steps", "2", "--interpolation-steps", "2", "--keyframe-width", "256", "--keyframe-height", "256")


@pytest.fixture
def models(environment: dict[str, str]) -> Path:
    """The small checkpoints where downloads are kept, with an interpolation size that a CPU can do."""
    folder = Path(environment["PAINTS_UNDO_HOME"]) / "models"
    shutil.copytree(GOLDEN / "repos" / "single_frame", folder / "paints_undo_single_frame")
    shutil.copytree(GOLDEN / "repos" / "multi_frame", folder / "paints_undo_multi_frame")
    shutil.copytree(GOLDEN / "tagger", folder / "wd14_tagger")
    (folder / "paints_undo_multi_frame" / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}))
    return folder


@pytest.mark.slow
def test_the_whole_default_job_in_process(run: Run, picture: Path, models: Path, tmp_path: Path) -> None:
    here = ("--in-process", "--device", "cpu", "--models", str(models))
    result = run("undo", picture, "-o", "frames", "--engine", "diffusion", *here, *LESS)
    assert result.returncode == 0, result.stderr
    assert len(list((tmp_path / "frames").glob("*.png"))) == 7 * 15 + 1


@pytest.mark.slow
def test_a_job_through_the_daemon(run: Run, picture: Path, models: Path, tmp_path: Path) -> None:
    result = run("undo", picture, "-o", "frames", "--engine", "diffusion", "--operation-steps", "600", *LESS)
    run("stop")
    assert result.returncode == 0, result.stderr
    assert models.is_dir()
    assert len(list((tmp_path / "frames").glob("*.png"))) == 2 * 15 + 1
