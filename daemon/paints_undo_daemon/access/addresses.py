"""Where the daemon may listen."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from paints_undo_daemon.settings import AUTO, SettingsError

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
_LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107
"""Bytes of `sun_path`, without its closing zero."""


@dataclass(frozen=True, slots=True)
class Address:
    """`host` and `port` of a TCP address, or `path` of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def target(self, port: int | None = None) -> str:
        """As gRPC names it."""
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port if port is None else port}"

    def from_here(self, port: int) -> str:
        """As this machine's own programs reach it: every address includes loopback."""
        return replace(self, host=_LOOPBACK.get(self.host, self.host)).target(port)


def parse_address(text: str, home: Path) -> Address:
    """Read ``HOST:PORT``, ``[IPV6]:PORT``, ``unix:/path`` or ``auto``. Raises `SettingsError`.

    ``auto`` is a Unix socket in the home folder, or in a folder of its own where that path would be too long; on
    Windows, where gRPC has no such sockets, a free port of the loopback.
    """
    if text == AUTO:
        return Address("127.0.0.1") if sys.platform == "win32" else Address(path=str(socket_path(home)))
    if text.startswith("unix:"):
        path = Path(text.removeprefix("unix:"))
        if not path.is_absolute() or not hasattr(socket, "AF_UNIX"):
            raise SettingsError(f"The setting listen is {text!r}, but a Unix socket needs an absolute path on Unix.")
        if not _fits(path):
            raise SettingsError(f"The path of the socket {path} is too long: {_LONGEST_SOCKET_PATH} bytes at most.")
        return Address(path=str(path))
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"The setting listen is {text!r}, but must be auto, HOST:PORT or unix:/path.")
    return Address(host=host.strip("[]"), port=int(port))


def socket_path(home: Path) -> Path:
    """Where the daemon of a home folder listens by default."""
    path = home / "daemon.sock"
    return path if _fits(path) else _runtime_folder(home) / "daemon.sock"


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH


def _runtime_folder(home: Path) -> Path:
    """A short folder that belongs to a home folder: below `XDG_RUNTIME_DIR`, else in the folder for temporary files."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(base, f"paints-undo-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}")
