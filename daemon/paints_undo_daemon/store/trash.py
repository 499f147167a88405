"""Pictures that were thrown away lie here for a day or as long as is set, and come back when somebody asks for them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from paints_undo_daemon.store.pictures import PictureFiles

KEPT_SECONDS = 86400.0


def throw(files: PictureFiles, digest: str, now: float) -> bool:
    """Move a picture into the trash at the store's time `now`; false when somebody holds it (Windows)."""
    place = files.trash / digest
    try:
        os.utime(files.path(digest), (now, now))
        files.path(digest).replace(place)
    except FileNotFoundError:
        return True
    except PermissionError:
        return False
    return True


def empty(files: PictureFiles, before: float) -> int:
    """Delete what was thrown away before a time of the store; returns how much."""
    gone = 0
    for path in _entries(files.trash):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()
                gone += 1
    return gone


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
