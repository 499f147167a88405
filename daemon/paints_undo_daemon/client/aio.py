"""The asynchronous client. The synchronous one, `sync.py`, is made from this file by `make client`.

Every call that does not change anything, or that may be repeated, survives a broken connection: the client looks for
the daemon again (it may have been restarted on another port), has it prove itself again, and goes on where it was.
`docs/python.md` shows it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path

import grpc

from paints_undo.v1 import jobs_pb2, pictures_pb2, server_pb2
from paints_undo_daemon.client import aio_transport, pictures, results, wire
from paints_undo_daemon.client.aio_admin import AsyncAdministration
from paints_undo_daemon.client.aio_models import AsyncModels
from paints_undo_daemon.client.descriptions import ServerInfo
from paints_undo_daemon.client.errors import DaemonUnavailableError, translate
from paints_undo_daemon.client.foreseen import refuse_too_large
from paints_undo_daemon.client.pictures import PictureLike
from paints_undo_daemon.client.reading import read
from paints_undo_daemon.client.results import Job, Update
from paints_undo_daemon.client.saving import Receiver, check_output
from paints_undo_daemon.convert import export_options_to_proto
from paints_undo_daemon.states import JobState
from paints_undo_engine.contract import Operation
from paints_undo_engine.export.estimate import FileEstimate
from paints_undo_engine.export.options import ExportOptions, FrameSize, options_for
from paints_undo_engine.request import ProcessRequest, RedoParameters, variants_of


class AsyncClient(AsyncAdministration, AsyncModels):
    """A connection to a daemon, to be used as a context manager; for one event loop, or one thread at a time.

    `locator` says where the daemon is; it is asked again when the connection breaks. `patience_seconds` is how long a
    call goes on trying then. Every method raises `DaemonUnavailableError` when the daemon cannot be reached or does not
    answer, `CertificateError` when it does not prove itself, and `CallRefusedError` when it refuses.
    """

    # The daemon

    async def info(self) -> ServerInfo:
        """What the daemon is and can do."""
        answer: server_pb2.ServerInfo = await self._call(
            lambda: self._server.GetServerInfo, server_pb2.GetServerInfoRequest()
        )
        return read(answer, ServerInfo)

    async def warm_up(self, engine: str) -> None:
        """Load an engine before the first job needs it."""
        await self._call(lambda: self._server.WarmUp, server_pb2.WarmUpRequest(engine=engine), wire.LOADING_SECONDS)

    async def unload(self) -> int:
        """End idle workers; returns how many."""
        answer: server_pb2.UnloadResponse = await self._call(lambda: self._server.Unload, server_pb2.UnloadRequest())
        return answer.workers_ended

    async def stop_server(self) -> None:
        """Stop the daemon within the running step; its jobs go on after the next start."""
        try:
            await self.open()
            await self._once(lambda: self._server.StopServer, server_pb2.StopServerRequest())
        except grpc.RpcError as error:
            raise translate(error) from None

    # Pictures

    async def upload(self, picture: PictureLike) -> str:
        """Send a picture (a file, a file's bytes or raw pixels) unless the daemon has it already; returns its hash.

        Raises `OSError` when the file cannot be read.
        """
        upload = await aio_transport.run_aside(pictures.Upload, picture)
        return await self._repeat(lambda: self._upload_once(upload))

    async def _upload_once(self, upload: pictures.Upload) -> str:
        try:
            request = pictures_pb2.GetPictureRequest(hash=upload.header.hash)
            known: pictures_pb2.Picture = await self._once(lambda: self._pictures.GetPicture, request)
            return known.hash
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
        answer: pictures_pb2.UploadPictureResponse = await self._once(
            lambda: self._pictures.UploadPicture, upload.messages(), wire.upload_seconds(upload.header.size_bytes)
        )
        return answer.picture.hash

    async def download_picture(self, picture_hash: str) -> bytes:
        """The stored bytes of a picture of this client."""

        async def call() -> bytes:
            request = pictures_pb2.DownloadPictureRequest(hash=picture_hash)
            assembler = pictures.PictureAssembler(picture_hash)
            async for message in self._stream(lambda: self._pictures.DownloadPicture, request):
                assembler.feed(message)
            return assembler.take()

        return await self._repeat(call)

    async def delete_picture(self, picture_hash: str) -> None:
        """Delete an upload at once, for good. It must not be part of a job: delete that first."""
        await self._call(lambda: self._pictures.DeletePicture, pictures_pb2.DeletePictureRequest(hash=picture_hash))

    # Jobs

    async def submit(
        self,
        painting: PictureLike,
        request: ProcessRequest | None = None,
        *,
        own_keyframes: Mapping[int, PictureLike] | None = None,
        title: str = "",
        batch: bool = False,
        base_job_id: str = "",
        request_id: str | None = None,
        exports: Iterable[ExportOptions] = (),
    ) -> Job:
        """Send the pictures and create a job; when this returns, the job survives anything.

        `own_keyframes` maps operation steps to the artist's own pictures. `batch` queues the job after all interactive
        ones. `base_job_id` names an earlier job of the same painting whose results are taken over where the
        parameters agree. `request_id` makes the call idempotent beyond this client's life. `exports` is what the job is
        meant for: one that would be too much for its format is refused before anything is sent (`ExportError`).
        """
        await aio_transport.run_aside(refuse_too_large, painting, request or ProcessRequest(), exports)
        message = wire.job_request(
            await self.upload(painting),
            request or ProcessRequest(),
            {step: await self.upload(picture) for step, picture in (own_keyframes or {}).items()},
            title=title,
            batch=batch,
            base_job_id=base_job_id,
            request_id=request_id,
        )
        return results.read_job(await self._call(lambda: self._jobs.CreateJob, message))

    async def submit_variants(
        self,
        painting: PictureLike,
        request: ProcessRequest | None = None,
        *,
        count: int,
        own_keyframes: Mapping[int, PictureLike] | None = None,
        title: str = "",
        batch: bool = False,
        request_id: str | None = None,
        exports: Iterable[ExportOptions] = (),
    ) -> list[Job]:
        """Create `count` jobs (1 to 8) that are possible processes of one painting; each is a job like any other.

        They run one after the other on the same worker, which reads, describes and encodes the painting once.
        `request_id` as in `submit`, and so `exports`, of all jobs side by side. Raises `InvalidRequestError` where the
        engine has no variants.

        >>> jobs = client.submit_variants("in.png", count=4)
        >>> client.export(jobs[0].job_id, "variants.mp4", beside=[job.job_id for job in jobs[1:]])
        """
        await aio_transport.run_aside(refuse_too_large, painting, request or ProcessRequest(), exports, count)
        picture, name = await self.upload(painting), request_id or wire.new_id()
        own = {step: await self.upload(drawn) for step, drawn in (own_keyframes or {}).items()}
        made = []
        for number, wanted in enumerate(variants_of(request or ProcessRequest(), count)):
            message = wire.job_request(
                picture, wanted, own, title=title, batch=batch, base_job_id="", request_id=f"{name[:60]}-{number}"
            )
            made.append(results.read_job(await self._call(lambda: self._jobs.CreateJob, message)))
        return made

    async def branch(
        self,
        job_id: str,
        operation_step: int,
        candidate: int,
        *,
        mask: PictureLike | None = None,
        redo: RedoParameters | None = None,
        end_only: bool = False,
        request_id: str | None = None,
    ) -> Job:
        """Create a job that is another one up to `operation_step` (1 to 999), and then goes on to another end.

        `candidate` (1 to 8) is one of the ends that the engine offers, whose names are in `info`; `mask` is a picture
        of the painting's size, and only where it is light something new may come. `redo` is how the diffusion engine
        makes it, None: as the job has it. With `end_only` the job makes nothing but the state there and the end, which
        is enough to choose by. `request_id` as in `submit`.
        """
        job = await self.job(job_id)
        message = wire.branch_request(
            job.message,
            operation_step,
            candidate,
            mask_hash="" if mask is None else await self.upload(mask),
            redo=redo,
            end_only=end_only,
            request_id=request_id,
        )
        return results.read_job(await self._call(lambda: self._jobs.CreateJob, message))

    async def job(self, job_id: str) -> Job:
        """A job as it stands."""
        return results.read_job(await self._call(lambda: self._jobs.GetJob, jobs_pb2.GetJobRequest(job_id=job_id)))

    async def jobs(
        self, states: Iterable[JobState] = (), *, painting_hash: str = "", page_size: int = 50
    ) -> AsyncIterator[Job]:
        """This client's jobs, newest first."""
        request = jobs_pb2.ListJobsRequest(page_size=page_size, painting_hash=painting_hash)
        request.states.extend(wire.state_numbers(states))
        while True:
            page: jobs_pb2.ListJobsResponse = await self._call(lambda: self._jobs.ListJobs, request)
            for job in page.jobs:
                yield results.read_job(job)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def watch(self, job_id: str, after_sequence: int = 0) -> AsyncIterator[Update]:
        """The job's events from `after_sequence` + 1 on, each exactly once, with progress mixed in, until it has ended.

        A broken connection is mended and goes on with the next event.
        """
        position = wire.Position(job_id, after_sequence)
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                try:
                    async for message in self._stream(lambda: self._jobs.WatchJob, position.request()):
                        patience.reset()
                        update = position.take(message)
                        yield update
                        if update.ends:
                            return
                except wire.IdleError:  # perhaps there is no news: ask, and watch on
                    pass
                request = jobs_pb2.GetJobRequest(job_id=job_id)
                job = results.read_job(await self._once(lambda: self._jobs.GetJob, request))
                if job.state.ended and job.last_sequence <= position.after:
                    return
            except (grpc.RpcError, DaemonUnavailableError) as error:
                await self._mend(patience, error)

    async def wait(self, job_id: str) -> Job:
        """Wait until the job has finished. Raises `JobFailedError` or `JobCancelledError` when it ends otherwise."""
        async for _ in self.watch(job_id, (await self.job(job_id)).last_sequence):
            pass
        return (await self.job(job_id)).or_raise()

    async def cancel(self, job_id: str) -> Job:
        """Cancel a job; what is finished stays."""
        return results.read_job(
            await self._call(lambda: self._jobs.CancelJob, jobs_pb2.CancelJobRequest(job_id=job_id))
        )

    async def delete(self, job_id: str) -> None:
        """Delete an ended job with its events and pictures."""
        await self._call(lambda: self._jobs.DeleteJob, jobs_pb2.DeleteJobRequest(job_id=job_id))

    # Results

    async def frames(
        self,
        job_id: str,
        begin: int = 0,
        end: int = 0,
        stride: int = 1,
        *,
        keyframes: bool = False,
        encoding: pictures_pb2.PictureEncoding.ValueType = pictures_pb2.PICTURE_ENCODING_PNG,
        size: FrameSize = FrameSize.MODEL,
        max_side: int = 0,
    ) -> AsyncIterator[results.DownloadedFrame]:
        """Frames `begin` to `end` (exclusive; 0: all that are stored), or keyframes, in order.

        As they are stored; or restored to the painting's size, or to a canvas with the longer side `max_side` (16 to
        16384 pixels, at most the painting's).
        """
        patience = wire.Patience(self._patience_seconds)
        request = wire.frames_request(
            job_id, (begin, end, stride), keyframes=keyframes, encoding=encoding, size=size, max_side=max_side
        )
        while True:
            assembler = pictures.FrameAssembler()
            try:
                async for message in self._stream(lambda: self._jobs.DownloadFrames, request, wire.WORKING_SECONDS):
                    patience.reset()
                    if (frame := assembler.feed(message)) is not None:
                        yield frame
                        request.begin = frame.frame.index + stride
                assembler.close()
                return
            except (grpc.RpcError, DaemonUnavailableError) as error:
                await self._mend(patience, error)
                if end and request.begin >= end:
                    return

    async def layers(self, job_id: str) -> AsyncIterator[pictures.DownloadedLayer]:
        """The layer split of a finished procedural job, bottom layer first."""
        assembler = pictures.LayerAssembler()
        request = jobs_pb2.DownloadLayersRequest(job_id=job_id)
        try:
            async for message in self._stream(lambda: self._jobs.DownloadLayers, request, wire.WORKING_SECONDS):
                if (layer := assembler.feed(message)) is not None:
                    yield layer
        except grpc.RpcError as error:
            raise translate(error) from None
        assembler.close()

    async def layer_names(self, job_id: str) -> tuple[str, ...]:
        """What of a finished procedural job's split an export can leave out, by name, the topmost first."""
        request = jobs_pb2.ListLayerNamesRequest(job_id=job_id)
        return tuple((await self._call(lambda: self._jobs.ListLayerNames, request, wire.WORKING_SECONDS)).names)

    async def operations(self, job_id: str) -> AsyncIterator[Operation]:
        """The operations that the procedural engine took the painting apart into, in order."""
        request = jobs_pb2.ListOperationsRequest(job_id=job_id)
        try:
            async for message in self._stream(lambda: self._jobs.ListOperations, request, wire.WORKING_SECONDS):
                for operation in message.operations:
                    yield read(operation, Operation)
        except grpc.RpcError as error:
            raise translate(error) from None

    async def estimate_export(self, job_id: str, options: ExportOptions) -> FileEstimate:
        """What an export of the job's result would become: size of the pictures, length, about how many bytes."""
        request = jobs_pb2.EstimateExportRequest(job_id=job_id, options=export_options_to_proto(options))
        return read(await self._call(lambda: self._jobs.EstimateExport, request), FileEstimate)

    async def export(
        self,
        job_id: str,
        output: str | Path,
        options: ExportOptions | None = None,
        *,
        beside: Sequence[str] = (),
        overwrite: bool = False,
        progress: Callable[[int, int], None] | None = None,
        encoded_by: Callable[[str], None] | None = None,
    ) -> Path:
        """Save the job's result; without `options`, the ending of `output` decides the format.

        `beside` are other jobs, such as its variants, that are shown side by side with it: in a grid, or on a contact
        sheet in rows.

        The endings are .mp4 .webm .gif .webp .apng .ora .psd .html, .png or .pdf (contact sheet), .sprites.zip, .zip or
        none (a folder with the frames as PNG files). `progress` is called with a step and the number of steps, and
        `encoded_by` with what a video was encoded by, as FFmpeg calls it. Returns the path that was written. Nothing
        half-written is left. Raises `FileExistsError` unless `overwrite`, `ExportError` when the ending is unknown,
        `OSError` when the disk refuses.
        """
        path = Path(output)
        check_output(path, overwrite=overwrite)
        request = wire.export_request(job_id, options or options_for(path), beside)

        async def call() -> Path:
            with Receiver(path) as receiver:
                async for message in self._stream(lambda: self._jobs.ExportJob, request, wire.WORKING_SECONDS):
                    receiver.take(message, progress)
                if encoded_by is not None and receiver.encoder:
                    encoded_by(receiver.encoder)
                return receiver.finish()

        return await self._repeat(call)
