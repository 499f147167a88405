"""What an administrator asks of others, for `AsyncClient`.

The synchronous one is made from this file by `make client`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from paints_undo.v1 import admin_pb2
from paints_undo_daemon.client import wire
from paints_undo_daemon.client.aio_connection import AsyncConnection
from paints_undo_daemon.client.descriptions import ClientJob, ClientUsage
from paints_undo_daemon.client.reading import read
from paints_undo_daemon.states import JobState


class AsyncAdministration(AsyncConnection):
    """The jobs of all clients, without what they show; for the account and administrators."""

    async def client_usage(self) -> list[ClientUsage]:
        """Everybody that has a token, a job or a picture, by name; for the account and administrators."""
        answer: admin_pb2.ListClientsResponse = await self._call(
            lambda: self._admin.ListClients, admin_pb2.ListClientsRequest()
        )
        return [read(item, ClientUsage) for item in answer.clients]

    async def client_jobs(self, client: str = "", states: Iterable[JobState] = ()) -> AsyncIterator[ClientJob]:
        """The jobs of all clients or of one, newest first, without what they show; for the account and
        administrators."""
        request = admin_pb2.ListClientJobsRequest(client=client)
        request.states.extend(wire.state_numbers(states))
        while True:
            page: admin_pb2.ListClientJobsResponse = await self._call(lambda: self._admin.ListClientJobs, request)
            for job in page.jobs:
                yield read(job, ClientJob)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def cancel_client_job(self, job_id: str) -> ClientJob:
        """Cancel anybody's job; for the account and administrators."""
        request = admin_pb2.CancelClientJobRequest(job_id=job_id)
        answer: admin_pb2.CancelClientJobResponse = await self._call(lambda: self._admin.CancelClientJob, request)
        return read(answer.job, ClientJob)

    async def delete_client_job(self, job_id: str) -> None:
        """Delete anybody's ended job with its events and pictures; for the account and administrators."""
        request = admin_pb2.DeleteClientJobRequest(job_id=job_id)
        await self._call(lambda: self._admin.DeleteClientJob, request)
