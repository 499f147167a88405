"""Starting and stopping the daemon."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from paints_undo_daemon.access.folders import make_private
from paints_undo_daemon.access.lock import AlreadyRunningError, HomeLock
from paints_undo_daemon.access.tls import days_left
from paints_undo_daemon.access.tokens import OWN_CLIENT, TokenBook, renew_own_token
from paints_undo_daemon.durable import is_disk_full
from paints_undo_daemon.errors import CallError
from paints_undo_daemon.home import Endpoint, audit_file, store_folder
from paints_undo_daemon.logs import start_logging
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.dispatcher import EXPORTS, FETCHES, HELPER, MODELS, READING, SIGNING, Dispatcher
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.server.allocation import keep_buffers
from paints_undo_daemon.server.audit import Audit
from paints_undo_daemon.server.connections import server_options
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.health import Health, watch_writer
from paints_undo_daemon.server.housekeeping import scrub_for_ever, sweep_for_ever
from paints_undo_daemon.server.interceptor import Gate
from paints_undo_daemon.server.listening import listen
from paints_undo_daemon.server.measures import MetricsCollector
from paints_undo_daemon.server.places import Limits, Places
from paints_undo_daemon.server.readiness import Readiness
from paints_undo_daemon.server.restart import start_anew
from paints_undo_daemon.server.seen import LastCalls
from paints_undo_daemon.server.services import add_services
from paints_undo_daemon.settings import AUTO, Settings
from paints_undo_daemon.store.opening import DATABASE, open_store
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.store.reserve import Reserve
from paints_undo_daemon.workers.confinement import Role
from paints_undo_daemon.workers.confinement.limits import default_memory
from paints_undo_daemon.workers.executor import Executor
from paints_undo_daemon.workers.subprocess_executor import SubprocessExecutor, WorkerSettings
from paints_undo_engine.descriptions import ENGINES

if TYPE_CHECKING:
    from paints_undo_daemon.cluster.cluster import Cluster

log = logging.getLogger(__name__)

_GRACE_SECONDS = 1.0
_HEALTH_SECONDS = 10.0
_IDLE_CHECK_SECONDS = 5.0
_ENDING_SECONDS, _LOCK_CHECK_SECONDS = 20.0, 0.1
"""How long a daemon that ends may take, and how often it is looked whether it has."""


def serve(settings: Settings) -> int:
    """Run the daemon until it is told to stop (SIGTERM, SIGINT, the stop call, or idleness when detached).

    Returns the exit code. Raises `SettingsError`, `StoreError` and `AlreadyRunningError`.
    """
    start_logging(settings.log_level, settings.log_format)
    keep_buffers()
    os.umask(0o077)
    make_private(settings.home)
    lock = _locked(settings)
    try:
        _renew_token(settings)
        broken = asyncio.run(_run(settings))
    finally:
        lock.release()
    return start_anew() if broken else 0


def _locked(settings: Settings) -> HomeLock:
    """The lock on the home folder. A daemon that a client has started waits for one that is about to end.

    Raises `AlreadyRunningError`.
    """
    lock, deadline = HomeLock(settings.home), time.monotonic() + _ENDING_SECONDS
    while True:
        try:
            lock.acquire()
        except AlreadyRunningError:
            # One that begins or ends says nowhere where it listens.
            endpoint = Endpoint.read(settings.home)
            serves = endpoint is not None and endpoint.is_alive()
            if not settings.detached or serves or time.monotonic() > deadline:
                raise
        else:
            return lock
        time.sleep(_LOCK_CHECK_SECONDS)


def _renew_token(settings: Settings) -> None:
    """Give the account a new token unless somebody may have copied it to another machine: where the daemon listens at a
    given address. There it is renewed when a daemon died before it could say so, for then others could take its place.
    """
    left_over = settings.listen != AUTO and Endpoint.read(settings.home) is not None
    if left_over:
        log.warning("The last daemon ended without saying so; the account's token is renewed, in case it has leaked.")
    if left_over or settings.listen == AUTO:
        try:
            renew_own_token(settings.home)
        except OSError as error:
            if not is_disk_full(error):
                raise
            log.warning("The disk is full: the account's token stays as it is.")


async def _run(settings: Settings) -> bool:
    """Serve; returns whether the daemon ended because something in it was broken."""
    store = store_folder(settings.home)
    make_private(store)
    files, database = await asyncio.to_thread(open_store, store, OWN_CLIENT)
    metrics = Metrics(settings.metrics_port)
    hub = Hub(metrics)

    def worker_settings(lane: str, device: str) -> WorkerSettings:
        return WorkerSettings(
            settings.home,
            store,
            device,
            settings.worker_threads,
            settings.heartbeat_timeout_seconds,
            settings.step_timeout_seconds,
            compiling=settings.compiling,
            attention=settings.attention,
            precision=settings.precision,
            gpl_encoders=settings.gpl_encoders,
            hardware_encoders=settings.hardware_encoders and lane == EXPORTS,
            role=_role(lane),
            memory_bytes=settings.worker_memory_bytes or default_memory(),
        )

    def make_executor(lane: str, device: str) -> Executor:
        return SubprocessExecutor(worker_settings(lane, device))

    dispatcher = Dispatcher(database, files, hub, settings, metrics, _lanes(settings), make_executor)
    cluster = _join(settings, dispatcher, files, worker_settings)
    nodes = (lambda: cluster.nodes) if cluster is not None else tuple
    core = Core(settings, database, files, hub, dispatcher, metrics, nodes)
    limits = Limits(settings.max_streams, settings.max_streams_per_client, settings.max_streams_per_connection)
    streams = Places("calls", limits)
    seen = LastCalls()
    audit = Audit(audit_file(settings.home) if settings.audit else None)
    server = grpc.aio.server(
        interceptors=[Gate(TokenBook(settings.home), streams, metrics, settings.stall_seconds, seen, audit)],
        options=server_options(settings),
    )
    try:
        readiness = Readiness()
        if cluster is not None:
            readiness.elsewhere = cluster.ready_engines
        health = await add_services(server, core, readiness)
        listening = listen(server, settings)
        await dispatcher.start()
    except BaseException:
        await server.stop(None)
        await asyncio.to_thread(database.close)
        raise
    metrics.gauge("jobs_waiting", "Jobs that have not ended.", lambda: dispatcher.jobs_waiting)
    metrics.gauge("workers_running", "Worker processes.", lambda: sum(one.running for one in dispatcher.executors))
    metrics.gauge("calls_running", "Calls that run.", lambda: streams.total)
    metrics.gauge("free_disk_bytes", "Free bytes where the store is.", core.free_disk_bytes)
    if listening.certificate is not None:
        certificate = listening.certificate
        metrics.gauge("certificate_days_left", "Days until the certificate ends.", lambda: days_left(certificate))
    metrics.collect(MetricsCollector(store / DATABASE, core.nodes))
    metrics.start(_asker(health, asyncio.get_running_loop()))
    _on_signals(core.stopping)
    await server.start()
    log.info("The daemon listens on %s.", listening.bound)
    if metrics.port >= 0:
        log.info("Metrics are on http://127.0.0.1:%d/metrics.", metrics.port)
    try:
        _announce(listening.endpoint, settings.home, dispatcher.reserve)
    except BaseException:
        await asyncio.gather(server.stop(None), dispatcher.stop())
        listening.close()
        metrics.stop()
        await asyncio.to_thread(database.close)
        raise
    background = [asyncio.create_task(work(core)) for work in (sweep_for_ever, scrub_for_ever, watch_writer)]
    background.append(asyncio.create_task(seen.store_for_ever(core)))
    if cluster is not None:
        background.append(asyncio.create_task(cluster.follow()))
    if settings.detached:
        background.append(asyncio.create_task(_end_when_idle(core, streams)))
    await core.stopping.wait()
    log.info("The daemon stops.")
    with contextlib.suppress(PermissionError):  # held open for long; clients see that the process is gone
        Endpoint.remove(settings.home, os.getpid())
    for task in background:
        task.cancel()
    await health.enter_graceful_shutdown()
    await asyncio.gather(server.stop(_GRACE_SECONDS), dispatcher.stop())
    if cluster is not None:
        await cluster.close()
    listening.close()
    metrics.stop()
    with contextlib.suppress(CallError):
        await seen.store(core)
    audit.close()
    await asyncio.to_thread(database.close)
    return core.broken.is_set()


def _join(
    settings: Settings, dispatcher: Dispatcher, files: PictureFiles, make: Callable[[str, str], WorkerSettings]
) -> Cluster | None:
    """The cluster on which jobs run; None where they run here. Raises `ClusterError`."""
    if settings.executor != "ray":
        return None
    from paints_undo_daemon.cluster.cluster import Cluster

    return Cluster(settings, dispatcher, files, make)


def _asker(health: Health, loop: asyncio.AbstractEventLoop) -> Callable[[], bool]:
    """Asks after the health from another thread; a loop that answers nothing for `_HEALTH_SECONDS` serves nobody."""

    def is_serving() -> bool:
        try:
            return asyncio.run_coroutine_threadsafe(health.is_serving(), loop).result(_HEALTH_SECONDS)
        except (TimeoutError, RuntimeError, concurrent.futures.CancelledError):
            return False

    return is_serving


def _announce(endpoint: Endpoint, home: Path, reserve: Reserve) -> None:
    """Tell clients where the daemon is, on a full disk with the room that was kept back. Raises `OSError`."""
    try:
        endpoint.write(home)
    except OSError as error:
        if not (is_disk_full(error) and reserve.give_up()):
            raise
        endpoint.write(home)


def _lanes(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The devices of the workers here; a cluster's places for the engines come and go with its nodes."""
    accelerators = settings.devices or _accelerators() or ("auto",)
    processors = ("cpu",) * settings.procedural_workers
    if settings.executor == "ray":
        accelerators = processors = ()
    return {
        **{engine.name: accelerators if engine.needs_accelerator else processors for engine in ENGINES},
        HELPER: ("cpu",),
        EXPORTS: ("cpu",) * settings.export_workers,
        SIGNING: ("cpu",),
        FETCHES: ("cpu",),
        READING: ("cpu",),
        MODELS: ("cpu",),
    }


def _role(lane: str) -> Role:
    """What the workers of a lane may do: more where they drive a device or load models of their own."""
    if lane == MODELS:
        return Role.DOWNLOADS
    trusted = {engine.name for engine in ENGINES if not engine.is_confined}
    return Role.DEVICE if lane in trusted else Role.CONFINED


def _accelerators() -> tuple[str, ...]:
    """The NVIDIA devices of a Linux machine, told without loading anything."""
    count = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    return tuple(f"cuda:{index}" for index in range(count))


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows, where Ctrl-C would else tear the daemon down half way
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))


async def _end_when_idle(core: Core, streams: Places) -> None:
    """A daemon that a client started ends after a while without job and call."""
    idle_since = time.monotonic()
    while True:
        await asyncio.sleep(min(_IDLE_CHECK_SECONDS, core.settings.idle_exit_seconds))
        if core.dispatcher.busy or streams.total:
            idle_since = time.monotonic()
        idle_since = max(idle_since, streams.last_active)
        if time.monotonic() - idle_since >= core.settings.idle_exit_seconds:
            log.info("Nobody has needed the daemon for a while.")
            core.stopping.set()
