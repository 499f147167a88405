"""Tasks of calls that run in a worker, and what their failures are to the caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon import errors
from paints_undo_daemon.server.caller import caller
from paints_undo_daemon.server.core import Core


async def call_reports(
    core: Core, task: worker_pb2.Task, lane: str, *, expendable: bool = False
) -> AsyncIterator[worker_pb2.Report]:
    """Run a task in a worker of a lane and give its reports; closing this cancels the task. Raises `CallError`."""
    reports: asyncio.Queue[worker_pb2.Report | None] = asyncio.Queue()
    who = caller.get()
    running = asyncio.create_task(
        core.dispatcher.call(task, who.client, who.connection, reports.put_nowait, lane, expendable=expendable)
    )
    running.add_done_callback(lambda _: reports.put_nowait(None))
    try:
        while (report := await reports.get()) is not None:
            if report.WhichOneof("kind") == "failure":
                raise failure_error(report.failure)
            yield report
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


_ERRORS: dict[str, Callable[..., errors.CallError]] = {
    "NOT_FOUND": errors.NotFoundError,
    "FAILED_PRECONDITION": errors.FailedPreconditionError,
    "RESOURCE_EXHAUSTED": errors.ResourceExhaustedError,
    "UNAVAILABLE": errors.UnavailableError,
    "CANCELLED": errors.UnavailableError,  # by the daemon, which ends: the client tries again
    "DATA_LOSS": errors.DataLossError,
}


def failure_error(failure: worker_pb2.Failure) -> errors.CallError:
    """A task's failure as the call's error."""
    if failure.code == "INVALID_ARGUMENT":
        return errors.InvalidArgumentError(failure.field, failure.message)
    return _ERRORS.get(failure.code, errors.CallError)(failure.message, field=failure.field)
