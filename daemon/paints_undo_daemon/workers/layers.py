"""The layer split and the operations of an engine that has them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from paints_undo.v1 import jobs_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import number_of_word, placement_to_proto, request_from_proto
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_engine import png
from paints_undo_engine.contract import Operation, layers_of, operations_of
from paints_undo_engine.export.leaving_out import layer_names

_OPERATIONS_A_REPORT = 200


def split_layers(context: TaskContext, task: worker_pb2.SplitLayers) -> None:
    """Write the layer split into the task's folder, a PNG for each layer. Raises `EngineUnavailableError`."""
    request = request_from_proto(task.parameters)
    painting = context.pictures.masked(task.painting, task.masks)
    split = list(layers_of(context.engine(request.engine), painting, request))
    for index, layer in enumerate(split):
        context.check_cancelled()
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
            group=layer.group,
            blending=number_of_word(layer.blending, jobs_pb2.Blending.DESCRIPTOR),
            clipped=layer.clipped,
        )
        context.emit(file=worker_pb2.MadeFile(path=str(path), size_bytes=header.size_bytes, layer=header))
    context.finish()


def name_layers(context: TaskContext, task: worker_pb2.NameLayers) -> None:
    """Tell what of the layer split can be left out. Raises `EngineUnavailableError`."""
    request = request_from_proto(task.parameters)
    painting = context.pictures.masked(task.painting, task.masks)
    split = list(layers_of(context.engine(request.engine), painting, request))
    context.emit(layer_names=jobs_pb2.ListLayerNamesResponse(names=layer_names(split)))
    context.finish()


def read_operations(context: TaskContext, task: worker_pb2.ReadOperations) -> None:
    """Tell the operations, in the painting's pixels. Raises `EngineUnavailableError` for an engine without them."""
    request = request_from_proto(task.parameters)
    painting = context.pictures.masked(task.painting, task.masks)
    told = operations_of(context.engine(request.engine), painting, request)
    while some := [_operation(operation) for operation in islice(told, _OPERATIONS_A_REPORT)]:
        context.check_cancelled()
        context.emit(operations=jobs_pb2.ListOperationsResponse(operations=some))
    context.finish()


def _operation(operation: Operation) -> jobs_pb2.Operation:
    return jobs_pb2.Operation(
        index=operation.index,
        phase=operation.phase,
        tool=operation.tool,
        bounds=placement_to_proto(operation.bounds),
        label=operation.label,
        operation_step=operation.operation_step,
    )
