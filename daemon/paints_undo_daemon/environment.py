"""What a process that the daemon or its client starts gets to see."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

_DROPPED = ("PYTHON", "LD_", "DYLD_", "QT_")
_PACKAGES = ("paints_undo_daemon", "paints_undo_engine", "paints_undo")


def package_roots() -> list[str]:
    """Folders, beside the installed packages, that this process has our packages from (a source checkout)."""
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    roots = []
    for name in _PACKAGES:
        spec = find_spec(name)
        for location in (spec.submodule_search_locations or []) if spec else []:
            root = Path(location).resolve().parent
            if root not in installed and str(root) not in roots:
                roots.append(str(root))
    return roots


def clean_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what a host program (Krita, an AppImage) has set for its own libraries and Python.

    What our programs print is UTF-8 also where the system's encoding is another: their readers take it for that.
    """
    env = os.environ if environment is None else environment
    kept = {name: value for name, value in env.items() if not name.upper().startswith(_DROPPED)}
    kept["PYTHONIOENCODING"] = "utf-8"
    roots = package_roots()
    if roots:
        kept["PYTHONPATH"] = os.pathsep.join(roots)
    return kept
