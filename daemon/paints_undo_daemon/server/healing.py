"""Making lost pictures of a job again: its unit is run once more, and gives the same bytes under the same name.

That holds wherever an engine gives the same bytes for the same request; elsewhere the picture stays lost, and is named.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.errors import CallError
from paints_undo_daemon.scheduler.normalising import NotNormalisedError
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.store import claims, history
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.stages import Stage, Unit

log = logging.getLogger(__name__)

_CLIENT = "healing"
_AGAIN_SECONDS = 600.0


class Healer:
    """Runs units again for their pictures; one that did not help is not tried again for ten minutes."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._running: dict[tuple[int, str], asyncio.Task[None]] = {}
        self._in_vain: dict[tuple[int, str], float] = {}

    def lost(self, frames: Iterable[jobs_pb2.Frame]) -> list[jobs_pb2.Frame]:
        """Those whose picture is not in its place."""
        return [frame for frame in frames if self._core.files.size(frame.picture_hash) is None]

    async def heal(self, job: JobRow, frames: Iterable[jobs_pb2.Frame], *, keyframes: bool) -> bool:
        """Make lost pictures of some frames or keyframes again; whether none of them is lost now."""
        wanted = self.lost(frames)
        if wanted and not keyframes:
            made = await self._core.database.read(history.pictures, job.number, keyframes=True)
            await self.heal(job, made, keyframes=True)
        units = {frame.picture_hash: _unit_of(frame, keyframes=keyframes).name for frame in wanted}
        for unit in dict.fromkeys(units.values()):
            await self._run_once(job, unit)
        still = self.lost(wanted)
        for frame in still:
            self._in_vain[job.number, units[frame.picture_hash]] = time.monotonic()
        return not still

    async def _run_once(self, job: JobRow, unit: str) -> None:
        key = (job.number, unit)
        if time.monotonic() - self._in_vain.get(key, float("-inf")) < _AGAIN_SECONDS:
            return
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._run(job, unit))
            self._running[key].add_done_callback(lambda _: self._running.pop(key, None))
        await asyncio.shield(self._running[key])

    async def _run(self, job: JobRow, unit: str) -> None:
        failures: list[str] = []

        def on_report(report: worker_pb2.Report) -> None:
            if report.HasField("failure"):
                failures.append(report.failure.message)

        log.warning("The unit %s runs again, since pictures of it are lost.", unit, extra={"job_id": job.job_id})
        try:
            plan = await self._core.database.read(claims.plan_again, job.number, unit)
            if plan is None:
                return
            await self._core.dispatcher.normaliser.normalise(plan)
            task = worker_pb2.Task(job_id=job.job_id, run_unit=plan.task)
            await self._core.dispatcher.call(task, _CLIENT, "", on_report, job.engine)
        except (CallError, NotNormalisedError) as error:
            failures.append(str(error))
        if failures:
            log.warning("The unit %s gave nothing: %s", unit, failures[0], extra={"job_id": job.job_id})


def _unit_of(frame: jobs_pb2.Frame, *, keyframes: bool) -> Unit:
    """The unit that makes a keyframe or a frame."""
    return Unit(Stage.KEYFRAMES) if keyframes else Unit(Stage.INTERPOLATION, frame.interval)
