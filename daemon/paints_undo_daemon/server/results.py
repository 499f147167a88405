"""What is made of a whole process when a client asks for it: layers, operations and files."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon import signing_key
from paints_undo_daemon.chunk_message import ChunkMessage
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.errors import FailedPreconditionError, InvalidArgumentError, ResourceExhaustedError
from paints_undo_daemon.scheduler.dispatcher import EXPORTS, HELPER, SIGNING
from paints_undo_daemon.server.caller import caller
from paints_undo_daemon.server.chunks import file_chunks, made_file, temporary_folder
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.export_options import check_budget, checked_options
from paints_undo_daemon.server.healing import Healer
from paints_undo_daemon.server.reports import call_reports
from paints_undo_daemon.store import history, jobs
from paints_undo_daemon.store.claims import earlier_ends, stored_masks, stored_picture
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.descriptions import Ability, lack_of
from paints_undo_engine.export.estimate import EncodedFrame, estimate
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.request import MAX_VARIANTS

_RETRY_SECONDS = 5.0


class ResultStreams:
    """Streams layers, operations and exports, which a helper worker makes."""

    def __init__(self, core: Core, healer: Healer) -> None:
        self._core = core
        self._healer = healer
        self._exports: Counter[str] = Counter()

    async def layers(
        self, request: jobs_pb2.DownloadLayersRequest
    ) -> AsyncIterator[jobs_pb2.DownloadLayersResponse | ChunkMessage]:
        """The layer split, each layer as soon as it is written."""
        row, painting, parameters, masks = await self._split_process(request.job_id)
        with temporary_folder(self._core.files) as folder:
            folder.mkdir()
            task = worker_pb2.SplitLayers(parameters=parameters, painting=painting, folder=str(folder), masks=masks)
            async for report in call_reports(self._core, worker_pb2.Task(job_id=row.job_id, split_layers=task), HELPER):
                if not report.HasField("file"):
                    continue
                path = made_file(folder, report.file.path)
                yield jobs_pb2.DownloadLayersResponse(header=report.file.layer)
                async for chunk in file_chunks(path, partial(ChunkMessage, jobs_pb2.DownloadLayersResponse)):
                    yield chunk
                path.unlink()

    async def layer_names(self, request: jobs_pb2.ListLayerNamesRequest) -> jobs_pb2.ListLayerNamesResponse:
        """The names by which an export leaves layers out."""
        row, painting, parameters, masks = await self._split_process(request.job_id)
        task = worker_pb2.NameLayers(parameters=parameters, painting=painting, masks=masks)
        reports = call_reports(self._core, worker_pb2.Task(job_id=row.job_id, name_layers=task), HELPER)
        told = [report.layer_names async for report in reports if report.HasField("layer_names")]
        return told[0]

    async def operations(
        self, request: jobs_pb2.ListOperationsRequest
    ) -> AsyncIterator[jobs_pb2.ListOperationsResponse]:
        """The operations of the process."""
        row, painting, parameters = await self._process(request.job_id)
        masks = await self._core.database.read(stored_masks, row)
        _check_ability(parameters.engine, Ability.OPERATIONS)
        task = worker_pb2.ReadOperations(parameters=parameters, painting=painting, masks=masks)
        async for report in call_reports(self._core, worker_pb2.Task(job_id=row.job_id, read_operations=task), HELPER):
            if report.HasField("operations"):
                yield report.operations

    async def export(
        self, request: jobs_pb2.ExportJobRequest
    ) -> AsyncIterator[jobs_pb2.ExportJobResponse | ChunkMessage]:
        """A file made of the result: progress, then the header, then the bytes."""
        options = checked_options(request.options)
        if len(request.beside_job_ids) > MAX_VARIANTS - 1:
            raise InvalidArgumentError("beside_job_ids", f"beside_job_ids has more than {MAX_VARIANTS - 1} jobs.")
        if request.beside_job_ids and options.format.is_layered:
            raise InvalidArgumentError("beside_job_ids", f"A layered file ({options.format}) holds one process alone.")
        task = await self._result(request.job_id, None if request.beside_job_ids else options)
        for job_id in request.beside_job_ids:
            task.beside.append(await self._result(job_id))
        with self._exporting(caller.get().client), temporary_folder(self._core.files) as folder:
            folder.mkdir()
            task.options.CopyFrom(request.options)
            task.folder = str(folder)
            pair = await asyncio.to_thread(signing_key.for_export, options, self._core.settings.home)
            task.will_be_signed = pair is not None
            made: worker_pb2.MadeFile | None = None
            async for report in call_reports(
                self._core, worker_pb2.Task(job_id=request.job_id, export_result=task), EXPORTS
            ):
                if report.HasField("progress"):
                    progress = jobs_pb2.ExportProgress(step=report.progress.step, of=report.progress.of)
                    yield jobs_pb2.ExportJobResponse(progress=progress)
                elif report.HasField("file"):
                    made = report.file
            if made is None:
                raise FailedPreconditionError("The export gave no file.")
            path, encoder = made_file(folder, made.path), made.encoder
            if pair is not None:
                made.path = str(path)
                made = await self._signed(request.job_id, task.parameters, made, *pair)
            header = jobs_pb2.ExportHeader(
                file_name=made.name,
                media_type=made.media_type,
                size_bytes=made.size_bytes,
                sidecar=made.sidecar,
                encoder=encoder,
            )
            yield jobs_pb2.ExportJobResponse(header=header)
            async for chunk in file_chunks(path, partial(ChunkMessage, jobs_pb2.ExportJobResponse)):
                self._core.metrics.sent_bytes.inc(chunk.chunk_bytes)
                yield chunk

    async def estimate(self, request: jobs_pb2.EstimateExportRequest) -> jobs_pb2.ExportEstimate:
        """What an export would become."""
        options = checked_options(request.options)
        row = await self._core.database.read(jobs.get, caller.get().client, request.job_id)
        frames, keyframes = [
            await self._core.database.read(history.pictures, row.number, keyframes=each) for each in (False, True)
        ]
        if not (row.painting_width and (frames or keyframes)):
            raise FailedPreconditionError("There is nothing to export yet: wait for the first keyframes.")
        check_budget(row, frames, keyframes, options)
        stored = await asyncio.to_thread(self._stored, frames or keyframes)
        told = estimate(row.painting_width, row.painting_height, stored, options, len(keyframes))
        return jobs_pb2.ExportEstimate(**asdict(told))

    def _stored(self, frames: Sequence[jobs_pb2.Frame]) -> list[EncodedFrame]:
        size_of = self._core.files.size
        return [EncodedFrame(frame.width, frame.height, size_of(frame.picture_hash) or 0) for frame in frames]

    async def _signed(
        self,
        job_id: str,
        parameters: jobs_pb2.ProcessParameters,
        made: worker_pb2.MadeFile,
        certificates: bytes,
        key: bytes,
    ) -> worker_pb2.MadeFile:
        """The file with its signature. It is signed by a worker that never decodes a picture."""
        task = worker_pb2.SignFile(
            path=made.path,
            media_type=made.media_type,
            engine=parameters.engine,
            seed=request_from_proto(parameters).keyframe_seed,
            painting_fingerprint=made.painting_fingerprint,
            key=key,
            certificates=certificates,
        )
        async for report in call_reports(self._core, worker_pb2.Task(job_id=job_id, sign_file=task), SIGNING):
            if report.HasField("file"):
                made = report.file
        return made

    async def _result(self, job_id: str, options: ExportOptions | None = None) -> worker_pb2.ExportResult:
        """What an export needs of a job, undamaged. Raises `FailedPreconditionError` where nothing is made, and as
        `check_budget` does."""
        row, painting, parameters = await self._process(job_id)
        frames = await self._core.database.read(history.pictures, row.number, keyframes=False)
        keyframes = await self._core.database.read(history.pictures, row.number, keyframes=True)
        if not frames and not keyframes:
            raise FailedPreconditionError("There is nothing to export yet: wait for the first keyframes.")
        if options is not None:
            check_budget(row, frames, keyframes, options)
        await self._healer.heal(row, keyframes, keyframes=True)
        await self._healer.heal(row, frames, keyframes=False)
        return worker_pb2.ExportResult(
            parameters=parameters,
            painting=painting,
            frames=frames,
            keyframes=keyframes,
            tags=row.tags or "",
            title=row.title,
            masks=await self._core.database.read(stored_masks, row),
            earlier_ends=await self._core.database.read(earlier_ends, row),
        )

    async def _process(self, job_id: str) -> tuple[JobRow, worker_pb2.StoredPicture, jobs_pb2.ProcessParameters]:
        row = await self._core.database.read(jobs.get, caller.get().client, job_id)
        painting = await self._core.database.read(stored_picture, row.client, row.painting_hash)
        return row, painting, row.process_parameters()

    async def _split_process(
        self, job_id: str
    ) -> tuple[JobRow, worker_pb2.StoredPicture, jobs_pb2.ProcessParameters, list[worker_pb2.StoredPicture]]:
        """A finished process of an engine that has a layer split, with its masks. Raises `FailedPreconditionError`."""
        row, painting, parameters = await self._process(job_id)
        masks = await self._core.database.read(stored_masks, row)
        _check_ability(parameters.engine, Ability.LAYERS)
        if row.state != jobs_pb2.JOB_STATE_FINISHED:
            raise FailedPreconditionError("The job is not finished yet.", field="job_id")
        return row, painting, parameters, masks

    @contextmanager
    def _exporting(self, client: str) -> Iterator[None]:
        if self._exports[client] >= self._core.settings.max_exports_per_client:
            raise ResourceExhaustedError("Too many of your exports run: try again later.", retry_after=_RETRY_SECONDS)
        self._exports[client] += 1
        try:
            yield
        finally:
            self._exports[client] -= 1


def _check_ability(engine: str, ability: Ability) -> None:
    if problem := lack_of(engine, ability):
        raise FailedPreconditionError(problem, field="job_id")
