"""Laying out the plugin's folder: its own files, and its libraries in its own namespace."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

import paints_undo_engine
from krita_plugin import MODULE
from krita_plugin.packer import namespace, wheels
from krita_plugin.packer.errors import PackError

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent
SKIPPED = (
    "google/protobuf/testdata/",
    "google/protobuf/compiler/",
    "google/protobuf/pyext/",
    "google/protobuf/util/",
    "google/protobuf/internal/message_benchmark",
    "google/protobuf/internal/testing_refleaks",
    "grpclib/channelz/",
    "grpclib/health/",
    "grpclib/plugin/",
    "grpclib/reflection/",
    "grpclib/server",
    "grpclib/testing",
)
KEPT = {".py", ".json", ".html", ".svg", ".txt"}


def cache_folder() -> Path:
    """Where downloaded wheels are kept between builds; `PAINTS_UNDO_BUILD_CACHE` names another place."""
    named = os.environ.get("PAINTS_UNDO_BUILD_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "paints-undo" / "plugin-build"


def stage(target: Path, about: dict[str, str] | None = None) -> Path:
    """Lay the plugin out below `target` as Krita's `pykrita` folder wants it; returns the module's folder.

    `target` gets `undo_painting/`, `undo_painting.desktop` and `undo_painting.action`. `about` is added to the facts
    that the plugin knows of its own build (`build.json`). Raises `PackError`.
    """
    module = target / MODULE
    if module.exists():
        shutil.rmtree(module)
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted((SOURCE / MODULE).rglob("*")):
        if path.is_file() and path.suffix in KEPT and "__pycache__" not in path.parts:
            copy = module / path.relative_to(SOURCE / MODULE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    for name in (f"{MODULE}.desktop", f"{MODULE}.action"):
        shutil.copyfile(SOURCE / name, target / name)
    _vendor(module / "_vendor")
    namespace.rewrite_tree(module)
    facts = {"version": paints_undo_engine.__version__, **(about or {})}
    (module / "build.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return module


def _vendor(folder: Path) -> None:
    for wheel in wheels.fetch(HERE / "vendored.txt", cache_folder() / "vendored", wheels.PURE):
        wheels.unpack(wheel, folder, SKIPPED)
    found = importlib.util.find_spec("paints_undo.v1")
    if found is None or found.origin is None:
        raise PackError("The generated protocol package paints_undo.v1 is missing; run `make proto` first.")
    generated = Path(found.origin).parent
    target = folder / "paints_undo" / "v1"
    target.mkdir(parents=True)
    for path in sorted(generated.glob("*_pb2.py")):
        shutil.copyfile(path, target / path.name)
    for package in (folder, folder / "google", folder / "paints_undo", target):
        (package / "__init__.py").write_text('"""Vendored for the plugin alone."""\n', encoding="utf-8")
