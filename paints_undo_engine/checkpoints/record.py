"""What is known of a downloaded model: its revision, and each file's size and digest as the hub reported them.

The record lies beside the files and is written before the first of them arrives. Only the standard library.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from paints_undo_engine.checkpoints.folders import read_json
from paints_undo_engine.errors import CheckpointError

RECORD_NAME = "paints-undo-record.json"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file: `size` in bytes; `digest` in hexadecimal, of the `kind` ``sha256`` or ``git-sha1`` (git's blob hash)."""

    size: int
    kind: str
    digest: str

    def hasher(self) -> Any:
        """A new hash object into which the file's bytes go."""
        if self.kind == "sha256":
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model's files by their paths in the repository, and the exact `revision` that they come from.

    `made` are files that were made of them here, `warnings` what a check has found unusual and harmless.
    """

    repository: str
    revision: str
    files: dict[str, FileEntry]
    made: dict[str, FileEntry] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_record(folder: Path) -> ModelRecord | None:
    """The record in a model's folder, or None when there is none. Raises `CheckpointError` when it is damaged."""
    path = folder / RECORD_NAME
    if not path.is_file():
        return None
    data = read_json(path)
    try:
        files, made = (
            {str(name): FileEntry(**entry) for name, entry in data.get(kind, {}).items()} for kind in ("files", "made")
        )
        warnings = tuple(str(text) for text in data.get("warnings", ()))
        record = ModelRecord(str(data["repository"]), str(data["revision"]), files, made, warnings)
        if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in (*files, *made)):
            raise KeyError("a path that leaves the folder")
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged ({error!r}). Delete it and download the model again.") from error
    return record


def write_record(folder: Path, record: ModelRecord) -> None:
    """Write the record, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{RECORD_NAME}.part"
    temporary.write_text(json.dumps(asdict(record), indent=1, sort_keys=True), encoding="utf-8")
    temporary.replace(folder / RECORD_NAME)


def missing_files(folder: Path, record: ModelRecord) -> tuple[str, ...]:
    """Recorded files that are not there in their recorded size; nothing is read."""
    return tuple(name for name, entry in record.files.items() if _size(folder / name) != entry.size)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
