"""The models of this machine, without a daemon."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from paints_undo_daemon.cli.happenings import Happening, ListedModel, Noted, Transferred
from paints_undo_engine import checkpoints
from paints_undo_engine.checkpoints.catalogue import MODELS, find
from paints_undo_engine.checkpoints.places import models_folder
from paints_undo_engine.engines import Lack, find_obstacle, find_warnings
from paints_undo_engine.errors import EngineUnavailableError


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
            use=info.use,
            licence=info.licence,
        )
        for info in checkpoints.list_models(folder)
    ]


def downloaded(name: str, folder: Path | None, revision: str) -> Iterator[Happening]:
    """Download a model and yield what happens. Raises `DownloadError` and `CheckpointError`."""
    yield from _happenings(name, folder, checkpoints.download(name, folder, revision=revision or None))


def verified(name: str, folder: Path | None) -> Iterator[Happening]:
    """Check a model's files and yield what happens. Raises `CheckpointError` and `EngineUnavailableError`."""
    yield from _happenings(name, folder, checkpoints.verify(name, folder))
    warnings = find_warnings(name, folder)
    checkpoints.note_warnings(name, warnings, folder)
    yield from map(Noted, warnings)


def inspected(names: list[str], folder: Path | None) -> Iterator[str]:
    """What the models hold, as text. Raises `CheckpointError`, `EngineUnavailableError`."""
    inspecting = _inspecting()
    chosen = [find(name) for name in names] or [model for model in MODELS if model.weights and not model.optional]
    yield "\n".join(f"{package} {version}" for package, version in inspecting.versions().items())
    for model in chosen:
        reports = list(inspecting.inspect_model(model, checkpoints.locate(model.id, folder)))
        yield inspecting.as_text(reports, model.id)


def _inspecting() -> ModuleType:
    obstacle = find_obstacle("diffusion")
    if obstacle is not None and obstacle.lack is Lack.PACKAGES:
        raise EngineUnavailableError(obstacle.message)
    return importlib.import_module("paints_undo_engine.diffusion.inspecting")


def home() -> Path:
    """The folder in which downloads are kept."""
    return models_folder()


def _happenings(name: str, folder: Path | None, progress: Iterator[checkpoints.FileProgress]) -> Iterator[Happening]:
    told = ""
    for state in progress:
        if state.note not in ("", told):
            told = state.note
            yield Noted(told)
        yield Transferred(name, state.file, state.done_bytes, state.total_bytes)
    found = next((model for model in described(folder) if name in (model.model, model.repository)), None)
    if found is not None:
        yield found
