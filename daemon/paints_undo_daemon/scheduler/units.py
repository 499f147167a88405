"""One unit of a job on one slot: begin, record, and what to do when it does not end well."""

from __future__ import annotations

import logging
import sqlite3

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.errors import CallError, DataLossError, UnavailableError
from paints_undo_daemon.metrics import Metrics
from paints_undo_daemon.scheduler.answers import check_answer
from paints_undo_daemon.scheduler.endings import tell_end
from paints_undo_daemon.scheduler.hub import Hub
from paints_undo_daemon.scheduler.lanes import Slot
from paints_undo_daemon.scheduler.normalising import Normaliser, NotNormalisedError
from paints_undo_daemon.scheduler.progress import Forecast
from paints_undo_daemon.scheduler.recorder import Recorder
from paints_undo_daemon.settings import Settings
from paints_undo_daemon.store import history
from paints_undo_daemon.store.claims import Claim, ClaimedUnit, claim
from paints_undo_daemon.store.database import Database
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.executor import WorkerDiedError
from paints_undo_engine.descriptions import Description, describe
from paints_undo_engine.stages import Unit

log = logging.getLogger(__name__)


class UnitRunner:
    """Runs units of jobs; `run` tells whether the job goes on."""

    def __init__(
        self,
        database: Database,
        files: PictureFiles,
        hub: Hub,
        settings: Settings,
        metrics: Metrics,
        normaliser: Normaliser,
    ) -> None:
        self._normaliser = normaliser
        self._database = database
        self._files = files
        self._hub = hub
        self._settings = settings
        self._metrics = metrics
        self._forecast = Forecast()

    async def claim(self, job: int, running: frozenset[str]) -> Claim:
        """What the job does next beside the units that run already."""
        return await self._database.read(claim, job, running)

    async def run(self, slot: Slot, plan: ClaimedUnit, task_id: int) -> bool:
        """Run a unit. False: the job has ended. Raises `ResourceExhaustedError` for a full disk."""
        if self._files.free_bytes() < self._settings.min_free_disk_bytes:
            await self.fail_for_space(plan)
            return False
        events = await self._database.write(history.begin_unit, plan.job, plan.unit)
        if events is None or slot.job_ended:
            return False
        self._hub.publish(plan.job, events)
        unread = await self._normalise(plan)
        if unread is not None and not unread.cancelled:
            self._metrics.units.labels(unread.code).inc()
            await self._fail(plan, unread.code, unread.message)
        if unread is not None or slot.job_ended:
            return unread is not None and unread.cancelled
        recorder = Recorder(self._database, self._files, self._hub, plan.job)
        failure = await self._execute(slot, plan, task_id, recorder)
        self._metrics.units.labels(failure.code if failure else "OK").inc()
        if recorder.job_ended:
            await tell_end(self._database, self._metrics, plan.job)
        if failure is None or failure.cancelled:
            return not recorder.job_ended
        if failure.out_of_memory:
            return await self._lean(slot, plan, failure)
        if self._normaliser.has_lost(plan) and await self._strike(plan) < self._settings.unit_strikes:
            log.warning("Unit %s runs again: %s", plan.unit, failure.message, extra={"job_id": plan.job_id})
            return True
        await self._fail(plan, failure.code, failure.message)
        return False

    async def _normalise(self, plan: ClaimedUnit) -> worker_pb2.Failure | None:
        """Have a unit's pictures normalised where they must be. Why that failed; `cancelled`: not for good."""
        try:
            await self._normaliser.normalise(plan)
        except NotNormalisedError as error:
            return error.failure
        except UnavailableError as error:
            strikes = await self._strike(plan)
            return worker_pb2.Failure(
                code="ABORTED",
                message=f"Decoding the pictures of the unit {plan.unit} failed {strikes} times. {error.message}",
                cancelled=strikes < self._settings.unit_strikes,
            )
        return None

    async def _execute(
        self, slot: Slot, plan: ClaimedUnit, task_id: int, recorder: Recorder
    ) -> worker_pb2.Failure | None:
        """Run the unit on the slot's executor; returns why it failed. A worker's death is one only in the end."""
        failures: list[worker_pb2.Failure] = []

        def on_report(report: worker_pb2.Report) -> None:
            check_answer(plan, report)
            kind = report.WhichOneof("kind")
            if kind == "progress":
                self._forecast.complete(plan.job, report.progress)
                self._hub.show(plan.job, report.progress)
            elif kind == "failure":
                failures.append(report.failure)
            elif kind == "begun":
                slot.starts.went_well()
                self._forecast.begin(plan.job, plan.unit, plan.later)
            else:
                if kind == "done":
                    stage = Unit.parse(plan.unit).stage
                    self._metrics.unit_seconds.labels(plan.parameters.engine, stage).observe(report.done.seconds)
                recorder.add(report)

        task = worker_pb2.Task(task_id=task_id, job_id=plan.job_id, run_unit=plan.task)
        died: WorkerDiedError | None = None
        try:
            await slot.executor.execute(task, on_report)
        except WorkerDiedError as error:
            died = error
        except Exception:
            log.exception("Unit %s failed unexpectedly.", plan.unit, extra={"job_id": plan.job_id})
            await slot.executor.stop()
            died = WorkerDiedError("An unexpected error: the daemon's log has the details.", begun=True)
        finally:
            self._forecast.end(plan.job, plan.unit)
            await recorder.finish()
        if died is not None:
            return await self._after_death(slot, plan, died)
        return failures[0] if failures else None

    async def _after_death(self, slot: Slot, plan: ClaimedUnit, died: WorkerDiedError) -> worker_pb2.Failure | None:
        log.warning("Unit %s lost its worker. %s", plan.unit, died, extra={"job_id": plan.job_id})
        if not died.begun:
            if not slot.starts.failed(died):
                return None
            return worker_pb2.Failure(code="UNAVAILABLE", message=f"No worker could be started. {died}")
        strikes = await self._strike(plan)
        if strikes < self._settings.unit_strikes:
            return None
        return worker_pb2.Failure(
            code="ABORTED", message=f"The unit {plan.unit} ended its worker {strikes} times. {died}"
        )

    async def _strike(self, plan: ClaimedUnit) -> int:
        """Count a try of a unit that came to nothing: how many there were."""
        return int(await self._database.write(history.strike, plan.job, plan.unit))

    async def _lean(self, slot: Slot, plan: ClaimedUnit, failure: worker_pb2.Failure) -> bool:
        await slot.executor.stop()
        current = failure.memory_plan or plan.memory_plan or plan.parameters.execution.memory_plan
        engine, allow_inexact = describe(plan.parameters.engine), plan.parameters.execution.allow_fp8
        leaner = engine.leaner_plan(current, allow_inexact=allow_inexact)
        if leaner is None:
            hint = ""
            if engine.leaner_plan(current, allow_inexact=True) is not None:
                hint = " Only the plan with fp8 weights needs less, which the request does not allow."
            code = "FAILED_PRECONDITION" if hint else "RESOURCE_EXHAUSTED"
            await self._fail(plan, code, failure.message + hint)
            return False
        change = jobs_pb2.PlanChanged(memory_plan=leaner, reason=failure.message)
        self._hub.publish(plan.job, await self._database.write(_change_to_leaner, plan.job, engine, change))
        return True

    async def fail_for_space(self, plan: ClaimedUnit) -> None:
        """End a job for which the disk is too full. Raises `ResourceExhaustedError` when not even that can be noted."""
        await self._fail(plan, "RESOURCE_EXHAUSTED", "The disk is full: free some space, then start the job again.")

    async def fail_for_damage(self, job: int, unit: str, error: DataLossError) -> bool:
        """End a job whose record is damaged; one of which not even that can be noted rests until the next start."""
        failure = jobs_pb2.JobFailure(code="DATA_LOSS", message=error.message, unit=unit)
        try:
            await self._end(job, failure)
        except CallError:
            log.exception("The failure of job %d could not be noted.", job)
        return False

    async def _fail(self, plan: ClaimedUnit, code: str, message: str) -> None:
        await self._end(plan.job, jobs_pb2.JobFailure(code=code, message=message, unit=plan.unit))

    async def _end(self, job: int, failure: jobs_pb2.JobFailure) -> None:
        events = await self._database.write(history.fail, job, failure)
        self._hub.publish(job, events)
        if events:
            await tell_end(self._database, self._metrics, job)
        else:
            self._hub.delete(job)


def _change_to_leaner(
    connection: sqlite3.Connection, job: int, engine: Description, change: jobs_pb2.PlanChanged
) -> list[jobs_pb2.Event]:
    """Another unit of the job, on another device, may have gone further down already."""
    if engine.is_leaner(history.memory_plan(connection, job), change.memory_plan):
        return []
    return history.change_plan(connection, job, change)
