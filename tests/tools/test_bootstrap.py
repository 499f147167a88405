"""A checkout whose folder has any name."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

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
    assert bootstrap.CPU_INDEX in bootstrap.torch_index()
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert bootstrap.torch_index() == []
    monkeypatch.setenv("PAINTS_UNDO_TORCH_INDEX", "https://example.org/simple")
    assert bootstrap.torch_index() == ["--index-url", "https://example.org/simple"]
