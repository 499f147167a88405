"""Who may come in: links that work once, and the sessions that they open."""

from __future__ import annotations

import secrets
import time
from hashlib import sha256

CODE_SECONDS = 300.0
SESSION_SECONDS = 30 * 24 * 3600.0
MAX_SESSIONS = 64


class Sessions:
    """One-time codes, good for five minutes, and sessions, good for thirty days or until the process ends.

    A code travels in the fragment of a link, which a browser sends to nobody: it stands in no log and no referrer. A
    session travels in the `authorization` header and never in a cookie, since a cookie of 127.0.0.1 would go to every
    port there. Only hashes are kept.
    """

    def __init__(self) -> None:
        self._codes: dict[bytes, float] = {}
        self._sessions: dict[bytes, float] = {}

    def make_code(self) -> str:
        """A code for a link."""
        code = secrets.token_urlsafe(24)
        self._codes[_digest(code)] = time.monotonic() + CODE_SECONDS
        return code

    def redeem(self, code: str) -> str | None:
        """The session that a code opens; None when the code is unknown, used or too old."""
        ends = self._codes.pop(_digest(code), 0.0)
        if time.monotonic() > ends:
            return None
        session = secrets.token_urlsafe(32)
        while len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[_digest(session)] = time.monotonic() + SESSION_SECONDS
        return session

    def holds(self, session: str) -> bool:
        """Whether a session is open."""
        return time.monotonic() < self._sessions.get(_digest(session), 0.0)

    def end(self, session: str) -> None:
        """Close a session."""
        self._sessions.pop(_digest(session), None)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
