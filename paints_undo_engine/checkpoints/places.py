"""Where models lie on this machine: a folder of models, and the cache that other programs share.

Only the standard library. Environment: ``PAINTS_UNDO_MODELS`` names the folder; without it models lie beside the
daemon's things (``PAINTS_UNDO_HOME``). The cache follows ``HF_HUB_CACHE`` and ``HF_HOME`` as the hub's own tools do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from paints_undo_engine.checkpoints.catalogue import PublishedModel, missing_parts

APPLICATION = "paints-undo"


def models_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder in which downloaded models are kept, one folder for each."""
    env = os.environ if environment is None else environment
    if env.get("PAINTS_UNDO_MODELS"):
        return Path(env["PAINTS_UNDO_MODELS"]).expanduser()
    if env.get("PAINTS_UNDO_HOME"):
        return Path(env["PAINTS_UNDO_HOME"]).expanduser() / "models"
    if platform == "win32":
        user = Path(env.get("USERPROFILE") or Path.home())
        return Path(env.get("LOCALAPPDATA") or user / "AppData" / "Local") / APPLICATION / "models"
    user = Path(env.get("HOME") or Path.home())
    if platform == "darwin":
        return user / "Library" / "Application Support" / APPLICATION / "models"
    return Path(env.get("XDG_DATA_HOME") or user / ".local" / "share") / APPLICATION / "models"


def hub_cache(environment: Mapping[str, str] | None = None) -> Path:
    """The cache of the hub's own tools."""
    env = os.environ if environment is None else environment
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if env.get(name):
            return Path(env[name]).expanduser()
    if env.get("HF_HOME"):
        return Path(env["HF_HOME"]).expanduser() / "hub"
    user = Path(env.get("HOME") or Path.home())
    return Path(env.get("XDG_CACHE_HOME") or user / ".cache") / "huggingface" / "hub"


def is_offline(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user wants no network (``HF_HUB_OFFLINE``, ``TRANSFORMERS_OFFLINE``)."""
    env = os.environ if environment is None else environment
    given = env.get("HF_HUB_OFFLINE") or env.get("TRANSFORMERS_OFFLINE") or ""
    return given.upper() in {"1", "ON", "YES", "TRUE"}


def in_folder(model: PublishedModel, models: Path) -> Path:
    """The model's folder in a folder of models: the one that is there, or the one that a download makes."""
    return next((models / name for name in model.names if (models / name).is_dir()), models / model.id)


def snapshots(model: PublishedModel) -> Iterator[Path]:
    """Complete copies of the model in the hub's cache: what ``main`` points to first, then the newest."""
    root = hub_cache() / f"models--{model.repository.replace('/', '--')}"
    try:
        main = (root / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        main = ""
    try:
        found = sorted((root / "snapshots").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return
    for path in sorted(found, key=lambda path: path.name != main):
        if not missing_parts(model, path):
            yield path
