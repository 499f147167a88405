"""`paints-undo clients …`: tokens for other programs, people and machines."""

from __future__ import annotations

from typing import Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand

app = typer.Typer(no_args_is_help=True, help="Give other programs and machines tokens of their own, or take them away.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 letters, digits, dots, - or _.")]


@app.command(cls=LocalCommand)
def add(name: Name) -> None:
    """Make a token for a client and print it; it is shown this once.

    A client sees, watches and cancels its own jobs alone.

    Example:

      paints-undo clients add studio-2 > studio-2.token
    """
    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.access.folders import make_private
    from paints_undo_daemon.home import home_folder

    home = home_folder()
    make_private(home)
    try:
        console.out().print(tokens.add_client(home, name), markup=False, soft_wrap=True, highlight=False)
    except tokens.TokenError as error:
        console.err().print(str(error), markup=False)
        raise typer.Exit(1) from None


@app.command(cls=LocalCommand)
def remove(name: Name) -> None:
    """Take a client's token away; a running daemon refuses it at once.

    Example:

      paints-undo clients remove studio-2
    """
    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.home import home_folder

    try:
        tokens.remove_client(home_folder(), name)
    except tokens.TokenError as error:
        console.err().print(str(error), markup=False)
        raise typer.Exit(1) from None


@app.command("list", cls=LocalCommand)
def list_names() -> None:
    """The names of the clients that have tokens.

    Example:

      paints-undo clients list
    """
    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.home import home_folder

    for name in tokens.clients(home_folder()):
        console.out().print(name, markup=False, highlight=False)
