"""Runs `paints-undo` as its users do: as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT, ROOT / "daemon", ROOT / "proto" / "python"]
COMMAND = [sys.executable, "-m", "paints_undo_daemon"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which no daemon runs yet."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PAINTS_UNDO_")}
    own = {"PYTHONPATH": os.pathsep.join(map(str, PATHS)), "PAINTS_UNDO_HOME": str(tmp_path / "home")}
    return inherited | own | {"NO_COLOR": "1", "COLUMNS": "200"}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs a command in `tmp_path` and returns what it printed and its exit code."""

    def run_command(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )

    return run_command


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small painting: a blob with an outline and a shadow on a coloured ground."""
    pixels = np.full((72, 96, 3), (205, 225, 240), np.uint8)
    cv2.circle(pixels, (48, 36), 24, (70, 110, 230), -1)
    cv2.ellipse(pixels, (54, 44), (14, 10), 20, 0, 360, (40, 70, 170), -1)
    cv2.circle(pixels, (48, 36), 24, (25, 20, 20), 2)
    path = tmp_path / "picture.png"
    assert cv2.imwrite(str(path), pixels)
    return path


def one_sentence(answer: subprocess.CompletedProcess[str]) -> str:
    """What a failed command says; anything but one sentence fails the test."""
    lines = [line for line in answer.stderr.splitlines() if line]
    assert len(lines) == 1, answer.stderr
    assert lines[0].startswith("paints-undo: ")
    assert lines[0].endswith(".")
    assert "Traceback" not in answer.stdout + answer.stderr
    return lines[0]
