"""Folders that only the account may enter."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from paints_undo_daemon.settings import SettingsError

log = logging.getLogger(__name__)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, or close the one that is there. Raises `SettingsError`.

    A folder of another account, and one that all may write to such as ``/tmp``, is refused and left as it is. On
    Windows a folder has the access list of the one it lies in, which for user data names the user alone.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "nt":
        return
    found = folder.stat()
    if found.st_uid != os.getuid():
        raise SettingsError(f"The folder {folder} belongs to another account: choose another with PAINTS_UNDO_HOME.")
    if found.st_mode & stat.S_ISVTX:
        raise SettingsError(f"The folder {folder} is shared by all accounts: choose another with PAINTS_UNDO_HOME.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
        log.warning("Other accounts could enter %s (mode %o); it was closed to them.", folder, found.st_mode & 0o777)
