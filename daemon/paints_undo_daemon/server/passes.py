"""What a call is let in by, for as long as it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from paints_undo_daemon.access.tokens import OWN_CLIENT, Holder, TokenBook
from paints_undo_daemon.errors import UnauthenticatedError, UnavailableError
from paints_undo_daemon.server.refusals import REASON


class Pass:
    """A call's token. It may be taken away, renewed or end while the call goes on: whoever sends or takes the next
    message asks `check` before."""

    def __init__(self, tokens: TokenBook, metadata: Mapping[str, Any]) -> None:
        scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
        self._tokens = tokens
        self._token = token.strip() if scheme.lower() == "bearer" else None
        self.holder = self._look()

    @property
    def problem(self) -> str:
        """Why the call is refused before it begins; empty when it is not."""
        if self.holder is None:
            return REASON
        return _expired(self.holder) if self.holder.rights.has_expired() else ""

    def check(self) -> None:
        """Raises `UnauthenticatedError`; `UnavailableError` to the account itself, whose clients look for its new token
        when they connect again."""
        now = self._look()
        if now is not None and now.rights.has_expired():
            raise UnauthenticatedError(_expired(now))
        if now is None and self.holder is not None and self.holder.client == OWN_CLIENT:
            raise UnavailableError("The account's token was renewed: connect again.")
        if now is None:
            raise UnauthenticatedError(REASON)

    def _look(self) -> Holder | None:
        return None if self._token is None else self._tokens.holder(self._token)


def _expired(holder: Holder) -> str:
    day = datetime.fromtimestamp(holder.rights.expires).astimezone().strftime("%Y-%m-%d %H:%M")
    return f"The token of the client {holder.client} ended on {day}: ask the administrator for a new one."
