"""The stream of a process's frames: as they are stored, restored to the painting's size, or raw."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.chunk_message import ChunkMessage
from paints_undo_daemon.convert import request_from_proto
from paints_undo_daemon.errors import DataLossError, InvalidArgumentError, OutOfRangeError
from paints_undo_daemon.scheduler.dispatcher import FETCHES
from paints_undo_daemon.server.caller import caller
from paints_undo_daemon.server.chunks import PlacesAhead, ReadAhead, file_chunks, made_file, temporary_folder
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.healing import Healer
from paints_undo_daemon.server.reports import call_reports
from paints_undo_daemon.store import history, jobs
from paints_undo_daemon.store.claims import earlier_ends, end_of, stored_picture
from paints_undo_daemon.store.pictures import PictureLostError
from paints_undo_daemon.store.rows import JobRow
from paints_undo_engine.export.options import LARGEST_SIDE, NEARLY_FINISHED, SMALLEST_SIDE
from paints_undo_engine.request import branches_behind

_RAW = (pictures_pb2.PICTURE_ENCODING_RAW_RGB8, pictures_pb2.PICTURE_ENCODING_RAW_RGBA8)
_ENCODINGS = (pictures_pb2.PICTURE_ENCODING_UNSPECIFIED, pictures_pb2.PICTURE_ENCODING_PNG, *_RAW)
_MOST_AHEAD = 8
"""Pictures that are read before their turn, in all streams together; each holds up to 4 MiB."""

_FRAME_CHUNK = partial(ChunkMessage, jobs_pb2.DownloadFramesResponse)

Part: TypeAlias = jobs_pb2.DownloadFramesResponse | ChunkMessage


class FrameStreams:
    """Streams the frames of a process; what is not sent as it is stored is made by a helper worker."""

    def __init__(self, core: Core, healer: Healer) -> None:
        self._core = core
        self._healer = healer
        self._ahead = PlacesAhead(_MOST_AHEAD)

    async def download(self, request: jobs_pb2.DownloadFramesRequest) -> AsyncIterator[Part]:
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
        with temporary_folder(self._core.files) as folder:
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


def _is_small(frame: jobs_pb2.Frame) -> bool:
    """Whether a frame has fewer pixels than its place in the painting."""
    return frame.width < round(frame.placement.width) or frame.height < round(frame.placement.height)
