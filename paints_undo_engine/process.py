"""The engine contract and the one place that runs the three stages.

A process is made of *units*: the tags, the keyframes, and one interval for each pair of neighbouring keyframes. Every
unit can run alone, in any order that respects its inputs, on any worker, and gives the same result; that is what
makes a job resumable. `run_unit` runs one, `run` all of them.

Everything is a generator of events. Closing the generator cancels: the engine stops within one step, because it
yields at every step.

The arithmetic of a process: n operation steps give n+2 keyframes in chronological order: index 0 is the blank canvas,
1..n the states at the operation steps from the highest to the lowest, n+1 the painting. Interval i joins keyframes i
and i+1. Of an interval's F pictures (both ends included, F = `interpolation.frames`) the earlier end is dropped, so
interval i gives the frames i(F-1) .. (i+1)(F-1)-1, and the painting itself is the last frame: (F-1)(n+1)+1 in all,
106 by default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.request import ProcessRequest, Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from paints_undo_engine.painting import Painting

BLANK_OPERATION_STEP = 1000.0


@dataclass(frozen=True, slots=True)
class Placement:
    """A picture's rectangle in the painting's pixels (x, y: top left corner; may be fractional)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels of a keyframe or frame at the working size: uint8 [height, width, 3 or 4], sRGB, straight alpha."""

    pixels: NDArray[np.uint8]
    placement: Placement


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of a process that is scheduled, stored and resumed. `interval` is -1 outside interpolation."""

    stage: Stage
    interval: int = -1

    @property
    def name(self) -> str:
        """``tags``, ``keyframes`` or ``interval-3``."""
        return f"interval-{self.interval}" if self.stage is Stage.INTERPOLATION else str(self.stage)


@dataclass(frozen=True, slots=True)
class Progress:
    """`step` of `of` within the running unit (1-based); `seconds_left` for the unit, where it is known."""

    step: int
    of: int
    seconds_left: float | None = None
    preview: Picture | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the artist should know; the process goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The memory plan that runs from here on, and why."""

    plan: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tags: a comma-separated prompt."""

    text: str


@dataclass(frozen=True, slots=True)
class KeyframeMade:
    """One keyframe; `index` is chronological (0 blank, n+1 the painting), `picture` None for the painting itself."""

    index: int
    operation_step: float
    picture: Picture | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class FrameMade:
    """One frame of the process; `picture` is None for the last one, which is the painting itself."""

    index: int
    interval: int
    operation_step: float
    picture: Picture | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class UnitStarted:
    """A unit begins; units that the request makes unnecessary are not announced."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class UnitFinished:
    """A unit is complete: everything it gives has been yielded before."""

    unit: Unit


Event = Progress | Warned | PlanChanged | Tagged | KeyframeMade | FrameMade | UnitStarted | UnitFinished


@dataclass(frozen=True, slots=True)
class KeyframeWish:
    """One keyframe that an engine shall make: chronological index, operation step 0..999, seed."""

    index: int
    operation_step: int
    seed: int


@dataclass(frozen=True, slots=True)
class State:
    """The canvas at one moment between two keyframes (`position` 0 = the earlier .. 1 = the later)."""

    position: float
    operation_step: float
    picture: Picture
    label: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two neighbouring keyframes to be joined by `frames` pictures, both ends included."""

    index: int
    earlier: KeyframeMade
    later: KeyframeMade
    frames: int
    seed: int


class Engine(Protocol):
    """What an engine implements: the stages, nothing else. All methods are generators; closing one cancels its work.

    An engine holds no state of a job between calls except caches that do not change results.
    """

    name: str

    @property
    def ways(self) -> tuple[str, ...]:
        """How the running or last unit is computed beyond its request and plan, to be kept with it."""
        ...

    def tags(self, painting: Painting, request: ProcessRequest) -> Iterator[Progress | Warned | PlanChanged | Tagged]:
        """Describe the painting. Yields exactly one `Tagged`, last."""
        ...

    def keyframes(
        self, painting: Painting, request: ProcessRequest, tags: str, wishes: tuple[KeyframeWish, ...]
    ) -> Iterator[Progress | Warned | PlanChanged | KeyframeMade]:
        """Make the wished keyframes, each once, in any order."""
        ...

    def interval(
        self, painting: Painting, request: ProcessRequest, interval: Interval
    ) -> Iterator[Progress | Warned | PlanChanged | State]:
        """Give the pictures at positions j/(F-1), j = 1..F-1, in order; position 0 may be given and is dropped.

        The blank canvas' keyframe has operation step 1000 and a white picture; the painting's has `picture` None.
        """
        ...

    def close(self) -> None:
        """Give back devices and memory."""
        ...


@dataclass(frozen=True)
class Inputs:
    """What earlier units, or the artist, have supplied: the tags and the keyframes by chronological index.

    For the keyframes unit `keyframes` holds what is already there (the artist's own; those of an earlier job whose seed
    has not changed), for an interval the two ends.
    """

    tags: str = ""
    keyframes: Mapping[int, KeyframeMade] = field(default_factory=dict)


def units(request: ProcessRequest) -> tuple[Unit, ...]:
    """The units of a request, in the order in which one worker runs them.

    The intervals run in the order of the process: what is shown first is made first.
    """
    listed = [Unit(Stage.TAGS)]
    if request.stop_after is not Stage.TAGS:
        listed.append(Unit(Stage.KEYFRAMES))
    if request.stop_after is Stage.INTERPOLATION:
        listed += [Unit(Stage.INTERPOLATION, interval) for interval in range(len(request.operation_steps) + 1)]
    return tuple(listed)


def needs(unit: Unit) -> tuple[int, ...]:
    """Chronological indices of the keyframes that a unit needs as inputs."""
    return (unit.interval, unit.interval + 1) if unit.stage is Stage.INTERPOLATION else ()


def frame_count(request: ProcessRequest) -> int:
    """How many frames the finished process has, the painting included."""
    return (request.interpolation.frames - 1) * (len(request.operation_steps) + 1) + 1


def keyframe_operation_step(request: ProcessRequest, index: int) -> float:
    """The operation step of keyframe `index` (0 = blank = 1000, n+1 = the painting = 0)."""
    steps = request.operation_steps
    if index == 0:
        return BLANK_OPERATION_STEP
    return float(steps[len(steps) - index]) if index <= len(steps) else 0.0


def run_unit(
    engine: Engine, painting: Painting, request: ProcessRequest, unit: Unit, inputs: Inputs
) -> Iterator[Event]:
    """Run one unit and yield its events, `UnitStarted` first and `UnitFinished` last.

    Raises what the engine raises (`paints_undo_engine.errors`), and `InvalidRequestError` when an input is missing.
    """
    yield UnitStarted(unit)
    match unit.stage:
        case Stage.TAGS:
            if request.tags.text is None:
                yield from engine.tags(painting, request)
            else:
                yield Tagged(request.tags.text)
        case Stage.KEYFRAMES:
            yield from _run_keyframes(engine, painting, request, inputs)
        case Stage.INTERPOLATION:
            yield from _run_interval(engine, painting, request, unit.interval, inputs)
    yield UnitFinished(unit)


def _run_keyframes(engine: Engine, painting: Painting, request: ProcessRequest, inputs: Inputs) -> Iterator[Event]:
    steps = request.operation_steps
    n = len(steps)
    seeds = dict(request.keyframes.seeds)
    yield KeyframeMade(0, BLANK_OPERATION_STEP, painting.blank(), "blank canvas")
    yield from inputs.keyframes.values()
    wishes = []
    for index in range(1, n + 1):
        if index in inputs.keyframes:
            continue
        step = steps[n - index]
        if step in request.keyframes.own:
            raise InvalidRequestError("keyframes.own", step, "accompanied by a picture")
        wishes.append(KeyframeWish(index, step, seeds.get(step, request.keyframes.seed)))
    if wishes:
        yield from engine.keyframes(painting, request, inputs.tags, tuple(wishes))
    yield KeyframeMade(n + 1, 0.0, None, "the painting")


def _run_interval(
    engine: Engine, painting: Painting, request: ProcessRequest, index: int, inputs: Inputs
) -> Iterator[Event]:
    n = len(request.operation_steps)
    for needed in (index, index + 1):
        if needed not in inputs.keyframes:
            raise InvalidRequestError("keyframes", needed, "made before the interval that needs it")
    frames = request.interpolation.frames
    interval = Interval(
        index=index,
        earlier=inputs.keyframes[index],
        later=inputs.keyframes[index + 1],
        frames=frames,
        seed=(request.interpolation.seed + n - index) % 2**32,
    )
    first = index * (frames - 1) - 1
    for event in engine.interval(painting, request, interval):
        if isinstance(event, State):
            place = round(event.position * (frames - 1))
            if place > 0:
                yield FrameMade(first + place, index, event.operation_step, event.picture, event.label)
        else:
            yield event
    if index == n:
        yield FrameMade(frame_count(request) - 1, index, 0.0, None, "the painting")


def run(
    engine: Engine, painting: Painting, request: ProcessRequest, own_keyframes: Mapping[int, Picture] | None = None
) -> Iterator[Event]:
    """Run all units of a request in order. `own_keyframes` maps an operation step to the artist's own picture.

    Raises what `run_unit` raises.
    """
    steps = request.operation_steps
    n = len(steps)
    tags = ""
    keyframes = {
        n - steps.index(step): KeyframeMade(n - steps.index(step), float(step), picture, "the artist's own")
        for step, picture in (own_keyframes or {}).items()
    }
    for unit in units(request):
        for event in run_unit(engine, painting, request, unit, Inputs(tags, keyframes)):
            if isinstance(event, Tagged):
                tags = event.text
            elif isinstance(event, KeyframeMade):
                keyframes = {**keyframes, event.index: event}
            yield event
