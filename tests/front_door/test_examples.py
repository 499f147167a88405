"""The examples that need no models run as they stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "painting.png"
    Image.open(ROOT / "assets" / "illustration.png").convert("RGB").resize((96, 120)).save(path)
    return path


def run(folder: Path, *arguments: str) -> str:
    """What a program prints, run in a folder of its own as its own account."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "daemon")))
    environment = os.environ | {"PYTHONPATH": paths, "PAINTS_UNDO_HOME": str(folder / "home")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_process_as_files_frames_and_variants(picture: Path, tmp_path: Path) -> None:
    told = run(tmp_path, str(EXAMPLES / "process.py"), picture.name, "--max-side", "96")
    assert told.splitlines()[-1].startswith("100%")
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made >= {"a-quarter-done.png", "layers.psd", "process.mp4", "variants.png"}


def test_pictures_as_jobs(picture: Path, tmp_path: Path) -> None:
    try:
        told = run(tmp_path, str(EXAMPLES / "jobs.py"), picture.name)
    finally:
        run(tmp_path, "-m", "paints_undo_daemon", "stop")
    assert "painting.png <Update 1 accepted>" in told
    assert "painting.png took 0:00:" in told
    assert (tmp_path / "out" / "painting.mp4").stat().st_size > 1000


def test_the_notebook(picture: Path, tmp_path: Path) -> None:
    """Its code cells in order; what the last line of a cell gives is shown as a notebook would."""
    notebook = json.loads((EXAMPLES / "process.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells[0] = cells[0].replace("SIZE = 1024", "SIZE = 96")
    script = tmp_path / "notebook.py"
    script.write_text(
        f"""
import ast
names = {{}}
for source in {cells!r}:
    *body, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        body, last = [*body, last], None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        print("picture" if hasattr(value, "_repr_png_") and value._repr_png_()[1:4] == b"PNG" else value)
"""
    )
    told = run(tmp_path, str(script)).splitlines()
    assert [line for line in told if line == "picture"] == ["picture", "picture"]
    assert (tmp_path / "process.mp4").stat().st_size > 1000
    assert all(0 < float(number) < 1 for number in told[-1].strip("[]").split(","))
