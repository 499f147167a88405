"""What doctor says of torch and the graphics card's driver."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from paints_undo_daemon.cli import checks
from paints_undo_daemon.cli.checks import Verdict
from paints_undo_daemon.settings import Settings


@pytest.mark.parametrize(
    ("told", "driver", "words"),
    [
        ("2.13.0+cpu | | False | None", True, "a build without CUDA"),
        ("2.13.0+cpu | | False | None", False, "sees no graphics card"),
        ("2.13.0+cu130 | | False | 13.0", True, "sees no graphics card"),
    ],
)
def test_a_driver_and_a_build_without_cuda_are_told(
    told: str, driver: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = subprocess.CompletedProcess([], 0, stdout=told, stderr="")
    monkeypatch.setattr(checks.subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr(shutil, "which", lambda _: "nvidia-smi" if driver else None)
    found = checks.torch_devices(Settings())
    assert found.verdict is Verdict.MISSING
    assert words in found.text
    assert ("--torch-backend auto torch==2.13.0" in found.advice) == ("without CUDA" in found.text)
