"""Health that is tried, not claimed: a write that reaches the disk, a task that a worker answers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from grpc_health.v1 import health, health_pb2

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.errors import CallError, ResourceExhaustedError
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.readiness import Readiness
from paints_undo_engine.descriptions import ENGINE_NAMES

log = logging.getLogger(__name__)

ENGINE_HEALTH = "paints_undo.engine."
_CLIENT = "health"
_STORE_SECONDS, _STORE_FRESH = 5.0, 2.0
_WORKER_SECONDS, _WORKER_FRESH = 30.0, 60.0
_LOOK_SECONDS = 1.0
_BEAT_SECONDS = 30.0


class Health(health.aio.HealthServicer):  # type: ignore[misc]
    """gRPC health. Asking for the server or a service tries a write, asking for an engine one of its workers.

    What was tried counts for two seconds for a write, for a minute for a worker. A worker that is at work is watched
    by its own heartbeat and not asked.
    """

    def __init__(self, core: Core, readiness: Readiness, services: Sequence[str]) -> None:
        super().__init__()
        self._core = core
        self._readiness = readiness
        self._services = ("", *services)
        self._ready = dict.fromkeys(ENGINE_NAMES, False)
        self._tried: dict[str, float] = {}
        self._answers = dict.fromkeys(ENGINE_NAMES, True)
        self._stopping = False
        self._serving = True

    async def begin(self) -> None:
        """Tell the first states; from here on the engines' readiness is followed."""
        for name in self._services:
            await self._tell(name, True)
        self._readiness.changed = self._engine_changed
        await self._readiness.look()

    async def Check(self, request: health_pb2.HealthCheckRequest, context: Any) -> Any:
        """Try what is asked for, then answer."""
        engine = request.service.removeprefix(ENGINE_HEALTH)
        if not self._stopping:
            if request.service in self._services:
                await self._once(request.service, _STORE_FRESH, self._try_store)
            elif self._ready.get(engine):
                await self._once(request.service, _WORKER_FRESH, lambda: self._try_worker(engine))
        return await super().Check(request, context)

    async def is_serving(self) -> bool:
        """Whether the store takes writes, tried as `Check` does; not any more once the daemon stops."""
        if not self._stopping:
            await self._once("", _STORE_FRESH, self._try_store)
        return self._serving and not self._stopping

    async def enter_graceful_shutdown(self) -> None:
        """Nothing is served from here on."""
        self._stopping = True
        await super().enter_graceful_shutdown()

    async def _once(self, name: str, fresh: float, attempt: Callable[[], Awaitable[None]]) -> None:
        now = time.monotonic()
        if now - self._tried.get(name, float("-inf")) >= fresh:
            self._tried[name] = now
            await attempt()

    async def _try_store(self) -> None:
        serving = True
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                await self._core.database.beat()
        except (CallError, TimeoutError) as error:
            log.warning("The store does not take writes: %s", error or "no answer")
            serving = False
        self._serving = serving
        for name in self._services:
            await self._tell(name, serving)

    async def _try_worker(self, engine: str) -> None:
        if self._core.dispatcher.works(engine):
            return
        task = worker_pb2.Task(ping=worker_pb2.Ping())
        try:
            async with asyncio.timeout(_WORKER_SECONDS):
                await self._core.dispatcher.call(task, _CLIENT, "", _ignore, engine)
            self._answers[engine] = True
        except (CallError, TimeoutError) as error:
            log.warning("No worker of the engine %s answers: %s", engine, error or "no answer")
            self._answers[engine] = False
        await self._tell_engine(engine)

    async def _engine_changed(self, engine: str, ready: bool) -> None:
        self._ready[engine] = ready
        await self._tell_engine(engine)

    async def _tell_engine(self, engine: str) -> None:
        await self._tell(ENGINE_HEALTH + engine, self._ready[engine] and self._answers[engine])

    async def _tell(self, name: str, serving: bool) -> None:
        if not self._stopping:
            status = health_pb2.HealthCheckResponse
            await self.set(name, status.SERVING if serving else status.NOT_SERVING)


def _ignore(report: worker_pb2.Report) -> None:
    """The end of the task is answer enough."""


async def watch_writer(core: Core) -> None:
    """End the daemon, to start anew, when the store's writing thread has ended or answers no more."""
    seconds = core.settings.write_timeout_seconds
    beaten = time.monotonic()
    while core.database.alive:
        await asyncio.sleep(min(_LOOK_SECONDS, seconds))
        if time.monotonic() - beaten < min(_BEAT_SECONDS, seconds):
            continue
        try:
            async with asyncio.timeout(seconds):
                await core.database.try_writer()
        except TimeoutError as error:
            log.critical("The thread that writes to the store has not answered for %.0f seconds.", seconds)
            core.database.abandon(error)
        except ResourceExhaustedError:
            log.warning("The disk is full: nothing can be written to the store.")
        except CallError as error:
            log.error("The store does not take writes: %s", error)
        beaten = time.monotonic()
    log.critical("Nothing can be written to the store: the daemon starts again.")
    core.broken.set()
    core.stopping.set()
