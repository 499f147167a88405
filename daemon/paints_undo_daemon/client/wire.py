"""What the synchronous and the asynchronous client share: everything about the calls that does no input or output."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client.errors import BrokenAnswerError, JobCancelledError, JobFailedError
from paints_undo_daemon.convert import request_to_proto
from paints_undo_engine.export.options import Aspect, ExportOptions
from paints_undo_engine.request import ProcessRequest

CHUNK_BYTES = 1 << 20
ENDED_STATES = frozenset({jobs_pb2.JOB_STATE_FINISHED, jobs_pb2.JOB_STATE_CANCELLED, jobs_pb2.JOB_STATE_FAILED})
_ENDING_EVENTS = frozenset({"cancelled", "failed", "finished"})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a daemon listens and how it is spoken to.

    `address` is a gRPC target (``127.0.0.1:50551``, ``unix:/path``), `certificate` the PEM text that the daemon's
    certificate is checked against; without it the connection is not encrypted.
    """

    address: str
    token: str = field(repr=False)
    certificate: bytes | None = None


@dataclass(frozen=True, slots=True)
class RawPicture:
    """8-bit sRGB pixels, rows from the top without padding; `channels` 3 (RGB) or 4 (RGBA, straight alpha)."""

    data: bytes
    width: int
    height: int
    channels: int = 3


@dataclass(frozen=True, slots=True)
class DownloadedFrame:
    """A frame or keyframe: its description, and its picture as `encoding` says."""

    frame: jobs_pb2.Frame
    encoding: pictures_pb2.PictureEncoding.ValueType
    data: bytes


@dataclass(frozen=True, slots=True)
class DownloadedLayer:
    """One layer of the layer split: its description, and its picture as PNG."""

    layer: jobs_pb2.LayerHeader
    data: bytes


@dataclass(frozen=True, slots=True)
class Update:
    """One piece of news of a watched job: a numbered, durable event, or a progress that may be dropped."""

    event: jobs_pb2.Event | None = None
    progress: jobs_pb2.Progress | None = None

    @property
    def kind(self) -> str:
        """``progress``, or the event's kind such as ``frame_stored``."""
        return "progress" if self.event is None else str(self.event.WhichOneof("kind"))

    @property
    def ends(self) -> bool:
        """Whether it is the job's last event."""
        return self.kind in _ENDING_EVENTS


def channel_options() -> list[tuple[str, int | str]]:
    """The options of a channel.

    A proxy from the environment would only get in the way of a daemon next door; pings find out when a daemon on
    another machine is gone.
    """
    return [
        ("grpc.enable_http_proxy", 0),
        ("grpc.max_receive_message_length", 8 << 20),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.max_pings_without_data", 0),
    ]


def metadata(target: Target, connection: str) -> tuple[tuple[str, str], ...]:
    """The metadata of every call."""
    return (("authorization", f"Bearer {target.token}"), ("paints-undo-connection", connection))


def new_id() -> str:
    """A random id for a connection or a request."""
    return secrets.token_hex(16)


class Upload:
    """A picture that is to be sent: its header, and its bytes in chunks (as often as they are asked for)."""

    def __init__(self, picture: str | Path | bytes | RawPicture) -> None:
        self._path = Path(picture) if isinstance(picture, str | Path) else None
        self._data = picture.data if isinstance(picture, RawPicture) else picture if isinstance(picture, bytes) else b""
        self.header = pictures_pb2.UploadHeader(hash=self._digest(), size_bytes=self._size())
        if isinstance(picture, RawPicture):
            raw = {3: pictures_pb2.PICTURE_ENCODING_RAW_RGB8, 4: pictures_pb2.PICTURE_ENCODING_RAW_RGBA8}
            self.header.encoding = raw[picture.channels]
            self.header.width, self.header.height = picture.width, picture.height

    def messages(self) -> Iterator[pictures_pb2.UploadPictureRequest]:
        """The messages of the call, the header first."""
        yield pictures_pb2.UploadPictureRequest(header=self.header)
        for chunk in self._chunks():
            yield pictures_pb2.UploadPictureRequest(chunk=chunk)

    def _chunks(self) -> Iterator[bytes]:
        if self._path is None:
            for begin in range(0, len(self._data), CHUNK_BYTES):
                yield self._data[begin : begin + CHUNK_BYTES]
            return
        with self._path.open("rb") as file:
            yield from _read_chunks(file)

    def _digest(self) -> str:
        if self._path is None:
            return hashlib.sha256(self._data).hexdigest()
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _size(self) -> int:
        return len(self._data) if self._path is None else self._path.stat().st_size


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    return itertools.takewhile(bool, iter(lambda: file.read(CHUNK_BYTES), None))


class _Header(Protocol):
    @property
    def size_bytes(self) -> int: ...


class Assembler:
    """Puts pictures together that arrive as a header and chunks."""

    def __init__(self) -> None:
        self._header: _Header | None = None
        self._chunks: list[bytes] = []
        self._missing = 0

    def feed_header(self, header: _Header) -> bool:
        """Take a header; true when its picture is complete already (it has no bytes)."""
        if self._missing:
            raise BrokenAnswerError("The daemon began a new picture before the last one was complete.")
        self._header, self._chunks, self._missing = header, [], header.size_bytes
        return not self._missing

    def feed_chunk(self, chunk: bytes) -> bool:
        """Take a chunk; true when the picture is complete."""
        self._missing -= len(chunk)
        if self._header is None or self._missing < 0:
            raise BrokenAnswerError("The daemon sent more bytes than it had announced.")
        self._chunks.append(chunk)
        return not self._missing

    def take(self) -> bytes:
        """The bytes of the picture that is complete."""
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._header, self._chunks = None, []
        return data

    def close(self) -> None:
        """Raise `BrokenAnswerError` when the stream ended within a picture."""
        if self._missing:
            raise BrokenAnswerError("The daemon's answer ended in the middle of a picture.")


class FrameAssembler(Assembler):
    """Frames out of the messages of `DownloadFrames`."""

    def feed(self, message: jobs_pb2.DownloadFramesResponse) -> DownloadedFrame | None:
        """Take a message; the frame that it completes, if it does."""
        if message.HasField("header"):
            self._picture = message.header
            done = self.feed_header(message.header)
        else:
            done = self.feed_chunk(message.chunk)
        return DownloadedFrame(self._picture.frame, self._picture.encoding, self.take()) if done else None


class LayerAssembler(Assembler):
    """Layers out of the messages of `DownloadLayers`."""

    def feed(self, message: jobs_pb2.DownloadLayersResponse) -> DownloadedLayer | None:
        """Take a message; the layer that it completes, if it does."""
        if message.HasField("header"):
            self._layer = message.header
            done = self.feed_header(message.header)
        else:
            done = self.feed_chunk(message.chunk)
        return DownloadedLayer(self._layer, self.take()) if done else None


class Position:
    """How far a watcher has read: the number of the last event that it has seen."""

    def __init__(self, job_id: str, after_sequence: int) -> None:
        self.job_id = job_id
        self.after = after_sequence

    def request(self) -> jobs_pb2.WatchJobRequest:
        """The request that continues from here."""
        return jobs_pb2.WatchJobRequest(job_id=self.job_id, after_sequence=self.after)

    def take(self, message: jobs_pb2.WatchJobResponse) -> Update:
        """The update of a message. Raises `BrokenAnswerError` when an event is missing or doubled."""
        if message.HasField("progress"):
            return Update(progress=message.progress)
        if message.event.sequence != self.after + 1:
            raise BrokenAnswerError(f"Event {message.event.sequence} arrived after event {self.after}.")
        self.after = message.event.sequence
        return Update(event=message.event)


class Patience:
    """How long a client goes on trying to reach a daemon that does not answer, and how long it waits between."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Something was received: begin anew."""
        self._since: float | None = None
        self._pause = 0.05

    def pause(self) -> float | None:
        """Seconds to wait before the next attempt; None when patience is at its end."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        if now - self._since + self._pause > self._seconds:
            return None
        pause, self._pause = self._pause, min(self._pause * 2, 2.0)
        return pause


def check_outcome(job: jobs_pb2.Job) -> jobs_pb2.Job:
    """The job, if it is finished. Raises `JobFailedError` or `JobCancelledError` when it ended otherwise."""
    if job.state == jobs_pb2.JOB_STATE_FAILED:
        failure = job.failure
        raise JobFailedError(failure.message or "The job failed.", failure.code, failure.unit)
    if job.state == jobs_pb2.JOB_STATE_CANCELLED:
        raise JobCancelledError(f"The job {job.job_id} was cancelled.")
    return job


def job_request(
    painting_hash: str,
    request: ProcessRequest,
    own: Mapping[int, str],
    *,
    title: str,
    batch: bool,
    base_job_id: str,
    request_id: str | None,
) -> jobs_pb2.CreateJobRequest:
    """The message that creates a job; `own` maps operation steps to the hashes of the artist's own keyframes."""
    if own:
        request = replace(request, keyframes=replace(request.keyframes, own=tuple(sorted(own))))
    return jobs_pb2.CreateJobRequest(
        request_id=request_id or new_id(),
        painting_hash=painting_hash,
        parameters=request_to_proto(request, own),
        priority=jobs_pb2.PRIORITY_BATCH if batch else jobs_pb2.PRIORITY_INTERACTIVE,
        title=title,
        base_job_id=base_job_id,
    )


def export_request(job_id: str, options: ExportOptions) -> jobs_pb2.ExportJobRequest:
    """The message that asks for an export."""
    number = jobs_pb2.ExportFormat.Value(f"EXPORT_FORMAT_{options.format.name}")
    ratio = None if options.aspect is Aspect.OWN else options.aspect.value.replace(":", "_")
    return jobs_pb2.ExportJobRequest(
        job_id=job_id,
        options=jobs_pb2.ExportOptions(
            format=number,
            frames_per_second=options.frames_per_second,
            duration_seconds=options.duration_seconds,
            hold_last_seconds=options.hold_last_seconds,
            result_first_seconds=options.result_first_seconds,
            reverse=options.reverse,
            ping_pong=options.ping_pong,
            aspect=jobs_pb2.Aspect.Value(f"ASPECT_{ratio or 'UNSPECIFIED'}"),
            letterbox=options.letterbox,
            max_side=options.max_side,
            scale_to_painting=options.scale_to_painting,
            layer_content=jobs_pb2.LayerContent.Value(f"LAYER_CONTENT_{options.layer_content.name}"),
            omit_metadata=options.omit_metadata,
        ),
    )
