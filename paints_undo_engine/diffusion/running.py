"""Running the stages: the memory plan and the sizes of a request first, then the work, then what is left behind."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import prod

from torch import Tensor

from paints_undo_engine.contract import Interval, KeyframeTask, StateMade
from paints_undo_engine.diffusion.interpolation.conditions import BUCKETS, Size
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.redo.branches import Branches, Ends, HalfDone
from paints_undo_engine.diffusion.redo.stage import RedoStage
from paints_undo_engine.diffusion.residency.devices import memory_errors
from paints_undo_engine.diffusion.residency.needs import Demand
from paints_undo_engine.diffusion.sizes import (
    Sizes,
    as_published,
    keyframe_size,
    published_keyframe_size,
    trained_buckets,
)
from paints_undo_engine.diffusion.stages.chaining import run_chained
from paints_undo_engine.diffusion.stages.interpolation import InterpolationStage
from paints_undo_engine.diffusion.stages.keyframes import KeyframeStage
from paints_undo_engine.diffusion.stages.sampling import AS_REQUESTED, SamplingOptions
from paints_undo_engine.diffusion.stages.untrained import untrained
from paints_undo_engine.diffusion.windows import WINDOW, is_chained
from paints_undo_engine.errors import EngineUnavailableError
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress, Warned
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import ProcessRequest


class StageRunner:
    """Keyframes and intervals as generators of events; closing one cancels within a step."""

    def __init__(self, models: ModelComponents, sizes: Sizes | None = None) -> None:
        """`sizes` are what the models were trained for; None: as the checkpoints say."""
        self._models = models
        self._given_sizes = sizes
        self._keyframes = KeyframeStage(models)
        self._interpolation: InterpolationStage | None = None
        self.branches = Branches(RedoStage(models))

    def keyframes(
        self,
        painting: Painting,
        request: ProcessRequest,
        tags: str,
        tasks: tuple[KeyframeTask, ...],
        options: SamplingOptions = AS_REQUESTED,
    ) -> Iterator[Progress | Warned | PlanChanged | KeyframeMade]:
        """The keyframe stage."""
        request = as_published(request)
        yield from self._models.prepare(request, self._demand(painting, request))
        published = self._published_size()
        size = keyframe_size(painting, request, published)
        yield from map(Warned, untrained(request, size, published))
        ends = yield from self.ends(painting, request, tags)
        with self._device():
            for source in ends.pictures:
                states = tuple(task for task in tasks if ends.of(task.operation_step) is source)
                if states:
                    yield from self._keyframes.run(source, request, tags, states, size, options)

    def ends(
        self, painting: Painting, request: ProcessRequest, tags: str
    ) -> Generator[Progress | Warned | PlanChanged, None, Ends]:
        """What the branches of a request lead to; the painting alone where there are none."""
        if not request.procedural.branches:
            return Ends((painting,), ())
        request = as_published(request)
        yield from self._models.prepare(request, self._demand(painting, request))
        size = keyframe_size(painting, request, self._published_size())

        def make(
            source: Painting, task: KeyframeTask
        ) -> Generator[Progress | Warned | PlanChanged, None, KeyframeMade]:
            made = None
            for event in self._keyframes.run(source, request, tags, (task,), size):
                if isinstance(event, KeyframeMade):
                    made = event
                else:
                    yield event
            assert made is not None
            return made

        with self._device():
            return (yield from self.branches.ends(painting, request, tags, size, make))

    def redo(
        self, painting: Painting, request: ProcessRequest, tags: str, state: Painting, half_done: HalfDone
    ) -> Generator[Progress | Warned | PlanChanged, None, Painting]:
        """A candidate for a canvas that is given."""
        request = as_published(request)
        yield from self._models.prepare(request, self._demand(painting, request))
        size = keyframe_size(painting, request, self._published_size())
        with self._device():
            return (yield from self.branches.redo(painting, request, tags, size, state, half_done))

    def interval(
        self,
        painting: Painting,
        request: ProcessRequest,
        interval: Interval,
        options: SamplingOptions = AS_REQUESTED,
    ) -> Iterator[Progress | Warned | PlanChanged | StateMade]:
        """One interval, in one window or in a chain of them."""
        request = as_published(request)
        yield from self._models.prepare(request, self._demand(painting, request))
        with self._device():
            size = keyframe_size(painting, request, self._published_size())
            stage = self._interpolation_stage()
            run = partial(stage.run, painting, request, keyframe_size=size, options=options)
            chained = is_chained(request.interpolation)
            yield from run_chained(run, interval) if chained else run(interval)

    def encode(self, painting: Painting, request: ProcessRequest) -> Tensor:
        """The keyframe model's latents [1, 4, h/8, w/8] of a picture at the size that keyframes of it have."""
        request = as_published(request)
        list(self._models.prepare(request, self._demand(painting, request)))
        with self._device():
            size = keyframe_size(painting, request, self._published_size())
            return self._keyframes.encode(painting, request, size)

    def clear(self) -> None:
        """Forget what intervals share, and the ends of branches."""
        self.branches.clear()
        if self._interpolation is not None:
            self._interpolation.clear()

    def _interpolation_stage(self) -> InterpolationStage:
        if self._interpolation is None:
            self._interpolation = InterpolationStage(self._models, self._buckets())
        return self._interpolation

    def _published_size(self) -> Size:
        if self._given_sizes is not None:
            return self._given_sizes.keyframes
        try:
            return published_keyframe_size(self._models.folder("single_frame"))
        except EngineUnavailableError:
            return Sizes().keyframes  # intervals need no keyframe model

    def _buckets(self) -> tuple[Size, ...]:
        if self._given_sizes is not None:
            return self._given_sizes.buckets
        return trained_buckets(self._models.folder("multi_frame"))

    def _demand(self, painting: Painting, request: ProcessRequest) -> Demand:
        try:
            buckets = self._buckets()
        except EngineUnavailableError:
            buckets = BUCKETS  # keyframes need no multi-frame model
        size = keyframe_size(painting, request, self._published_size())
        demand = self._models.demand(request, size, max(buckets, key=prod))
        return replace(demand, frames=WINDOW) if is_chained(request.interpolation) else demand

    @contextmanager
    def _device(self) -> Iterator[None]:
        """Names the plan when memory runs out; a unit that ends early leaves nothing on a lean plan's device."""
        residency = self._models.residency
        with memory_errors(residency.plan.name, residency.device):
            try:
                yield
            except BaseException:
                self.clear()
                if not residency.plan.keeps_all:
                    residency.clear()
                raise
