"""The actor: a worker's place on a node. It has a worker process there and a folder of pictures, and keeps what the
process reports until the daemon has fetched it.

The process is the one that a single machine has, with the same confinement, memory ceiling and watchdog; so a crash in
an engine costs a task and neither the actor nor the node.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.cluster.facts import NodeFacts, read_facts
from paints_undo_daemon.home import home_folder
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.executor import WorkerDiedError
from paints_undo_daemon.workers.subprocess_executor import SubprocessExecutor, WorkerSettings

WAIT_SECONDS = 1.0
"""How long a fetch of reports waits for the next one."""
_PULLED_BYTES = 8 * 2**20
_UNUSED_SECONDS = 900.0
"""Pictures that no unit has used for so long are deleted from a node."""
_FORGET_SECONDS = 60.0
_PREFIX = "paints-undo-cluster-"


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker process ended, as in `WorkerDiedError`."""

    message: str
    begun: bool
    from_outside: bool


@dataclass(frozen=True, slots=True)
class Pulled:
    """Reports of a task (serialised `worker_pb2.Report`), each with the bytes of its picture or none; and how the
    worker died, when it did and nothing is left to fetch."""

    reports: tuple[tuple[bytes, bytes], ...]
    death: Death | None = None


class NodeWorker:
    """One worker of a node. `settings` are the daemon's, with this node's folders put in; `cluster` names the daemon
    and the node, so that workers of one node share a folder."""

    def __init__(self, settings: WorkerSettings, cluster: str) -> None:
        self._store = Path(tempfile.gettempdir()) / f"{_PREFIX}{cluster}"
        self._store.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_own(self._store):
            raise PermissionError(f"{self._store} is open to other accounts.")
        self._files = PictureFiles(self._store)
        if not self._files.temporary.exists():
            self._files.prepare()
        self._executor = SubprocessExecutor(replace(settings, home=home_folder(), store=self._store))
        self._reports: list[tuple[bytes, bytes]] = []
        self._taken = 0
        self._death: Death | None = None
        self._task_id = 0
        self._running: asyncio.Task[None] | None = None
        self._forgetting: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def facts(self) -> NodeFacts:
        """What this node is. From here on unused pictures are deleted every minute."""
        if self._forgetting is None:
            self._forgetting = asyncio.create_task(_forget_for_ever())
        return await asyncio.to_thread(read_facts)

    async def missing(self, digests: Sequence[str]) -> list[str]:
        """Which pictures the node does not have; those that it has count as used now."""
        return await asyncio.to_thread(self._missing, digests)

    def _missing(self, digests: Sequence[str]) -> list[str]:
        return [digest for digest in digests if not self._use(digest)]

    def _use(self, digest: str) -> bool:
        """Whether a picture is here, whole; if so, it counts as used now."""
        size = self._files.size(digest)
        return size is not None and self._files.is_whole(digest) and self._files.touch(digest, size)

    async def keep(self, digest: str, data: bytes) -> None:
        """Keep a picture. Raises `ValueError` when its bytes are not what its name says."""
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError(f"The picture {digest} was damaged on its way to this node.")
        await asyncio.to_thread(self._files.add_bytes, data)

    async def begin(self, task: bytes) -> None:
        """Begin a task (a serialised `worker_pb2.Task`); what it reports is fetched by `reports`."""
        await self._end()
        message = worker_pb2.Task.FromString(task)
        self._reports, self._taken, self._death, self._task_id = [], 0, None, message.task_id
        self._running = asyncio.create_task(self._run(message))

    async def _run(self, task: worker_pb2.Task) -> None:
        known = {frame.picture_hash for frame in task.run_unit.keyframes}

        def note(report: worker_pb2.Report) -> None:
            kind = report.WhichOneof("kind")
            picture = b""
            if kind in ("keyframe", "frame"):
                digest = getattr(report, kind).picture_hash
                picture = b"" if digest in known else self._files.read(digest)
            self._reports.append((report.SerializeToString(), picture))
            self._news.set()

        try:
            await self._executor.execute(task, note)
        except WorkerDiedError as error:
            self._death = Death(str(error), error.begun, error.from_outside)
        except Exception as error:
            self._death = Death(f"{type(error).__name__}: {error}", begun=True, from_outside=False)
        finally:
            self._news.set()

    async def reports(self, task_id: int, after: int) -> Pulled:
        """The reports behind the first `after`, as soon as there are any, for at most a second and some 8 MiB.

        A fetch that was lost on its way is asked for again; what lies before `after` has arrived and is forgotten.
        """
        if task_id != self._task_id:
            return Pulled((), Death("The worker was given another task.", begun=False, from_outside=True))
        for place in range(self._taken, min(after, len(self._reports))):
            self._reports[place] = (b"", b"")
        self._taken = max(self._taken, after)
        if after >= len(self._reports) and self._death is None:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), WAIT_SECONDS)
        size, pulled = 0, []
        for report in self._reports[after:]:
            pulled.append(report)
            size += sum(map(len, report))
            if size > _PULLED_BYTES:
                break
        complete = after + len(pulled) == len(self._reports)
        return Pulled(tuple(pulled), self._death if complete else None)

    async def cancel(self, task_id: int) -> None:
        """End a task within its step."""
        if task_id == self._task_id:
            self._executor.cancel()

    async def stop(self) -> None:
        """End the worker process, and a task with it; its memory goes back."""
        await self._end()
        await self._executor.stop()

    async def _end(self) -> None:
        if self._running is not None and not self._running.done():
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self._running = None


async def _forget_for_ever() -> None:
    while True:
        await asyncio.to_thread(_forget_unused)
        await asyncio.sleep(_FORGET_SECONDS)


def _forget_unused() -> None:
    """Delete old pictures, also those that a daemon which died has left on this node."""
    limit = time.time() - _UNUSED_SECONDS
    for folder in filter(_is_own, Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        for path in folder.glob("pictures/*/*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()


def _is_own(folder: Path) -> bool:
    """Whether a folder, in one that all accounts share, is this account's and closed to others: there is no link in it
    that they have made."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if os.name == "nt":
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
