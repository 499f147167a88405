"""`paints-undo bench` on the small checkpoints: figures, sheet and pictures, also after Ctrl-C."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from .conftest import COMMAND, Run, one_sentence

GOLDEN = Path(__file__).resolve().parents[1] / "parity" / "golden"
LESS = ("--steps", "2", "--frames", "2", "--operation-steps", "600", "--device", "cpu", "--tags", "blob")
SMALL = ("--keyframe-width", "256", "--keyframe-height", "256")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    shutil.copytree(GOLDEN / "repos" / "single_frame", folder / "paints_undo_single_frame")
    shutil.copytree(GOLDEN / "repos" / "multi_frame", folder / "paints_undo_multi_frame")
    (folder / "paints_undo_multi_frame" / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}))
    return folder


@pytest.mark.slow
def test_everything_is_measured_and_written(run: Run, picture: Path, models: Path, tmp_path: Path) -> None:
    options = (*LESS, *SMALL, "--models", models, "--presets", "draft", "--plans", "8gb,6gb")
    answer = run("bench", picture, *options)
    assert answer.returncode == 0, answer.stderr
    folder = tmp_path / "picture-bench"
    figures = json.loads((folder / "bench.json").read_text())
    assert [found["name"] for found in figures["runs"]] == ["exact", "exact, other seed", "draft", "exact in 6gb"]
    assert all(found["job_seconds"] > 0 and found["failure"] is None for found in figures["runs"])
    assert figures["tags"] == "blob"
    assert figures["left_out"] == []
    assert Image.open(folder / "sheet.png").format == "PNG"
    assert len(list((folder / "draft").glob("0*.png"))) == 2
    assert "exact in 6gb" in answer.stdout
    assert "a running daemon should be idle" in answer.stderr
    again = run("bench", picture, *options)
    assert again.returncode == 1
    assert "--force" in one_sentence(again)


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_measured(environment: dict[str, str], picture: Path, models: Path, tmp_path: Path):
    results = tmp_path / "results"
    arguments = [str(part) for part in ("bench", picture, *LESS, *SMALL, "--steps", "12", "--models", models)]
    with subprocess.Popen(
        [*COMMAND, *arguments, "-o", str(results)],
        env=environment | {"OMP_NUM_THREADS": "1"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if line.startswith("exact:"):
                break
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130, said + errors
    assert "1 runs are kept" in errors
    assert "Traceback" not in errors
    assert [found["name"] for found in json.loads((results / "bench.json").read_text())["runs"]] == ["exact"]
    assert sorted(path.name for path in results.iterdir()) == ["bench.json", "exact", "sheet.png"]
    assert printed.startswith("run")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["missing.png"], "missing.png"),
        (["picture.png", "--presets", "slow"], "slow"),
        (["picture.png", "--plans", "huge", "--device", "cpu"], "memory_plan"),
        (["picture.png", "--steps", "0"], "steps"),
        (["picture.png", "--sheet", "picture.png", "--force"], "is not replaced"),
        (["picture.png", "--json", "no/such/place.json"], "no/such"),
        (["picture.png", "-o", "no/such/folder"], "no/such"),
    ],
)
def test_wrong_usage_is_one_sentence(run: Run, picture: Path, arguments: list[str], word: str) -> None:
    answer = run("bench", *arguments)
    assert answer.returncode == 2
    assert word in one_sentence(answer)


def test_without_models_it_says_how_to_get_them(run: Run, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    answer = run("bench", picture, "--models", "nothing", "--device", "cpu", "--tags", "x")
    assert answer.returncode == 1
    assert "paints-undo models download" in one_sentence(answer)
    assert not (tmp_path / "picture-bench").exists()
