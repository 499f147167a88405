"""Where the daemon may listen, and with what protection."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from paints_undo_daemon.settings import SettingsError

_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Address:
    """`host` and `port` of a TCP address, or `path` of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def target(self, port: int | None = None) -> str:
        """As gRPC names it."""
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port if port is None else port}"

    def from_here(self, port: int) -> str:
        """As this machine's own programs reach it: every address includes loopback."""
        return replace(self, host=_LOOPBACK.get(self.host, self.host)).target(port)


def parse_address(text: str) -> Address:
    """Read ``HOST:PORT``, ``[IPV6]:PORT`` or ``unix:/path``. Raises `SettingsError`."""
    if text.startswith("unix:"):
        path = Path(text.removeprefix("unix:"))
        if not path.is_absolute() or not hasattr(socket, "AF_UNIX"):
            raise SettingsError(f"The setting listen is {text!r}, but a Unix socket needs an absolute path on Unix.")
        return Address(path=str(path))
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"The setting listen is {text!r}, but must be HOST:PORT or unix:/path.")
    return Address(host=host.strip("[]"), port=int(port))
