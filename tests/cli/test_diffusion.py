"""The whole diffusion job from the command line, in process and through the daemon.

The checkpoints are small, with random weights: what comes out is noise, but it comes out of every stage.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli.conftest import Run
from diffusion.redo import save_base, save_control
from PIL import Image

from paints_undo_daemon.client import JobState, connect

GOLDEN = Path(__file__).resolve().parents[1] / "parity" / "golden"
LESS = ("--keyframe-steps", "2", "--interpolation-steps", "2", "--keyframe-width", "256", "--keyframe-height", "256")
FEW = ("--interpolation-frames", "3")


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


@pytest.mark.slow
def test_going_on_another_way_through_the_daemon(
    run: Run, picture: Path, models: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """A branch keeps the state that it leaves from, byte for byte, and all before it, also where that is a frame
    between two keyframes; and it ends in the candidate that was chosen."""
    save_base(models / "redo_base", models / "paints_undo_single_frame" / "tokenizer")
    for number, kind in enumerate(("scribble", "lineart", "softedge")):
        save_control(models / f"redo_{kind}", number)
    try:
        made = run("undo", picture, "-o", "old", "--engine", "diffusion", "--operation-steps", "600", *LESS, *FEW)
        assert made.returncode == 0, made.stderr
        sheet = run("redo", "last", "--at", "600", "--candidates", "2", "-o", "sheet.png")
        assert sheet.returncode == 0, sheet.stderr
        assert "Wrote sheet.png" in sheet.stderr
        chosen = run("redo", "last", "--at", "600", "--choose", "2", "-o", "new")
        assert chosen.returncode == 0, chosen.stderr
        between = run("redo", "last", "--at", "300", "--choose", "1", "-o", "third")
        assert between.returncode == 0, between.stderr
        refused = run("redo", "last", "--at", "600", "--choose", "1", "--likeness", "0.5", "-o", "other")
        assert "models download redo_likeness" in refused.stderr
        with connect(home=Path(environment["PAINTS_UNDO_HOME"])) as client:
            jobs = [job for job in client.jobs() if job.state is JobState.FINISHED]
            third, new, old = (
                {f.frame.operation_step: f.frame.picture_hash for f in client.frames(j.job_id)} for j in jobs
            )
    finally:
        run("stop")
    assert Image.open(tmp_path / "sheet.png").width > 2 * 96
    assert len(list((tmp_path / "new").glob("*.png"))) == 5
    assert old.keys() == new.keys() == {800, 600, 300, 0}
    assert [old[step] == new[step] for step in old] == [True, True, False, False]
    assert third.keys() == {800, 600, 450, 300, 150, 0}
    assert [third[step] == new[step] for step in new] == [True, True, True, False]
