"""`paints-undo store`: what lies on the disk, whether it is whole, and what to do when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand

if TYPE_CHECKING:
    from paints_undo_daemon.store.pictures import PictureFiles

app = typer.Typer(no_args_is_help=True, help="Check and mend what the daemon keeps on the disk.")

_CHECK_SECONDS = 3600.0


@app.command(cls=LocalCommand)
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read the database and every picture, and compare the pictures with their names.

    The daemon may run meanwhile. A damaged picture is set aside: paintings are asked for again, and frames are made
    again when somebody needs them. Those that were set aside earlier and are still needed are listed, too. The exit
    code is 1 when something is damaged.

    Example:

      paints-undo store check
    """
    from paints_undo_daemon.store.opening import DATABASE, check_is_there, find_damage

    files = _files()
    check_is_there(files)
    problem = find_damage(files.store / DATABASE, _CHECK_SECONDS, thorough=True)
    hashes = list(files.all())
    for digest in hashes:
        files.is_whole(digest)
    lost = files.lost()
    damaged = sorted(lost if problem else lost & _needed(files))
    if as_json:
        console.print_json({"database": problem or "ok", "pictures": len(hashes), "damaged": damaged})
    else:
        console.out().print(f"Database: {problem or 'ok'}", markup=False)
        console.out().print(f"Pictures: {len(hashes)}, {len(damaged)} of them damaged and set aside", markup=False)
        for digest in damaged:
            console.out().print(f"  {digest}", markup=False)
        if problem:
            console.err().print("Run: paints-undo store rebuild", markup=False)
    if problem or damaged:
        raise typer.Exit(1)


@app.command(cls=LocalCommand)
def rebuild() -> None:
    """Make a new database out of what can be read of the present one; that one is set aside, not changed.

    The daemon must not run. It does the same by itself when it finds its database damaged at its start.

    Example:

      paints-undo store rebuild
    """
    from paints_undo_daemon.access.tokens import OWN_CLIENT
    from paints_undo_daemon.store import rebuilding
    from paints_undo_daemon.store.opening import DATABASE

    with _locked() as files:
        console.err().print(rebuilding.rebuild(files, files.store / DATABASE, OWN_CLIENT).sentence(), markup=False)


@app.command(cls=LocalCommand)
def adopt() -> None:
    """Make pictures that the database does not know your own, also when there is no database any more.

    For a database that was lost, or that was put back from an older backup. The daemon must not run.

    Example:

      paints-undo store adopt
    """
    from paints_undo_daemon.access.tokens import OWN_CLIENT
    from paints_undo_daemon.store import adopting
    from paints_undo_daemon.store.database import Database
    from paints_undo_daemon.store.opening import DATABASE

    with _locked() as files:
        database = Database(files.store / DATABASE)
        try:
            count = database.run_first(adopting.adopt, files, OWN_CLIENT)
        finally:
            database.close()
        console.err().print(f"{count} pictures are your own now.", markup=False)


def _files() -> PictureFiles:
    from paints_undo_daemon.home import store_folder
    from paints_undo_daemon.settings import load_settings
    from paints_undo_daemon.store.pictures import PictureFiles
    from paints_undo_daemon.store.problems import StoreError

    store = store_folder(load_settings().home)
    if not store.is_dir():
        raise StoreError(f"There is no store at {store} yet.")
    return PictureFiles(store)


def _needed(files: PictureFiles) -> set[str]:
    """The hashes of the pictures that a client or a job has."""
    from paints_undo_daemon.store.database import look_into
    from paints_undo_daemon.store.opening import DATABASE
    from paints_undo_daemon.store.retention import referenced

    if not (files.store / DATABASE).exists():
        return set()
    with closing(look_into(files.store / DATABASE)) as connection:
        return set(referenced(connection))


@contextmanager
def _locked() -> Iterator[PictureFiles]:
    """The store's files, while no daemon runs. Raises `AlreadyRunningError`."""
    from paints_undo_daemon.access.lock import HomeLock

    files = _files()
    lock = HomeLock(files.store.parent)
    lock.acquire()
    try:
        files.prepare()
        yield files
    finally:
        lock.release()
