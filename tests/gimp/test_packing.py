"""The plug-in's zip: whole, the same each time, and without anything of Krita, Qt or the engine."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

from gimp_plugin import packer

FOREIGN = {"krita", "PyQt5", "PyQt6", "numpy", "grpc", "paints_undo_engine", "paints_undo_daemon", "krita_plugin"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


def test_the_zip_is_the_same_each_time_and_its_program_can_be_run(tmp_path: Path):
    one, other = packer.build(tmp_path / "one"), packer.build(tmp_path / "other")
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        modes = {item.filename: item.external_attr >> 16 & 0o777 for item in archive.infolist()}
    programs = {name for name, mode in modes.items() if mode & 0o111}
    assert programs == {"undo-painting/undo-painting.py"}
    assert "undo-painting/undo_painting/_vendor/paints_undo/v1/jobs_pb2.py" in modes


def test_what_is_packed_needs_nothing_but_gimp(tmp_path: Path):
    folder = packer.stage(tmp_path)
    found = {name for path in folder.rglob("*.py") if "_vendor" not in path.parts for name in imported(path)}
    assert found & FOREIGN == set()
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import making; print(making.Content('frames'))"
    told = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "Content.FRAMES", told.stderr
