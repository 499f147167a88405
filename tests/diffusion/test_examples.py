"""The examples run, on the small checkpoints."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paints_undo_engine.diffusion import pipeline

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "assets" / "illustration.png"


@pytest.fixture(scope="module")
def small_models(models: Path) -> Path:
    (models / "paints_undo_multi_frame" / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}))
    return models


def test_the_script(small_models: Path, tmp_path: Path) -> None:
    small = ["--device", "cpu", "--keyframe-size", "256", "--steps", "1", "--frames", "3"]
    command = [sys.executable, str(ROOT / "examples" / "pipeline.py"), str(PICTURE), *small]
    command += ["--models", str(small_models), "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, env=_environment())
    assert done.returncode == 0, done.stderr
    assert "step 1 of 1" in done.stdout
    expected = ["frame-00", "frame-01", "frame-02", "keyframe-400", "keyframe-800", "keyframe-from-a-start"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == expected


def test_the_notebook(small_models: Path, tmp_path: Path) -> None:
    """Its code cells in order, with the names of the first cell set for a test."""
    notebook = json.loads((ROOT / "examples" / "pipeline.ipynb").read_text(encoding="utf-8"))
    first, *others = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    small = f"""
MODELS, PICTURE = {str(small_models)!r}, {str(PICTURE)!r}
SMALL, FRAMES = {{"width": 256, "height": 256, "steps": 2}}, {{"frames": 3, "steps": 1}}
"""
    script = tmp_path / "notebook.py"
    script.write_text("\n".join([first, small, *others, "print(len(spread), len(frames.pictures))"]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, check=False, capture_output=True, text=True, env=_environment()
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2", "3"]


def in_docstring() -> str:
    """The example at the head of the pipeline's module."""
    lines = (pipeline.__doc__ or "").splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))


def in_document() -> str:
    """The example of docs/python.md."""
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").partition("## The models themselves")[2]
    return text.partition("```py\n")[2].partition("```")[0]


@pytest.mark.parametrize("example", [in_docstring(), in_document()], ids=["docstring", "document"])
def test_what_is_written_down_runs(
    example: str, small_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands, but for sizes and steps, which would take minutes."""
    less = {"keyframes": {"steps": 1, "width": 256, "height": 256}, "interpolate": {"steps": 1, "frames": 3}}
    for name, values in less.items():
        monkeypatch.setattr(
            pipeline.PaintsUndoPipeline, name, with_less(getattr(pipeline.PaintsUndoPipeline, name), values)
        )
    (tmp_path / "models").symlink_to(small_models)
    shutil.copy(PICTURE, tmp_path / "painting.png")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    names = runpy.run_path("example.py")
    assert names["tags"]
    assert [picture.shape[0] for picture in names["states"].pictures] == [256] * 2
    assert len(names["frames"].pictures) == 3
    names["pipeline"].close()


def with_less(call: Callable[..., Any], values: dict[str, int]) -> Callable[..., Any]:
    return lambda *given, **named: call(*given, **{**named, **values})


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
