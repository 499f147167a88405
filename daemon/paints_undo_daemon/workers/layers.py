"""The layer split and the operations of the procedural engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from paints_undo_engine.errors import EngineUnavailableError
from paints_undo_engine.export.source import Layer

if TYPE_CHECKING:
    from paints_undo_daemon.workers.tasks import TaskRunner
    from paints_undo_engine.painting import Painting
    from paints_undo_engine.request import ProcessRequest

Emit = Callable[..., None]
_OPERATIONS_A_REPORT = 200


def layers(runner: TaskRunner, request: ProcessRequest, painting: Painting) -> Iterator[Layer]:
    """The layer split, bottom first. Raises `EngineUnavailableError` for an engine that has none."""
    engine: Any = runner.engine(request.engine)
    if not hasattr(engine, "layers"):
        raise EngineUnavailableError(f"The engine {request.engine} has no layer split.")
    yield from engine.layers(painting, request)
