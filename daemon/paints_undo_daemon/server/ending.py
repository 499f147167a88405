"""Cancelling and deleting a job, whoever asks for it."""

from __future__ import annotations

from paints_undo_daemon.scheduler.endings import tell_end
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.deleting import erase, write_freeing
from paints_undo_daemon.store import history, jobs


async def cancel_job(core: Core, client: str, job_id: str) -> None:
    """End a client's job; its worker stops within the running step. Raises as `jobs.get` and `Database.write`."""
    row = await core.database.read(jobs.get, client, job_id)
    events = await core.database.write(history.cancel, row.number)
    core.dispatcher.forget_job(row.number)
    core.hub.publish(row.number, events)
    if events:
        await tell_end(core.database, core.metrics, row.number)


async def delete_job(core: Core, client: str, job_id: str) -> None:
    """Delete a client's job, its events, and its pictures as far as nothing else needs them. Raises as `jobs.delete`
    and `Database.write`."""
    deleted = await write_freeing(core, jobs.delete, client, job_id)
    core.dispatcher.forget_job(deleted.number)
    core.hub.delete(deleted.number)
    await erase(core, deleted.pictures)
