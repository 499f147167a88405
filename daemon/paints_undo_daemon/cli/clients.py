"""`paints-undo clients …`: tokens for other programs, people and machines."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from paints_undo_daemon.cli import console
from paints_undo_daemon.cli.local import LocalCommand
from paints_undo_daemon.cli.problems import WrongUsageError

if TYPE_CHECKING:
    from paints_undo_daemon.access.tokens import Rights
    from paints_undo_daemon.store.usage import Usage

app = typer.Typer(no_args_is_help=True, help="Give other programs and machines tokens of their own, or take them away.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 letters, digits, dots, - or _.")]


_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

QuotaOption = Annotated[
    str, typer.Option("--quota", metavar="SIZE", help="Bytes of pictures it may keep, such as 500M or 20G.")
]
ExpiresOption = Annotated[
    str, typer.Option("--expires", metavar="WHEN", help="The last day of the token (2027-03-31), or 90d from now.")
]
AdministratorOption = Annotated[
    bool,
    typer.Option("--administrator", help="It may also list, cancel and delete the jobs of others (admin), unseen."),
]


@app.command(cls=LocalCommand)
def add(
    name: Name, quota: QuotaOption = "", expires: ExpiresOption = "", administrator: AdministratorOption = False
) -> None:
    """Make a token for a client and print it; it is shown this once.

    A client sees, watches and cancels its own jobs alone. Without a quota it may keep as much as the daemon's setting
    max_client_bytes says, without an end its token is good until it is removed.

    Examples:

      paints-undo clients add studio-2 > studio-2.token

      paints-undo clients add intern --quota 5G --expires 90d > intern.token
    """
    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.access.folders import make_private
    from paints_undo_daemon.home import home_folder

    rights = tokens.Rights(_bytes_of(quota), _end_of(expires), administrator)
    home = home_folder()
    make_private(home)
    try:
        console.out().print(tokens.add_client(home, name, rights), markup=False, soft_wrap=True, highlight=False)
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


@app.command("set", cls=LocalCommand)
def set_rights(
    name: Name, quota: QuotaOption = "", expires: ExpiresOption = "", administrator: AdministratorOption = False
) -> None:
    """Give a client another quota, end and role; its token stays. What is not given is the daemon's default again.

    A running daemon heeds it at once.

    Example:

      paints-undo clients set intern --quota 10G --expires 2027-06-30
    """
    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.home import home_folder

    try:
        tokens.set_rights(home_folder(), name, tokens.Rights(_bytes_of(quota), _end_of(expires), administrator))
    except tokens.TokenError as error:
        console.err().print(str(error), markup=False)
        raise typer.Exit(1) from None


def _bytes_of(text: str) -> int:
    """The bytes of a size such as ``20G``; 0 when nothing is given. Raises `WrongUsageError`."""
    if not text:
        return 0
    found = re.fullmatch(r"(\d{1,6})([KMGT])", text)
    if found is None or not int(found[1]):
        raise WrongUsageError(f"--quota is {text!r}, but must be a number with K, M, G or T.")
    return int(found[1]) * _UNITS[found[2]]


def _end_of(text: str) -> float:
    """When a day or a span ends, in seconds since 1970; 0 when nothing is given. Raises `WrongUsageError`."""
    if not text:
        return 0.0
    found = re.fullmatch(r"(\d{1,5})d", text)
    if found is not None:
        return time.time() + 86400 * int(found[1])
    try:
        day = date.fromisoformat(text) + timedelta(days=1)
    except ValueError:
        raise WrongUsageError(f"--expires is {text!r}, but must be a day such as 2027-03-31, or 90d.") from None
    return datetime(day.year, day.month, day.day).astimezone().timestamp()


@app.command("list", cls=LocalCommand)
def list_clients(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the clients: the account itself, those that have tokens, and those that have left something behind.

    With each its kept jobs, those that have not ended, the bytes of its pictures, its quota, the last day of its token
    and when it last called. The daemon may run meanwhile.

    Examples:

      paints-undo clients list

      paints-undo clients list --json
    """
    from dataclasses import asdict

    from paints_undo_daemon.access import tokens
    from paints_undo_daemon.home import home_folder, store_folder
    from paints_undo_daemon.store import usage
    from paints_undo_daemon.store.opening import DATABASE

    named = {tokens.OWN_CLIENT: tokens.Rights(), **tokens.clients(home_folder())}
    found = {item.client: item for item in usage.read(store_folder(home_folder()) / DATABASE)}
    listed = [found.get(name) or usage.Usage(name) for name in sorted(named.keys() | found.keys())]
    if as_json:
        rights = {name: asdict(given) for name, given in named.items()}
        console.print_json(
            [asdict(item) | {"token": item.client in named, **rights.get(item.client, {})} for item in listed]
        )
    else:
        _print_table(listed, named)


def _print_table(listed: list[Usage], named: Mapping[str, Rights]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("Client", "Token", "Jobs", "Not ended", "Pictures", "Quota", "Last seen"):
        table.add_column(heading, no_wrap=heading == "Client")
    for item in listed:
        seen = "never" if item.last_seen is None else datetime.fromtimestamp(item.last_seen).isoformat(" ", "minutes")
        rights = named.get(item.client)
        quota = console.size(rights.quota_bytes) if rights and rights.quota_bytes else "–"
        counts = (str(item.jobs), str(item.jobs_waiting), console.size(item.bytes))
        table.add_row(item.client, _token_word(rights), *counts, quota, seen)
    console.out().print(table)


def _token_word(rights: Rights | None) -> str:
    if rights is None:
        return "removed"
    role = "administrator" if rights.administrator else "yes"
    if not rights.expires:
        return role
    if rights.has_expired():
        return "expired"
    return f"{role}, until {datetime.fromtimestamp(rights.expires - 1).date().isoformat()}"
