"""A job as the plugin knows it: what the daemon's events have told, each applied exactly once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from .mapping import PaintingSource, Placement
from .parameters import Parameters
from .phases import STEPS
from .translate import tr


class JobState(Enum):
    """Where a job stands. The first three are the plugin's own: `KEPT` is known from the document's history alone, and
    of the two after it the daemon does not know yet."""

    KEPT = "kept"
    PREPARING = "preparing"
    UPLOADING = "uploading"
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self in (JobState.FINISHED, JobState.CANCELLED, JobState.FAILED)

    @property
    def active(self) -> bool:
        """Whether work is under way, or waits for its turn."""
        return not self.ended and self is not JobState.KEPT


@dataclass(frozen=True)
class StoredFrame:
    """A keyframe or frame: chronological index, operation step (1000 blank .. 0 painting), the hash of its picture."""

    index: int
    operation_step: float
    hash: str
    width: int
    height: int
    placement: Placement
    label: str = ""


@dataclass(frozen=True)
class Event:
    """One numbered line of a job's history; `kind` is the protocol's word for it."""

    sequence: int
    kind: str
    text: str = ""
    picture: StoredFrame | None = None
    code: str = ""


@dataclass(frozen=True)
class Progress:
    """Where a job stands right now: unnumbered, may go back. `preview` is a small PNG of what is being made."""

    stage: str
    step: int
    of: int
    unit: str = ""
    seconds_left: float | None = None
    queue_position: int = 0
    preview: bytes = b""


@dataclass(frozen=True)
class Accepted:
    """What the daemon says of a job beyond its events: its id, sizes, counts and, where they are known, tags."""

    job_id: str
    engine: str
    painting_hash: str
    painting_width: int
    painting_height: int
    frame_count: int
    units: int
    tags: str = ""
    base_job_id: str = ""


@dataclass(frozen=True)
class JobOrder:
    """What the network's side is told of a job; it shares nothing else with Krita's own thread.

    `earlier` is the (painting, job id) of a result that this one builds on if the painting turns out to be the same,
    `known` the pictures that need not be fetched, `after` the last event that was taken in.
    """

    request_id: str
    title: str
    engine: str
    parameters: Parameters
    painting_hash: str = ""
    job_id: str = ""
    base_job_id: str = ""
    earlier: tuple[str, str] = ("", "")
    describes: bool = False
    known: frozenset[str] = frozenset()
    after: int = 0


@dataclass
class Job:
    """One job of one document. `preview_for` is the request that this one is the quick preview of; `describes` marks
    a job that was made for its tags alone, `variant` a small one of the gallery. None of them stands in the history."""

    request_id: str
    document: str
    title: str
    engine: str
    parameters: Parameters
    source: PaintingSource
    painting_hash: str = ""
    created: float = 0.0
    job_id: str = ""
    preview_for: str = ""
    describes: bool = False
    variant: bool = False
    base_job_id: str = ""
    state: JobState = JobState.PREPARING
    sequence: int = 0
    frame_count: int = 0
    units: int = 0
    units_finished: int = 0
    tags: str = ""
    plan: str = ""
    failure: str = ""
    warnings: list[str] = field(default_factory=list)
    frames: dict[int, StoredFrame] = field(default_factory=dict)
    keyframes: dict[int, StoredFrame] = field(default_factory=dict)
    progress: Progress | None = None
    painting_width: int = 0
    painting_height: int = 0
    cancelling: bool = False

    def order(self, known: Iterable[str] = (), earlier: Job | None = None) -> JobOrder:
        """What the network's side is told of this job."""
        return JobOrder(
            request_id=self.request_id,
            title=self.title,
            engine=self.engine,
            parameters=self.parameters,
            painting_hash=self.painting_hash,
            job_id=self.job_id,
            base_job_id=self.base_job_id,
            earlier=(earlier.painting_hash, earlier.job_id) if earlier is not None else ("", ""),
            describes=self.describes,
            known=frozenset(known),
            after=self.sequence,
        )

    def accept(self, accepted: Accepted) -> None:
        """Take in what the daemon says of the job. The state comes from the events."""
        self.job_id = accepted.job_id
        self.engine = accepted.engine or self.engine
        self.painting_hash = accepted.painting_hash
        self.painting_width, self.painting_height = accepted.painting_width, accepted.painting_height
        self.frame_count, self.units = accepted.frame_count, accepted.units
        self.tags = accepted.tags or self.tags
        self.base_job_id = accepted.base_job_id or self.base_job_id
        if self.state in (JobState.KEPT, JobState.PREPARING, JobState.UPLOADING):
            self.state = JobState.QUEUED

    def apply(self, event: Event) -> bool:
        """Take one event in; False when it was seen before, or when the job has ended here. Raises ValueError on a gap,
        which would be a lost event."""
        if self.state.ended or event.sequence <= self.sequence:
            return False
        if event.sequence != self.sequence + 1:
            raise ValueError(f"event {event.sequence} follows {self.sequence}")
        self.sequence = event.sequence
        picture = event.picture
        if event.kind == "accepted":
            self.state = JobState.QUEUED
        elif event.kind == "started":
            self.state = JobState.RUNNING
        elif event.kind == "unit_finished":
            self.units_finished += 1
        elif event.kind == "tags_stored":
            self.tags = event.text
        elif event.kind == "keyframe_stored" and picture is not None:
            self.keyframes[picture.index] = picture
        elif event.kind == "frame_stored" and picture is not None:
            self.frames[picture.index] = picture
        elif event.kind == "plan_changed":
            self.plan = event.text
        elif event.kind == "warning":
            self.warnings.append(event.text)
        elif event.kind in ("cancelled", "failed", "finished"):
            self.state = JobState(event.kind)
            self.failure = event.text
            self.progress = None
        return True

    def advance(self, progress: Progress) -> None:
        """Take progress in, unless the job has ended meanwhile."""
        if not self.state.ended:
            self.progress = progress

    def painted_size(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The size that the engine painted at and the painting's own, where it painted smaller."""
        first = self.frames.get(0)
        if first is None or first.width >= round(first.placement.width):
            return None
        return (first.width, first.height), (round(first.placement.width), round(first.placement.height))

    @property
    def auxiliary(self) -> bool:
        """Whether the job serves another and is not a result of its own."""
        return self.describes or self.variant or bool(self.preview_for)

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        if self.state is JobState.FINISHED:
            return 1.0
        if self.units <= 0:
            return 0.0
        running = 0.0
        if self.progress is not None and self.progress.of > 0:
            running = min(1.0, self.progress.step / self.progress.of)
        return min(1.0, (min(self.units_finished, self.units) + running) / self.units)

    @property
    def turn(self) -> tuple[int, int, float]:
        """Sorts jobs by whose turn it is: those at work, the queue by the place in it, those that are not there yet."""
        order = {JobState.RUNNING: 0, JobState.QUEUED: 1}
        ahead = self.progress.queue_position if self.progress is not None and self.state is JobState.QUEUED else 0
        return order.get(self.state, 2), ahead, self.created

    def words(self) -> str:
        """One line: where the job stands."""
        if self.state is JobState.KEPT:
            return tr("An earlier result is kept.")
        if self.cancelling and not self.state.ended:
            return tr("Cancelling …")
        if self.state is JobState.PREPARING:
            return tr("Reading the picture …")
        if self.state is JobState.UPLOADING:
            return tr("Sending the picture …")
        if self.state is JobState.FINISHED:
            return tr("Finished.")
        if self.state is JobState.CANCELLED:
            return tr("Cancelled; frames so far: {count}.", count=len(self.frames)) if self.frames else tr("Cancelled.")
        if self.state is JobState.FAILED:
            return self.failure or tr("The job failed.")
        if self.state is JobState.QUEUED:
            ahead = self.progress.queue_position if self.progress else 0
            return tr("Waiting; jobs before this one: {count}", count=ahead) if ahead else tr("Waiting …")
        return self._running_words()

    def _running_words(self) -> str:
        progress = self.progress
        if progress is None:
            return tr("Working …")
        text = {
            "tags": tr("Looking at the picture"),
            "keyframes": tr("Finding the key states"),
            "interpolation": tr("Painting the frames"),
        }.get(progress.stage, tr("Working …"))
        if progress.seconds_left is not None and progress.seconds_left >= 1:
            text = tr("{what}, {time} left", what=text, time=duration(progress.seconds_left))
        return text


def begun(*made: Job | None) -> bool:
    """Whether any picture of these jobs shows more than the blank canvas."""
    pictures = (picture for job in made if job for known in (job.frames, job.keyframes) for picture in known.values())
    return any(picture.operation_step < STEPS for picture in pictures)


def duration(seconds: float) -> str:
    """A length of time as people read it."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{count} s", count=whole)
    return tr("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)


def new_request_id() -> str:
    """A request id that no other job has."""
    return f"krita-{os.urandom(12).hex()}"


def shown_frames(job: Job, preview: Job | None) -> list[tuple[Job, StoredFrame]]:
    """The frames to show, in order: the job's own where it has them, the preview's elsewhere. Before there is any, the
    keyframes.
    """
    if not job.frames and (preview is None or not preview.frames):
        known = {
            index: (owner, picture) for owner in (preview, job) if owner for index, picture in owner.keyframes.items()
        }
        return [known[index] for index in sorted(known)]
    total = max(job.frame_count, 1)
    chosen: dict[int, tuple[Job, StoredFrame]] = {}
    if preview is not None:
        span = max(preview.frame_count, 1)
        for index, picture in preview.frames.items():
            place = round(index * (total - 1) / max(1, span - 1)) if span != total else index
            chosen[place] = (preview, picture)
    for index, picture in job.frames.items():
        chosen[index] = (job, picture)
    return [chosen[place] for place in sorted(chosen)]
