"""Finding the account's daemon, and starting one (`docs/protocol.md`, section Discovery)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from paints_undo_daemon.client.errors import DaemonUnavailableError
from paints_undo_daemon.client.trust import server_name
from paints_undo_daemon.client.wire import Target
from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.home import PROTOCOL_VERSION, Endpoint, home_folder, log_file

START_SECONDS = 20.0
_PROBE_SECONDS = 2.0


def find(home: Path | None = None) -> Endpoint | None:
    """The endpoint of the daemon that runs, or None.

    The file of a daemon that has died does not count, even when another program has its port by now: that one shall
    not be sent the token.
    """
    endpoint = Endpoint.read(home or home_folder())
    if endpoint is None or not is_alive(endpoint.pid):
        return None
    return endpoint if answers(endpoint.address) else None


def target(endpoint: Endpoint) -> Target:
    """What is needed to speak to the daemon of an endpoint.

    Raises `DaemonUnavailableError` when its protocol is too old or its token cannot be read.
    """
    if endpoint.protocol_version < PROTOCOL_VERSION:
        raise DaemonUnavailableError(
            f"The daemon that runs (version {endpoint.daemon_version}) is older than this program; "
            "stop it with 'paints-undo stop' of its own version, and try again."
        )
    try:
        token = Path(endpoint.token_file).read_text(encoding="utf-8").strip()
        certificate = Path(endpoint.certificate_file).read_bytes() if endpoint.certificate_file else None
    except OSError as error:
        raise DaemonUnavailableError(f"The daemon's token cannot be read: {error}.") from error
    name = server_name(certificate.decode("ascii", "replace")) if certificate else ""
    return Target(endpoint.address, token, certificate, server_name=name)


def locate(home: Path | None = None, *, start: bool = True) -> Target:
    """Where the account's daemon is; it is started when none runs and `start` is set.

    Raises `DaemonUnavailableError`.
    """
    home = home or home_folder()
    endpoint = find(home)
    if endpoint is None and start:
        endpoint = start_daemon(home)
    if endpoint is None:
        raise DaemonUnavailableError("No daemon runs; start one with 'paints-undo serve'.")
    return target(endpoint)


def start_daemon(home: Path | None = None, seconds: float = START_SECONDS) -> Endpoint:
    """Start a daemon that outlives this program, and wait until it answers.

    Two programs that start one at the same time end with one daemon: the second daemon finds the first one's lock and
    leaves, and both programs find the first one's endpoint.

    Raises `DaemonUnavailableError` when it does not answer within `seconds`.
    """
    home = home or home_folder()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        daemon = _spawn(home)
    except OSError as error:
        raise DaemonUnavailableError(f"The daemon could not be started: {error}.") from error
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        endpoint = find(home)
        if endpoint is not None:
            return endpoint
        if daemon.poll() is not None:
            deadline = min(deadline, time.monotonic() + _PROBE_SECONDS)
        time.sleep(0.03)
    reason = _last_line(log_file(home))
    raise DaemonUnavailableError(
        f"A daemon was started but does not answer{': ' + reason if reason else ''} "
        f"(its log is {log_file(home)}; 'paints-undo doctor' may tell more)."
    )


def _spawn(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "paints_undo_daemon", "serve", "--detached"]
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


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs."""
    if sys.platform == "win32":
        import ctypes

        query_limited_information, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        code = ctypes.c_ulong()
        alive = bool(handle) and kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value == still_active
        if handle:
            kernel.CloseHandle(handle)
        return bool(alive)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def answers(address: str) -> bool:
    """Whether something listens at a gRPC target."""
    try:
        if address.startswith("unix:"):
            if sys.platform == "win32":
                return False
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(_PROBE_SECONDS)
                probe.connect(address.removeprefix("unix:"))
                return True
        host, _, port = address.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), _PROBE_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
