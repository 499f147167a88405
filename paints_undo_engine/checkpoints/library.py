"""The models on this machine: which are there, where, in what state, and whether they are intact."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from paints_undo_engine.checkpoints.catalogue import MODELS, PublishedModel, find, missing_parts
from paints_undo_engine.checkpoints.download import FileProgress, Meter, check_files
from paints_undo_engine.checkpoints.places import in_folder, models_folder, snapshots
from paints_undo_engine.checkpoints.record import RECORD_NAME, FileEntry, missing_files, read_record, write_record
from paints_undo_engine.errors import CheckpointError, EngineUnavailableError

MAX_HEADER_BYTES = 100_000_000


class ModelState(StrEnum):
    """What is known of a model's files without reading them. That they are being downloaded, only a daemon knows."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    DOWNLOADING = "downloading"
    READY = "ready"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model on this machine: `size_bytes` are on disk of about `total_bytes`.

    `message` says what is wrong, or unusual and harmless.
    """

    id: str
    repository: str
    description: str
    state: ModelState
    folder: Path
    size_bytes: int
    total_bytes: int
    revision: str
    message: str
    licence: str = ""
    use: str = ""

    @property
    def optional(self) -> bool:
        """Whether the engines run without it; `use` says what it is needed for."""
        return bool(self.use)


def list_models(models: Path | None = None) -> tuple[ModelInfo, ...]:
    """All models that the engine uses, with their state, in the folder `models` or the usual places."""
    return tuple(_describe(model, models) for model in MODELS)


def locate(model_id: str, models: Path | None = None) -> Path:
    """The folder of a complete model: in `models` when that is given, else in the usual place or the hub's cache.

    Raises `EngineUnavailableError` when it is not there or not complete.
    """
    model = find(model_id)
    info = _describe(model, models)
    if info.state is not ModelState.READY:
        raise EngineUnavailableError(
            f"{model.id}, which {model.description}, is {info.state} in {info.folder}"
            f"{f' ({info.message})' if info.message else ''}. Get it with: paints-undo models download {model.id}"
        )
    return info.folder


def verify(model_id: str, models: Path | None = None) -> Iterator[FileProgress]:
    """Read a model's files and compare them with their recorded digests.

    A folder that was not downloaded has no record, unless the source has one: then the files' own structure is checked.
    Raises `EngineUnavailableError` when the model is not there, `CheckpointError` when files differ.
    """
    folder = locate(model_id, models)
    record = find(model_id).pinned or read_record(folder)
    files = {**record.files, **_present(folder, record.made)} if record else _cached(folder)
    if files:
        yield from check_files(folder, files)
    else:
        yield from _check_structure(folder)


def note_warnings(model_id: str, warnings: Sequence[str], models: Path | None = None) -> None:
    """Keep what a check has found unusual in the model's record, for `list_models`; without a record it is not kept."""
    folder = locate(model_id, models)
    record = read_record(folder)
    if record is not None and record.warnings != tuple(warnings):
        write_record(folder, replace(record, warnings=tuple(warnings)))


def _present(folder: Path, files: dict[str, FileEntry]) -> dict[str, FileEntry]:
    """Those that are there: what was made of others can be made again."""
    return {name: entry for name, entry in files.items() if (folder / name).is_file()}


def _describe(model: PublishedModel, models: Path | None) -> ModelInfo:
    folder = in_folder(model, models or models_folder())
    if models is None and not folder.is_dir():
        folder = next(snapshots(model), folder)
    total, revision, message = model.bytes_about, "", ""
    try:
        record = model.pinned or read_record(folder)
        if record:
            total, revision = sum(entry.size for entry in record.files.values()), record.revision
            lacking = missing_files(folder, record)
        else:
            revision = folder.name if folder.parent.name == "snapshots" else ""
            lacking = missing_parts(model, folder) if folder.is_dir() else ()
        state = ModelState.INCOMPLETE if lacking else ModelState.READY
        message = f"lacking: {', '.join(lacking)}" if lacking else "; ".join(record.warnings if record else ())
        if record and any((folder / name).is_file() for name in lacking):
            state, message = ModelState.DAMAGED, f"of another size than recorded: {', '.join(lacking)}"
    except CheckpointError as error:
        state, message = ModelState.DAMAGED, str(error)
    if not folder.is_dir() or not any(folder.iterdir()):
        state, message = ModelState.MISSING, ""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != RECORD_NAME)
    total = size if state is ModelState.READY else total
    return ModelInfo(
        id=model.id,
        repository=model.repository,
        description=model.description,
        state=state,
        folder=folder,
        size_bytes=size,
        total_bytes=total,
        revision=revision,
        message=message,
        licence=model.licence,
        use=model.use,
    )


def _cached(folder: Path) -> dict[str, FileEntry]:
    """Files of the hub's cache, whose names are their digests."""
    files = {}
    for path in sorted(folder.rglob("*")):
        digest = path.resolve().name
        kind = {64: "sha256", 40: "git-sha1"}.get(len(digest))
        if path.is_symlink() and kind and set(digest) <= set("0123456789abcdef"):
            files[path.relative_to(folder).as_posix()] = FileEntry(path.stat().st_size, kind, digest)
    return files


def _check_structure(folder: Path) -> Iterator[FileProgress]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".safetensors", ".json") and path.is_file())
    meter, done = Meter(sum(path.stat().st_size for path in paths)), 0
    for path in paths:
        if path.suffix == ".safetensors":
            check_header(path)
        done += path.stat().st_size
        yield meter.at(path.relative_to(folder).as_posix(), done)


def check_header(path: Path) -> None:
    """Raise `CheckpointError` unless a safetensors file's tensors fill it from the header to its end, one by one."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        end = 0
        for begin, following in sorted(entry["data_offsets"] for entry in header.values()):
            if begin != end or following < begin:
                raise ValueError(f"a tensor from {begin} to {following} where {end} was due")
            end = following
        if 8 + length + end != size:
            raise ValueError(f"{size} bytes instead of {8 + length + end}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path} is truncated or damaged ({error}). Download it again.") from error
