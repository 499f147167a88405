"""A short run of the soak test; `benchmarks/soak.py --minutes N` runs it for as long as one likes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def soak(report: Path, *options: str) -> dict[str, object]:
    command = [sys.executable, "benchmarks/soak.py", "--minutes", "0.25", "--clients", "3", "--json", str(report)]
    command += options
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=540, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    figures: dict[str, object] = json.loads(report.read_text())
    return figures


@pytest.mark.slow
def test_nothing_is_lost_while_everything_is_killed(tmp_path: Path) -> None:
    figures = soak(tmp_path / "soak.json")
    assert {"workers killed", "daemons killed"} & figures.keys()
    assert figures["finished"] > 0  # type: ignore[operator]


@pytest.mark.slow
def test_damage_is_named_and_never_served_while_everything_is_killed(tmp_path: Path) -> None:
    figures = soak(tmp_path / "soak.json", "--damage", "--minutes", "0.15", "--clients", "2")
    assert figures["problems"] == []
    assert figures["database bytes changed"] == 60
