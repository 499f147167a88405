"""Who is calling, for as long as a call lasts."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from paints_undo_daemon.access.tokens import OWN_CLIENT, Rights
from paints_undo_daemon.errors import PermissionDeniedError
from paints_undo_daemon.settings import Settings


@dataclass(frozen=True, slots=True)
class Caller:
    """`client` is the name of the token and `rights` what that allows, `connection` what the calls' metadata says, for
    scheduling alone; `peer` is the other end of the connection, by which calls are limited."""

    client: str
    connection: str
    rights: Rights = Rights()
    peer: str = ""


caller: ContextVar[Caller] = ContextVar("caller")


def most_bytes(settings: Settings) -> int:
    """How many bytes of pictures the caller may have."""
    return caller.get().rights.quota_bytes or settings.max_client_bytes


def require_administrator() -> None:
    """Raises `PermissionDeniedError` when neither the account nor an administrator calls."""
    if not caller.get().rights.administrator:
        raise PermissionDeniedError("Only the account that runs the daemon and administrators may do this.")


def require_account(deed: str) -> None:
    """Raises `PermissionDeniedError` when another client than the account calls; `deed` is what it may not do."""
    if caller.get().client != OWN_CLIENT:
        raise PermissionDeniedError(f"Only the account that runs the daemon may {deed}.")
