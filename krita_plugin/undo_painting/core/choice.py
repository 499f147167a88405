"""Which frames an import takes, in which order, and what their layers are called."""

from __future__ import annotations

from dataclasses import dataclass

from .translate import tr

WHICH = ("all", "keyframes", "nth", "range")


@dataclass(frozen=True)
class Choice:
    """`which` frames; `nth` for every n-th; `first` and `last` (inclusive) for a range."""

    which: str = "all"
    nth: int = 4
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Timeline:
    """How an animation is laid out: frames a second, seconds the painting stays, order, first frame on the timeline."""

    frames_per_second: int = 12
    hold_seconds: float = 2.0
    reverse: bool = False
    start: int = 0

    def end(self, count: int) -> int:
        """The last frame of the range for `count` pictures, the hold included."""
        return self.start + max(1, count) - 1 + round(self.hold_seconds * self.frames_per_second)


@dataclass(frozen=True)
class Target:
    """Where an import goes: into the job's document, or a new one. A size in `percent` other than 100 needs a new one:
    in the job's own document the frames would no longer line up.
    """

    new_document: bool = False
    percent: int = 100

    @property
    def elsewhere(self) -> bool:
        """Whether the job's document stays as it is."""
        return self.new_document or self.percent != 100

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The size of the document that the frames go to, for a job's document of `width` x `height`."""
        return max(1, round(width * self.percent / 100)), max(1, round(height * self.percent / 100))


HERE = Target()


def frames(choice: Choice, count: int) -> list[int]:
    """Indices of the frames (of `count`) that a choice takes, ascending. The painting is always among them, unless a
    range leaves it out."""
    if count <= 0:
        return []
    if choice.which == "nth":
        step = max(1, choice.nth)
        return sorted({*range(count - 1, -1, -step)})
    if choice.which == "range":
        first = min(max(0, choice.first), count - 1)
        last = min(max(first, choice.last), count - 1)
        return list(range(first, last + 1))
    return list(range(count))


def layer_name(index: int, count: int, operation_step: float, label: str) -> str:
    """A layer's name: its place, its operation step and, where the engine knows it, what is being done."""
    digits = len(str(max(0, count - 1)))
    step = f"{operation_step:.1f}".rstrip("0").rstrip(".")
    if index == count - 1:
        return tr("{index} · the painting", index=f"{index:0{digits}d}")
    name = tr("{index} · step {step}", index=f"{index:0{digits}d}", step=step)
    return f"{name} · {label}" if label else name


def group_name(engine: str, title: str) -> str:
    """The group's name."""
    return tr("Undo Painting: {title} ({engine})", title=title, engine=engine) if title else tr("Undo Painting")
