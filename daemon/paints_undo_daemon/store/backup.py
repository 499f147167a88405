"""Copies of a store: made while the daemon runs, and put back while it does not.

A backup is a folder like the store's: the database, taken as a snapshot with SQLite's backup interface, and the
pictures that it refers to, each compared with its name on the way. A later backup into the same folder copies what is
new. The database comes last, so that a backup that was broken off leaves the one before it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from paints_undo_daemon import durable
from paints_undo_daemon.store import retention
from paints_undo_daemon.store.opening import DATABASE, find_damage
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError
from paints_undo_daemon.store.problems import StoreError

_CHECK_SECONDS = 3600.0


@dataclass(slots=True)
class Copied:
    """`pictures` are there now, `new` of them were copied, with `new_bytes`; `lost` are damaged or missing."""

    pictures: int = 0
    new: int = 0
    new_bytes: int = 0
    lost: list[str] = field(default_factory=list)


def back_up(source: PictureFiles, folder: Path) -> Copied:
    """Bring the backup in `folder` up to date with a store, whose daemon may run. `folder` must be private already.

    Raises `StoreError` when the folder holds something else, `sqlite3.Error`, `OSError`.
    """
    if source.store.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise StoreError(f"{folder} lies in the store itself: choose another folder for the backup.")
    if any(folder.iterdir()) and not (folder / DATABASE).exists() and not (folder / "pictures").is_dir():
        raise StoreError(f"{folder} is no backup and is not empty: choose another folder.")
    target = PictureFiles(folder)
    target.prepare()
    snapshot = target.new_temporary()
    _snapshot(source.store / DATABASE, snapshot)
    needed = _references(snapshot)
    copied = _copy_all(source, target, needed)
    for ending in ("-wal", "-shm"):  # left by a check that was broken off, and not this database's
        (folder / f"{DATABASE}{ending}").unlink(missing_ok=True)
    durable.put(snapshot, folder / DATABASE)
    for digest in set(target.all()) - set(needed):
        target.erase(digest)
    return copied


def restore(folder: Path, store: Path) -> Copied:
    """Put a backup in the place of a store, whose daemon must not run. What was there is kept, as ``store.replaced``.

    Raises `StoreError` when the folder is no backup or its database is damaged, `sqlite3.Error`, `OSError`.
    """
    if not (folder / DATABASE).is_file():
        raise StoreError(f"{folder} is no backup: it has no {DATABASE}.")
    problem = find_damage(folder / DATABASE, _CHECK_SECONDS, thorough=True)
    if problem:
        raise StoreError(f"The database of the backup in {folder} is damaged: {problem}.")
    beside = store.with_name(f"{store.name}.restoring")
    beside.mkdir(mode=0o700, exist_ok=True)
    target = PictureFiles(beside)
    target.prepare()
    _snapshot(folder / DATABASE, snapshot := target.new_temporary())
    copied = _copy_all(PictureFiles(folder), target, _references(snapshot))
    durable.put(snapshot, beside / DATABASE)
    if store.exists():
        durable.patiently(lambda: store.replace(_free_name(store)))
    durable.put(beside, store)
    return copied


def _free_name(store: Path) -> Path:
    names = (store.with_name(f"{store.name}.replaced{f'-{number}' if number else ''}") for number in range(10**6))
    return next(name for name in names if not name.exists())


def _snapshot(database: Path, copy: Path) -> None:
    """A copy of a database as it is at one moment, in one file, on the disk."""
    with (
        contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    copy.chmod(0o600)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _references(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return retention.referenced(connection)


def _copy_all(source: PictureFiles, target: PictureFiles, digests: list[str]) -> Copied:
    copied = Copied()
    for digest in digests:
        size = target.size(digest)
        if size is None or size != source.size(digest):
            try:
                size = _copy(source, target, digest)
            except PictureLostError:
                copied.lost.append(digest)
                continue
            copied.new += 1
            copied.new_bytes += size
        copied.pictures += 1
    return copied


def _copy(source: PictureFiles, target: PictureFiles, digest: str) -> int:
    """Copy a picture, compared with its name; returns its bytes. Raises `PictureLostError`, `OSError`."""
    temporary = target.new_temporary()
    size = 0
    try:
        with temporary.open("wb") as file:
            for chunk in source.chunks(digest):
                file.write(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        target.add_file(temporary, digest, size)
    finally:
        temporary.unlink(missing_ok=True)
    return size
