"""Who is calling, for as long as a call lasts."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from paints_undo_daemon.access.tokens import OWN_CLIENT
from paints_undo_daemon.errors import PermissionDeniedError


@dataclass(frozen=True, slots=True)
class Caller:
    """`client` is the name of the token, `connection` what the calls' metadata says, for scheduling alone."""

    client: str
    connection: str


caller: ContextVar[Caller] = ContextVar("caller")


def require_account(deed: str) -> None:
    """Raises `PermissionDeniedError` when another client than the account calls; `deed` is what it may not do."""
    if caller.get().client != OWN_CLIENT:
        raise PermissionDeniedError(f"Only the account that runs the daemon may {deed}.")
