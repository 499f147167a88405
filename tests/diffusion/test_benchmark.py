"""The accelerator's benchmark runs from a bare checkout; at a tiny size on the CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_tiny_run_measures_everything(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "gpu.py"), "--tiny", "--json", str(table)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(table.read_text())
    assert {row["section"] for row in rows} >= {
        "machine",
        "agreement",
        "3D UNet",
        "video VAE",
        "keyframes",
        "job",
        "plan",
        "compiled",
        "step",
        "preset",
        "attention",
        "layers",
        "moving",
    }
    assert not [row for row in rows if row["note"].startswith(("failed", "left out", "out of memory"))]
    assert sum(row["section"] == "plan" for row in rows) == 7
