"""A checkout whose folder has any name."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("bootstrap")


def test_packages_are_found_whatever_the_folder_s_name(bootstrap: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "Zoë Müller's Bilder, Ночь"
    source.mkdir()
    (source / "from_the_checkout.py").write_text("print('found')\n", encoding="utf-8")
    (tmp_path / "checkout.pth").write_text(bootstrap.source_paths([source]), encoding="ascii")
    code = f"import site; site.addsitedir({str(tmp_path)!a}); import from_the_checkout"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"found"


def test_the_extras_are_remembered_in_a_folder_with_spaces(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", Path("/home/Zoë Müller/paints undo"))
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed.txt")
    assert bootstrap.installed_parts() == []
    bootstrap.STAMP.write_text(bootstrap.fingerprint(["dev", "diffusion"]), encoding="utf-8")
    assert bootstrap.installed_parts() == ["dev", "diffusion"]


def test_the_build_of_torch_follows_the_driver(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAINTS_UNDO_TORCH_INDEX", raising=False)
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert {bootstrap.CPU_INDEX, "--no-deps"} <= set(bootstrap.torch_index())
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert bootstrap.torch_index() == []
    monkeypatch.setenv("PAINTS_UNDO_TORCH_INDEX", "https://example.org/simple")
    assert bootstrap.torch_index() == ["--index-url", "https://example.org/simple"]


def test_what_fetches_torch_on_windows_comes_from_the_lock(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []

    def pip(*arguments: str) -> None:
        assert arguments[:3] == ("--require-hashes", "--no-deps", "-r")
        installed.append(Path(arguments[3]).read_text(encoding="utf-8"))

    monkeypatch.setattr(bootstrap, "pip", pip)
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=0))
    bootstrap.install_for_card("torch==1.0")
    (asked,) = installed
    assert re.fullmatch(r"uv==[0-9.]+ (\\\n +--hash=sha256:[0-9a-f]{64} ?)+\n.*", asked, re.DOTALL), asked
