"""The models of this machine, without a daemon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paints_undo_engine import checkpoints
from paints_undo_engine.checkpoints.places import models_folder


def described(folder: Path | None) -> list[dict[str, Any]]:
    """All models with their state, as `models list --json` shows them."""
    return [
        {
            "model": info.id,
            "description": info.description,
            "repository": info.repository,
            "state": str(info.state),
            "size_bytes": info.size_bytes,
            "total_bytes": info.total_bytes,
            "revision": info.revision,
            "message": info.message,
            "folder": str(info.folder),
        }
        for info in checkpoints.list_models(folder)
    ]


def downloaded(name: str, folder: Path | None, revision: str) -> Iterator[dict[str, Any]]:
    """Download a model and yield what happens. Raises `DownloadError` and `CheckpointError`."""
    yield from _happenings(name, folder, checkpoints.download(name, folder, revision=revision or None))


def verified(name: str, folder: Path | None) -> Iterator[dict[str, Any]]:
    """Check a model's files and yield what happens. Raises `CheckpointError` and `EngineUnavailableError`."""
    yield from _happenings(name, folder, checkpoints.verify(name, folder))


def home() -> Path:
    """The folder in which downloads are kept."""
    return models_folder()


def _happenings(
    name: str, folder: Path | None, progress: Iterator[checkpoints.FileProgress]
) -> Iterator[dict[str, Any]]:
    for state in progress:
        yield {
            "event": "transfer",
            "model": name,
            "file": state.file,
            "done_bytes": state.done_bytes,
            "total_bytes": state.total_bytes,
        }
    found = next((model for model in described(folder) if name in (model["model"], model["repository"])), None)
    if found is not None:
        yield {"event": "model"} | found
