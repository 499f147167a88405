"""Finding the account's daemon, and starting one (`docs/protocol.md`, section Discovery)."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from paints_undo_daemon.client.errors import ClientError, DaemonStartError, DaemonUnavailableError
from paints_undo_daemon.client.trust import prove
from paints_undo_daemon.client.wire import DaemonAddress
from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.home import (
    PROTOCOL_VERSION,
    Endpoint,
    endpoint_file,
    home_folder,
    log_file,
    token_file,
)

START_SECONDS = 20.0
_PROBE_SECONDS = 2.0
_ANSWER_SECONDS = 10.0
_PAUSE_SECONDS = 0.1


def find(home: Path | None = None) -> Endpoint | None:
    """The endpoint of the daemon that runs and has proved itself, or None.

    The file of a daemon that has died does not count, even when another program has its port or its process number by
    now: that one shall not be sent the token.
    """
    endpoint = Endpoint.read(home or home_folder())
    if endpoint is None or not endpoint.is_alive():
        return None
    try:
        prove(_address(endpoint, ""))
    except (ClientError, ValueError):
        return None
    return endpoint


def address_of(endpoint: Endpoint) -> DaemonAddress:
    """What is needed to speak to the daemon of an endpoint.

    Raises `DaemonUnavailableError` when its protocol is too old or its token cannot be read.
    """
    if endpoint.protocol_version < PROTOCOL_VERSION:
        raise DaemonUnavailableError(
            f"The daemon that runs (version {endpoint.daemon_version}) is older than this program; "
            "stop it with 'paints-undo stop' of its own version, and try again."
        )
    try:
        return _address(endpoint, Path(endpoint.token_file).read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        raise DaemonUnavailableError(f"The daemon's token or address cannot be used: {error}.") from error


def _address(endpoint: Endpoint, token: str) -> DaemonAddress:
    """A daemon of this account is recognized by its socket or by its key, never by who has signed its certificate."""
    over_socket = endpoint.address.startswith("unix:/")
    return DaemonAddress(endpoint.address, token, fingerprint=None if over_socket else endpoint.key_fingerprint)


def locate(home: Path | None = None, *, start: bool = True) -> DaemonAddress:
    """Where the account's daemon is; it is started when none runs and `start` is set.

    Raises `DaemonUnavailableError`, and `CertificateError` when what answers at its address is not the daemon.
    """
    home = home or home_folder()
    endpoint = _answering(home)
    if endpoint is None and start:
        endpoint = start_daemon(home)
    if endpoint is None:
        raise DaemonUnavailableError("No daemon runs; start one with 'paints-undo serve'.")
    return address_of(endpoint)


def _answering(home: Path) -> Endpoint | None:
    """The daemon that runs, None when there is none. One that lives but does not answer, because others hold all of its
    connections, has them back within seconds. Raises as `locate` does."""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        endpoint = Endpoint.read(home)
        if endpoint is None or not endpoint.is_alive():
            return None
        try:
            prove(_address(endpoint, ""))
        except DaemonUnavailableError as error:
            if time.monotonic() > deadline:
                raise DaemonUnavailableError(
                    f"The daemon (process {endpoint.pid}) runs but does not answer at {endpoint.address}."
                ) from error
            time.sleep(_PAUSE_SECONDS)
        except ValueError:
            return None
        else:
            return endpoint


class Locator(Protocol):
    """Where a client finds its daemon, again and again."""

    def locate(self) -> DaemonAddress:
        """Where it is now. Raises `DaemonUnavailableError`."""

    def is_current(self) -> bool:
        """Whether what `locate` has said last still holds, as far as can be told at once."""


@dataclass(frozen=True, slots=True)
class GivenDaemon:
    """A daemon at a given address; it proves itself anew by its key whenever a connection to it is made."""

    address: DaemonAddress

    def locate(self) -> DaemonAddress:
        """The given address."""
        return self.address

    def is_current(self) -> bool:
        """Always."""
        return True


class OwnDaemon:
    """The account's own daemon: found by the endpoint file, and started if need be and `start` is set."""

    def __init__(self, home: Path | None, *, start: bool) -> None:
        self._home = home or home_folder()
        self._start = start
        self._seen: tuple[object, ...] = ()
        self._endpoint: Endpoint | None = None

    def locate(self) -> DaemonAddress:
        """Find it. Raises `DaemonUnavailableError`."""
        found = locate(self._home, start=self._start)
        self._endpoint = Endpoint.read(self._home)
        self._seen = self._look()
        return found

    def is_current(self) -> bool:
        """Whether the same process runs, with the same endpoint file and the same token."""
        return self._endpoint is not None and self._look() == self._seen and self._endpoint.is_alive()

    def _look(self) -> tuple[object, ...]:
        return tuple(_stamp(file) for file in (endpoint_file(self._home), token_file(self._home)))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def start_daemon(home: Path | None = None, seconds: float = START_SECONDS) -> Endpoint:
    """Start a daemon that outlives this program, and wait until it answers.

    Two programs that start one at the same time end with one daemon: the second daemon finds the first one's lock and
    leaves, and both programs find the first one's endpoint.

    Raises `DaemonStartError` when it does not answer within `seconds`.
    """
    home = home or home_folder()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        daemon = _spawn(home)
    except OSError as error:
        raise DaemonStartError(f"The daemon could not be started: {error}.") from error
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        endpoint = find(home)
        if endpoint is not None:
            return endpoint
        if daemon.poll() is not None:
            deadline = min(deadline, time.monotonic() + _PROBE_SECONDS)
        time.sleep(0.03)
    reason = _last_line(log_file(home))
    raise DaemonStartError(
        f"A daemon was started but does not answer{': ' + reason if reason else ''} "
        f"(its log is {log_file(home)}; 'paints-undo doctor' may tell more)."
    )


def _spawn(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "paints_undo_daemon", "serve", "--detached"]
    environment = clean_environment() | {"PAINTS_UNDO_HOME": str(home)}
    with log_file(home).open("ab") as log:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
            return subprocess.Popen(  # noqa: S603
                command,
                env=environment,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                creationflags=flags,
            )
        return subprocess.Popen(  # noqa: S603
            command,
            env=environment,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
