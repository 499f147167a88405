"""The contract: what an engine implements, and what is asked of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from paints_undo_engine.descriptions import Ability, require
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress, Tagged, Warned
from paints_undo_engine.picture import Picture, Placement, SplitLayer
from paints_undo_engine.request import ProcessRequest

if TYPE_CHECKING:
    from paints_undo_engine.painting import Painting


BLANK_OPERATION_STEP = 1000.0
"""The operation step of the blank canvas; the painting's is 0."""


@dataclass(frozen=True, slots=True)
class KeyframeTask:
    """One keyframe that an engine is to make: chronological index, operation step 0..999, seed."""

    index: int
    operation_step: int
    seed: int


@dataclass(frozen=True, slots=True)
class StateMade:
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

    What it needs and can do stands in its `Description`, under the same name. An engine holds no state of a job between
    calls except caches that do not change results.
    """

    name: str

    @property
    def memory_plan(self) -> str:
        """The memory plan in force; empty for an engine that has none."""
        ...

    @property
    def record_notes(self) -> tuple[str, ...]:
        """How the running or last unit is computed beyond its request and plan, to be kept in its record."""
        ...

    def tags(self, painting: Painting, request: ProcessRequest) -> Iterator[Progress | Warned | PlanChanged | Tagged]:
        """Describe the painting. Yields exactly one `Tagged`, last."""
        ...

    def keyframes(
        self, painting: Painting, request: ProcessRequest, tags: str, tasks: tuple[KeyframeTask, ...]
    ) -> Iterator[Progress | Warned | PlanChanged | KeyframeMade]:
        """Make these keyframes, each once, in any order."""
        ...

    def interval(
        self, painting: Painting, request: ProcessRequest, interval: Interval
    ) -> Iterator[Progress | Warned | PlanChanged | StateMade]:
        """Give the pictures at positions j/(F-1), j = 1..F-1, in order; position 0 may be given and is dropped.

        The blank canvas' keyframe has operation step 1000 and a white picture; the painting's has `picture` None.
        """
        ...

    def close(self) -> None:
        """Give back devices and memory."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that an imagined artist does, for an engine that knows them.

    `index` is chronological from 0, `phase` and `tool` are words such as ``line`` and ``pen``, `bounds` is its
    rectangle, `label` what an artist would say, `operation_step` (1000..0) that at which it is about to begin.
    """

    index: int
    phase: str
    tool: str
    bounds: Placement
    label: str
    operation_step: float


class LayeredEngine(Engine, Protocol):
    """An engine whose description lists `Ability.LAYERS`."""

    def layers(self, painting: Painting, request: ProcessRequest) -> Iterator[SplitLayer]:
        """The painting as an artist's layers, bottom first, at its own size; they composite to it exactly."""
        ...


class OperationsEngine(Engine, Protocol):
    """An engine whose description lists `Ability.OPERATIONS`."""

    def operations(self, painting: Painting, request: ProcessRequest) -> Iterator[Operation]:
        """Everything that the imagined artist does, in order."""
        ...

    def state(self, painting: Painting, request: ProcessRequest, operation_step: float) -> Picture:
        """The canvas at an operation step, as the frames show it."""
        ...


class RedoEngine(Engine, Protocol):
    """An engine whose description lists `Ability.REDO`."""

    def finished(
        self, painting: Painting, request: ProcessRequest, tags: str
    ) -> Iterator[Progress | Warned | PlanChanged | Picture]:
        """What a process with branches ends in, instead of the painting: of its size, with its alpha.

        Yields exactly one picture, last.
        """
        ...


def finished_by(
    engine: Engine, painting: Painting, request: ProcessRequest, tags: str
) -> Generator[Progress | Warned | PlanChanged, None, Picture | None]:
    """The end of a process that has branches; None for one that ends in the painting itself."""
    if not request.procedural.branches:
        return None
    require(engine.name, Ability.REDO)
    end = None
    for event in cast(RedoEngine, engine).finished(painting, request, tags):
        if isinstance(event, Picture):
            end = event
        else:
            yield event
    return end


def layers_of(engine: Engine, painting: Painting, request: ProcessRequest) -> Iterator[SplitLayer]:
    """The layer split, bottom first. Raises `EngineUnavailableError` at once for an engine that has none."""
    require(engine.name, Ability.LAYERS)
    return cast(LayeredEngine, engine).layers(painting, request)


def operations_of(engine: Engine, painting: Painting, request: ProcessRequest) -> Iterator[Operation]:
    """What the imagined artist does. Raises `EngineUnavailableError` at once for an engine that has no operations."""
    require(engine.name, Ability.OPERATIONS)
    return cast(OperationsEngine, engine).operations(painting, request)


def state_of(engine: Engine, painting: Painting, request: ProcessRequest, operation_step: float) -> Picture:
    """The canvas at an operation step. Raises `EngineUnavailableError` for an engine that has no operations."""
    require(engine.name, Ability.OPERATIONS)
    return cast(OperationsEngine, engine).state(painting, request, operation_step)
