"""One daemon for each account: a lock on a file in the home folder; the system gives it back when its holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from paints_undo_daemon.home import lock_file


class AlreadyRunningError(Exception):
    """Another daemon holds the lock."""


class HomeLock:
    """Holds the lock from `acquire` to `release`. The file itself stays."""

    def __init__(self, home: Path) -> None:
        self._path = lock_file(home)
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `AlreadyRunningError`."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            raise AlreadyRunningError(
                f"A daemon runs for {self._path.parent} already: stop it with `paints-undo stop` first."
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
