"""Exports and raw pixels, made in a helper worker."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import export_options_from_proto, placement_from_proto, request_from_proto
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_daemon.workers.loading import Pictures
from paints_undo_engine import __version__, png
from paints_undo_engine.contract import layers_of
from paints_undo_engine.export import export
from paints_undo_engine.export.options import LayerContent
from paints_undo_engine.export.source import ProcessSource, Provenance, Still
from paints_undo_engine.picture import Picture, SplitLayer


def export_result(context: TaskContext, task: worker_pb2.ExportResult) -> None:
    """Write an export into the task's folder. Raises `ExportError` and what reading pictures raises."""
    options = export_options_from_proto(task.options)
    request = request_from_proto(task.parameters)
    pictures = context.pictures
    painting = pictures.painting(task.painting)

    def still(frame: jobs_pb2.Frame, last: bool) -> Still:
        if last:
            return Still(frame.operation_step, painting.picture, frame.label)
        return Still(frame.operation_step, lambda: _picture(pictures, frame), frame.label)

    layers: tuple[SplitLayer, ...] = ()
    if options.layer_content is LayerContent.SPLIT:
        layers = tuple(layers_of(context.engine(request.engine), painting, request))
    seed = request.keyframes.seed
    source = ProcessSource(
        painting=painting,
        provenance=Provenance(request.engine, seed, __version__),
        frames=[still(frame, frame.operation_step == 0) for frame in task.frames],
        keyframes=[still(frame, frame.operation_step == 0) for frame in task.keyframes],
        layers=layers,
    )
    path = Path(task.folder) / f"process{options.format.suffix}"
    steps = export(source, path, options)
    try:
        for step, of in steps:
            context.check_cancelled()
            context.emit(progress=jobs_pb2.Progress(step=step, of=of))
    finally:
        steps.close()  # type: ignore[attr-defined]
    made = worker_pb2.MadeFile(
        path=str(path), name=path.name, media_type=options.format.media_type, size_bytes=path.stat().st_size
    )
    context.emit(file=made)
    context.finish()


def _picture(pictures: Pictures, frame: jobs_pb2.Frame) -> Picture:
    pixels = png.decode(pictures.files.read(frame.picture_hash))
    return Picture(pixels, placement_from_proto(frame.placement))


def transcode(context: TaskContext, task: worker_pb2.Transcode) -> None:
    """Write a stored PNG as raw pixels into the task's folder."""
    painting = context.pictures.painting(task.picture)
    if task.encoding == pictures_pb2.PICTURE_ENCODING_RAW_RGB8:
        pixels = painting.rgb8()
    else:
        pixels = painting.pixels8()
        if pixels.shape[2] == 3:
            pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    path = Path(task.folder) / "pixels"
    path.write_bytes(np.ascontiguousarray(pixels).tobytes())
    context.emit(file=worker_pb2.MadeFile(path=str(path), size_bytes=path.stat().st_size))
    context.finish()
