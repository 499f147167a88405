"""Tokens: the account's own in a file that only it can read, and those of named clients, of which digests are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path, PurePath

from paints_undo_daemon import durable
from paints_undo_daemon.home import client_tokens_file, token_file

OWN_CLIENT = "account"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BYTES = 32


class TokenError(Exception):
    """A client's name that cannot be, or is taken; the message says which."""


def own_token(home: Path) -> str:
    """The account's token; made when there is none. A file that others can read is closed to them and renewed."""
    path = token_file(home)
    if path.exists() and _is_private(path):
        token = path.read_text(encoding="ascii").strip()
        if token:
            return token
    token = secrets.token_urlsafe(_BYTES)
    write_private(path, token + "\n")
    return token


def add_client(home: Path, name: str) -> str:
    """Make a token for a named client; only its digest is kept. Raises `TokenError`."""
    if not _NAME.fullmatch(name) or name == OWN_CLIENT:
        raise TokenError(f"{name!r} cannot be a client's name: use 1 to 64 letters, digits, dots, - or _.")
    digests = _digests(home)
    if name in digests:
        raise TokenError(f"There is a client {name} already: remove it first to give it a new token.")
    token = secrets.token_urlsafe(_BYTES)
    write_private(client_tokens_file(home), json.dumps({**digests, name: _digest(token)}, indent=2))
    return token


def remove_client(home: Path, name: str) -> None:
    """Take a named client's token away. Raises `TokenError`."""
    digests = _digests(home)
    if digests.pop(name, None) is None:
        raise TokenError(f"There is no client {name}.")
    write_private(client_tokens_file(home), json.dumps(digests, indent=2))


def clients(home: Path) -> list[str]:
    """The names of the clients that have tokens of their own."""
    return sorted(_digests(home))


class TokenBook:
    """Looks up the client of a token, in time that does not depend on the token."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._own = _digest(own_token(home))
        self._stamp: tuple[int, int] | None = None
        self._named: dict[str, str] = {}

    def client(self, token: str) -> str | None:
        """The name of the client that the token belongs to. Tokens that are added or removed count at once."""
        digest = _digest(token)
        found = OWN_CLIENT if hmac.compare_digest(digest, self._own) else None
        for name, known in self._current().items():
            if hmac.compare_digest(digest, known):
                found = name
        return found

    def _current(self) -> dict[str, str]:
        try:
            status = client_tokens_file(self._home).stat()
            stamp = (status.st_mtime_ns, status.st_ino)
        except OSError:
            stamp = None
        if stamp != self._stamp:
            self._named, self._stamp = _digests(self._home), stamp
        return self._named


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _digests(home: Path) -> dict[str, str]:
    try:
        data = json.loads(client_tokens_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {str(name): str(digest) for name, digest in data.items()}


def _is_private(path: Path) -> bool:
    if sys.platform == "win32":
        return True
    status = path.stat()
    return status.st_uid == os.getuid() and status.st_mode & 0o077 == 0


def write_private(path: Path, text: str) -> None:
    """Put a file in place that only the account can read. Raises `OSError`."""
    durable.write(path, text.encode(), protect=_close_to_others if sys.platform == "win32" else None)


def _close_to_others(path: Path) -> None:
    """Leave an access list of the account alone. Raises `OSError`."""
    system = Path(os.environ["SYSTEMROOT"], "System32")  # by name alone, Windows looks in the current folder first
    ask = [str(system / "whoami.exe"), "/user", "/fo", "csv", "/nh"]
    who = subprocess.run(ask, check=False, capture_output=True)  # noqa: S603
    command = [str(system / "icacls.exe"), *access_list(path, who.stdout)]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    if done.returncode:
        words = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise OSError(f"{path.parent} cannot keep a file from other accounts, as the token needs: {words}")


def access_list(path: PurePath, whoami: bytes) -> list[str]:
    """What `icacls` needs to leave `path` to the account which `whoami /user` has named.

    By its number: the same name may be another's, as the computer's own, and a console knows it in its code page only.
    Raises `OSError`.
    """
    found = re.search(rb'"(S-1-[0-9-]+)"\s*$', whoami)
    if found is None:
        raise OSError("Windows does not tell this account's number (whoami /user), so the token cannot be protected.")
    return [str(path), "/inheritance:r", "/grant:r", f"*{found[1].decode()}:F"]
