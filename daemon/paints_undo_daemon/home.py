"""Where the daemon keeps its things, and the endpoint file by which clients find it.

The rules stand in `docs/protocol.md`; clients that do not import this package follow them on their own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from paints_undo_daemon import durable
from paints_undo_daemon.proof import process_start

PROTOCOL_VERSION = 1
APPLICATION = "paints-undo"


def home_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder that holds the endpoint file, the tokens, the settings, the log and the store.

    `PAINTS_UNDO_HOME` when it is set; otherwise `%LOCALAPPDATA%\\paints-undo` on Windows,
    `~/Library/Application Support/paints-undo` on macOS, `${XDG_DATA_HOME:-~/.local/share}/paints-undo` elsewhere.
    """
    env = os.environ if environment is None else environment
    if env.get("PAINTS_UNDO_HOME"):
        return Path(env["PAINTS_UNDO_HOME"]).expanduser().absolute()
    user = Path(env.get("USERPROFILE") or Path.home()) if platform == "win32" else Path(env.get("HOME") or Path.home())
    if platform == "win32":
        return Path(env.get("LOCALAPPDATA") or user / "AppData" / "Local") / APPLICATION
    if platform == "darwin":
        return user / "Library" / "Application Support" / APPLICATION
    return Path(env.get("XDG_DATA_HOME") or user / ".local" / "share") / APPLICATION


def endpoint_file(home: Path) -> Path:
    """The file that says where the running daemon listens."""
    return home / "endpoint.json"


def token_file(home: Path) -> Path:
    """The account's own token: readable by its owner alone."""
    return home / "token"


def client_tokens_file(home: Path) -> Path:
    """Digests of the tokens of named clients."""
    return home / "clients.json"


def audit_file(home: Path) -> Path:
    """Who did what, where the setting `audit` is on."""
    return home / "audit.log"


def settings_file(home: Path) -> Path:
    """The settings file that is read when no other is named."""
    return home / "daemon.toml"


def log_file(home: Path) -> Path:
    """Where a detached daemon writes its log."""
    return home / "daemon.log"


def store_folder(home: Path) -> Path:
    """The database and the pictures."""
    return home / "store"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the endpoint file says.

    `address` is a gRPC target (``unix:/path`` or ``HOST:PORT``). Over TCP the connection is TLS, `key_fingerprint` is
    that of the daemon's public key and `certificate_file` its certificate; both are empty over a socket. `token_file`
    and `certificate_file` are absolute paths. `process_start` says when process `pid` started, as `proof` tells
    it; `start_time` when the daemon began to listen, in seconds since 1970.
    """

    address: str
    pid: int
    process_start: str
    start_time: float
    daemon_version: str
    protocol_version: int
    token_file: str
    key_fingerprint: str = ""
    certificate_file: str = ""

    def write(self, home: Path) -> None:
        """Put the endpoint file in place atomically, readable by its owner alone."""
        durable.write(endpoint_file(home), json.dumps(asdict(self), indent=2).encode())

    def is_alive(self) -> bool:
        """Whether the process that has written it runs still, and not another one that was given its number."""
        return process_start(self.pid) == self.process_start != ""

    @classmethod
    def read(cls, home: Path) -> Endpoint | None:
        """The endpoint that a daemon has written, or None when there is none or it cannot be read."""
        try:
            data = json.loads(endpoint_file(home).read_text(encoding="utf-8"))
            return cls(
                address=str(data["address"]),
                pid=int(data["pid"]),
                process_start=str(data["process_start"]),
                start_time=float(data["start_time"]),
                daemon_version=str(data["daemon_version"]),
                protocol_version=int(data["protocol_version"]),
                token_file=str(data["token_file"]),
                key_fingerprint=str(data.get("key_fingerprint", "")),
                certificate_file=str(data.get("certificate_file", "")),
            )
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    @staticmethod
    def remove(home: Path, pid: int) -> None:
        """Take the endpoint file away, if it is still the one of process `pid`."""
        current = Endpoint.read(home)
        if current is not None and current.pid == pid:
            durable.patiently(lambda: endpoint_file(home).unlink(missing_ok=True))
