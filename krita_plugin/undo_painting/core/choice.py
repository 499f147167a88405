"""Which frames an import takes, in which order, and what their layers are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from . import phases
from .mapping import PaintingSource
from .translate import tr

STATES = 16


class Which(str, Enum):
    """Which frames: about sixteen key states, all, the keyframes, every n-th, a range."""

    STATES = "states"
    ALL = "all"
    KEYFRAMES = "keyframes"
    NTH = "nth"
    RANGE = "range"


@dataclass(frozen=True)
class Choice:
    """`which` frames; `nth` for every n-th; `first` and `last` (inclusive) for a range."""

    which: Which = Which.ALL
    nth: int = 4
    first: int = 0
    last: int = 0


class Place(str, Enum):
    """Where an import goes among the document's layers: on top of them all, above one of them, or into a group."""

    TOP = "top"
    ABOVE = "above"
    INSIDE = "inside"


@dataclass(frozen=True)
class AnimationLayout:
    """How an animation is laid out: frames a second, seconds the painting stays, order, first frame on the timeline.
    One that `joins` leaves the timeline's rate as it is, and only widens its range."""

    frames_per_second: int = 12
    hold_seconds: float = 2.0
    reverse: bool = False
    start: int = 0
    joins: bool = False

    def end(self, count: int) -> int:
        """The last frame of the range for `count` pictures, the hold included."""
        return self.start + max(1, count) - 1 + round(self.hold_seconds * self.frames_per_second)


@dataclass(frozen=True)
class ImportTarget:
    """Where an import goes: into the job's document, or a new one. A size in `percent` other than 100 needs a new one:
    in the job's own document the frames would no longer line up. `place` is that beside the layer with the id `layer`.
    """

    new_document: bool = False
    percent: int = 100
    place: Place = Place.TOP
    layer: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether the job's document stays as it is."""
        return self.new_document or self.percent != 100

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The size of the document that the frames go to, for a job's document of `width` x `height`."""
        return max(1, round(width * self.percent / 100)), max(1, round(height * self.percent / 100))


HERE = ImportTarget()


@dataclass(frozen=True)
class Import:
    """What the artist wants imported: as layers, or with a `timeline` as an animation; `any_memory` and `any_size` when
    the artist has said that much memory, or a picture of another size than the job's, is meant."""

    choice: Choice = field(default_factory=Choice)
    target: ImportTarget = HERE
    timeline: AnimationLayout | None = None
    any_memory: bool = False
    any_size: bool = False


@dataclass(frozen=True)
class ImportOrder:
    """What the network's side is told of an import: the job, the pictures by their indices (of its keyframes or of its
    frames, `total` of which there are), and the size of the document that they go to."""

    job_id: str
    painting_hash: str
    source: PaintingSource
    size: tuple[int, int]
    indices: tuple[int, ...] = ()
    keyframes: bool = False
    total: int = 0


def frames(choice: Choice, count: int) -> list[int]:
    """Indices of the frames (of `count`) that a choice takes, ascending. The painting is always among them, unless a
    range leaves it out."""
    if count <= 0:
        return []
    if choice.which is Which.STATES:
        last = count - 1
        return sorted({round(place * last / (STATES - 1)) for place in range(STATES)})
    if choice.which is Which.NTH:
        step = max(1, choice.nth)
        return sorted({*range(count - 1, -1, -step)})
    if choice.which is Which.RANGE:
        first = min(max(0, choice.first), count - 1)
        last = min(max(first, choice.last), count - 1)
        return list(range(first, last + 1))
    return list(range(count))


def layer_name(index: int, count: int, operation_step: float, label: str) -> str:
    """A layer's name: its place, how much of the work is done, and at what the artist works."""
    digits = len(str(max(0, count - 1)))
    place = f"{index:0{digits}d}"
    if index == count - 1:
        return f"{place} · {phases.words('the painting')}"
    return f"{place} · {phases.moment(max(operation_step, 0.01), label)}"


def group_name(title: str) -> str:
    """The group's name."""
    return tr("Undo Painting: {title}", title=title) if title else tr("Undo Painting")
