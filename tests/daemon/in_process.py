"""An executor that runs tasks in a thread of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers.executor import OnReport
from paints_undo_daemon.workers.tasks import TaskRunner


class InProcessExecutor:
    """Executes tasks in one thread. Imports engines into this process."""

    def __init__(self, store: Path, device: str) -> None:
        self._make: Callable[[], TaskRunner] = lambda: TaskRunner(store, device)
        self._runner: TaskRunner | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"executor-{device}")
        self._task_id = 0

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held in memory."""
        return self._runner.loaded if self._runner else frozenset()

    @property
    def running(self) -> bool:
        """Whether engines may be held."""
        return self._runner is not None

    async def prepare(self) -> bool:
        """Always."""
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        """Execute a task in the thread; reports are handed on in the event loop."""
        if self._runner is None:
            self._runner = self._make()
        self._task_id = task.task_id
        loop = asyncio.get_running_loop()
        runner = self._runner

        def hand_on(report: worker_pb2.Report) -> None:
            loop.call_soon_threadsafe(on_report, report)

        await loop.run_in_executor(self._thread, runner.run, task, hand_on)
        await asyncio.sleep(0)

    def cancel(self) -> None:
        """End the running task within its step."""
        if self._runner is not None:
            self._runner.control.cancel(self._task_id)

    async def stop(self) -> None:
        """End the running task and give back the engines."""
        self.cancel()
        runner, self._runner = self._runner, None
        if runner is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, runner.close)
