"""The daemon's calls, as coroutines over plain data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from grpclib.client import StreamUnaryMethod, UnaryStreamMethod, UnaryUnaryMethod

from paints_undo.v1 import jobs_pb2, models_pb2, pictures_pb2, server_pb2

from ..core.connection import Server
from ..core.home import PROTOCOL_VERSION, Endpoint
from ..core.installed import ServedModel
from ..core.jobs import Accepted, Event, JobOrder, Progress, StoredFrame
from . import convert, hashing
from .channel import open_channel, translate
from .errors import CallError
from .pictures import PNG, Pixels, SplitLayer

CHUNK = 512 * 1024
CHUNK_SECONDS = 60.0
IDLE_SECONDS = 900.0
"""How long a stream may bring nothing. A daemon that hangs is noticed earlier, by the pulse."""


class Daemon:
    """One connected daemon. All methods raise `CallError`."""

    def __init__(self, endpoint: Endpoint, channel: Any, metadata: dict[str, str]) -> None:
        self.endpoint = endpoint
        self._channel = channel
        self._metadata = metadata

    @classmethod
    async def connect(cls, endpoint: Endpoint, version: str) -> tuple[Daemon, Server]:
        """Connect and ask what the daemon is."""
        channel, metadata = open_channel(endpoint)
        daemon = cls(endpoint, channel, metadata)
        try:
            server = await daemon.info(version)
        except CallError:
            daemon.close()
            raise
        if server.protocol_version < PROTOCOL_VERSION:
            daemon.close()
            raise CallError("UNIMPLEMENTED", "The daemon speaks an older version of the protocol.")
        return daemon, server

    def close(self) -> None:
        """End the connection; running calls fail."""
        self._channel.close()

    async def info(self, version: str) -> Server:
        """What the daemon is and can do."""
        request = server_pb2.GetServerInfoRequest(client_version=version)
        return convert.server(await self._unary("ServerService/GetServerInfo", request, server_pb2.ServerInfo, 10.0))

    async def warm_up(self, engine: str) -> None:
        """Have an engine loaded before the first job needs it."""
        request = server_pb2.WarmUpRequest(engine=engine)
        await self._unary("ServerService/WarmUp", request, server_pb2.WarmUpResponse, 60.0)

    async def stop(self) -> None:
        """Ask the daemon to end; jobs go on after its next start."""
        await self._unary(
            "ServerService/StopServer", server_pb2.StopServerRequest(), server_pb2.StopServerResponse, 30.0
        )

    async def upload(self, digest: str, pixels: Pixels) -> None:
        """Send a picture, unless the daemon has it."""
        try:
            await self._unary(
                "PictureService/GetPicture", pictures_pb2.GetPictureRequest(hash=digest), pictures_pb2.Picture, 10.0
            )
            return
        except CallError as error:
            if error.status != "NOT_FOUND":
                raise
        header = pictures_pb2.UploadHeader(
            hash=digest, size_bytes=len(pixels.data), encoding=pixels.encoding, width=pixels.width, height=pixels.height
        )
        method = self._method(
            StreamUnaryMethod,
            "PictureService/UploadPicture",
            pictures_pb2.UploadPictureRequest,
            pictures_pb2.UploadPictureResponse,
        )
        try:
            async with method.open(metadata=self._metadata) as stream:
                await within(CHUNK_SECONDS, stream.send_message(pictures_pb2.UploadPictureRequest(header=header)))
                view = memoryview(pixels.data)
                for start in range(0, len(view), CHUNK):
                    chunk = pictures_pb2.UploadPictureRequest(chunk=bytes(view[start : start + CHUNK]))
                    await within(CHUNK_SECONDS, stream.send_message(chunk, end=start + CHUNK >= len(view)))
                await within(CHUNK_SECONDS, stream.recv_message())
        except Exception as error:
            raise translate(error) from error

    async def create(self, order: JobOrder) -> Accepted:
        """Create the job at the daemon; a second call with the same request id finds the first one's."""
        request = jobs_pb2.CreateJobRequest(
            request_id=order.request_id,
            painting_hash=order.painting_hash,
            parameters=convert.process_parameters(order.parameters, order.engine),
            priority=jobs_pb2.PRIORITY_INTERACTIVE,
            title=order.title[:200],
            base_job_id=order.base_job_id,
        )
        return convert.accepted(await self._unary("JobService/CreateJob", request, jobs_pb2.Job, 60.0))

    async def get(self, job_id: str) -> Accepted:
        """A job that the daemon knows."""
        request = jobs_pb2.GetJobRequest(job_id=job_id)
        return convert.accepted(await self._unary("JobService/GetJob", request, jobs_pb2.Job, 20.0))

    async def cancel(self, job_id: str) -> None:
        """Cancel a job; what is finished stays."""
        await self._unary("JobService/CancelJob", jobs_pb2.CancelJobRequest(job_id=job_id), jobs_pb2.Job, 20.0)

    async def delete(self, job_id: str) -> None:
        """Delete an ended job."""
        await self._unary(
            "JobService/DeleteJob", jobs_pb2.DeleteJobRequest(job_id=job_id), jobs_pb2.DeleteJobResponse, 20.0
        )

    async def watch(self, job_id: str, after: int) -> AsyncIterator[Event | Progress]:
        """The job's events after `after`, with progress between them, until it has ended."""
        request = jobs_pb2.WatchJobRequest(job_id=job_id, after_sequence=after)
        async for message in self._stream("JobService/WatchJob", request, jobs_pb2.WatchJobResponse):
            if message.WhichOneof("item") == "event":
                yield convert.event(message.event)
            else:
                yield convert.progress(message.progress)

    async def frames(
        self, job_id: str, begin: int, end: int, stride: int = 1, keyframes: bool = False
    ) -> AsyncIterator[tuple[StoredFrame, Pixels]]:
        """Pictures of a job in order, at the painting's size, as PNG: nothing is decoded before it is needed."""
        encoding: Any = PNG
        size: Any = jobs_pb2.FrameSize.FRAME_SIZE_PAINTING
        request = jobs_pb2.DownloadFramesRequest(
            job_id=job_id, begin=begin, end=end, stride=stride, keyframes=keyframes, encoding=encoding, size=size
        )
        parts = self._stream("JobService/DownloadFrames", request, jobs_pb2.DownloadFramesResponse)
        async for header, data in _pictures(parts):
            frame = convert.picture(header.frame)
            _check(header.frame.picture_hash, data, header.encoding, frame.width, frame.height)
            yield frame, Pixels(data, header.encoding, frame.width, frame.height)

    async def layers(self, job_id: str) -> AsyncIterator[SplitLayer]:
        """The layer split, bottom layer first."""
        request = jobs_pb2.DownloadLayersRequest(job_id=job_id)
        parts = self._stream("JobService/DownloadLayers", request, jobs_pb2.DownloadLayersResponse)
        async for header, data in _pictures(parts):
            yield convert.layer(header, Pixels(data, PNG, header.width, header.height))

    async def layer_names(self, job_id: str) -> tuple[str, ...]:
        """What an export can leave out by its name, the topmost first."""
        request = jobs_pb2.ListLayerNamesRequest(job_id=job_id)
        told = await self._unary("JobService/ListLayerNames", request, jobs_pb2.ListLayerNamesResponse, IDLE_SECONDS)
        return tuple(told.names)

    async def picture(self, digest: str) -> Pixels:
        """A stored picture by its hash."""
        request = pictures_pb2.DownloadPictureRequest(hash=digest)
        header, data = None, bytearray()
        parts = self._stream("PictureService/DownloadPicture", request, pictures_pb2.DownloadPictureResponse)
        async for message in parts:
            if message.WhichOneof("part") == "picture":
                header = message.picture
            else:
                data += message.chunk
        if header is None:
            raise CallError("DATA_LOSS", "The daemon sent no picture.")
        _check(digest, data, header.encoding, header.width, header.height)
        return Pixels(bytes(data), header.encoding, header.width, header.height)

    async def export(
        self, job_id: str, options: dict[str, Any], write: Callable[[bytes], Any], step: Callable[[int, int], None]
    ) -> tuple[bytes, str]:
        """Have a file made and hand its bytes to `write`; `step` hears of progress. Returns the signed claim that is to
        be stored beside it, if there is one, and what a video was encoded by."""
        request = jobs_pb2.ExportJobRequest(job_id=job_id, options=jobs_pb2.ExportOptions(**options))
        header, received = None, 0
        async for message in self._stream("JobService/ExportJob", request, jobs_pb2.ExportJobResponse):
            part = message.WhichOneof("part")
            if part == "progress":
                step(message.progress.step, message.progress.of)
            elif part == "header":
                header = message.header
            else:
                write(message.chunk)
                received += len(message.chunk)
        if header is None or received != header.size_bytes:
            raise CallError("DATA_LOSS", "The export broke off; try again.")
        return bytes(header.sidecar), str(header.encoder)

    async def export_size(self, job_id: str, options: dict[str, Any]) -> int:
        """About how many bytes an export would have."""
        request = jobs_pb2.EstimateExportRequest(job_id=job_id, options=jobs_pb2.ExportOptions(**options))
        told = await self._unary("JobService/EstimateExport", request, jobs_pb2.ExportEstimate, 20.0)
        return int(told.size_bytes)

    async def models(self) -> tuple[tuple[ServedModel, ...], int]:
        """The models and their state, and the free bytes of the disk that they lie on."""
        request = models_pb2.ListModelsRequest()
        listed = await self._unary("ModelService/ListModels", request, models_pb2.ListModelsResponse, 20.0)
        return tuple(convert.model(message) for message in listed.models if not message.use), listed.free_disk_bytes

    async def download_model(self, model_id: str) -> AsyncIterator[tuple[int, int, float]]:
        """Download a model, or go on with a download; yields bytes done, bytes in all, and bytes in a second. The
        download ends with the call, unless others look on."""
        request = models_pb2.DownloadModelRequest(model_id=model_id)
        async for message in self._stream("ModelService/DownloadModel", request, models_pb2.DownloadModelResponse):
            yield message.done_bytes, message.total_bytes, message.bytes_per_second

    def _method(self, kind: Any, name: str, request: Any, reply: Any) -> Any:
        return kind(self._channel, f"/paints_undo.v1.{name}", request, reply)

    async def _unary(self, name: str, request: Any, reply: Any, seconds: float) -> Any:
        method = self._method(UnaryUnaryMethod, name, type(request), reply)
        try:
            return await within(seconds, method(request, metadata=self._metadata))
        except Exception as error:
            raise translate(error) from error

    async def _stream(self, name: str, request: Any, reply: Any) -> AsyncIterator[Any]:
        method = self._method(UnaryStreamMethod, name, type(request), reply)
        try:
            async with method.open(metadata=self._metadata) as stream:
                await within(CHUNK_SECONDS, stream.send_message(request, end=True))
                while (message := await within(IDLE_SECONDS, stream.recv_message())) is not None:
                    yield message
        except Exception as error:
            raise translate(error) from error


async def within(seconds: float, call: Awaitable[Any]) -> Any:
    """What a call returns. Raises `TimeoutError` when that takes longer than `seconds`."""
    return await asyncio.wait_for(call, seconds)


def _check(digest: str, data: bytes | bytearray, encoding: Any, width: int, height: int) -> None:
    """Compare what has arrived with its name. Raises `CallError`."""
    if hashing.digest(data, encoding, width, height) != digest:
        raise CallError("DATA_LOSS", "A picture has arrived damaged; try again.")


async def _pictures(parts: AsyncIterator[Any]) -> AsyncIterator[tuple[Any, bytes]]:
    """Join headers and their chunks. Raises `CallError` when a picture is cut short."""
    header, data = None, bytearray()
    async for message in parts:
        if message.WhichOneof("part") == "header":
            header, data = message.header, bytearray()
        else:
            data += message.chunk
        if header is not None and len(data) >= header.size_bytes:
            yield header, bytes(data)
            header = None
    if header is not None:
        raise CallError("DATA_LOSS", "A picture was cut short; try again.")
