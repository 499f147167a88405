"""Tokens: the account's own in a file that only it can read, and those of named clients, of which digests are kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import math
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class Rights:
    """What a client's token allows.

    `quota_bytes` of pictures, 0 as many as the daemon's setting `max_client_bytes`; until `expires` (seconds since
    1970, 0 for ever); an `administrator` sees how much others have, and cancels and deletes their jobs.
    """

    quota_bytes: int = 0
    expires: float = 0.0
    administrator: bool = False

    def __post_init__(self) -> None:
        if not (self.quota_bytes >= 0 and math.isfinite(self.expires) and self.expires >= 0):
            raise TokenError("A quota and an end must not be negative.")

    def has_expired(self) -> bool:
        """Whether the token is no longer good."""
        return 0 < self.expires <= time.time()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is."""

    client: str
    rights: Rights = Rights()


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


def add_client(home: Path, name: str, rights: Rights = Rights()) -> str:
    """Make a token for a named client; only its digest is kept. Raises `TokenError`."""
    if not _NAME.fullmatch(name) or name == OWN_CLIENT:
        raise TokenError(f"{name!r} cannot be a client's name: use 1 to 64 letters, digits, dots, - or _.")
    named = _named(home)
    if name in named:
        raise TokenError(f"There is a client {name} already: remove it first to give it a new token.")
    token = secrets.token_urlsafe(_BYTES)
    _write(home, {**named, name: _Named(_digest(token), rights)})
    return token


def remove_client(home: Path, name: str) -> None:
    """Take a named client's token away. Raises `TokenError`."""
    named = _named(home)
    if named.pop(name, None) is None:
        raise TokenError(f"There is no client {name}.")
    _write(home, named)


def set_rights(home: Path, name: str, rights: Rights) -> None:
    """Let a named client's token allow something else from now on. Raises `TokenError`."""
    named = _named(home)
    if name not in named:
        raise TokenError(f"There is no client {name}.")
    _write(home, {**named, name: _Named(named[name].digest, rights)})


def clients(home: Path) -> dict[str, Rights]:
    """The clients that have tokens of their own, by name."""
    return {name: item.rights for name, item in sorted(_named(home).items())}


class TokenBook:
    """Looks up the client of a token, in time that does not depend on the token."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._own = _digest(own_token(home))
        self._own_stamp = _stamp(token_file(home))
        self._named_stamp: Stamp = None
        self._named: dict[str, _Named] = {}
        self._unreadable = False

    def holder(self, token: str) -> Holder | None:
        """Whose token it is, also when it has expired. Tokens that are added or removed count at once; while the files
        cannot be read, those that were known count."""
        try:
            self._look()
            self._unreadable = False
        except OSError as error:
            if not self._unreadable:
                log.error("The tokens cannot be read (%s): those that were known go on to count.", error.strerror)
            self._unreadable = True
        digest = _digest(token)
        found = Holder(OWN_CLIENT, Rights(administrator=True)) if hmac.compare_digest(digest, self._own) else None
        for name, known in self._named.items():
            if hmac.compare_digest(digest, known.digest):
                found = Holder(name, known.rights)
        return found

    def _look(self) -> None:
        stamp = _stamp(token_file(self._home))
        if stamp != self._own_stamp and stamp is not None:
            self._own, self._own_stamp = _digest(_read_token(token_file(self._home)) or secrets.token_hex()), stamp
        stamp = _stamp(client_tokens_file(self._home))
        if stamp != self._named_stamp:
            self._named, self._named_stamp = _known(self._home), stamp


Stamp: TypeAlias = tuple[int, int] | None


def _stamp(path: Path) -> Stamp:
    """What changes when a file is replaced; None when there is none. Raises `OSError`."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino


def _known(home: Path) -> dict[str, _Named]:
    """The named clients; none when their file is damaged, so that the account itself is never locked out."""
    try:
        return _named(home)
    except TokenError as error:
        log.error("%s Only the account itself is let in.", error)
        return {}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Named:
    """A named client as its file has it."""

    digest: str
    rights: Rights


def _write(home: Path, named: Mapping[str, _Named]) -> None:
    data = {name: {"digest": item.digest, **asdict(item.rights)} for name, item in named.items()}
    write_private(client_tokens_file(home), json.dumps(data, indent=2))


def _named(home: Path) -> dict[str, _Named]:
    try:
        data = json.loads(client_tokens_file(home).read_text(encoding="utf-8"))
        return {str(name): _Named(str(item.pop("digest")), Rights(**item)) for name, item in data.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError, KeyError, TokenError) as error:
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
