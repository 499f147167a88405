"""The diffusion engine behind the contract of `process.Engine`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from paints_undo_engine.diffusion.interpolation.conditions import BUCKETS, Size
from paints_undo_engine.diffusion.interpolation.stage import InterpolationStage
from paints_undo_engine.diffusion.models import Models
from paints_undo_engine.diffusion.residency.devices import memory_errors
from paints_undo_engine.painting import Painting
from paints_undo_engine.process import (
    Interval,
    PlanChanged,
    Progress,
    State,
    Warned,
)
from paints_undo_engine.request import ProcessRequest


class DiffusionEngine:
    """Tags by WD14, keyframes by the single-frame model, intervals by the multi-frame model."""

    name = "diffusion"

    def __init__(self, models: Models, buckets: tuple[Size, ...] = BUCKETS) -> None:
        self._models = models
        self._interpolation = InterpolationStage(models, buckets)

    def interval(
        self, painting: Painting, request: ProcessRequest, interval: Interval
    ) -> Iterator[Progress | Warned | PlanChanged | State]:
        """See `process.Engine.interval`. Raises `OutOfMemoryError`, `CheckpointError`."""
        yield from self._models.prepare(request.execution)
        with self._device():
            yield from self._interpolation.run(painting, request, interval, (640, 512))

    def close(self) -> None:
        """Give back the device and forget the weights."""
        self._interpolation.clear()
        self._models.close()

    @contextmanager
    def _device(self) -> Iterator[None]:
        """Names the plan when memory runs out; a unit that ends early leaves nothing on a lean plan's device."""
        residency = self._models.residency
        with memory_errors(residency.plan.name, residency.device):
            try:
                yield
            except BaseException:
                self._interpolation.clear()
                if not residency.plan.keeps_all:
                    residency.clear()
                raise
