"""A little room kept back, so that even on a full disk it can be noted that it is full, and things can be deleted."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from pathlib import Path

log = logging.getLogger(__name__)

_BYTES = 2 * 2**20
_ROOM = 4 * _BYTES


class Reserve:
    """A file of 2 MiB in the store, which is given up when the database has no room left."""

    def __init__(self, store: Path) -> None:
        self._path = store / "reserve"

    def keep(self) -> None:
        """Keep the room back, if it is not and the disk has enough."""
        if self._path.exists() or shutil.disk_usage(self._path.parent).free < _ROOM:
            return
        with contextlib.suppress(OSError), self._path.open("wb") as file:
            file.write(bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())

    def give_up(self) -> bool:
        """Let the room go; false when there is none any more."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.warning("The disk is full: the room that was kept back is used.")
        return True
