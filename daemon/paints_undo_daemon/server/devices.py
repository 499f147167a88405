"""What devices this machine has: asked once, of a process of its own, so that the front needs no torch."""

from __future__ import annotations

import asyncio
import logging
import os
from importlib.util import find_spec

from paints_undo.v1 import server_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.home import store_folder
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.workers.executor import WorkerDiedError
from paints_undo_daemon.workers.subprocess_executor import SubprocessExecutor, WorkerSettings

log = logging.getLogger(__name__)


class Devices:
    """`known` answers at once, with the CPU alone until the process has told more."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._known = [server_pb2.Device(device_id="cpu", name=f"CPU with {os.cpu_count()} cores")]
        self._asking: asyncio.Task[None] | None = None

    def known(self) -> list[server_pb2.Device]:
        """The devices that are known; the first call begins to ask for more."""
        if self._asking is None and find_spec("torch") is not None:
            self._asking = asyncio.create_task(self._ask())
        return self._known

    async def _ask(self) -> None:
        settings = self._core.settings
        timeouts = settings.heartbeat_timeout_seconds, settings.step_timeout_seconds
        executor = SubprocessExecutor(WorkerSettings(settings.home, store_folder(settings.home), "cpu", 1, *timeouts))

        def on_report(report: worker_pb2.Report) -> None:
            if report.HasField("description"):
                self._known = list(report.description.devices)
            elif report.HasField("failure"):
                log.warning("The devices could not be told: %s", report.failure.message)

        try:
            await executor.execute(worker_pb2.Task(task_id=1, describe=worker_pb2.Describe()), on_report)
        except WorkerDiedError as error:
            log.warning("The devices could not be told: %s", error)
        finally:
            await executor.stop()
