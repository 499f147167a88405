"""What commands tell while they work, whether it comes from a daemon or from an engine in this program.

For programs each becomes one JSON object: its `event`, then its fields (`docs/cli.md` lists them).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


class _Told:
    """The JSON form of all of them."""

    event: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """The event's name and the fields."""
        return {"event": self.event} | asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class PictureBegun(_Told):
    """One of several pictures begins: number `number` of `of`."""

    event: ClassVar[str] = "picture"
    picture: str
    number: int
    of: int


@dataclass(frozen=True)
class ProcessAnnounced(_Told):
    """A process of `engine` begins; `frames` it will have. `job` is None without a daemon."""

    event: ClassVar[str] = "process"
    job: str | None
    frames: int
    engine: str


@dataclass(frozen=True)
class Queued(_Told):
    """The job waits behind `position` others."""

    event: ClassVar[str] = "queued"
    position: int


@dataclass(frozen=True)
class Stepped(_Told):
    """Step `step` of `of` of a unit; the unit needs `seconds_left`, where that is known."""

    event: ClassVar[str] = "progress"
    unit: str
    step: int
    of: int
    seconds_left: float | None


@dataclass(frozen=True)
class TagsKnown(_Told):
    """The painting is described."""

    event: ClassVar[str] = "tags"
    tags: str


@dataclass(frozen=True)
class KeyframeKnown(_Told):
    """A keyframe is there."""

    event: ClassVar[str] = "keyframe"
    index: int
    operation_step: float


@dataclass(frozen=True)
class FrameKnown(_Told):
    """A frame is there."""

    event: ClassVar[str] = "frame"
    index: int
    interval: int
    operation_step: float
    label: str


@dataclass(frozen=True)
class UnitDone(_Told):
    """A unit is complete."""

    event: ClassVar[str] = "unit_finished"
    unit: str


@dataclass(frozen=True)
class PlanTaken(_Told):
    """Another memory plan runs from here on."""

    event: ClassVar[str] = "plan"
    memory_plan: str
    reason: str


@dataclass(frozen=True)
class Noted(_Told):
    """Something the artist should know."""

    event: ClassVar[str] = "warning"
    message: str


@dataclass(frozen=True)
class JobMoved:
    """A job has got into another state: `state` is ``accepted``, ``started``, ``cancelled`` or ``finished``."""

    state: str
    job: str

    def as_json(self) -> dict[str, Any]:
        """The state is the event."""
        return {"event": self.state, "job": self.job}


@dataclass(frozen=True)
class JobBroken(_Told):
    """The job could not go on."""

    event: ClassVar[str] = "failed"
    job: str
    message: str


@dataclass(frozen=True)
class OutputSize(_Told):
    """What an output will be: pictures of `width` x `height` pixels that play for `seconds` (0: they do not), in about
    `size_bytes`, nine times of ten between `least_bytes` and `most_bytes`; making them takes up to `memory_bytes`."""

    event: ClassVar[str] = "size"
    output: str
    width: int
    height: int
    seconds: float
    size_bytes: int
    least_bytes: int
    most_bytes: int
    memory_bytes: int


@dataclass(frozen=True)
class Exported(_Told):
    """An output is being written: step `step` of `of`."""

    event: ClassVar[str] = "export"
    output: str
    step: int
    of: int


@dataclass(frozen=True)
class Saved(_Told):
    """An output is written; `encoder` is what a video was encoded by, as FFmpeg calls it."""

    event: ClassVar[str] = "saved"
    output: str
    bytes: int
    encoder: str = ""


@dataclass(frozen=True)
class Transferred(_Told):
    """A model is being downloaded or read."""

    event: ClassVar[str] = "transfer"
    model: str
    file: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class ListedModel(_Told):
    """A model as lists show it, and as it is at the end of a download; `folder` where it is on this machine."""

    event: ClassVar[str] = "model"
    model: str
    description: str
    repository: str
    state: str
    size_bytes: int
    total_bytes: int
    revision: str
    message: str
    folder: str = ""
    use: str = ""
    licence: str = ""

    def as_row(self) -> dict[str, Any]:
        """As an object in a list; without the folder of another machine."""
        return {name: value for name, value in asdict(self).items() if name != "folder" or value}

    def as_json(self) -> dict[str, Any]:
        """The row as an event."""
        return {"event": self.event} | self.as_row()


@dataclass(frozen=True)
class Done(_Told):
    """All went well."""

    event: ClassVar[str] = "done"


Happening = (
    PictureBegun
    | ProcessAnnounced
    | Queued
    | Stepped
    | TagsKnown
    | KeyframeKnown
    | FrameKnown
    | UnitDone
    | PlanTaken
    | Noted
    | JobMoved
    | JobBroken
    | OutputSize
    | Exported
    | Saved
    | Transferred
    | ListedModel
    | Done
)
