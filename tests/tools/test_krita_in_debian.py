"""The tool that runs the Krita tests in other Debians: what it leaves out exists, and little of this machine goes in.

That it works is seen by running it, which takes root, gigabytes and minutes.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "krita_in_debian.py"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("krita_in_debian", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "krita_in_debian", module)
    spec.loader.exec_module(module)
    return module


def test_only_settings_for_downloads_go_in(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "https_proxy", "PYTHONPATH", "PAINTS_UNDO_HOME", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, "given")
    kept = {name for name, value in tool.environment().items() if value == "given"}
    assert kept == {"PIP_INDEX_URL", "https_proxy"}


def test_it_gives_the_exit_code_of_the_command() -> None:
    code = (
        "import os, sys; sys.path.insert(0, 'tools'); import krita_in_debian as tool;"
        "code = tool.follow('sh', '-c', 'exit 7');"
        "os._exit(code)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 7


def test_an_unknown_system_is_refused() -> None:
    answer = subprocess.run([sys.executable, str(TOOL), "etch"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "invalid choice: 'etch'" in answer.stderr
