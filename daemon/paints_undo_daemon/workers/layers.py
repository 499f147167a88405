"""The layer split and the operations of the procedural engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import placement_to_proto, request_from_proto
from paints_undo_engine import png
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
    """Tell the engine's operations. Raises `EngineUnavailableError` for an engine that has none."""
    request = request_from_proto(task.parameters)
    engine: Any = runner.engine(request.engine)
    if not hasattr(engine, "operations"):
        raise EngineUnavailableError(f"The engine {request.engine} has no operations.")
    listed = list(engine.operations(runner.pictures.painting(task.painting), request))
    for start in range(0, len(listed), _OPERATIONS_A_REPORT):
        runner.check_cancelled()
        messages = [
            jobs_pb2.Operation(
                index=operation.index,
                phase=str(operation.phase),
                kind=str(operation.kind),
                color=operation.color,
                brush_width=operation.brush_width,
                bounds=placement_to_proto(operation.bounds),
                label=operation.label,
                operation_step=operation.operation_step,
            )
            for operation in listed[start : start + _OPERATIONS_A_REPORT]
        ]
        emit(operations=jobs_pb2.ListOperationsResponse(operations=messages))
    emit(done=jobs_pb2.UnitRecord())
