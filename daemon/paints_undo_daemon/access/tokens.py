"""Tokens: the account's own in a file that only it can read, and those of named clients, of which digests are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path, PurePath
from typing import TypeAlias

from paints_undo_daemon import durable
from paints_undo_daemon.home import client_tokens_file, token_file

log = logging.getLogger(__name__)

OWN_CLIENT = "account"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BYTES = 32


class TokenError(Exception):
    """A client's name that cannot be, or is taken; the message says which."""


def own_token(home: Path) -> str:
    """The account's token; made when there is none, when it cannot be one, and when others could read its file."""
    path = token_file(home)
    if path.exists() and _is_private(path):
        token = _read_token(path)
        if token:
            return token
    return renew_own_token(home)


def renew_own_token(home: Path) -> str:
    """Make a new token for the account. A running daemon takes it, and it alone, at once; named clients keep theirs."""
    token = secrets.token_urlsafe(_BYTES)
    write_private(token_file(home), token + "\n")
    return token


def _read_token(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


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
        self._own_stamp = _stamp(token_file(home))
        self._named_stamp: Stamp = None
        self._named: dict[str, str] = {}

    def client(self, token: str) -> str | None:
        """The name of the client that the token belongs to. Tokens that are added or removed count at once."""
        self._look()
        digest = _digest(token)
        found = OWN_CLIENT if hmac.compare_digest(digest, self._own) else None
        for name, known in self._named.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found

    def _look(self) -> None:
        stamp = _stamp(token_file(self._home))
        if stamp != self._own_stamp and stamp is not None:
            self._own, self._own_stamp = _digest(_read_token(token_file(self._home)) or secrets.token_hex()), stamp
        stamp = _stamp(client_tokens_file(self._home))
        if stamp != self._named_stamp:
            self._named, self._named_stamp = _known_digests(self._home), stamp


Stamp: TypeAlias = tuple[int, int] | None


def _stamp(path: Path) -> Stamp:
    """What changes when a file is replaced; None when there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _known_digests(home: Path) -> dict[str, str]:
    """The named clients' digests; none when their file is damaged, so that the account itself is never locked out."""
    try:
        return _digests(home)
    except TokenError as error:
        log.error("%s Only the account itself is let in.", error)
        return {}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _digests(home: Path) -> dict[str, str]:
    try:
        data = json.loads(client_tokens_file(home).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in data.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as error:
        raise TokenError(
            f"{client_tokens_file(home)} is damaged: move it away, then give named clients new tokens."
        ) from error


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
