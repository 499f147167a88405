"""What doctor says of torch and the graphics card's driver, and how it mends the wrong build."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from paints_undo_daemon.cli import checks
from paints_undo_daemon.cli.app import app
from paints_undo_daemon.cli.check import Check, CheckResult
from paints_undo_daemon.settings import Settings


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any NVIDIA driver, and the folder on whose path its tool would be."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(checks, "DRIVER_FILE", tmp_path / "version")
    return tmp_path


def install_tool(folder: Path) -> None:
    name = "nvidia-smi.bat" if os.name == "nt" else "nvidia-smi"
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def install_module(folder: Path) -> None:
    (folder / "version").write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.1\n")


@pytest.mark.parametrize("install", [install_tool, install_module])
@pytest.mark.parametrize("cuda", ["None", "13.0"])
def test_a_driver_and_a_build_without_cuda_are_told(
    install: object, cuda: str, driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = subprocess.CompletedProcess([], 0, stdout=f"2.13.0+cpu | | False | {cuda}", stderr="")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: answer)
    assert "sees no graphics card" in checks.torch_devices(Settings()).text
    install(driver)  # type: ignore[operator]
    found = checks.torch_devices(Settings())
    assert found.verdict is CheckResult.NOTE
    if cuda == "None":
        assert "a build without CUDA" in found.text
        assert "doctor --fix" in found.advice
        assert "--torch-backend auto torch==2.13.0" in found.advice
        assert [command[:3] for command in found.mending] == [(sys.executable, "-m", name) for name in ("pip", "uv")]
    else:
        assert not found.mending


@pytest.mark.parametrize("codes", [(0, 0), (0, 1), (1,)])
def test_fix_runs_the_commands_until_one_fails(codes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    commands = tuple((sys.executable, "-c", f"raise SystemExit({code})") for code in (*codes, 0))
    broken = Check("torch devices", CheckResult.NOTE, "the wrong build.", "Mend it.", commands[: len(codes)])
    monkeypatch.setattr(checks, "run_all", lambda: iter([Check("Python", CheckResult.OK, "3.13"), broken]))
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: _record(command, ran))
    result = CliRunner().invoke(app, ["doctor", "--fix"])
    assert ran == list(commands[: len(codes)])
    assert result.exit_code == (1 if any(codes) else 0)
    ran.clear()
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    assert ran == []


def _record(command: tuple[str, ...], ran: list[tuple[str, ...]]) -> subprocess.CompletedProcess[bytes]:
    ran.append(command)
    return _run(command, check=False)


_run = subprocess.run
