"""`paints-undo backup` and `restore`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import console

if TYPE_CHECKING:
    from paints_undo_daemon.store.backup import Copied

_BESIDE = ("clients.json", "daemon.toml", "certificate.pem", "certificate-key.pem")
"""What goes along from the home folder: the clients' digests, the settings, and the key that clients have pinned."""

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER")]


def backup(folder: FolderArgument) -> None:
    """Copy everything that the daemon keeps into a folder: jobs, pictures, clients, settings, certificate and key.

    The daemon may run. The database is taken as it is at one moment, and every picture is compared with its hash. Into
    a folder with an earlier backup only what is new is copied. The exit code is 1 when a picture is damaged or missing.

    Example:

      paints-undo backup /backup/paints-undo
    """
    from paints_undo_daemon.access.folders import make_private
    from paints_undo_daemon.access.tokens import write_private
    from paints_undo_daemon.home import home_folder, store_folder
    from paints_undo_daemon.store.backup import back_up
    from paints_undo_daemon.store.opening import DATABASE
    from paints_undo_daemon.store.pictures import PictureFiles
    from paints_undo_daemon.store.problems import StoreError

    home = home_folder()
    store = store_folder(home)
    if not (store / DATABASE).exists():
        raise StoreError(f"There is no store at {store} yet.")
    make_private(folder)
    copied = back_up(PictureFiles(store), folder)
    for name in _BESIDE:
        if (home / name).is_file():
            write_private(folder / name, (home / name).read_text(encoding="utf-8"))
    _tell(copied, "The backup")


def restore(folder: FolderArgument) -> None:
    """Put a backup in the place of what the daemon keeps. The daemon must not run.

    Every picture is compared with its hash. The store that was there is kept beside the new one, as store.replaced;
    clients, settings, certificate and key are those of the backup.

    Example:

      paints-undo restore /backup/paints-undo
    """
    from paints_undo_daemon.access.folders import make_private
    from paints_undo_daemon.access.lock import HomeLock
    from paints_undo_daemon.access.tokens import write_private
    from paints_undo_daemon.home import home_folder, store_folder
    from paints_undo_daemon.store.backup import restore as put_back

    home = home_folder()
    make_private(home)
    lock = HomeLock(home)
    lock.acquire()
    try:
        copied = put_back(folder, store_folder(home))
        for name in _BESIDE:
            if (folder / name).is_file():
                if (home / name).is_file():
                    shutil.copy2(home / name, home / f"{name}.replaced")
                write_private(home / name, (folder / name).read_text(encoding="utf-8"))
    finally:
        lock.release()
    _tell(copied, "The store")


def _tell(copied: Copied, what: str) -> None:
    amount = console.size(copied.new_bytes)
    console.err().print(f"{what} has {copied.pictures} pictures, {copied.new} of them new ({amount}).", markup=False)
    for digest in copied.lost:
        console.err().print(f"Damaged or missing, and not in it: {digest}", markup=False)
    if copied.lost:
        raise typer.Exit(1)
