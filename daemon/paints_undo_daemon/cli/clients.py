"""`paints-undo clients …`: tokens for other programs, people and machines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand

if TYPE_CHECKING:
    from paints_undo_daemon.store.usage import Usage

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
def list_clients(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the clients: the account itself, those that have tokens, and those that have left something behind.

    With each its kept jobs, those that have not ended, the bytes of its pictures and when it last called. The daemon
    may run meanwhile.

    Examples:

      paints-undo clients list

      paints-undo clients list --json
    """
    from dataclasses import asdict

    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.home import home_folder, store_folder
    from paints_undo_daemon.store import usage
    from paints_undo_daemon.store.opening import DATABASE

    named = {tokens.OWN_CLIENT, *tokens.clients(home_folder())}
    found = {item.client: item for item in usage.read(store_folder(home_folder()) / DATABASE)}
    listed = [found.get(name) or usage.Usage(name) for name in sorted(named | found.keys())]
    if as_json:
        console.print_json([asdict(item) | {"token": item.client in named} for item in listed])
    else:
        _print_table(listed, named)


def _print_table(listed: list[Usage], named: set[str]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("Client", "Token", "Jobs", "Not ended", "Pictures", "Last seen"):
        table.add_column(heading, no_wrap=heading == "Client")
    for item in listed:
        seen = "never" if item.last_seen is None else datetime.fromtimestamp(item.last_seen).isoformat(" ", "minutes")
        token = "yes" if item.client in named else "removed"
        table.add_row(item.client, token, str(item.jobs), str(item.jobs_waiting), console.size(item.bytes), seen)
    console.out().print(table)
