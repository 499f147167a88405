"""An executor that runs tasks in a process of its own: a crash costs the task, and stopping gives all memory back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import DecodeError

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.workers import framing
from paints_undo_daemon.workers.confinement import Role, make_figures_folder
from paints_undo_daemon.workers.executor import OnReport, WorkerDiedError

log = logging.getLogger(__name__)

_LAST_LINES = 20
_STOP_SECONDS = 5.0
_FROM_OUTSIDE = frozenset(
    getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)
"""What ends a process from outside; SIGSEGV, SIGABRT and the like are a process' own doing."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """A worker is ended after `heartbeat_timeout` seconds without any sign of life, `step_timeout` without a step.

    `role` decides what it may do, `memory_bytes` how much memory it may take (0: no ceiling).
    """

    home: Path
    store: Path
    device: str
    threads: int
    heartbeat_timeout: float
    step_timeout: float
    compiling: str = "auto"
    attention: str = "auto"
    precision: str = "auto"
    gpl_encoders: bool = True
    hardware_encoders: bool = False
    role: Role = Role.CONFINED
    memory_bytes: int = 0


class SubprocessExecutor:
    """Starts its worker when the first task comes, and again after it has died."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._log_reader: asyncio.Task[None] | None = None
        self._loaded: set[str] = set()
        self._task_id = 0
        self._sent = False
        self._cancelled = False
        self._heard = 0.0
        self._silent = False
        self._job_id = ""

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held in memory."""
        return frozenset(self._loaded)

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The worker's process number, while it lives."""
        return self._process.pid if self._process is not None and self.running else None

    async def prepare(self) -> bool:
        """Always: the process is started when a task comes."""
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        """Execute a task. Raises `WorkerDiedError`."""
        self._job_id = task.job_id
        self._task_id = task.task_id
        self._sent = self._cancelled = False
        begun = False
        watch: asyncio.Task[None] | None = None
        try:
            process = await self._started()
            self._heard, self._silent = time.monotonic(), False
            watch = asyncio.create_task(self._watch(process))
            await self._send(process, worker_pb2.ToWorker(task=task))
            self._sent = True
            if self._cancelled:
                self.cancel()
            while True:
                report = await self._report(process)
                if report.task_id != task.task_id:
                    continue
                begun = True
                self._note(task, report)
                on_report(report)
                if report.WhichOneof("kind") in ("done", "failure"):
                    return
        except (TimeoutError, OSError, EOFError, framing.FramingError, DecodeError) as error:
            raise await self._death(begun, error) from None
        except asyncio.CancelledError:
            await self._kill()
            raise
        finally:
            if watch is not None:
                watch.cancel()
            self._task_id = 0
            self._job_id = ""

    def cancel(self) -> None:
        """End the running task within its step."""
        self._cancelled = True
        if self._sent and self._task_id and self._process is not None and self._process.stdin is not None:
            message = worker_pb2.ToWorker(cancel_task_id=self._task_id)
            with contextlib.suppress(OSError, RuntimeError):
                self._process.stdin.write(framing.pack(message.SerializeToString()))

    async def stop(self) -> None:
        """End the worker: at once when it is idle, after a few seconds otherwise."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            log.warning("The worker %d did not end by itself and is killed.", process.pid)
        await self._kill()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self._kill()
        settings = self._settings
        if settings.role is Role.CONFINED:
            make_figures_folder(settings.home)
        self._lines.clear()
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "paints_undo_daemon.workers", str(settings.store), settings.device, str(settings.threads)),
            *(settings.role, str(settings.memory_bytes)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=clean_environment()
            | {
                "PAINTS_UNDO_HOME": str(settings.home),
                "PAINTS_UNDO_COMPILING": settings.compiling,
                "PAINTS_UNDO_ATTENTION": settings.attention,
                "PAINTS_UNDO_PRECISION": settings.precision,
                "PAINTS_UNDO_GPL_ENCODERS": "true" if settings.gpl_encoders else "false",
                "PAINTS_UNDO_HARDWARE_ENCODERS": "true" if settings.hardware_encoders else "false",
                "PYTHONUNBUFFERED": "1",
            }
            | ({"TMPDIR": str(settings.store / "temporary")} if settings.role is Role.CONFINED else {}),
            creationflags=getattr(asyncio.subprocess.subprocess, "CREATE_NO_WINDOW", 0),  # type: ignore[attr-defined]
        )
        self._log_reader = asyncio.create_task(self._read_log(process))
        log.info("Started the worker %d for %s.", process.pid, settings.device)
        return process

    async def _send(self, process: asyncio.subprocess.Process, message: worker_pb2.ToWorker) -> None:
        if process.stdin is None:
            raise EOFError
        process.stdin.write(framing.pack(message.SerializeToString()))
        await process.stdin.drain()

    async def _report(self, process: asyncio.subprocess.Process) -> worker_pb2.Report:
        """The next report; heartbeats are only looked at. Raises `TimeoutError` for a worker that does not answer."""
        if process.stdout is None:
            raise EOFError
        while True:
            data = await framing.read_async(process.stdout)
            if self._silent:
                raise TimeoutError
            if data is None:
                raise EOFError
            self._heard = time.monotonic()
            message = worker_pb2.FromWorker.FromString(data)
            if message.HasField("report"):
                return message.report
            if message.heartbeat.seconds_since_step > self._settings.step_timeout:
                raise TimeoutError

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """End a worker that is silent for too long; then reading from it ends as well."""
        while True:
            left = self._heard + self._settings.heartbeat_timeout - time.monotonic()
            if left <= 0:
                self._silent = True
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return
            await asyncio.sleep(left)

    def _note(self, task: worker_pb2.Task, report: worker_pb2.Report) -> None:
        if report.WhichOneof("kind") != "begun":
            engine = task.run_unit.parameters.engine or task.load_engine.engine
            if engine:
                self._loaded.add(engine)

    async def _death(self, begun: bool, error: BaseException) -> WorkerDiedError:
        silent = isinstance(error, TimeoutError)
        process = self._process
        if process is not None and not silent:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await process.wait()
        await self._kill()
        code = process.returncode if process is not None and not silent else None
        if silent:
            reason = "The worker did not answer any more and was ended"
        else:
            reason = f"The worker ended by itself ({_exit_words(code)})"
        last = " ".join(self._lines)[-500:]
        message = f"{reason}. Its last words: {last}" if last else f"{reason}."
        log.warning("%s", message)
        return WorkerDiedError(message, begun=begun, from_outside=code is not None and -code in _FROM_OUTSIDE)

    async def _kill(self) -> None:
        process, self._process = self._process, None
        self._loaded.clear()
        if process is not None:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()
            self._process = None
        if self._log_reader is not None:
            reader, self._log_reader = self._log_reader, None
            await asyncio.wait([reader], timeout=1.0)
            reader.cancel()

    async def _read_log(self, process: asyncio.subprocess.Process) -> None:
        while process.stderr is not None:
            try:
                line = await process.stderr.readline()
            except ValueError:
                continue
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip()
            self._lines.append(text)
            log.info("%s", text, extra={"job_id": self._job_id, "worker": process.pid})


def _exit_words(code: int | None) -> str:
    if code is None:
        return "unknown reason"
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in {item.value for item in signal.Signals} else str(-code)
    hint = ", perhaps because the machine ran out of memory" if name == "SIGKILL" else ""
    return f"signal {name}{hint}"
