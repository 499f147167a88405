"""The packed plugin, built once, and scripts run against it as Krita's Python would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from krita_plugin.packer import stage


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the packed `undo_painting`."""
    folder = tmp_path_factory.mktemp("staged")
    stage(folder)
    return folder


@pytest.fixture
def script_command(staged: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Of a script beside this file and its arguments: what `subprocess` needs to run it without a screen, in a home of
    the test's own, or one that `PAINTS_UNDO_HOME` names among the variables.
    """

    def command_of(name: str, *arguments: str, **variables: str) -> dict[str, Any]:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        own = {"QT_QPA_PLATFORM": "offscreen", "PAINTS_UNDO_HOME": str(tmp_path)}
        script = Path(__file__).with_name(name)
        return {
            "args": [sys.executable, str(script), str(staged), *arguments],
            "env": environment | own | variables,
            "text": True,
        }

    return command_of


@pytest.fixture
def run_script(script_command: Callable[..., dict[str, Any]]) -> Callable[..., list[Any]]:
    """Runs such a script to its end; returns the JSON objects that it printed, one a line."""

    def run(name: str, *arguments: str, **variables: str) -> list[Any]:
        command = script_command(name, *arguments, **variables)
        result = subprocess.run(**command, capture_output=True, check=False, timeout=240)
        assert result.returncode == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

    return run
