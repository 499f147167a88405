"""JobService's streams of pictures and files."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon import errors, signing_key
from paints_undo_daemon.chunk_message import ChunkMessage
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.errors import DataLossError, FailedPreconditionError, InvalidArgumentError, OutOfRangeError
from paints_undo_daemon.scheduler.dispatcher import EXPORTS, FETCHES, HELPER, SIGNING
from paints_undo_daemon.server.caller import caller
from paints_undo_daemon.server.chunks import PlacesAhead, ReadAhead, file_chunks, made_file
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.export_options import check_budget, checked_options
from paints_undo_daemon.server.healing import Healer
from paints_undo_daemon.store import history, jobs
from paints_undo_daemon.store.claims import earlier_ends, end_of, stored_masks, stored_picture
from paints_undo_daemon.store.pictures import PictureLostError
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.descriptions import Ability, lack_of
from paints_undo_engine.export.estimate import EncodedFrame, estimate
from paints_undo_engine.export.options import LARGEST_SIDE, NEARLY_FINISHED, SMALLEST_SIDE, ExportOptions
from paints_undo_engine.request import MAX_VARIANTS, branches_behind

_RAW = (pictures_pb2.PICTURE_ENCODING_RAW_RGB8, pictures_pb2.PICTURE_ENCODING_RAW_RGBA8)
_ENCODINGS = (pictures_pb2.PICTURE_ENCODING_UNSPECIFIED, pictures_pb2.PICTURE_ENCODING_PNG, *_RAW)
_RETRY_SECONDS = 5.0
_MOST_AHEAD = 8
"""Pictures that are read before their turn, in all streams together; each holds up to 4 MiB."""

_FRAME_CHUNK = partial(ChunkMessage, jobs_pb2.DownloadFramesResponse)

Part: TypeAlias = jobs_pb2.DownloadFramesResponse | ChunkMessage


class Downloads:
    """Streams frames, layers, operations and exports; what needs pixels is done by a helper worker."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._exports: Counter[str] = Counter()
        self._healer = Healer(core)
        self._ahead = PlacesAhead(_MOST_AHEAD)

    async def frames(self, request: jobs_pb2.DownloadFramesRequest) -> AsyncIterator[Part]:
        """A range of the stored frames."""
        if request.encoding not in _ENCODINGS:
            raise InvalidArgumentError("encoding", "Frames are sent as PNG, RAW_RGB8 or RAW_RGBA8.")
        if request.end and request.end <= request.begin:
            raise InvalidArgumentError("end", "end must be larger than begin, or 0 for all that is stored.")
        row = await self._core.database.read(jobs.get, caller.get().client, request.job_id)
        total = len(row.process_parameters().keyframes.operation_steps) + 2
        count = total if request.keyframes else row.frame_count
        if request.begin >= count or request.end > count:
            name = "begin" if request.begin >= count else "end"
            raise OutOfRangeError(f"{name} is {getattr(request, name)}, but the process has {count}.", field=name)
        stored = await self._core.database.read(history.pictures, row.number, keyframes=request.keyframes)
        if not request.keyframes and len(stored) < row.frames_stored:
            raise DataLossError(f"The record of the job {row.job_id} is damaged: start the job again.", field="job_id")
        wanted = set(range(request.begin, request.end or count, request.stride or 1))
        listed = [frame for frame in stored if frame.index in wanted]
        if self._healer.lost(listed):
            await self._healer.heal(row, listed, keyframes=request.keyframes)
        restoring = await self._restoring(row, request, stored)
        before = await self._core.database.read(earlier_ends, row) if restoring else []
        branches = request_from_proto(row.process_parameters()).procedural.branches if before else ()
        as_stored = restoring is None and request.encoding not in _RAW
        with closing(ReadAhead(self._core.files, self._ahead, _FRAME_CHUNK)) as ahead:
            for frame, following in zip_longest(listed, listed[1:]):
                if restoring is not None:
                    end = ([*before, restoring.end])[branches_behind(branches, frame.operation_step)]
                    restoring.painting.CopyFrom(end if end.hash else restoring.end)
                upcoming = following.picture_hash if following is not None and as_stored else ""
                async for part in self._frame(row, frame, request, restoring, ahead, upcoming):
                    yield part

    async def _restoring(
        self, row: JobRow, request: jobs_pb2.DownloadFramesRequest, stored: Sequence[jobs_pb2.Frame]
    ) -> worker_pb2.RestoreFrame | None:
        """What a worker is told of every frame that is not to be sent as it is stored."""
        if request.max_side and not SMALLEST_SIDE <= request.max_side <= LARGEST_SIDE:
            raise InvalidArgumentError("max_side", f"max_side must be {SMALLEST_SIDE} to {LARGEST_SIDE}, or 0.")
        if request.size not in jobs_pb2.FrameSize.values():
            raise InvalidArgumentError("size", "size must be PAINTING or MODEL.")
        if request.size != jobs_pb2.FRAME_SIZE_PAINTING and not request.max_side:
            return None
        end = await self._core.database.read(stored_picture, row.client, row.painting_hash)
        if row.process_parameters().procedural.branches:
            made: worker_pb2.StoredPicture | None = await self._core.database.read(end_of, row.number)
            end = made or end
        task = worker_pb2.RestoreFrame(end=end, max_side=request.max_side)
        nearly = [frame for frame in stored if 0 < frame.operation_step <= NEARLY_FINISHED]
        if nearly:
            task.nearly_finished.CopyFrom(nearly[-1])
        return task

    async def _frame(
        self,
        row: JobRow,
        frame: jobs_pb2.Frame,
        request: jobs_pb2.DownloadFramesRequest,
        restoring: worker_pb2.RestoreFrame | None,
        ahead: ReadAhead[ChunkMessage],
        following: str,
    ) -> AsyncIterator[Part]:
        """A frame's header and bytes; one that turns out to be damaged before it is sent is made again. Meanwhile the
        picture `following` is read, if there is one."""
        encoding = request.encoding or pictures_pb2.PICTURE_ENCODING_PNG
        with self._folder() as folder:
            try:
                shown, size, chunks = await self._open(frame, encoding, folder, restoring, ahead)
            except (PictureLostError, DataLossError):
                if not await self._healer.heal(row, [frame], keyframes=request.keyframes):
                    raise
                shown, size, chunks = await self._open(frame, encoding, folder, restoring, ahead)
            header = jobs_pb2.PictureHeader(frame=shown, encoding=encoding, size_bytes=size)
            yield jobs_pb2.DownloadFramesResponse(header=header)
            if following:
                ahead.begin(following)
            async for chunk in chunks:
                self._core.metrics.sent_bytes.inc(chunk.chunk_bytes)
                yield chunk

    async def _open(
        self,
        frame: jobs_pb2.Frame,
        encoding: pictures_pb2.PictureEncoding.ValueType,
        folder: Path,
        restoring: worker_pb2.RestoreFrame | None,
        ahead: ReadAhead[ChunkMessage],
    ) -> tuple[jobs_pb2.Frame, int, AsyncIterator[ChunkMessage]]:
        """The frame as it will be sent, its number of bytes, and the bytes."""
        if restoring is not None and (restoring.max_side or _is_small(frame)):
            return await self._restored(frame, encoding, folder, restoring)
        if encoding not in _RAW:
            return frame, *await ahead.open(frame.picture_hash)
        picture = worker_pb2.StoredPicture(hash=frame.picture_hash, encoding=pictures_pb2.PICTURE_ENCODING_PNG)
        folder.mkdir(exist_ok=True)
        task = worker_pb2.Transcode(picture=picture, encoding=encoding, folder=str(folder))
        reports = call_reports(self._core, worker_pb2.Task(transcode=task), FETCHES)
        made = [report async for report in reports if report.HasField("file")]
        path = made_file(folder, made[0].file.path)
        return frame, path.stat().st_size, file_chunks(path, _FRAME_CHUNK)

    async def _restored(
        self,
        frame: jobs_pb2.Frame,
        encoding: pictures_pb2.PictureEncoding.ValueType,
        folder: Path,
        restoring: worker_pb2.RestoreFrame,
    ) -> tuple[jobs_pb2.Frame, int, AsyncIterator[ChunkMessage]]:
        folder.mkdir(exist_ok=True)
        task = worker_pb2.RestoreFrame(frame=frame, encoding=encoding, folder=str(folder))
        task.MergeFrom(restoring)
        reports = call_reports(self._core, worker_pb2.Task(restore_frame=task), FETCHES)
        made = [item async for item in reports if item.HasField("file")]
        path = made_file(folder, made[0].file.path)
        return made[0].file.frame, made[0].file.size_bytes, file_chunks(path, _FRAME_CHUNK)

    async def layers(
        self, request: jobs_pb2.DownloadLayersRequest
    ) -> AsyncIterator[jobs_pb2.DownloadLayersResponse | ChunkMessage]:
        """The layer split, each layer as soon as it is written."""
        row, painting, parameters, masks = await self._split_process(request.job_id)
        with self._folder() as folder:
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
        with self._exporting(caller.get().client), self._folder() as folder:
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
    def _folder(self) -> Iterator[Path]:
        folder = self._core.files.new_temporary()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _exporting(self, client: str) -> Iterator[None]:
        if self._exports[client] >= self._core.settings.max_exports_per_client:
            raise errors.ResourceExhaustedError(
                "Too many of your exports run: try again later.", retry_after=_RETRY_SECONDS
            )
        self._exports[client] += 1
        try:
            yield
        finally:
            self._exports[client] -= 1


def _is_small(frame: jobs_pb2.Frame) -> bool:
    """Whether a frame has fewer pixels than its place in the painting."""
    return frame.width < round(frame.placement.width) or frame.height < round(frame.placement.height)


def _check_ability(engine: str, ability: Ability) -> None:
    if problem := lack_of(engine, ability):
        raise FailedPreconditionError(problem, field="job_id")


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
        return InvalidArgumentError(failure.field, failure.message)
    return _ERRORS.get(failure.code, errors.CallError)(failure.message, field=failure.field)
