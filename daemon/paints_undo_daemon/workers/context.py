"""What a worker's tasks work with: what the worker keeps between them, and what belongs to one of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_engine.contract import Engine

if TYPE_CHECKING:
    from paints_undo_daemon.workers.loading import Pictures

Send = Callable[[worker_pb2.Report], None]


class CancelledError(Exception):
    """The task was cancelled."""


class Resources:
    """What a worker keeps between its tasks: its device, its threads, its engines and the paintings it has decoded."""

    def __init__(self, store: Path, device: str, *, decodes: bool) -> None:
        self.device = device
        self._decodes = decodes
        self.pool = ThreadPoolExecutor(2, thread_name_prefix="pictures")
        self._files = PictureFiles(store)
        self._engines: dict[str, Engine] = {}

    @cached_property
    def pictures(self) -> Pictures:
        """The store's pictures; what decodes them is imported when they are first asked for."""
        from paints_undo_daemon.workers.loading import Pictures

        return Pictures(self._files, decodes=self._decodes)

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held."""
        return frozenset(self._engines)

    def engine(self, name: str) -> Engine:
        """The engine of this name, made when it is first asked for. Raises `EngineUnavailableError`."""
        if name not in self._engines:
            from paints_undo_engine import engines

            settings = engines.EngineSettings(
                self.device,
                compiling=os.environ.get("PAINTS_UNDO_COMPILING", "auto"),
                attention=os.environ.get("PAINTS_UNDO_ATTENTION", "auto"),
                precision=os.environ.get("PAINTS_UNDO_PRECISION", "auto"),
            )
            self._engines[name] = engines.load(name, settings)
        return self._engines[name]

    def close(self) -> None:
        """Give back engines and threads."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()
        self.pool.shutdown(cancel_futures=True)


class RunControl:
    """What the worker's threads share: which task is to end, and when the running one last gave a sign of life."""

    def __init__(self) -> None:
        self._cancelled = 0
        self._last_step = time.monotonic()

    def cancel(self, task_id: int) -> None:
        """End a task within its step, also one that has not begun yet."""
        self._cancelled = task_id

    def is_cancelled(self, task_id: int) -> bool:
        """Whether a task is to end."""
        return self._cancelled == task_id

    def alive(self) -> None:
        """The running task has done a step."""
        self._last_step = time.monotonic()

    @property
    def seconds_since_step(self) -> float:
        """Since the running task's last sign of life."""
        return time.monotonic() - self._last_step


class TaskContext:
    """One task of a worker: what it may use, whom it tells, and whether it is to go on."""

    def __init__(self, resources: Resources, control: RunControl, task_id: int, send: Send) -> None:
        self._resources = resources
        self._control = control
        self._task_id = task_id
        self._send = send

    @property
    def device(self) -> str:
        """The device's name, such as ``cpu`` or ``cuda:0``."""
        return self._resources.device

    @property
    def pool(self) -> ThreadPoolExecutor:
        """Threads for what can run beside the engine."""
        return self._resources.pool

    @property
    def pictures(self) -> Pictures:
        """The store's pictures."""
        return self._resources.pictures

    def engine(self, name: str) -> Engine:
        """The engine of this name, made when it is first asked for. Raises `EngineUnavailableError`."""
        return self._resources.engine(name)

    def emit(self, **kind: Any) -> None:
        """Report one thing, named as in `worker_pb2.Report`. It is a sign of life too."""
        self.alive()
        self._send(worker_pb2.Report(task_id=self._task_id, **kind))

    def finish(self, record: jobs_pb2.UnitRecord | None = None) -> None:
        """Report that the task went well; a unit with its record."""
        self.emit(done=record or jobs_pb2.UnitRecord())

    def alive(self) -> None:
        """The task has done a step that is not reported."""
        self._control.alive()

    def check_cancelled(self) -> None:
        """Raise `CancelledError` when the task is to end."""
        if self._control.is_cancelled(self._task_id):
            raise CancelledError
