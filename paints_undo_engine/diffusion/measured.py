"""Which techniques `paints-undo bench` has measured to pay on a card, and the user has switched on.

They are kept by the device's name and by the versions that were measured; with others they count no more. Imports no
torch, so that whoever only asks starts quickly.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import paints_undo_engine
from paints_undo_engine.diffusion.compile_state import cache_folder

_PACKAGES = ("torch", "triton", "xformers")


@dataclass(frozen=True, slots=True)
class Switched:
    """What is on for a device. `compiling`: blocks are compiled beside the work; `attention`: whose kernels."""

    compiling: bool = False
    attention: str = "sdpa"


def file() -> Path:
    """Where it is kept, beside the compiled code."""
    return cache_folder().parent / "measured.json"


def versions() -> dict[str, str]:
    """The versions that decide what pays."""
    found = {"paints-undo": paints_undo_engine.__version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def switched_on(device_name: str) -> Switched:
    """What is on for the device of this name with the installed versions; nothing where it was not measured."""
    entry = _read().get(device_name)
    try:
        if entry is None or entry["versions"] != versions():
            return Switched()
        found = Switched(**entry["on"])
    except (KeyError, TypeError):
        return Switched()
    return found if found.attention in ("sdpa", "xformers") and isinstance(found.compiling, bool) else Switched()


def any_compiling() -> bool:
    """Whether compiling is on for any device that was measured with the installed versions."""
    return any(switched_on(name).compiling for name in _read())


def switch_on(device_name: str, chosen: Switched) -> None:
    """Keep what is on for a device. Raises `OSError`."""
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = {**_read(), device_name: {"versions": versions(), "on": asdict(chosen)}}
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def _read() -> Mapping[str, Any]:
    try:
        entries = json.loads(file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}
