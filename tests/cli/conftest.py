"""Runs `paints-undo`: in this process, which is quick, or (`COMMAND`) as a program of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from paints_undo_daemon.cli import main

ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT, ROOT / "daemon"]
COMMAND = [sys.executable, "-m", "paints_undo_daemon"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell starts its background jobs deaf to Ctrl-C, and whatever they start inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which no daemon runs yet."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PAINTS_UNDO_")}
    own = {"PYTHONPATH": os.pathsep.join(map(str, PATHS)), "PAINTS_UNDO_HOME": str(tmp_path / "home")}
    return (
        inherited
        | own
        | {"XDG_CONFIG_HOME": str(tmp_path / "home"), "NO_COLOR": "1", "COLUMNS": "200", "OMP_NUM_THREADS": "1"}
    )


@pytest.fixture
def run(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command in `tmp_path` and returns what it printed and its exit code."""

    def run_command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            for name, value in environment.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = main([*map(str, arguments)])
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, printed.out, printed.err)

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
    """The sentence with which a failed command ends; anything else in its place fails the test."""
    said = [line for line in answer.stderr.splitlines() if line.startswith("paints-undo: ")]
    assert [answer.stderr.splitlines()[-1]] == said, answer.stderr
    assert said[0].endswith(".") or ": paints-undo " in said[0]
    assert "Traceback" not in answer.stdout + answer.stderr
    return said[0]
