"""Putting the plugin where Krita looks for it, and taking it away again."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from krita_plugin import MODULE
from krita_plugin.packer.stage import stage


def krita_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Krita's folder for user data."""
    env = os.environ if environment is None else environment
    user = Path(env.get("USERPROFILE") or Path.home()) if platform == "win32" else Path(env.get("HOME") or Path.home())
    if platform == "win32":
        return Path(env.get("APPDATA") or user / "AppData" / "Roaming") / "krita"
    if platform == "darwin":
        return user / "Library" / "Application Support" / "krita"
    return Path(env.get("XDG_DATA_HOME") or user / ".local" / "share") / "krita"


def krita_settings(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Krita's settings file."""
    env = os.environ if environment is None else environment
    user = Path(env.get("USERPROFILE") or Path.home()) if platform == "win32" else Path(env.get("HOME") or Path.home())
    if platform == "win32":
        return Path(env.get("LOCALAPPDATA") or user / "AppData" / "Local") / "kritarc"
    if platform == "darwin":
        return user / "Library" / "Preferences" / "kritarc"
    return Path(env.get("XDG_CONFIG_HOME") or user / ".config") / "kritarc"


def install(folder: Path | None = None, settings: Path | None = None, *, enable: bool = True) -> Path:
    """Put the plugin into Krita's data folder and enable it; returns the module's folder. Krita must be closed
    meanwhile.

    The plugin then starts this very installation's daemon. Raises `PackError` when its libraries cannot be fetched,
    OSError when a file cannot be written.
    """
    target = folder or krita_folder()
    fresh = target / "pykrita" / f".{MODULE}.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    stage(fresh, {"platform": "installed"})
    (fresh / MODULE / "launcher.json").write_text(json.dumps(launcher()) + "\n", encoding="utf-8")
    module = target / "pykrita" / MODULE
    if module.exists():
        shutil.rmtree(module)
    (target / "actions").mkdir(parents=True, exist_ok=True)
    (fresh / MODULE).replace(module)
    (fresh / f"{MODULE}.desktop").replace(target / "pykrita" / f"{MODULE}.desktop")
    (fresh / f"{MODULE}.action").replace(target / "actions" / f"{MODULE}.action")
    fresh.rmdir()
    if enable:
        set_enabled(settings or krita_settings(), True)
    return module


def launcher() -> dict[str, Any]:
    """How the plugin starts this installation's daemon; a checkout's packages are named, as they lie in no site
    folder.
    """
    command = [sys.executable, "-P", "-m", "paints_undo_daemon"]
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    folders: list[str] = []
    for package in ("paints_undo_daemon", "paints_undo_engine", "paints_undo"):
        found = importlib.util.find_spec(package)
        if found is not None and found.origin is not None:
            folder = Path(found.origin).resolve().parent.parent
            if folder not in installed and str(folder) not in folders:
                folders.append(str(folder))
    return {"command": command, "environment": {"PYTHONPATH": os.pathsep.join(folders)} if folders else {}}


def uninstall(folder: Path | None = None, settings: Path | None = None) -> bool:
    """Take the plugin away; False when it was not there."""
    target = folder or krita_folder()
    module = target / "pykrita" / MODULE
    found = module.exists()
    if found:
        shutil.rmtree(module)
    (target / "pykrita" / f"{MODULE}.desktop").unlink(missing_ok=True)
    (target / "actions" / f"{MODULE}.action").unlink(missing_ok=True)
    set_enabled(settings or krita_settings(), False)
    return found


def set_enabled(path: Path, enabled: bool) -> None:
    """Write the plugin's switch into Krita's settings, leaving every other line as it is."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    key = f"enable_{MODULE}"
    lines = [line for line in lines if line.partition("=")[0].strip() != key]
    if enabled:
        if "[python]" not in lines:
            lines += ["", "[python]"] if lines else ["[python]"]
        lines.insert(lines.index("[python]") + 1, f"{key}=true")
    elif not path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(path)
