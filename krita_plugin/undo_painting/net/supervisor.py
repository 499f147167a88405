"""Keeping a connection: find the daemon, start one when none runs, connect, notice a loss, connect again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core import launch, log
from ..core.connection import ConnectionState, ConnectionStatus, Problem, Server
from ..core.home import Endpoint, read_endpoint
from ..core.launch import DaemonTarget
from ..core.translate import tr
from .errors import CallError
from .proof import process_start

if TYPE_CHECKING:
    from .daemon import Daemon

START_SECONDS = 180.0
"""For one that is starting: on a busy machine it takes a minute. One that has given up is told at once."""
STOP_SECONDS = 40.0
LEAVE_SECONDS = 3.0  # from the end of the service to the end of the process, where that cannot be seen
PULSE_SECONDS = 10.0
RETRY_SECONDS = 30.0


class Supervisor:
    """Lives in the loop's thread. `report` hears every change of the status."""

    def __init__(self, report: Callable[[ConnectionStatus], None]) -> None:
        self._report = report
        self._status = ConnectionStatus()
        self._daemon: Daemon | None = None
        self._lock = asyncio.Lock()

    @property
    def daemon(self) -> Daemon | None:
        """The connected daemon, if any."""
        return self._daemon

    @property
    def status(self) -> ConnectionStatus:
        """The status as the loop's thread knows it."""
        return self._status

    async def ensure(self, target: DaemonTarget, start: bool) -> Daemon:
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
                self._set(
                    ConnectionStatus(ConnectionState.STOPPED if target.program else ConnectionState.NOT_INSTALLED)
                )
                raise CallError("UNAVAILABLE", "No daemon is running.")
            return await self._start(target)

    async def pulse(self, target: Callable[[], DaemonTarget]) -> None:
        """Ask the daemon for a sign of life for ever; connect again after a loss, and to one that comes up. Starts
        none."""
        pause = 1.0
        while True:
            await asyncio.sleep(PULSE_SECONDS if self._status.connected else pause)
            pause = min(pause * 2, RETRY_SECONDS)
            try:
                await self.beat(target())
                pause = 1.0
            except CallError as error:
                log.LOGGER.debug("pulse: %s", error)

    async def beat(self, target: DaemonTarget) -> None:
        """Ask once: for what the daemon can do now, or whether there is one again. Raises `CallError`."""
        if self._daemon is None or not self._status.connected:
            if self._status.problem in (Problem.NONE, Problem.UNREACHABLE):
                await self.ensure(target, False)
            return
        try:
            server = await self._daemon.info(target.version)
        except CallError:
            self.lost()
            return
        if self._status.connected and server != self._status.server:
            self._set(replace(self._status, server=server))

    @contextlib.asynccontextmanager
    async def stopped(self, home: Path) -> AsyncIterator[None]:
        """End this machine's daemon, so that its files may be replaced; every `ensure` waits until the block is left.

        Unfinished jobs go on after its next start. Raises `CallError` when it does not end.
        """
        async with self._lock:
            self.close()
            await end_daemon(home)
            yield

    def lost(self) -> None:
        """The connection is gone: the next `ensure` makes a new one."""
        if self._daemon is not None:
            self._drop()
            self._set(replace(self._status, state=ConnectionState.RECONNECTING))

    async def disconnect(self) -> None:
        """End the connection once no attempt at one runs: what that one finds would be of the old target."""
        async with self._lock:
            self.close()

    def close(self) -> None:
        """End the connection, if there is one; the daemon lives on."""
        self._drop()
        self._set(ConnectionStatus())

    def _endpoint(self, target: DaemonTarget) -> Endpoint | None:
        if target.remote:
            return Endpoint(target.remote, target.token, fingerprint=target.fingerprint)
        return running_endpoint(target.home)

    async def _connect(self, endpoint: Endpoint, target: DaemonTarget) -> Daemon:
        if self._status.state is not ConnectionState.STARTING:
            self._set(
                replace(self._status, state=ConnectionState.CONNECTING, problem=Problem.NONE, address=endpoint.address)
            )
        self._daemon, server = await connect(endpoint, target.version)
        self._set(ConnectionStatus(ConnectionState.CONNECTED, address=endpoint.address, server=server))
        return self._daemon

    async def _start(self, target: DaemonTarget) -> Daemon:
        if not target.program:
            self._set(ConnectionStatus(ConnectionState.NOT_INSTALLED))
            raise CallError("FAILED_PRECONDITION", "No daemon is installed.")
        self._set(ConnectionStatus(ConnectionState.STARTING))
        log.LOGGER.info("starting %s", " ".join(target.program.command))
        tail = target.home / "krita" / "daemon-start.log"
        try:
            process = spawn(target.program, target.home, tail)
        except OSError as error:
            self._set(ConnectionStatus(ConnectionState.FAILED, Problem.START, str(error)))
            raise CallError("UNAVAILABLE", str(error)) from error
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(0.1)
            endpoint = self._endpoint(target)
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
        self._set(ConnectionStatus(ConnectionState.FAILED, Problem.START, words))
        raise CallError("UNAVAILABLE", words or "The daemon did not start in time.")

    def _fail(self, error: CallError, address: str, remote: bool, target: DaemonTarget) -> None:
        if error.problem is Problem.UNREACHABLE and not remote:
            self._set(ConnectionStatus(ConnectionState.STOPPED if target.program else ConnectionState.NOT_INSTALLED))
        else:
            self._set(ConnectionStatus(ConnectionState.FAILED, error.problem, error.detail, address))

    def _drop(self) -> None:
        if self._daemon is not None:
            self._daemon.close()
            self._daemon = None

    def _set(self, status: ConnectionStatus) -> None:
        if status != self._status:
            self._status = status
            self._report(status)


def running_endpoint(home: Path) -> Endpoint | None:
    """The endpoint of the daemon that runs, None when there is none or its process is another one by now. In a sandbox
    processes cannot be seen; there its socket or its key alone must prove it."""
    found = read_endpoint(home)
    if found is None or launch.sandboxed() or process_start(found.pid) == found.process_start != "":
        return found
    return None


def spawn(program: launch.Program, home: Path, output: Path) -> subprocess.Popen[bytes]:
    """Start a daemon that outlives this process. Raises OSError."""
    output.parent.mkdir(parents=True, exist_ok=True)
    environment = launch.start_environment(program, home, os.environ)
    with output.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603
            launch.start_command(program),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=str(home),
            env=environment,
            **launch.start_options(),
        )
    launch.yield_to_artist(process.pid)
    return process


def last_words(path: Path) -> str:
    """The last line that a daemon wrote before it gave up."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""


def load() -> type[Daemon]:
    """Load the network libraries: a quarter of a second, and more when Python compiles them. In this thread, and not
    with the supervisor."""
    from .daemon import Daemon

    return Daemon


async def connect(endpoint: Endpoint, version: str) -> tuple[Daemon, Server]:
    """Connect. Raises `CallError`."""
    return await load().connect(endpoint, version)


async def end_daemon(home: Path) -> None:
    """Ask this machine's daemon to end and wait until it has. Raises `CallError` when it does not in time."""
    endpoint = running_endpoint(home)
    if endpoint is None:
        return
    try:
        daemon, _ = await connect(endpoint, "")
        try:
            await daemon.stop()
        finally:
            daemon.close()
    except CallError as error:
        log.LOGGER.info("no daemon to stop: %s", error)
        if error.problem is Problem.UNREACHABLE:
            return
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        now = read_endpoint(home)
        if now is None or now.pid != endpoint.pid:
            end = min(end, time.monotonic() + LEAVE_SECONDS)
        if launch.certainly_dead(endpoint.pid):
            return
        await asyncio.sleep(0.1)
    now = read_endpoint(home)
    if now is not None and now.pid == endpoint.pid:
        raise CallError("UNAVAILABLE", tr("Undo Painting's program does not end; stop it and try again."))
