"""AdminService: what an administrator sees and does of others."""

from __future__ import annotations

import asyncio
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from paints_undo.v1 import admin_pb2, admin_pb2_grpc
from paints_undo_daemon.access.tokens import OWN_CLIENT, Rights, TokenError, clients
from paints_undo_daemon.errors import InvalidArgumentError
from paints_undo_daemon.server.caller import require_administrator
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.ending import cancel_job, delete_job
from paints_undo_daemon.store import jobs, oversight, usage
from paints_undo_daemon.store.usage import Usage

_DEFAULT_PAGE, _MAX_PAGE = 100, 500


class AdminService(admin_pb2_grpc.AdminServiceServicer):
    """See `proto/paints_undo/v1/admin.proto`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def ListClients(self, request: admin_pb2.ListClientsRequest, context: Any) -> admin_pb2.ListClientsResponse:
        """Everybody, by name."""
        require_administrator()
        used = {item.client: item for item in await self._core.database.read(usage.of_clients)}
        rights = {OWN_CLIENT: Rights(administrator=True), **await asyncio.to_thread(self._named)}
        names = sorted(used.keys() | rights.keys())
        return admin_pb2.ListClientsResponse(
            clients=[self._shown(used.get(name) or Usage(name), rights.get(name)) for name in names]
        )

    async def ListClientJobs(
        self, request: admin_pb2.ListClientJobsRequest, context: Any
    ) -> admin_pb2.ListClientJobsResponse:
        """A page of everybody's jobs."""
        require_administrator()
        if request.page_size > _MAX_PAGE:
            raise InvalidArgumentError("page_size", f"page_size is {request.page_size}, but must be 1 to {_MAX_PAGE}.")
        if request.page_token and not (request.page_token.isdecimal() and len(request.page_token) < 19):
            raise InvalidArgumentError("page_token", "page_token must be the `next_page_token` of another answer.")
        size = request.page_size or _DEFAULT_PAGE
        listed, token = await self._core.database.read(oversight.page, request, size)
        return admin_pb2.ListClientJobsResponse(jobs=listed, next_page_token=token)

    async def CancelClientJob(
        self, request: admin_pb2.CancelClientJobRequest, context: Any
    ) -> admin_pb2.CancelClientJobResponse:
        """End anybody's job."""
        require_administrator()
        client = await self._core.database.read(oversight.owner, request.job_id)
        await cancel_job(self._core, client, request.job_id)
        row = await self._core.database.read(jobs.find, client, request.job_id)
        return admin_pb2.CancelClientJobResponse(job=oversight.to_proto(row))

    async def DeleteClientJob(
        self, request: admin_pb2.DeleteClientJobRequest, context: Any
    ) -> admin_pb2.DeleteClientJobResponse:
        """Delete anybody's job."""
        require_administrator()
        client = await self._core.database.read(oversight.owner, request.job_id)
        await delete_job(self._core, client, request.job_id)
        return admin_pb2.DeleteClientJobResponse()

    def _named(self) -> dict[str, Rights]:
        try:
            return clients(self._core.settings.home)
        except TokenError:
            return {}

    def _shown(self, used: Usage, rights: Rights | None) -> admin_pb2.ClientUsage:
        message = admin_pb2.ClientUsage(
            client=used.client,
            has_token=rights is not None,
            administrator=rights is not None and rights.administrator,
            jobs=used.jobs,
            jobs_waiting=used.jobs_waiting,
            stored_bytes=used.bytes,
            max_bytes=(rights.quota_bytes if rights else 0) or self._core.settings.max_client_bytes,
        )
        if used.last_seen is not None:
            message.last_seen.CopyFrom(_time(used.last_seen))
        if rights is not None and rights.expires:
            message.expire_time.CopyFrom(_time(rights.expires))
        return message


def _time(seconds: float) -> Timestamp:
    message = Timestamp()
    message.FromNanoseconds(int(seconds * 1e9))
    return message
