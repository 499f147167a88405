"""Where the daemon keeps its things, as `docs/protocol.md` fixes it: computed here on our own, without the daemon's
code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROTOCOL_VERSION = 1
NAME = "paints-undo"
LARGEST_ENDPOINT = 64 * 1024


def home_folder(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder with the endpoint file: `PAINTS_UNDO_HOME`, or the platform's place for user data."""
    env = os.environ if environment is None else environment
    named = env.get("PAINTS_UNDO_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if platform == "win32":
        user = Path(env.get("USERPROFILE") or Path.home())
        return Path(env.get("LOCALAPPDATA") or user / "AppData" / "Local") / NAME
    user = Path(env.get("HOME") or Path.home())
    if platform == "darwin":
        return user / "Library" / "Application Support" / NAME
    return Path(env.get("XDG_DATA_HOME") or user / ".local" / "share") / NAME


def plugin_folder(home: Path) -> Path:
    """Where the plugin keeps its settings and log: beside the daemon's things, never in the plugin's own folder."""
    return home / "krita"


@dataclass(frozen=True)
class Endpoint:
    """Where a daemon listens: `HOST:PORT`, always with TLS, or `unix:/path`; its token; the SHA-256 fingerprint of its
    public key; its process, and when that started, as `net.proof` tells it."""

    address: str
    token: str
    pid: int = 0
    daemon_version: str = ""
    protocol_version: int = PROTOCOL_VERSION
    fingerprint: str = ""
    process_start: str = ""

    @property
    def local(self) -> bool:
        """Whether pictures travel on this machine only, where raw pixels are faster than compressed ones."""
        host = self.address.rsplit(":", 1)[0].strip("[]")
        return self.address.startswith("unix:") or host in ("127.0.0.1", "localhost", "::1")


def read_endpoint(home: Path) -> Endpoint | None:
    """What the endpoint file in `home` says, or None when there is none or it cannot be used."""
    try:
        data = json.loads(_read(home / "endpoint.json"))
        address, fingerprint = str(data["address"]), str(data["key_fingerprint"])
        if not fingerprint and not address.startswith("unix:/"):
            return None
        return Endpoint(
            address=address,
            token=_read(Path(str(data["token_file"]))).strip(),
            pid=int(data["pid"]),
            daemon_version=str(data.get("daemon_version", "")),
            protocol_version=int(data["protocol_version"]),
            fingerprint=fingerprint,
            process_start=str(data["process_start"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _read(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(LARGEST_ENDPOINT)
