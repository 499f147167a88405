"""The asynchronous client: the same calls as `Client`, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

import grpc

from paints_undo.v1 import jobs_pb2, models_pb2, pictures_pb2, server_pb2
from paints_undo_daemon.client import pictures, wire
from paints_undo_daemon.client.aio_connection import AsyncConnection
from paints_undo_daemon.client.errors import translate
from paints_undo_daemon.client.saving import Receiver, check_output
from paints_undo_engine.export.options import ExportOptions, options_for
from paints_undo_engine.request import ProcessRequest

PictureLike = str | Path | bytes | pictures.RawPicture


class AsyncClient(AsyncConnection):
    """A connection to a daemon for one event loop, to be used as an asynchronous context manager.

    Arguments, results, errors and behaviour on a broken connection are those of `Client`.
    """

    # The daemon

    async def info(self) -> server_pb2.ServerInfo:
        """See `Client.info`."""
        return await self._repeat(
            lambda: self._server.GetServerInfo(server_pb2.GetServerInfoRequest(), metadata=self._metadata)
        )

    async def warm_up(self, engine: str) -> None:
        """See `Client.warm_up`."""
        await self._repeat(
            lambda: self._server.WarmUp(server_pb2.WarmUpRequest(engine=engine), metadata=self._metadata)
        )

    async def unload(self) -> int:
        """See `Client.unload`."""
        answer: server_pb2.UnloadResponse = await self._repeat(
            lambda: self._server.Unload(server_pb2.UnloadRequest(), metadata=self._metadata)
        )
        return answer.workers_ended

    async def stop_server(self) -> None:
        """See `Client.stop_server`."""
        try:
            await self._server.StopServer(server_pb2.StopServerRequest(), metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None

    # Pictures

    async def upload(self, picture: PictureLike) -> str:
        """See `Client.upload`."""
        upload = await asyncio.to_thread(pictures.Upload, picture)
        return await self._repeat(lambda: self._upload_once(upload))

    async def _upload_once(self, upload: pictures.Upload) -> str:
        request = pictures_pb2.GetPictureRequest(hash=upload.header.hash)
        try:
            known: pictures_pb2.Picture = await self._pictures.GetPicture(request, metadata=self._metadata)
            return known.hash
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
        answer: pictures_pb2.UploadPictureResponse = await self._pictures.UploadPicture(
            upload.messages(), metadata=self._metadata
        )
        return answer.picture.hash

    async def download_picture(self, picture_hash: str) -> bytes:
        """See `Client.download_picture`."""

        async def call() -> bytes:
            request = pictures_pb2.DownloadPictureRequest(hash=picture_hash)
            assembler = pictures.PictureAssembler(picture_hash)
            async for message in self._pictures.DownloadPicture(request, metadata=self._metadata):
                assembler.feed(message)
            return assembler.take()

        return await self._repeat(call)

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
    ) -> jobs_pb2.Job:
        """See `Client.submit`."""
        message = wire.job_request(
            await self.upload(painting),
            request or ProcessRequest(),
            {step: await self.upload(picture) for step, picture in (own_keyframes or {}).items()},
            title=title,
            batch=batch,
            base_job_id=base_job_id,
            request_id=request_id,
        )
        return await self._repeat(lambda: self._jobs.CreateJob(message, metadata=self._metadata))

    async def job(self, job_id: str) -> jobs_pb2.Job:
        """See `Client.job`."""
        return await self._repeat(
            lambda: self._jobs.GetJob(jobs_pb2.GetJobRequest(job_id=job_id), metadata=self._metadata)
        )

    async def jobs(
        self, states: Iterable[jobs_pb2.JobState.ValueType] = (), *, painting_hash: str = "", page_size: int = 50
    ) -> AsyncIterator[jobs_pb2.Job]:
        """See `Client.jobs`."""
        request = jobs_pb2.ListJobsRequest(page_size=page_size, painting_hash=painting_hash, states=states)
        while True:
            page: jobs_pb2.ListJobsResponse = await self._repeat(
                lambda: self._jobs.ListJobs(request, metadata=self._metadata)
            )
            for job in page.jobs:
                yield job
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def watch(self, job_id: str, after_sequence: int = 0) -> AsyncIterator[wire.Update]:
        """See `Client.watch`."""
        position = wire.Position(job_id, after_sequence)
        patience = wire.Patience(self._patience_seconds)
        while True:
            try:
                async for message in self._stream(
                    lambda: self._jobs.WatchJob(position.request(), metadata=self._metadata)
                ):
                    patience.reset()
                    update = position.take(message)
                    yield update
                    if update.ends:
                        return
                job = await self._jobs.GetJob(jobs_pb2.GetJobRequest(job_id=job_id), metadata=self._metadata)
                if job.state in wire.ENDED_STATES and job.last_sequence <= position.after:
                    return
            except grpc.aio.AioRpcError as error:
                await self._reconnect(patience, error)

    async def wait(self, job_id: str) -> jobs_pb2.Job:
        """See `Client.wait`."""
        async for _ in self.watch(job_id, (await self.job(job_id)).last_sequence):
            pass
        return wire.check_outcome(await self.job(job_id))

    async def cancel(self, job_id: str) -> jobs_pb2.Job:
        """See `Client.cancel`."""
        return await self._repeat(
            lambda: self._jobs.CancelJob(jobs_pb2.CancelJobRequest(job_id=job_id), metadata=self._metadata)
        )

    async def delete(self, job_id: str) -> None:
        """See `Client.delete`."""
        await self._repeat(
            lambda: self._jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job_id), metadata=self._metadata)
        )

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
    ) -> AsyncIterator[pictures.DownloadedFrame]:
        """See `Client.frames`."""
        patience = wire.Patience(self._patience_seconds)
        request = jobs_pb2.DownloadFramesRequest(
            job_id=job_id, begin=begin, end=end, stride=stride, keyframes=keyframes, encoding=encoding
        )
        while True:
            assembler = pictures.FrameAssembler()
            try:
                async for message in self._stream(lambda: self._jobs.DownloadFrames(request, metadata=self._metadata)):
                    patience.reset()
                    if (frame := assembler.feed(message)) is not None:
                        yield frame
                        request.begin = frame.frame.index + stride
                assembler.close()
                return
            except grpc.aio.AioRpcError as error:
                await self._reconnect(patience, error)
                if end and request.begin >= end:
                    return

    async def layers(self, job_id: str) -> AsyncIterator[pictures.DownloadedLayer]:
        """See `Client.layers`."""
        assembler = pictures.LayerAssembler()
        request = jobs_pb2.DownloadLayersRequest(job_id=job_id)
        try:
            async for message in self._stream(lambda: self._jobs.DownloadLayers(request, metadata=self._metadata)):
                if (layer := assembler.feed(message)) is not None:
                    yield layer
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None
        assembler.close()

    async def operations(self, job_id: str) -> AsyncIterator[jobs_pb2.Operation]:
        """See `Client.operations`."""
        request = jobs_pb2.ListOperationsRequest(job_id=job_id)
        try:
            async for message in self._stream(lambda: self._jobs.ListOperations(request, metadata=self._metadata)):
                for operation in message.operations:
                    yield operation
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None

    async def export(
        self,
        job_id: str,
        output: str | Path,
        options: ExportOptions | None = None,
        *,
        overwrite: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Path:
        """See `Client.export`."""
        path = Path(output)
        check_output(path, overwrite=overwrite)
        request = wire.export_request(job_id, options or options_for(path))

        async def call() -> Path:
            with Receiver(path) as receiver:
                async for message in self._stream(lambda: self._jobs.ExportJob(request, metadata=self._metadata)):
                    receiver.take(message, progress)
                return receiver.finish()

        return await self._repeat(call)

    # Models

    async def models(self) -> models_pb2.ListModelsResponse:
        """See `Client.models`."""
        return await self._repeat(
            lambda: self._models.ListModels(models_pb2.ListModelsRequest(), metadata=self._metadata)
        )

    async def download_model(
        self, model_id: str, revision: str = "", *, detach: bool = False
    ) -> AsyncIterator[models_pb2.DownloadModelResponse]:
        """See `Client.download_model`."""
        request = models_pb2.DownloadModelRequest(model_id=model_id, revision=revision, detach=detach)
        try:
            async for message in self._stream(lambda: self._models.DownloadModel(request, metadata=self._metadata)):
                yield message
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None

    async def cancel_model_download(self, model_id: str) -> None:
        """See `Client.cancel_model_download`."""
        request = models_pb2.CancelModelDownloadRequest(model_id=model_id)
        await self._repeat(lambda: self._models.CancelModelDownload(request, metadata=self._metadata))

    async def verify_model(self, model_id: str) -> AsyncIterator[models_pb2.VerifyModelResponse]:
        """See `Client.verify_model`."""
        request = models_pb2.VerifyModelRequest(model_id=model_id)
        try:
            async for message in self._stream(lambda: self._models.VerifyModel(request, metadata=self._metadata)):
                yield message
        except grpc.aio.AioRpcError as error:
            raise translate(error) from None
