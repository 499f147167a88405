"""Keeping a connection: find the daemon, start one when none runs, connect, notice a loss, connect again."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..core import launch, log
from ..core.connection import Problem, State, Status
from ..core.home import PROTOCOL_VERSION, Endpoint, read_endpoint
from .channel import CallError
from .daemon import Daemon

START_SECONDS = 30.0
PULSE_SECONDS = 10.0


@dataclass(frozen=True)
class Target:
    """Where to look: a remote daemon, or this machine's by its home folder; `program` runs `paints-undo`."""

    home: Path
    remote: str = ""
    token: str = ""
    fingerprint: str = ""
    program: launch.Program | None = None
    version: str = ""


class Supervisor:
    """Lives in the loop's thread. `report` hears every change of the status."""

    def __init__(self, report: Callable[[Status], None]) -> None:
        self._report = report
        self._status = Status()
        self._daemon: Daemon | None = None
        self._lock = asyncio.Lock()

    @property
    def daemon(self) -> Daemon | None:
        """The connected daemon, if any."""
        return self._daemon

    @property
    def status(self) -> Status:
        """The status as the loop's thread knows it."""
        return self._status

    async def ensure(self, target: Target, start: bool) -> Daemon:
        """A connected daemon: the present one, one that runs, or (with `start`) one that is started now.

        Raises `CallError`; the status then says what is wrong and what to do.
        """
        async with self._lock:
            if self._daemon is not None and self._status.connected:
                return self._daemon
            self._drop()
            endpoint = self._endpoint(target)
            if endpoint is not None:
                try:
                    return await self._connect(endpoint, target)
                except CallError as error:
                    if target.remote or error.problem is not Problem.UNREACHABLE or not start:
                        self._fail(error, endpoint.address, bool(target.remote), target)
                        raise
            if not start:
                self._set(Status(State.STOPPED if target.program else State.NOT_INSTALLED))
                raise CallError("UNAVAILABLE", "No daemon is running.")
            return await self._start(target)

    async def pulse(self, target: Target) -> None:
        """Ask the daemon for a sign of life for ever; on a loss, connect again, starting a daemon if there was one."""
        while True:
            await asyncio.sleep(PULSE_SECONDS if self._status.connected else 1.0)
            if self._daemon is None:
                continue
            try:
                server = await self._daemon.info(target.version)
                if server != self._status.server:
                    self._set(replace(self._status, server=server))
            except CallError:
                self.lost()

    def lost(self) -> None:
        """The connection is gone: the next `ensure` makes a new one."""
        if self._daemon is not None:
            self._drop()
            self._set(replace(self._status, state=State.RECONNECTING))

    def close(self) -> None:
        """End the connection; the daemon lives on."""
        self._drop()
        self._set(Status())

    def _endpoint(self, target: Target) -> Endpoint | None:
        if target.remote:
            return Endpoint(target.remote, target.token, fingerprint=target.fingerprint)
        return read_endpoint(target.home)

    async def _connect(self, endpoint: Endpoint, target: Target) -> Daemon:
        if endpoint.protocol_version != PROTOCOL_VERSION:
            self._set(Status(State.FAILED, Problem.VERSION, address=endpoint.address))
            raise CallError("UNIMPLEMENTED", "The daemon speaks another protocol version.")
        if self._status.state is not State.STARTING:
            self._set(replace(self._status, state=State.CONNECTING, problem=Problem.NONE, address=endpoint.address))
        self._daemon, server = await Daemon.connect(endpoint, target.version)
        self._set(Status(State.CONNECTED, address=endpoint.address, server=server))
        return self._daemon

    async def _start(self, target: Target) -> Daemon:
        if not target.program:
            self._set(Status(State.NOT_INSTALLED))
            raise CallError("FAILED_PRECONDITION", "No daemon is installed.")
        self._set(Status(State.STARTING))
        log.LOGGER.info("starting %s", " ".join(target.program.command))
        tail = target.home / "krita" / "daemon-start.log"
        try:
            process = spawn(target.program, target.home, tail)
        except OSError as error:
            self._set(Status(State.FAILED, Problem.START, str(error)))
            raise CallError("UNAVAILABLE", str(error)) from error
        end = asyncio.get_running_loop().time() + START_SECONDS
        while asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)
            endpoint = read_endpoint(target.home)
            if endpoint is not None:
                try:
                    return await self._connect(endpoint, target)
                except CallError as error:
                    if error.problem is not Problem.UNREACHABLE:
                        self._fail(error, endpoint.address, False, target)
                        raise
            if process.poll() not in (None, 0):
                break
        words = last_words(tail)
        self._set(Status(State.FAILED, Problem.START, words))
        raise CallError("UNAVAILABLE", words or "The daemon did not start in time.")

    def _fail(self, error: CallError, address: str, remote: bool, target: Target) -> None:
        if error.problem is Problem.UNREACHABLE and not remote:
            self._set(Status(State.STOPPED if target.program else State.NOT_INSTALLED))
        else:
            self._set(Status(State.FAILED, error.problem, error.detail, address))

    def _drop(self) -> None:
        if self._daemon is not None:
            self._daemon.close()
            self._daemon = None

    def _set(self, status: Status) -> None:
        if status != self._status:
            self._status = status
            self._report(status)


def spawn(program: launch.Program, home: Path, output: Path) -> subprocess.Popen[bytes]:
    """Start a daemon that outlives this process. Raises OSError."""
    output.parent.mkdir(parents=True, exist_ok=True)
    environment = launch.start_environment(program, home, os.environ)
    with output.open("wb") as sink:
        return subprocess.Popen(  # noqa: S603
            launch.start_command(program),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=str(home),
            env=environment,
            **launch.detached(),
        )


def last_words(path: Path) -> str:
    """The last line that a daemon wrote before it gave up."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""
