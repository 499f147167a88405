"""Starting and stopping the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from pathlib import Path

import grpc

from paints_undo_daemon.access.addresses import Address, parse_address
from paints_undo_daemon.access.lock import HomeLock
from paints_undo_daemon.access.tokens import TokenBook
from paints_undo_daemon.errors import CallError
from paints_undo_daemon.home import PROTOCOL_VERSION, Endpoint, store_folder, token_file
from paints_undo_daemon.logs import start_logging
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.dispatcher import HELPER, MODELS, Dispatcher
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.health import watch_writer
from paints_undo_daemon.server.interceptor import Gate, Streams
from paints_undo_daemon.server.readiness import Readiness
from paints_undo_daemon.server.restart import start_anew
from paints_undo_daemon.server.services import add_services
from paints_undo_daemon.settings import Settings, SettingsError
from paints_undo_daemon.store import retention
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.executor import Executor
from paints_undo_daemon.workers.subprocess_executor import SubprocessExecutor, WorkerSettings
from paints_undo_engine import __version__
from paints_undo_engine.descriptions import ENGINES

log = logging.getLogger(__name__)

_GRACE_SECONDS = 1.0
_IDLE_CHECK_SECONDS = 5.0
_STREAMS_TO_REFUSE = 64
"""Calls above the limit that a connection may still open, so that they are refused and do not wait in silence."""


def serve(settings: Settings) -> int:
    """Run the daemon until it is told to stop (SIGTERM, SIGINT, the stop call, or idleness when detached).

    Returns the exit code. Raises `SettingsError` and `AlreadyRunningError`.
    """
    start_logging(settings.log_level)
    os.umask(0o077)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = HomeLock(settings.home)
    lock.acquire()
    try:
        broken = asyncio.run(_run(settings))
    finally:
        lock.release()
    return start_anew() if broken else 0


async def _run(settings: Settings) -> bool:
    """Serve; returns whether the daemon ended because something in it was broken."""
    store = store_folder(settings.home)
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = PictureFiles(store)
    await asyncio.to_thread(files.prepare)
    database = Database(store / "jobs.sqlite3")
    metrics = Metrics(settings.metrics_port)
    hub = Hub(metrics)

    def make_executor(device: str) -> Executor:
        return SubprocessExecutor(
            WorkerSettings(
                settings.home,
                store,
                device,
                settings.worker_threads,
                settings.heartbeat_timeout_seconds,
                settings.step_timeout_seconds,
                settings.compiling,
                settings.attention,
            )
        )

    dispatcher = Dispatcher(database, files, hub, settings, metrics, _lanes(settings), make_executor)
    core = Core(settings, database, files, hub, dispatcher, metrics)
    streams = Streams(settings)
    server = grpc.aio.server(
        interceptors=[Gate(TokenBook(settings.home), streams, metrics)], options=_options(settings)
    )
    health = await add_services(server, core, Readiness())
    endpoint = _bind(server, settings)
    await dispatcher.start()
    metrics.gauge("jobs_waiting", "Jobs that have not ended.", lambda: dispatcher.jobs_waiting)
    metrics.gauge("workers_running", "Worker processes.", lambda: sum(one.running for one in dispatcher.executors))
    metrics.gauge("calls_running", "Calls that run.", lambda: streams.total)
    metrics.gauge("free_disk_bytes", "Free bytes where the store is.", core.free_disk_bytes)
    metrics.start()
    await server.start()
    endpoint.write(settings.home)
    _on_signals(core.stopping)
    log.info("The daemon listens on %s.", endpoint.address)
    if metrics.port >= 0:
        log.info("Metrics are on http://127.0.0.1:%d/metrics.", metrics.port)
    background = [asyncio.create_task(_sweep(core)), asyncio.create_task(watch_writer(core))]
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
    metrics.stop()
    await asyncio.to_thread(database.close)
    return core.broken.is_set()


def _lanes(settings: Settings) -> dict[str, tuple[str, ...]]:
    accelerators = settings.devices or _accelerators() or ("auto",)
    processors = ("cpu",) * settings.procedural_workers
    return {
        **{engine.name: accelerators if engine.needs_accelerator else processors for engine in ENGINES},
        HELPER: ("cpu",) * settings.helper_workers,
        MODELS: ("cpu",),
    }


def _accelerators() -> tuple[str, ...]:
    """The NVIDIA devices of a Linux machine, told without loading anything."""
    count = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    return tuple(f"cuda:{index}" for index in range(count))


def _options(settings: Settings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.max_concurrent_streams", settings.max_streams + _STREAMS_TO_REFUSE),
    ]


def _bind(server: grpc.aio.Server, settings: Settings) -> Endpoint:
    """Open the port and describe it. Raises `SettingsError`."""
    address = parse_address(settings.listen)
    certificate = ""
    protected = settings.tls or bool(settings.certificate)
    if not address.is_local and not protected:
        raise SettingsError("Beyond this machine the daemon listens only with TLS: set tls or a certificate.")
    port = 0
    try:
        if protected:
            from paints_undo_daemon.access.tls import server_certificate

            chain, key, file = server_certificate(settings, address)
            certificate = str(file)
            port = server.add_secure_port(address.target(), grpc.ssl_server_credentials([(key, chain)]))
        else:
            _clear_socket(address)
            port = server.add_insecure_port(address.target())
    except RuntimeError as error:
        raise SettingsError(f"The daemon cannot listen on {settings.listen}: {error}") from error
    if address.path:
        Path(address.path).chmod(0o600)
    return Endpoint(
        address=address.from_here(port),
        pid=os.getpid(),
        start_time=time.time(),
        daemon_version=__version__,
        protocol_version=PROTOCOL_VERSION,
        token_file=str(token_file(settings.home)),
        certificate_file=certificate,
    )


def _clear_socket(address: Address) -> None:
    """The lock is ours, so a socket file that is there is left over."""
    path = Path(address.path)
    if address.path and path.is_socket():
        path.unlink()


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


async def _sweep(core: Core) -> None:
    """Throw away what is too old or too much, now and then."""
    settings = core.settings
    keep = retention.Keep(settings.keep_jobs_seconds, settings.max_store_bytes, settings.picture_grace_seconds)
    while True:
        await asyncio.sleep(settings.sweep_interval_seconds)
        try:
            await retention.sweep(core.database, core.files, keep)
        except (CallError, OSError):
            log.exception("The sweep could not finish.")


async def _end_when_idle(core: Core, streams: Streams) -> None:
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
