"""An executor whose worker is an actor on a node of the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.cluster.node import Node
from paints_undo_daemon.cluster.node_worker import NodeWorker, Pulled
from paints_undo_daemon.cluster.probe import probe_task, problem_of
from paints_undo_daemon.states import NodeState
from paints_undo_daemon.store.pictures import PictureFiles, PictureLostError
from paints_undo_daemon.workers.executor import OnReport, WorkerDiedError
from paints_undo_daemon.workers.failures import failure_of
from paints_undo_daemon.workers.framing import FramingError
from paints_undo_daemon.workers.subprocess_executor import WorkerSettings

if TYPE_CHECKING:
    import ray

log = logging.getLogger(__name__)

_ASK_SECONDS = 10.0
_SEND_SECONDS = 120.0
_START_SECONDS = 60.0
_RETRY_SECONDS = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0
"""Seconds until a node that cannot be used is tried again: each try starts a process there."""

FindProblem = Callable[[Node, str], str]
"""Why a node is no place for an engine, in words; empty when it is one."""


class NodeGoneError(Exception):
    """The node or its actor does not answer, for a while, or for ever when it is known to have `ended`."""

    def __init__(self, message: str, *, ended: bool = False) -> None:
        super().__init__(message)
        self.ended = ended


class RayExecutor:
    """Executes tasks on one node, one at a time. Nothing is given to it before a small unit of the engine ran there."""

    def __init__(
        self, node: Node, engine: str, settings: WorkerSettings, files: PictureFiles, cluster: str, problem: FindProblem
    ) -> None:
        self._node = node
        self._engine = engine
        self._settings = settings
        self._patience = settings.heartbeat_timeout
        self._files = files
        self._cluster = cluster
        self._problem = problem
        self._actor: Any = None
        self._loaded: set[str] = set()
        self._task_id = 0
        self._begun = False
        self._proven = False
        self._pause, self._next_try = _FIRST_PAUSE, 0.0

    @property
    def loaded(self) -> frozenset[str]:
        """Names of the engines that are held in memory."""
        return frozenset(self._loaded)

    @property
    def running(self) -> bool:
        """Whether a worker process may live on the node."""
        return bool(self._loaded)

    async def prepare(self) -> bool:
        """Whether a task can be taken: the actor lives, and a small unit ran on it."""
        if self._actor is not None and self._proven:
            return True
        if time.monotonic() < self._next_try:
            return False
        if await self._try():
            self._pause = _FIRST_PAUSE
            return True
        self._next_try = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        return False

    async def _try(self) -> bool:
        """Start the actor and run the small unit; the node's state says what came of it."""
        node = self._node
        try:
            actor = self._started()
            node.facts = await self._ask(actor.facts.remote(), _START_SECONDS)
            problem = self._problem(node, self._engine)
            if not problem:
                task, picture = probe_task(self._engine)
                await self._ask(actor.keep.remote(hashlib.sha256(picture).hexdigest(), picture), _SEND_SECONDS)
                reports = await self._collect(task)
                problem = problem_of(reports)
                self._note(task)
        except (NodeGoneError, WorkerDiedError) as error:
            await self._drop()
            if not node.lost.is_set():
                node.state, node.message = NodeState.SILENT, str(error)
            return False
        if problem:
            await self._drop()
            node.engines.discard(self._engine)
            if not node.engines:
                node.state = NodeState.UNFIT
            node.message = problem
            return False
        log.info("The node %s ran a small unit of the engine %s.", node.name, self._engine)
        node.engines.add(self._engine)
        node.state, node.message, self._proven = NodeState.READY, "", True
        return True

    async def execute(self, task: worker_pb2.Task, on_report: OnReport) -> None:
        """Execute a unit. Raises `WorkerDiedError`."""
        self._begun = False
        self._node.units += 1
        try:
            await self._send_pictures(task.run_unit)
            await self._follow(task, on_report)
        except (PictureLostError, OSError) as error:
            self.cancel()
            on_report(worker_pb2.Report(task_id=task.task_id, failure=failure_of(error)))
        except (NodeGoneError, WorkerDiedError) as error:
            self._node.failures += 1
            if isinstance(error, WorkerDiedError):
                raise
            await self._drop()
            raise WorkerDiedError(
                f"The node {self._node.name} was lost: {error}", begun=self._begun, from_outside=True
            ) from None
        except (FramingError, DecodeError) as error:
            self._node.failures += 1
            await self.stop()
            raise WorkerDiedError(f"On {self._node.name}: {error}", begun=True) from None
        except asyncio.CancelledError:
            await self._drop()
            raise
        finally:
            self._task_id = 0

    def cancel(self) -> None:
        """End the running task within its step."""
        if self._actor is not None and self._task_id:
            self._actor.cancel.remote(self._task_id)

    async def stop(self) -> None:
        """End the worker process on the node; the actor stays."""
        self._loaded.clear()
        if self._actor is not None:
            with contextlib.suppress(NodeGoneError):
                await self._ask(self._actor.stop.remote(), _ASK_SECONDS)

    def _started(self) -> Any:
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if self._actor is None:
            device = self._settings.device
            needs = {"num_gpus": 1} if device.startswith("cuda") else {"num_cpus": 1}
            self._actor = (
                ray.remote(NodeWorker)
                .options(
                    scheduling_strategy=NodeAffinitySchedulingStrategy(self._node.node_id, soft=False),
                    max_concurrency=16,
                    max_restarts=0,
                    **needs,
                )
                .remote(self._settings, f"{self._cluster}-{self._node.node_id[:16]}")
            )
        return self._actor

    async def _send_pictures(self, unit: worker_pb2.RunUnit) -> None:
        """What the unit reads and the node does not have; two workers of one node do not fetch the same twice."""
        digests = list(dict.fromkeys(_pictures(unit)))
        async with self._node.sending:
            for digest in await self._ask(self._actor.missing.remote(digests), self._patience):
                data = await asyncio.to_thread(self._files.read, digest)
                await self._ask(self._actor.keep.remote(digest, data), _SEND_SECONDS)
                self._node.sent_bytes += len(data)

    async def _collect(self, task: worker_pb2.Task) -> list[worker_pb2.Report]:
        reports: list[worker_pb2.Report] = []
        await self._follow(task, reports.append, keep=False)
        return reports

    async def _follow(self, task: worker_pb2.Task, on_report: OnReport, *, keep: bool = True) -> None:
        """Begin a task and fetch its reports to the last. Raises `WorkerDiedError`, `NodeGoneError`."""
        actor, after, self._task_id = self._actor, 0, task.task_id
        await self._ask(actor.begin.remote(task.SerializeToString()), self._patience)
        while True:
            pulled = await self._pull(actor, task.task_id, after)
            for data, picture in pulled.reports:
                after += 1
                report = worker_pb2.Report.FromString(data)
                if picture and keep:
                    await self._keep(report, picture)
                self._begun = True
                self._note(task)
                on_report(report)
                if report.WhichOneof("kind") in ("done", "failure"):
                    return
            if pulled.death is not None:
                death = pulled.death
                raise WorkerDiedError(
                    f"On {self._node.name}: {death.message}", begun=death.begun, from_outside=death.from_outside
                )

    async def _pull(self, actor: Any, task_id: int, after: int) -> Pulled:
        """The next reports; a fetch that gets lost is repeated for as long as a silent worker is borne."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                pulled: Pulled = await self._ask(actor.reports.remote(task_id, after), _ASK_SECONDS)
            except NodeGoneError as error:
                if error.ended or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return pulled

    async def _keep(self, report: worker_pb2.Report, picture: bytes) -> None:
        """Put a picture into the daemon's store, under the name that the node gave it."""
        frame = report.keyframe if report.HasField("keyframe") else report.frame
        if await asyncio.to_thread(self._files.add_bytes, picture) != frame.picture_hash:
            raise NodeGoneError(f"the picture {frame.picture_hash} arrived damaged", ended=True)

    async def _ask(self, reference: ray.ObjectRef[Any], seconds: float) -> Any:
        """The answer of the actor. Raises `NodeGoneError` when the node leaves, or does not answer in time."""
        from ray.exceptions import ActorDiedError, RayError

        answer = asyncio.wrap_future(reference.future())
        lost = asyncio.create_task(self._node.lost.wait())
        try:
            await asyncio.wait({answer, lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            if lost.done():
                raise NodeGoneError("it has left the cluster", ended=True)
            raise NodeGoneError(f"no answer for {seconds:.0f} s")
        except RayError as error:
            raise NodeGoneError(str(error).splitlines()[0], ended=isinstance(error, ActorDiedError)) from None
        finally:
            lost.cancel()
            answer.cancel()

    async def _drop(self) -> None:
        """Give the actor up, wherever it is."""
        import ray

        actor, self._actor = self._actor, None
        self._proven = False
        self._loaded.clear()
        if actor is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(asyncio.to_thread(ray.kill, actor, no_restart=True), _ASK_SECONDS)

    def _note(self, task: worker_pb2.Task) -> None:
        self._loaded.add(task.run_unit.parameters.engine or self._engine)


def _pictures(unit: worker_pb2.RunUnit) -> Iterator[str]:
    yield unit.painting.hash
    yield from (frame.picture_hash for frame in unit.keyframes)
    yield from (item.picture.hash for item in unit.supplied)
    yield from (mask.hash for mask in unit.masks)
