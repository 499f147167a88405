"""The diffusion engine behind the contract of `contract.Engine`: a thin layer over `PaintsUndoPipeline`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial

from paints_undo_engine.checkpoints import locate
from paints_undo_engine.contract import Interval, KeyframeTask, StateMade
from paints_undo_engine.diffusion.attention import select_backend
from paints_undo_engine.diffusion.measured import switched_on
from paints_undo_engine.diffusion.models import ModelComponents
from paints_undo_engine.diffusion.pipeline import PaintsUndoPipeline
from paints_undo_engine.diffusion.residency.devices import Precision, choose_device, device_name
from paints_undo_engine.diffusion.sizes import Sizes
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.events import KeyframeMade, PlanChanged, Progress, Tagged, Warned
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.request import ProcessRequest


class DiffusionEngine:
    """Tags by WD14, keyframes by the single-frame model, intervals by the multi-frame model."""

    name = "diffusion"

    def __init__(self, models: ModelComponents, sizes: Sizes | None = None) -> None:
        """`sizes` are what the models were trained for; None: as the checkpoints say."""
        self._models = models
        self._pipeline = PaintsUndoPipeline(models, sizes)

    @property
    def memory_plan(self) -> str:
        """See `contract.Engine.memory_plan`."""
        return self._models.plan_name

    @property
    def record_notes(self) -> tuple[str, ...]:
        """See `contract.Engine.record_notes`."""
        return ("compiled blocks",) if self._models.compiler.active else ()

    def tags(self, painting: Painting, request: ProcessRequest) -> Iterator[Progress | Warned | PlanChanged | Tagged]:
        """See `contract.Engine.tags`. Raises `EngineUnavailableError`, `CheckpointError`."""
        wanted = request.tags
        yield Tagged(
            self._pipeline.tags(
                painting,
                general_threshold=wanted.general_threshold,
                character_threshold=wanted.character_threshold,
                exclude=wanted.exclude,
                published=request.reference,
            )
        )

    def keyframes(
        self, painting: Painting, request: ProcessRequest, tags: str, tasks: tuple[KeyframeTask, ...]
    ) -> Generator[Progress | Warned | PlanChanged | KeyframeMade, None, None]:
        """See `contract.Engine.keyframes`. Raises as `PaintsUndoPipeline.keyframes`, and `SlowJobError`."""
        yield from self._pipeline.runner.keyframes(painting, request, tags, tasks)

    def interval(
        self, painting: Painting, request: ProcessRequest, interval: Interval
    ) -> Generator[Progress | Warned | PlanChanged | StateMade, None, None]:
        """See `contract.Engine.interval`. Raises as `PaintsUndoPipeline.keyframes`, and `SlowJobError`."""
        yield from self._pipeline.runner.interval(painting, request, interval)

    def finished(
        self, painting: Painting, request: ProcessRequest, tags: str
    ) -> Iterator[Progress | Warned | PlanChanged | Picture]:
        """See `contract.RedoEngine.finished`. Raises as `keyframes`."""
        ends = yield from self._pipeline.runner.ends(painting, request, tags)
        yield ends.last.picture()

    def settle(self) -> None:
        """Wait until what is compiled beside the work is ready for the next unit."""
        self._models.compiler.wait()

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self._pipeline.close()


def create(settings: EngineSettings) -> DiffusionEngine:
    """The engine with the models of `settings.models`, or of the usual places. Raises `EngineUnavailableError`."""
    device = choose_device(settings.device)
    on = switched_on(device_name(device))
    select_backend(on.attention if settings.attention == "auto" else settings.attention)
    compiling = settings.compiling == "on" or (settings.compiling == "auto" and on.compiling)
    find = partial(locate, models=settings.models)
    return DiffusionEngine(
        ModelComponents(find, str(device), compiling=compiling, precision=Precision(settings.precision))
    )
