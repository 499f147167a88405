"""Hands waiting work to free workers: one loop for each slot, one fair queue for each lane."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Mapping

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.errors import DataLossError, ResourceExhaustedError, UnavailableError
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.fair import Ticket
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.scheduler.lanes import Lane, Slot, Work
from paints_undo_daemon.scheduler.normalising import Normaliser
from paints_undo_daemon.scheduler.starts import Starts
from paints_undo_daemon.scheduler.units import UnitRunner
from paints_undo_daemon.scheduler.work import CallTask
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store import jobs
from paints_undo_daemon.store.claims import Claim, ClaimedUnit
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.store.reserve import Reserve
from paints_undo_daemon.workers.executor import Executor, WorkerDiedError

log = logging.getLogger(__name__)

HELPER = "helper"
"""Layers and operations."""
EXPORTS = "exports"
SIGNING = "signing"
"""Signatures of exports, with the account's key."""
FETCHES = "fetches"
"""Raw pixels and frames at other sizes than theirs."""
MODELS = "models"
READING = "reading"
"""Uploads, for engines whose workers must not decode them."""
_MAX_CALLS = 256
_RETRY_SECONDS = 2.0
_STOP_SECONDS = 20.0

MakeExecutor = Callable[[str, str], Executor]
"""Makes the executor of a lane for a device."""


class Dispatcher:
    """Runs jobs and calls' tasks. `lanes` maps an engine's name and each name above to the devices of its workers."""

    def __init__(
        self,
        database: Database,
        files: PictureFiles,
        hub: Hub,
        settings: Settings,
        metrics: Metrics,
        lanes: Mapping[str, tuple[str, ...]],
        make_executor: MakeExecutor,
    ) -> None:
        self._database = database
        self._hub = hub
        self._settings = settings
        self.reserve = Reserve(files.store)
        patience = settings.start_patience_seconds
        self._lanes = {
            name: Lane([Slot(make_executor(name, device), device, Starts(patience)) for device in devices])
            for name, devices in lanes.items()
        }
        self._lane_of: dict[int, str] = {}
        self.normaliser = Normaliser(database, files, self._read)
        self._units = UnitRunner(database, files, hub, settings, metrics, self.normaliser)
        self._tasks: dict[Slot, asyncio.Task[None]] = {}
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Take up the jobs that have not ended, and begin."""
        self.reserve.keep()
        for row in await self._database.read(jobs.live):
            if row.is_whole:
                await self.add_job(row.number, row.engine, row.client, row.connection, row.priority)
            else:
                await self._units.fail_for_damage(row.number, "", DataLossError("The record of the job is damaged."))
        for lane in self._lanes.values():
            for slot in lane.slots:
                self._tasks[slot] = asyncio.create_task(self._serve(lane, slot))

    def add_slot(self, lane_name: str, executor: Executor, device: str, owner: object) -> None:
        """Another place for a lane's work, until `remove_slots` is called with the same `owner`."""
        lane = self._lanes[lane_name]
        slot = Slot(executor, device, Starts(self._settings.start_patience_seconds), owner)
        lane.slots.append(slot)
        self._tasks[slot] = asyncio.create_task(self._serve(lane, slot))

    async def remove_slots(self, owner: object) -> None:
        """Use an owner's places no more. What runs there is given back by its executor, and waits for others."""
        for lane in self._lanes.values():
            for slot in [slot for slot in lane.slots if slot.owner is owner]:
                slot.retired = True
                lane.slots.remove(slot)
            async with lane.changed:
                lane.changed.notify_all()

    async def add_job(self, job: int, engine: str, client: str, connection: str, priority: int) -> None:
        """Let a job wait for its next unit."""
        lane = self._lanes[engine]
        batch = priority == jobs_pb2.PRIORITY_BATCH
        async with lane.changed:
            self._lane_of[job] = engine
            lane.queue.add(Ticket(job, client, connection, job, batch))
            lane.changed.notify()
        self._show_positions(lane)

    def forget_job(self, job: int) -> None:
        """A job has ended because its client asked for it: it leaves the line, and its running step is its last."""
        engine = self._lane_of.pop(job, None)
        if engine is None:
            return
        lane = self._lanes[engine]
        lane.queue.remove(job)
        for slot in lane.slots:
            if slot.job == job:
                slot.end_job()
        self._show_positions(lane)

    def position(self, job: int) -> int:
        """How many jobs run before this one."""
        engine = self._lane_of.get(job)
        return self._lanes[engine].queue.position(job) if engine else 0

    async def call(
        self,
        task: worker_pb2.Task,
        client: str,
        connection: str,
        on_report: Callable[[worker_pb2.Report], None],
        lane_name: str,
        *,
        expendable: bool = False,
    ) -> None:
        """Run a task for a call and wait for its end. Cancelling this cancels the task (see `CallTask.expendable`).

        Raises `ResourceExhaustedError`, `UnavailableError`.
        """
        lane = self._lanes[lane_name]
        if len(lane.queue) >= _MAX_CALLS:
            raise ResourceExhaustedError("Too many such calls wait: try again later.", retry_after=_RETRY_SECONDS)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def finished(error: BaseException | None) -> None:
            if not future.done():
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)

        work = CallTask(task, on_report, finished, expendable)
        async with lane.changed:
            lane.queue.add(Ticket(work, client, connection, next(self._numbers)))
            lane.changed.notify()
        if self._stopping.is_set():
            _refuse_calls(lane)
        try:
            await future
        finally:
            work.cancelled = True
            lane.queue.remove(work)
            for slot in lane.slots:
                if slot.call is work:
                    await slot.cancel()

    async def _read(self, task: worker_pb2.Task, on_report: Callable[[worker_pb2.Report], None]) -> None:
        await self.call(task, READING, "", on_report, READING)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self._lane_of) or any(
            len(lane.queue) or not all(slot.free for slot in lane.slots) for lane in self._lanes.values()
        )

    def works(self, lane: str) -> bool:
        """Whether a worker of a lane is at work."""
        return any(not slot.free for slot in self._lanes[lane].slots)

    def waiting(self, lane: str) -> int:
        """How much waits in a lane."""
        return len(self._lanes[lane].queue)

    @property
    def jobs_waiting(self) -> int:
        """Jobs that have not ended."""
        return len(self._lane_of)

    @property
    def executors(self) -> list[Executor]:
        """The executors of all slots."""
        return [slot.executor for lane in self._lanes.values() for slot in lane.slots]

    async def unload(self) -> int:
        """End idle workers; returns how many."""
        idle = [
            slot.executor for lane in self._lanes.values() for slot in lane.slots if slot.free and slot.executor.running
        ]
        await asyncio.gather(*(executor.stop() for executor in idle))
        return len(idle)

    async def stop(self) -> None:
        """End within the running steps; what is not finished goes on after the next start."""
        self._stopping.set()
        for lane in self._lanes.values():
            async with lane.changed:
                lane.changed.notify_all()
            _refuse_calls(lane)
            for slot in lane.slots:
                await slot.cancel()
        if self._tasks:
            _, pending = await asyncio.wait(self._tasks.values(), timeout=_STOP_SECONDS)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        await asyncio.gather(*(executor.stop() for executor in self.executors))

    async def _serve(self, lane: Lane, slot: Slot) -> None:
        while not self._stopping.is_set() and not slot.retired:
            if not await self._prepared(slot):
                await self._pause(_RETRY_SECONDS)
                continue
            ticket = await self._next(lane, slot)
            if ticket is None:
                continue
            if isinstance(ticket.key, CallTask):
                await self._run_call(slot, ticket.key)
            else:
                await self._run_job(lane, slot, ticket, ticket.key)
        self._tasks.pop(slot, None)

    async def _prepared(self, slot: Slot) -> bool:
        """Whether a slot can take work; what nobody foresaw makes it wait and not end."""
        try:
            return await slot.executor.prepare()
        except Exception:
            log.exception("The worker for %s could not be prepared.", slot.device)
            return False

    async def _next(self, lane: Lane, slot: Slot) -> Ticket[Work] | None:
        """The next ticket; ends the worker when none comes for `keep_alive_seconds`."""
        timeout = self._settings.keep_alive_seconds if slot.executor.running else None
        try:
            async with asyncio.timeout(timeout), lane.changed:
                while not self._stopping.is_set() and not slot.retired:
                    ticket = lane.queue.take()
                    if ticket is not None:
                        return ticket
                    await lane.changed.wait()
        except TimeoutError:
            log.info("The worker for %s was idle and is ended.", slot.device)
            await slot.executor.stop()
        return None

    async def _run_call(self, slot: Slot, work: CallTask) -> None:
        if work.cancelled:
            return
        slot.call = work
        work.task.task_id = next(self._numbers)
        try:
            await slot.executor.execute(work.task, work.on_report)
            work.finished(None)
        except WorkerDiedError as error:
            work.finished(UnavailableError(f"{error} Try again."))
        except Exception as error:
            log.exception("A task of a call failed unexpectedly.")
            work.finished(error)
        finally:
            slot.call = None

    async def _run_job(self, lane: Lane, slot: Slot, ticket: Ticket[Work], job: int) -> None:
        slot.job, slot.job_ended = job, False
        self._show_positions(lane)
        goes_on = True
        try:
            claim = await self._claim(lane, slot, job)
            goes_on = claim.goes_on
            if claim.more:
                await self._wait_again(lane, ticket, job)
            if claim.plan is not None:
                goes_on = await self._run_unit(slot, claim.plan)
        except DataLossError as error:
            log.error("A unit of job %d found damage: %s", job, error)
            goes_on = await self._units.fail_for_damage(job, slot.unit, error)
        except Exception:
            log.exception("A unit of job %d failed unexpectedly.", job)
            await self._pause(_RETRY_SECONDS)
        finally:
            slot.job, slot.unit = None, ""
        if not goes_on:
            self.forget_job(job)
        elif job in self._lane_of:
            await self._wait_again(lane, ticket, job)
        await self._pause(slot.starts.pause)

    async def _run_unit(self, slot: Slot, plan: ClaimedUnit) -> bool:
        """Run a unit; a disk that is full ends the job, as soon as there is room to note it."""
        self.reserve.keep()
        try:
            return await self._units.run(slot, plan, next(self._numbers))
        except ResourceExhaustedError as error:
            log.error("The unit %s could not be recorded: %s", plan.unit, error, extra={"job_id": plan.job_id})
        while not self._stopping.is_set():
            try:
                await self._units.fail_for_space(plan)
            except ResourceExhaustedError:
                if not self.reserve.give_up():
                    await self._pause(_RETRY_SECONDS)
            else:
                return False
        return True

    async def _claim(self, lane: Lane, slot: Slot, job: int) -> Claim:
        """Choose the job's next unit for this slot; another slot may have chosen the same one meanwhile."""
        while True:
            claim = await self._units.claim(job, lane.running(job))
            if claim.plan is None or claim.plan.unit not in lane.running(job):
                slot.unit = claim.plan.unit if claim.plan is not None else ""
                return claim

    async def _wait_again(self, lane: Lane, ticket: Ticket[Work], job: int) -> None:
        """Back into the line, unless the job waits there already or has ended."""
        if self._stopping.is_set():
            return
        async with lane.changed:
            if job in self._lane_of and job not in lane.queue:
                lane.queue.add(ticket)
                lane.changed.notify()

    async def _pause(self, seconds: float) -> None:
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    def _show_positions(self, lane: Lane) -> None:
        for job in self._hub.watched:
            if job in lane.queue:
                self._hub.show(job, jobs_pb2.Progress(queue_position=lane.queue.position(job)))


def _refuse_calls(lane: Lane) -> None:
    """Let nobody wait for a task that no worker will take: not a call, nor a unit whose pictures must be decoded."""
    while (ticket := lane.queue.take()) is not None:
        if isinstance(ticket.key, CallTask):
            ticket.key.refuse()
