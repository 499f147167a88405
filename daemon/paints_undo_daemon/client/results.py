"""What the clients give of jobs: plain values, read from the protocol's messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.client.errors import JobCancelledError, JobFailedError
from paints_undo_daemon.client.reading import moment, read
from paints_undo_daemon.convert import request_from_proto, word_from_number
from paints_undo_daemon.raw_pixels import CHANNELS
from paints_undo_daemon.states import JobState
from paints_undo_engine.picture import Picture, Placement
from paints_undo_engine.request import ProcessRequest

_NOWHERE = Placement(0.0, 0.0, 0.0, 0.0)


class UpdateKind(StrEnum):
    """What a piece of news is about: the events of the protocol, and progress."""

    ACCEPTED = "accepted"
    STARTED = "started"
    UNIT_FINISHED = "unit_finished"
    TAGS_STORED = "tags_stored"
    KEYFRAME_STORED = "keyframe_stored"
    FRAME_STORED = "frame_stored"
    PLAN_CHANGED = "plan_changed"
    WARNING = "warning"
    CANCELLED = "cancelled"
    FAILED = "failed"
    FINISHED = "finished"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: a gRPC status code's name, a sentence, and the unit that failed (empty: none)."""

    code: str
    message: str
    unit: str


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A frame or keyframe that can be fetched: what it shows, and where it lies in the painting.

    `index` is chronological, from 0; `operation_step` goes from 1000, the blank canvas, to 0, the painting; `interval`
    is None for keyframes. `width` and `height` are the picture's own, in pixels. `label` says what is being done, where
    the engine knows it. `picture_hash` is the SHA-256 of its picture as PNG.

        [(frame.operation_step, frame.label) for frame in client.job(job_id).keyframes]
    """

    index: int
    operation_step: float
    picture_hash: str
    width: int
    height: int
    placement: Placement = _NOWHERE
    label: str = ""
    interval: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stood when it was asked for. `message` is the protocol's own, with everything.

    Times are in UTC. `frames_stored` of `frame_count` frames can be fetched, `units_finished` of `unit_count` units are
    done; `queue_position` jobs run before this one while it is queued. `painting_width` and
    `painting_height` are 0 until the painting has been decoded.

        job = client.submit("painting.png")
        if job.state is JobState.QUEUED and job.queue_position > 3: ...
    """

    job_id: str
    state: JobState
    title: str
    engine: str
    created_at: datetime
    ended_at: datetime | None
    frame_count: int
    frames_stored: int
    unit_count: int
    units_finished: int
    queue_position: int
    tags: str
    failure: Failure | None
    base_job_id: str
    painting_hash: str
    painting_width: int
    painting_height: int
    request_id: str
    last_sequence: int
    message: jobs_pb2.Job = field(compare=False)

    @property
    def request(self) -> ProcessRequest:
        """The parameters, with every default filled in. Raises `InvalidRequestError` where this release refuses what
        another one accepted."""
        return request_from_proto(self.message.parameters)

    @property
    def keyframes(self) -> tuple[StoredFrame, ...]:
        """The keyframes that are stored, chronological."""
        return tuple(read_frame(frame) for frame in self.message.keyframes)

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        failed = f": {self.failure.message}" if self.failure else ""
        return f"<Job {self.job_id}{title}, {self.state}, {self.frames_stored} of {self.frame_count} frames{failed}>"

    def or_raise(self) -> Job:
        """The job, if it is finished. Raises `JobFailedError` or `JobCancelledError` when it ended otherwise."""
        if self.state is JobState.FAILED:
            failure = self.failure or Failure("UNKNOWN", "The job failed.", "")
            raise JobFailedError(failure.message, failure.code, failure.unit)
        if self.state is JobState.CANCELLED:
            raise JobCancelledError(f"The job {self.job_id} was cancelled.")
        return self


@dataclass(frozen=True, slots=True, repr=False)
class Update:
    """One piece of news of a watched job: a numbered, durable event, or a progress that may be dropped.

    `event` and `progress` are the protocol's messages; one of the two is None.
    """

    event: jobs_pb2.Event | None = None
    progress: jobs_pb2.Progress | None = None

    @property
    def kind(self) -> UpdateKind:
        """What it is about."""
        return UpdateKind.PROGRESS if self.event is None else UpdateKind(str(self.event.WhichOneof("kind")))

    @property
    def ends(self) -> bool:
        """Whether it is the job's last event."""
        return self.kind in (UpdateKind.CANCELLED, UpdateKind.FAILED, UpdateKind.FINISHED)

    @property
    def sequence(self) -> int | None:
        """The event's number, from 1; None for progress."""
        return None if self.event is None else self.event.sequence

    @property
    def time(self) -> datetime | None:
        """When the event became durable, in UTC; None for progress."""
        return None if self.event is None else moment(self.event.time)

    @property
    def frame(self) -> StoredFrame | None:
        """The frame or keyframe that can be fetched now; None where the news is another."""
        if self.event is None or self.kind not in (UpdateKind.FRAME_STORED, UpdateKind.KEYFRAME_STORED):
            return None
        of_frame = self.kind is UpdateKind.FRAME_STORED
        return read_frame(self.event.frame_stored.frame if of_frame else self.event.keyframe_stored.keyframe)

    @property
    def text(self) -> str:
        """What people should know: the tags, a warning, why the plan changed or the job failed; mostly empty."""
        if self.event is None:
            return ""
        event = self.event
        return {
            UpdateKind.TAGS_STORED: event.tags_stored.tags,
            UpdateKind.PLAN_CHANGED: event.plan_changed.reason,
            UpdateKind.WARNING: event.warning.message,
            UpdateKind.FAILED: event.failed.failure.message,
        }.get(self.kind, "")

    def __repr__(self) -> str:
        words = [f"<Update {self.sequence or ''}".rstrip(), str(self.kind)]
        if self.progress is not None and self.progress.unit:
            words.append(f"of {self.progress.unit}, {self.progress.step} of {self.progress.of}")
        if (frame := self.frame) is not None:
            words.append(str(frame.index))
        return " ".join(words) + (f": {self.text}>" if self.text else ">")


@dataclass(frozen=True, slots=True, repr=False)
class DownloadedFrame:
    """A frame or keyframe: its description, and its picture as `encoding` says. A notebook shows it."""

    frame: StoredFrame
    encoding: pictures_pb2.PictureEncoding.ValueType
    data: bytes

    @property
    def index(self) -> int:
        """Chronological, from 0."""
        return self.frame.index

    @property
    def operation_step(self) -> float:
        """From 1000, the blank canvas, to 0, the painting."""
        return self.frame.operation_step

    @property
    def picture(self) -> Picture:
        """Its pixels, uint8 [height, width, 3 or 4], and where they lie in the painting. Needs the engine's package."""
        from paints_undo_engine import painting, png

        placement = self.frame.placement
        channels = CHANNELS.get(self.encoding)
        if channels is None:
            return Picture(png.decode(self.data), placement)
        raw = painting.from_raw(self.data, self.frame.width, self.frame.height, channels)
        return Picture(raw.picture().pixels, placement)

    def __repr__(self) -> str:
        size = f"{self.frame.width} x {self.frame.height}"
        return f"<Frame {self.index} at operation step {self.operation_step:g}, {size}>"

    def _repr_png_(self) -> bytes:
        from paints_undo_engine import png

        return png.encode(self.picture.pixels) if self.encoding in CHANNELS else self.data


def read_frame(message: jobs_pb2.Frame) -> StoredFrame:
    """A frame's description as plain values."""
    return read(message, StoredFrame)


def read_job(message: jobs_pb2.Job) -> Job:
    """A job as plain values. Raises `InvalidRequestError` for a state that this client does not know."""
    failure = message.failure if message.HasField("failure") else None
    return Job(
        job_id=message.job_id,
        state=word_from_number(JobState, jobs_pb2.JobState.DESCRIPTOR, message.state, "state"),
        title=message.title,
        engine=message.parameters.engine,
        created_at=moment(message.create_time),
        ended_at=moment(message.end_time) if message.HasField("end_time") else None,
        frame_count=message.frame_count,
        frames_stored=message.frames_stored,
        unit_count=message.unit_count,
        units_finished=message.units_finished,
        queue_position=message.queue_position,
        tags=message.tags,
        failure=Failure(failure.code, failure.message, failure.unit) if failure else None,
        base_job_id=message.base_job_id,
        painting_hash=message.painting_hash,
        painting_width=message.painting_width,
        painting_height=message.painting_height,
        request_id=message.request_id,
        last_sequence=message.last_sequence,
        message=message,
    )
