"""JobService: jobs and their events."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from typing import Any, cast

from paints_undo.v1 import jobs_pb2, jobs_pb2_grpc
from paints_undo_daemon.convert import masks, request_from_proto, supplied_keyframes
from paints_undo_daemon.errors import (
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
    ResourceExhaustedError,
)
from paints_undo_daemon.server.caller import caller, most_bytes
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.ending import cancel_job, delete_job
from paints_undo_daemon.server.frames import FrameStreams
from paints_undo_daemon.server.healing import Healer
from paints_undo_daemon.server.pictures import checked_hash
from paints_undo_daemon.server.readiness import Readiness
from paints_undo_daemon.server.results import ResultStreams
from paints_undo_daemon.server.status import from_request_error
from paints_undo_daemon.store import history, jobs, owned
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.request import ProcessRequest

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_TITLE = 200
_DEFAULT_PAGE, _MAX_PAGE = 50, 200
_EVENTS_PAGE = 500
_LAST_KINDS = ("cancelled", "failed", "finished")


class JobService(jobs_pb2_grpc.JobServiceServicer):
    """See `proto/paints_undo/v1/jobs.proto`."""

    def __init__(self, core: Core, readiness: Readiness) -> None:
        self._core = core
        self._readiness = readiness
        healer = Healer(core)
        self._frames = FrameStreams(core, healer)
        self._results = ResultStreams(core, healer)

    async def CreateJob(self, request: jobs_pb2.CreateJobRequest, context: Any) -> jobs_pb2.Job:
        """Check, store, enqueue."""
        who = caller.get()
        new = jobs.NewJob(
            who.client, who.connection, request, _checked(request), supplied_keyframes(request.parameters)
        )
        await self._readiness.require(new.request.engine, "parameters.engine")
        await self._check_space(who.client)
        await self._check_pictures(who.client, new)
        settings = self._core.settings
        limits = jobs.QueueLimits(settings.max_queued_jobs_per_client, settings.max_queued_jobs)
        row, events = await self._core.database.write(jobs.create, new, limits)
        if events:
            log.info("Accepted a %s job of %s.", row.engine, who.client, extra={"job_id": row.job_id})
            await self._core.dispatcher.add_job(row.number, row.engine, who.client, who.connection, row.priority)
        return await self._shown(row.job_id)

    async def GetJob(self, request: jobs_pb2.GetJobRequest, context: Any) -> jobs_pb2.Job:
        """One job."""
        return await self._shown(request.job_id)

    async def ListJobs(self, request: jobs_pb2.ListJobsRequest, context: Any) -> jobs_pb2.ListJobsResponse:
        """A page of the client's jobs."""
        if request.page_size > _MAX_PAGE:
            raise InvalidArgumentError("page_size", f"page_size is {request.page_size}, but must be 1 to {_MAX_PAGE}.")
        if request.page_token and not (request.page_token.isdecimal() and len(request.page_token) < 19):
            raise InvalidArgumentError("page_token", "page_token must be the `next_page_token` of another answer.")
        if request.painting_hash:
            checked_hash("painting_hash", request.painting_hash)
        size = request.page_size or _DEFAULT_PAGE
        listed, token = await self._core.database.read(jobs.page, caller.get().client, request, size)
        return jobs_pb2.ListJobsResponse(jobs=listed, next_page_token=token)

    async def WatchJob(
        self,
        request: jobs_pb2.WatchJobRequest,
        context: Any,
    ) -> AsyncIterator[jobs_pb2.WatchJobResponse]:
        """Events from the store, then from the feed as they come."""
        row = await self._core.database.read(jobs.get, caller.get().client, request.job_id)
        if request.after_sequence > row.last_sequence:
            raise OutOfRangeError(
                f"after_sequence is {request.after_sequence}, but the job has {row.last_sequence} events so far.",
                field="after_sequence",
            )
        job, sequence = row.number, request.after_sequence
        with self._core.hub.watch(job) as (feed, changed):
            row = await self._core.database.read(jobs.get, caller.get().client, request.job_id)
            progress = None
            from_store = True
            while True:
                changed.clear()
                if from_store:
                    events = await self._core.database.read(history.after, job, sequence, _EVENTS_PAGE)
                    from_store = len(events) == _EVENTS_PAGE
                else:
                    fresh = feed.since(sequence)
                    from_store, events = fresh is None, list(fresh or ())
                for event in events:
                    yield jobs_pb2.WatchJobResponse(event=event)
                    sequence = event.sequence
                    if event.WhichOneof("kind") in _LAST_KINDS:
                        return
                if from_store:
                    continue
                if feed.deleted or row.state in history.ENDED:
                    return
                if feed.progress is not None and feed.progress is not progress:
                    progress = feed.progress
                    yield jobs_pb2.WatchJobResponse(progress=progress)
                await changed.wait()

    async def CancelJob(self, request: jobs_pb2.CancelJobRequest, context: Any) -> jobs_pb2.Job:
        """The job ends here and now; its worker stops within the running step."""
        await cancel_job(self._core, caller.get().client, request.job_id)
        return await self._shown(request.job_id)

    async def DeleteJob(self, request: jobs_pb2.DeleteJobRequest, context: Any) -> jobs_pb2.DeleteJobResponse:
        """The job, its events, and its pictures as far as nothing else needs them."""
        await delete_job(self._core, caller.get().client, request.job_id)
        return jobs_pb2.DeleteJobResponse()

    def DownloadFrames(
        self,
        request: jobs_pb2.DownloadFramesRequest,
        context: Any,
    ) -> AsyncIterator[jobs_pb2.DownloadFramesResponse]:
        """Stored frames or keyframes."""
        return cast("AsyncIterator[jobs_pb2.DownloadFramesResponse]", self._frames.download(request))

    def DownloadLayers(
        self,
        request: jobs_pb2.DownloadLayersRequest,
        context: Any,
    ) -> AsyncIterator[jobs_pb2.DownloadLayersResponse]:
        """The layer split."""
        return cast("AsyncIterator[jobs_pb2.DownloadLayersResponse]", self._results.layers(request))

    def ListOperations(
        self,
        request: jobs_pb2.ListOperationsRequest,
        context: Any,
    ) -> AsyncIterator[jobs_pb2.ListOperationsResponse]:
        """The procedural engine's operations."""
        return self._results.operations(request)

    def ExportJob(
        self,
        request: jobs_pb2.ExportJobRequest,
        context: Any,
    ) -> AsyncIterator[jobs_pb2.ExportJobResponse]:
        """A file made of the result."""
        return cast("AsyncIterator[jobs_pb2.ExportJobResponse]", self._results.export(request))

    async def ListLayerNames(
        self, request: jobs_pb2.ListLayerNamesRequest, context: Any
    ) -> jobs_pb2.ListLayerNamesResponse:
        """The names by which an export leaves layers out."""
        return await self._results.layer_names(request)

    async def EstimateExport(self, request: jobs_pb2.EstimateExportRequest, context: Any) -> jobs_pb2.ExportEstimate:
        """What an export would become, without making it."""
        return await self._results.estimate(request)

    async def _shown(self, job_id: str) -> jobs_pb2.Job:
        number, message = await self._core.database.read(_job, caller.get().client, job_id)
        message.queue_position = self._core.dispatcher.position(number)
        return message

    async def _check_pictures(self, client: str, new: jobs.NewJob) -> None:
        """Refuse a job whose pictures are the client's but lie there no more. Raises `NotFoundError`."""
        for field, digest in new.pictures():
            await self._core.database.read(owned.require, client, digest, field)
            if self._core.files.size(digest) is None:
                raise NotFoundError(f"The stored picture {digest} was damaged or lost: upload it again.", field=field)

    async def _check_space(self, client: str) -> None:
        settings = self._core.settings
        if self._core.free_disk_bytes() < settings.min_free_disk_bytes:
            raise ResourceExhaustedError("The disk is full: free some space, then try again.")
        if await self._core.database.read(owned.client_bytes, client) >= most_bytes(settings):
            raise ResourceExhaustedError("Your pictures take all the space you may use: delete jobs you do not need.")


def _job(connection: Any, client: str, job_id: str) -> tuple[int, jobs_pb2.Job]:
    row = jobs.find(connection, client, job_id)
    return row.number, jobs.to_proto(connection, row)


def _checked(request: jobs_pb2.CreateJobRequest) -> ProcessRequest:
    """The job's request. Raises `InvalidArgumentError` with the field."""
    if not _REQUEST_ID.fullmatch(request.request_id):
        raise InvalidArgumentError("request_id", "request_id must be 1 to 64 characters of A-Z a-z 0-9 . _ -")
    checked_hash("painting_hash", request.painting_hash)
    if len(request.title) > _MAX_TITLE:
        raise InvalidArgumentError("title", f"title has {len(request.title)} characters, but may have {_MAX_TITLE}.")
    if request.priority not in jobs_pb2.Priority.values():
        raise InvalidArgumentError("priority", "priority must be INTERACTIVE or BATCH.")
    for digest in supplied_keyframes(request.parameters).values():
        checked_hash("parameters.keyframes.own.picture_hash", digest)
    for digest in masks(request.parameters):
        checked_hash("parameters.procedural.branches.mask_hash", digest)
    try:
        return request_from_proto(request.parameters)
    except InvalidRequestError as error:
        raise from_request_error(error, "parameters.") from None
