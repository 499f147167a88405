"""Where a pipeline's models are: in a folder, in folders that are named one by one, or where downloads are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from paints_undo_engine import checkpoints
from paints_undo_engine.checkpoints.catalogue import find
from paints_undo_engine.errors import EngineUnavailableError


def locator(source: str | Path | Mapping[str, str | Path] | None, download: bool) -> Callable[[str], Path]:
    """Where each model's folder is, asked by the model's short name."""
    if isinstance(source, Mapping):
        given = {find(name).id: Path(folder) for name, folder in source.items()}
        return lambda model: _given_folder(given, model)
    folder = None if source is None else Path(source)

    def locate(model: str) -> Path:
        if download:
            for _ in checkpoints.download(model, folder):
                pass
        return checkpoints.locate(model, folder)

    return locate


def _given_folder(given: Mapping[str, Path], model: str) -> Path:
    name = find(model).id
    if name not in given:
        raise EngineUnavailableError(f"No folder was named for the model {name}.")
    return given[name]
