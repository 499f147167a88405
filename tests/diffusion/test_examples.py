"""The examples run, on the small checkpoints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
