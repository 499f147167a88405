"""The diffusion engine behind the contract of `contract.Engine`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from paints_undo_engine.checkpoints import locate
from paints_undo_engine.contract import Interval, KeyframeTask, State
from paints_undo_engine.diffusion.attention import select_backend
from paints_undo_engine.diffusion.interpolation.conditions import Size
from paints_undo_engine.diffusion.interpolation.stage import InterpolationStage
from paints_undo_engine.diffusion.keyframes.stage import KeyframeStage
from paints_undo_engine.diffusion.models import Models
from paints_undo_engine.diffusion.residency.devices import memory_errors
from paints_undo_engine.diffusion.sizes import as_published, interpolation_buckets, keyframe_size
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress, Tagged, Warned
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import ProcessRequest
from paints_undo_engine.tagger import Tagger


class DiffusionEngine:
    """Tags by WD14, keyframes by the single-frame model, intervals by the multi-frame model."""

    name = "diffusion"

    def __init__(self, models: Models, buckets: tuple[Size, ...] | None = None) -> None:
        """`buckets` are the sizes that the multi-frame model was trained for; None: as its checkpoint says."""
        self._models = models
        self._buckets = buckets
        self._taggers: dict[bool, Tagger] = {}
        self._keyframes = KeyframeStage(models)
        self._interpolation: InterpolationStage | None = None

    @property
    def memory_plan(self) -> str:
        """See `contract.Engine.memory_plan`."""
        return self._models.residency.plan.name

    @property
    def record_notes(self) -> tuple[str, ...]:
        """See `contract.Engine.record_notes`."""
        return ("compiled blocks",) if self._models.compiler.active else ()

    def tags(self, painting: Painting, request: ProcessRequest) -> Iterator[Progress | Warned | PlanChanged | Tagged]:
        """See `contract.Engine.tags`. Raises `EngineUnavailableError`, `CheckpointError`."""
        wanted = request.tags
        tagger = self._tagger(request.reference)
        yield Tagged(tagger(painting.pixels8(), wanted.general_threshold, wanted.character_threshold, wanted.exclude))

    def keyframes(
        self, painting: Painting, request: ProcessRequest, tags: str, tasks: tuple[KeyframeTask, ...]
    ) -> Iterator[Progress | Warned | PlanChanged | KeyframeMade]:
        """See `contract.Engine.keyframes`. Raises `EngineUnavailableError`, `OutOfMemoryError`, `CheckpointError`."""
        request = as_published(request)
        yield from self._models.prepare(request.execution)
        with self._device():
            size = keyframe_size(painting, request.keyframes)
            yield from self._keyframes.run(painting, request, tags, tasks, size)

    def interval(
        self, painting: Painting, request: ProcessRequest, interval: Interval
    ) -> Iterator[Progress | Warned | PlanChanged | State]:
        """See `contract.Engine.interval`. Raises `EngineUnavailableError`, `OutOfMemoryError`, `CheckpointError`."""
        request = as_published(request)
        yield from self._models.prepare(request.execution)
        with self._device():
            size = keyframe_size(painting, request.keyframes)
            yield from self._interpolation_stage().run(painting, request, interval, size)

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self._taggers.clear()
        self._forget()
        self._models.close()

    def _interpolation_stage(self) -> InterpolationStage:
        if self._interpolation is None:
            buckets = self._buckets or interpolation_buckets(self._models.folder("multi_frame"))
            self._interpolation = InterpolationStage(self._models, buckets)
        return self._interpolation

    def _forget(self) -> None:
        if self._interpolation is not None:
            self._interpolation.clear()

    def _tagger(self, published: bool) -> Tagger:
        if published not in self._taggers:
            accelerated = self._models.device.type != "cpu"
            folder = self._models.folder("wd14_tagger")
            self._taggers[published] = Tagger.of(folder, accelerated=accelerated, published=published)
        return self._taggers[published]

    @contextmanager
    def _device(self) -> Iterator[None]:
        """Names the plan when memory runs out; a unit that ends early leaves nothing on a lean plan's device."""
        residency = self._models.residency
        with memory_errors(residency.plan.name, residency.device):
            try:
                yield
            except BaseException:
                self._forget()
                if not residency.plan.keeps_all:
                    residency.clear()
                raise


def create(settings: EngineSettings) -> DiffusionEngine:
    """The engine with the models of `settings.models`, or of the usual places. Raises `EngineUnavailableError`."""
    select_backend(settings.attention)
    return DiffusionEngine(Models(partial(locate, models=settings.models), settings.device, settings.compiling))
