"""The one place that runs the three stages.

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

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from paints_undo_engine.contract import BLANK_OPERATION_STEP, Engine, Interval, KeyframeTask, StateMade, finished_by
from paints_undo_engine.descriptions import Ability, describe
from paints_undo_engine.errors import BlankPaintingError, InvalidRequestError, OutOfMemoryError
from paints_undo_engine.events import Event, FrameMade, KeyframeMade, Tagged, UnitFinished, UnitStarted, Warned
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.stages import Stage, Unit

if TYPE_CHECKING:
    from paints_undo_engine.painting import Painting


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


def frame_count(request: ProcessRequest) -> int:
    """How many frames the finished process has, the painting included."""
    return (request.interpolation.frames - 1) * (len(request.operation_steps) + 1) + 1


def keyframe_operation_step(request: ProcessRequest, index: int) -> float:
    """The operation step of keyframe `index` (0 = blank = 1000, n+1 = the painting = 0)."""
    steps = request.operation_steps
    if index == 0:
        return BLANK_OPERATION_STEP
    return float(steps[len(steps) - index]) if index <= len(steps) else 0.0


def interval_seed(request: ProcessRequest, index: int) -> int:
    """The seed of interval `index`: the last one has the request's, those before it the next ones."""
    return (request.interval_seed + len(request.operation_steps) - index) % 2**32


def run_unit(
    engine: Engine, painting: Painting, request: ProcessRequest, unit: Unit, inputs: Inputs
) -> Generator[Event, None, None]:
    """Run one unit and yield its events, `UnitStarted` first and `UnitFinished` last.

    Raises what the engine raises (`paints_undo_engine.errors`), `InvalidRequestError` when an input is missing, and in
    the first unit `BlankPaintingError`.
    """
    yield UnitStarted(unit)
    match unit.stage:
        case Stage.TAGS:
            if painting.is_blank:
                raise BlankPaintingError
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
    if request.shared_states:
        given = {round(made.operation_step): made.picture for made in inputs.keyframes.values() if made.picture}
        painting = painting.with_states({step: given[step] for step in request.shared_states & given.keys()})
    yield KeyframeMade(0, BLANK_OPERATION_STEP, painting.blank(), "blank canvas")
    yield from inputs.keyframes.values()
    tasks = []
    for index in range(1, n + 1):
        if index in inputs.keyframes:
            continue
        step = steps[n - index]
        if step in request.keyframes.own:
            raise InvalidRequestError("keyframes.own", step, "accompanied by a picture")
        tasks.append(KeyframeTask(index, step, seeds.get(step, request.keyframe_seed)))
    if tasks:
        yield from engine.keyframes(painting, request, inputs.tags, tuple(tasks))
    end = yield from finished_by(engine, painting, request, inputs.tags)
    yield KeyframeMade(n + 1, 0.0, end, "the painting")


def _run_interval(
    engine: Engine, painting: Painting, request: ProcessRequest, index: int, inputs: Inputs
) -> Iterator[Event]:
    n = len(request.operation_steps)
    for needed in Unit(Stage.INTERPOLATION, index).needs:
        if needed not in inputs.keyframes:
            raise InvalidRequestError("keyframes", needed, "made before the interval that needs it")
    frames = request.interpolation.frames
    interval = Interval(
        index=index,
        earlier=inputs.keyframes[index],
        later=inputs.keyframes[index + 1],
        frames=frames,
        seed=interval_seed(request, index),
    )
    first = index * (frames - 1) - 1
    for event in engine.interval(painting, request, interval):
        if isinstance(event, StateMade):
            place = round(event.position * (frames - 1))
            if place > 0:
                picture = _shared_state(request, interval) if place == frames - 1 else None
                yield FrameMade(first + place, index, event.operation_step, picture or event.picture, event.label)
        else:
            yield event
    if index == n:
        end = inputs.keyframes[n + 1].picture
        yield FrameMade(frame_count(request) - 1, index, 0.0, end, "the painting")


def _shared_state(request: ProcessRequest, interval: Interval) -> Picture | None:
    """What an interval ends in where it is made only to reach a state that is given and that a branch leaves from."""
    joins = Ability.KEYFRAMES in describe(request.engine).abilities
    return interval.later.picture if joins and interval.later.operation_step in request.shared_states else None


def run(
    engine: Engine, painting: Painting, request: ProcessRequest, own_keyframes: Mapping[int, Picture] | None = None
) -> Generator[Event, None, None]:
    """Run all units of a request in order. `own_keyframes` maps an operation step to the artist's own picture.

    A unit for which memory does not suffice runs again with the next leaner memory plan, as do those after it.
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
        plan: str | None = request.execution.memory_plan
        while plan is not None:
            attempt = replace(request, execution=replace(request.execution, memory_plan=plan))
            plan = None
            try:
                for event in run_unit(engine, painting, attempt, unit, Inputs(tags, keyframes)):
                    if isinstance(event, Tagged):
                        tags = event.text
                    elif isinstance(event, KeyframeMade):
                        keyframes = {**keyframes, event.index: event}
                    yield event
                request = attempt
            except OutOfMemoryError as error:
                plan = _plan_below(engine, request)
                if plan is None:
                    raise
                yield Warned(f"{error} The unit runs again with the memory plan {plan}.")


def _plan_below(engine: Engine, request: ProcessRequest) -> str | None:
    """The memory plan that comes after the one that ran; None when none ran or it was the leanest."""
    if not engine.memory_plan:
        return None
    return describe(engine.name).leaner_plan(engine.memory_plan, allow_inexact=request.execution.allow_fp8)
