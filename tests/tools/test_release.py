"""A release is built from a tag, and the same commit gives the same bytes."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from krita_plugin.packer import current_platform

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "release.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(source: Path, output: Path) -> dict[str, bytes]:
    command = [sys.executable, str(source / "tools" / "release.py"), "--unreleased", "-o", str(output)]
    subprocess.run([*command, "--platform", current_platform()], check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in output.iterdir()}


@pytest.mark.slow
def test_the_same_commit_gives_the_same_bytes_in_another_folder(tmp_path: Path) -> None:
    here = make(ROOT, tmp_path / "first")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "a clone")], check=True)
    uncommitted = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True).stdout
    there = make(tmp_path / "a clone", tmp_path / "second")
    assert here.keys() == there.keys()
    assert uncommitted or [name for name in here if here[name] != there[name]] == []
    (archive,) = (tmp_path / "first").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    assert any(name.endswith("/tools/lock.py") for name in names)
    assert not [name for name in names if "/.venv/" in name or "node_modules" in name]
    (zipped,) = (tmp_path / "first").glob("undo_painting-*.zip")
    licences = {name.rpartition("/")[2] for name in zipfile.ZipFile(zipped).namelist() if "/licences/" in name}
    for library in ("uv", "grpclib", "protobuf", "h2"):
        assert [name for name in licences if name.startswith(f"{library}-")], f"the zip lacks the licence of {library}"
    assert json.loads(here["sbom.cdx.json"])["bomFormat"] == "CycloneDX"
    lines = [line.split("  ") for line in here["SHA256SUMS"].decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums.keys() == here.keys() - {"SHA256SUMS"}


def test_only_a_tagged_and_described_version_is_released(tool: ModuleType) -> None:
    described = "# Changelog\n\n## [1.2.3] - 2026-12-01\n"
    assert tool.obstacles("1.2.3", ["v1.2.3"], "", described) == []
    assert len(tool.obstacles("1.2.3", ["v1.2.4"], " M README.md", "## [Unreleased]\n")) == 3
    assert len(tool.obstacles("1.2.3", ["v1.2.3"], "", "## [1.2.30] - 2026-12-01\n")) == 1
