"""Files that are whole or not there at all, and that survive a power loss once they are in place."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT)
_TRIES = 50 if os.name == "nt" else 1
_TRY_SECONDS = 0.02


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk, or what the account may use of it, is full."""
    return isinstance(error, OSError) and error.errno in _FULL


def write(path: Path, data: bytes, mode: int = 0o600, protect: Callable[[Path], None] | None = None) -> None:
    """Put a file in place that was never readable by more than `mode` lets. `protect` may close it further, while
    nothing stands in it yet.

    Raises `OSError`.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        if protect is not None:
            protect(temporary)
        with temporary.open("r+b") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def put(temporary: Path, path: Path) -> None:
    """Rename a flushed file into its place, for good: without its folder's entry a file is lost with the power."""
    patiently(lambda: temporary.replace(path))
    flush_folder(path.parent)


def patiently(action: Callable[[], object]) -> None:
    """Rename or delete. Windows refuses that for a file which another program (a client that reads it, a virus scanner)
    has open; it is asked again for a second. Raises `OSError`.
    """
    for attempt in range(_TRIES):
        try:
            action()
            return
        except PermissionError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(_TRY_SECONDS)


def flush_folder(folder: Path) -> None:
    """Wait until a folder's entries are on the disk. Windows keeps them with the files."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
