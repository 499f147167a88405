"""The layer split and the operations of the procedural engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import request_from_proto
from paints_undo_engine import png
from paints_undo_engine.errors import EngineUnavailableError
from paints_undo_engine.export.source import Layer
from paints_undo_engine.process import BLANK_OPERATION_STEP

if TYPE_CHECKING:
    from paints_undo_daemon.workers.tasks import TaskRunner
    from paints_undo_engine.painting import Painting
    from paints_undo_engine.procedural.plan import Operation, Plan
    from paints_undo_engine.request import ProcessRequest

Emit = Callable[..., None]
_OPERATIONS_A_REPORT = 200


def layers(runner: TaskRunner, request: ProcessRequest, painting: Painting) -> Iterator[Layer]:
    """The layer split, bottom first. Raises `EngineUnavailableError` for an engine that has none."""
    engine: Any = runner.engine(request.engine)
    if not hasattr(engine, "layers"):
        raise EngineUnavailableError(f"The engine {request.engine} has no layer split.")
    yield from engine.layers(painting, request)


def split_layers(runner: TaskRunner, task: worker_pb2.SplitLayers, emit: Emit) -> None:
    """Write the layer split into the task's folder, one PNG for each layer. Raises as `layers`."""
    split = list(layers(runner, request_from_proto(task.parameters), runner.pictures.painting(task.painting)))
    for index, layer in enumerate(split):
        runner.check_cancelled()
        pixels = layer.read()
        path = Path(task.folder) / str(index)
        path.write_bytes(png.encode(pixels))
        header = jobs_pb2.LayerHeader(
            index=index,
            count=len(split),
            name=layer.name,
            visible=layer.visible,
            opacity=layer.opacity,
            width=pixels.shape[1],
            height=pixels.shape[0],
            size_bytes=path.stat().st_size,
        )
        emit(file=worker_pb2.MadeFile(path=str(path), size_bytes=header.size_bytes, layer=header))
    emit(done=jobs_pb2.UnitRecord())


def read_operations(runner: TaskRunner, task: worker_pb2.ReadOperations, emit: Emit) -> None:
    """Tell the operations of the plan, in the painting's pixels. Raises `EngineUnavailableError` without a plan."""
    request = request_from_proto(task.parameters)
    engine: Any = runner.engine(request.engine)
    if not hasattr(engine, "plan"):
        raise EngineUnavailableError(f"The engine {request.engine} has no operations.")
    painting = runner.pictures.painting(task.painting)
    plan: Plan = engine.plan(painting, request, request.keyframes.seed)
    scale = painting.width / plan.picture.shape[1]
    messages = [_operation(operation, plan.count, scale) for operation in plan.operations]
    for start in range(0, len(messages), _OPERATIONS_A_REPORT):
        runner.check_cancelled()
        some = messages[start : start + _OPERATIONS_A_REPORT]
        emit(operations=jobs_pb2.ListOperationsResponse(operations=some))
    emit(done=jobs_pb2.UnitRecord())


def _operation(operation: Operation, count: int, scale: float) -> jobs_pb2.Operation:
    red, green, blue = operation.colour
    x, y, width, height = (value * scale for value in operation.bounds)
    return jobs_pb2.Operation(
        index=operation.index,
        phase=operation.phase,
        kind=operation.kind,
        color=red << 16 | green << 8 | blue,
        brush_width=operation.width * scale,
        bounds=jobs_pb2.Placement(x=x, y=y, width=width, height=height),
        label=operation.label,
        operation_step=BLANK_OPERATION_STEP * (1 - operation.begin / count),
    )
