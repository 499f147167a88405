"""The models of this machine, without a daemon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from paints_undo_daemon.cli.happenings import Happening, ListedModel, Transferred
from paints_undo_engine import checkpoints
from paints_undo_engine.checkpoints.places import models_folder


def described(folder: Path | None) -> list[ListedModel]:
    """All models with their state."""
    return [
        ListedModel(
            model=info.id,
            description=info.description,
            repository=info.repository,
            state=str(info.state),
            size_bytes=info.size_bytes,
            total_bytes=info.total_bytes,
            revision=info.revision,
            message=info.message,
            folder=str(info.folder),
        )
        for info in checkpoints.list_models(folder)
    ]


def downloaded(name: str, folder: Path | None, revision: str) -> Iterator[Happening]:
    """Download a model and yield what happens. Raises `DownloadError` and `CheckpointError`."""
    yield from _happenings(name, folder, checkpoints.download(name, folder, revision=revision or None))


def verified(name: str, folder: Path | None) -> Iterator[Happening]:
    """Check a model's files and yield what happens. Raises `CheckpointError` and `EngineUnavailableError`."""
    yield from _happenings(name, folder, checkpoints.verify(name, folder))


def home() -> Path:
    """The folder in which downloads are kept."""
    return models_folder()


def _happenings(name: str, folder: Path | None, progress: Iterator[checkpoints.FileProgress]) -> Iterator[Happening]:
    for state in progress:
        yield Transferred(name, state.file, state.done_bytes, state.total_bytes)
    found = next((model for model in described(folder) if name in (model.model, model.repository)), None)
    if found is not None:
        yield found
