"""The worker process: ``python -P -m paints_undo_daemon.workers STORE DEVICE THREADS ROLE MEMORY``.

Tasks come in on standard input, reports go out on standard output (`framing`); whatever is printed goes to standard
error, which the front writes into its log. The end of the input is the end of the process: a worker does not outlive
its front. Without ``-P`` the folder that the daemon runs in would be one of packages, from which a worker takes modules
and which it may read.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers import framing
from paints_undo_daemon.workers.confinement import Role, confine
from paints_undo_daemon.workers.tasks import TaskRunner, limit_threads

log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 1.0
_HELD_SECONDS = 0.2
"""How long a frame waits for others: each message of its own wakes the front and costs it a transaction."""


class _Pipe:
    """The way to the front; messages from several threads do not mix, and keep their order."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = bytearray()
        self._lock = threading.Lock()

    def send(self, message: worker_pb2.FromWorker) -> None:
        """Send a message and what is held; a frame is held itself, until the next message or `flush`."""
        with self._lock:
            self._held += framing.pack(message.SerializeToString())
            if not message.report.HasField("frame"):
                self._flush()

    def flush(self) -> None:
        """Send what is held."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, bytearray()
            self._stream.write(data)
            self._stream.flush()


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipe for ourselves: what libraries print must not end up in it."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return incoming, outgoing


def _read(incoming: BinaryIO, runner: TaskRunner, tasks: queue.SimpleQueue[worker_pb2.Task]) -> None:
    while (data := framing.read(incoming)) is not None:
        message = worker_pb2.ToWorker.FromString(data)
        if message.HasField("task"):
            tasks.put(message.task)
        else:
            runner.control.cancel(message.cancel_task_id)
    os._exit(0)


def _beat(pipe: _Pipe, runner: TaskRunner, busy: threading.Event) -> None:
    """Send a heartbeat, and what is held, at regular times while a task runs."""
    last = float("-inf")
    while True:
        busy.wait()
        try:
            if time.monotonic() - last >= _HEARTBEAT_SECONDS:
                last = time.monotonic()
                beat = worker_pb2.Heartbeat(seconds_since_step=runner.control.seconds_since_step)
                pipe.send(worker_pb2.FromWorker(heartbeat=beat))
            pipe.flush()
        except OSError:
            os._exit(0)
        time.sleep(_HELD_SECONDS)


def _confine(role: Role, store: Path, memory_bytes: int) -> None:
    """Give up what is not needed. A system that lacks the means is no reason not to work."""
    for words in confine(role, store, memory_bytes):
        log.warning("This worker keeps rights that it does not need: %s.", words)


def _start_encoding(role: Role, store: Path) -> None:
    """Start the process that drives video hardware, where that is allowed: afterwards this one may start none."""
    if role is not Role.CONFINED or os.environ.get("PAINTS_UNDO_HARDWARE_ENCODERS") != "true":
        return
    from paints_undo_engine.export.encoding.hardware import Hardware, HardwareError, share

    command = (sys.executable, "-P", "-m", "paints_undo_daemon.workers.encoding", str(store))
    hardware = Hardware(command)
    share(hardware)
    try:
        hardware.start()
    except HardwareError as error:
        log.warning("Films are encoded in software: %s.", error)


def main(store: str, device: str, threads: str, role: str, memory: str) -> None:
    """Serve tasks until the input ends."""
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    limit_threads(int(threads))
    incoming, outgoing = _take_streams()
    pipe = _Pipe(outgoing)
    _start_encoding(Role(role), Path(store))
    _confine(Role(role), Path(store), int(memory))
    runner = TaskRunner(Path(store), device, decodes=Role(role) is Role.CONFINED)
    tasks: queue.SimpleQueue[worker_pb2.Task] = queue.SimpleQueue()
    busy = threading.Event()
    threading.Thread(target=_read, args=(incoming, runner, tasks), daemon=True).start()
    threading.Thread(target=_beat, args=(pipe, runner, busy), daemon=True).start()
    pipe.send(worker_pb2.FromWorker(ready=worker_pb2.WorkerReady(pid=os.getpid())))
    while True:
        task = tasks.get()
        busy.set()
        runner.run(task, lambda report: pipe.send(worker_pb2.FromWorker(report=report)))
        busy.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
