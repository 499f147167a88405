"""`paints-undo pictures`: paintings and keyframes that were sent to the daemon."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated

import typer

from paints_undo_daemon.cli import console

app = typer.Typer(no_args_is_help=True, help="Delete pictures that were sent to the daemon.")

_HASH = re.compile("[0-9a-f]{64}")


@app.command()
def delete(
    context: typer.Context,
    pictures: Annotated[
        list[str], typer.Argument(metavar="PICTURE…", help="Files as they were sent, or SHA-256 hashes.")
    ],
) -> None:
    """Delete pictures from the daemon, at once and for good; your own files stay.

    A picture that a job needs goes with the job: `paints-undo jobs delete`.

    Example:

      paints-undo pictures delete painting.png
    """
    from paints_undo_daemon.cli import remote

    hashes = {name: _hash(name) for name in pictures}
    with remote.connect(context.obj) as client:
        for name, digest in hashes.items():
            client.delete_picture(digest)
            console.err().print(f"The daemon has {name} no more.", markup=False)


def _hash(name: str) -> str:
    """The hash that was given, or a file's. Raises `typer.BadParameter`."""
    if _HASH.fullmatch(name) and not Path(name).exists():
        return name
    try:
        with Path(name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise typer.BadParameter(
            f"{name} is no SHA-256 hash, and no file that can be read ({error.strerror})."
        ) from None
