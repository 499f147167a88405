"""One daemon for each account: a lock on its home folder; the system gives it back when its holder dies.

On Windows, where folders cannot be locked, on a file in it, which cannot be deleted while it is open.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another daemon holds the lock."""


class HomeLock:
    """Holds the lock from `acquire` to `release`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `AlreadyRunningError`."""
        descriptor = _open(self._home)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            raise AlreadyRunningError(
                f"A daemon runs for {self._home} already: stop it with `paints-undo stop` first."
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":
    import msvcrt

    def _open(home: Path) -> int:
        return os.open(home / "daemon.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _open(home: Path) -> int:
        return os.open(home, os.O_RDONLY | os.O_DIRECTORY)

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
