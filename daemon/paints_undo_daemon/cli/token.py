"""`paints-undo token …`: the account's own token."""

from __future__ import annotations

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand

app = typer.Typer(no_args_is_help=True, help="The account's own token.")


@app.callback()
def token() -> None:
    """The account's own token, which its programs read from a file that nobody else can."""


@app.command(cls=LocalCommand)
def renew() -> None:
    """Make a new token for the account, in case the old one has leaked; a running daemon refuses the old one at once.

    Programs of this account find the new one by themselves. Named clients keep theirs.

    Example:

      paints-undo token renew
    """
    from paints_undo_daemon.access.folders import make_private
    from paints_undo_daemon.access.tokens import renew_own_token
    from paints_undo_daemon.home import home_folder, token_file

    home = home_folder()
    make_private(home)
    renew_own_token(home)
    console.err().print(f"The account's token in {token_file(home)} is a new one.", markup=False)
