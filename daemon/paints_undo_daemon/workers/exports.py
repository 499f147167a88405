"""Exports and raw pixels, made in a helper worker."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import export_options_from_proto, request_from_proto
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_engine import __version__
from paints_undo_engine._picture.alpha import with_alpha
from paints_undo_engine.contract import layers_of
from paints_undo_engine.descriptions import Ability, lack_of
from paints_undo_engine.export import export
from paints_undo_engine.export.leaving_out import left_out
from paints_undo_engine.export.options import ExportOptions
from paints_undo_engine.export.side_by_side import export_side_by_side
from paints_undo_engine.export.source import ProcessSource, Steps, Still
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import SplitLayer
from paints_undo_engine.provenance import Provenance
from paints_undo_engine.provenance.note import fingerprint
from paints_undo_engine.request import branches_behind


def export_result(context: TaskContext, task: worker_pb2.ExportResult) -> None:
    """Write an export into the task's folder. Raises `ExportError` and what reading pictures raises."""
    options = export_options_from_proto(task.options)
    path = Path(task.folder) / f"process{options.format.suffix}"
    sources = [_source(context, result, options) for result in (task, *task.beside)]
    later = task.will_be_signed
    if task.beside:
        steps = export_side_by_side(sources, path, options, signed_later=later)
    else:
        steps = export(sources[0], path, options, signed_later=later)
    with closing(steps):
        encoder = _reported(context, steps)
    made = worker_pb2.MadeFile(
        path=str(path),
        name=path.name,
        media_type=options.format.media_type,
        size_bytes=path.stat().st_size,
        painting_fingerprint=sources[0].provenance.painting,
        encoder=encoder,
    )
    context.emit(file=made)
    context.finish()


def _reported(context: TaskContext, steps: Steps) -> str:
    """Report each step; what a video was encoded by."""
    while True:
        try:
            step, of = next(steps)
        except StopIteration as end:
            return str(end.value)
        context.check_cancelled()
        context.emit(progress=jobs_pb2.Progress(step=step, of=of))


def _source(context: TaskContext, task: worker_pb2.ExportResult, options: ExportOptions) -> ProcessSource:
    """What the exporters read of one job."""
    request = request_from_proto(task.parameters)
    pictures = context.pictures
    given = pictures.masked(task.painting, task.masks)
    painting, origin = given, fingerprint(given)
    if request.procedural.branches and task.keyframes[-1].operation_step == 0:
        painting = Painting(pictures.frame(task.keyframes[-1]).pixels)

    def still(frame: jobs_pb2.Frame, last: bool) -> Still:
        if last:
            return Still(frame.operation_step, painting.picture, frame.label)
        behind = branches_behind(request.procedural.branches, frame.operation_step)
        end = task.earlier_ends[behind] if behind < len(task.earlier_ends) else worker_pb2.StoredPicture()
        of = partial(pictures.painting, end) if end.hash else None
        return Still(frame.operation_step, lambda: pictures.frame(frame), frame.label, of)

    layers: tuple[SplitLayer, ...] = ()
    if options.wants_split(has_split=not lack_of(request.engine, Ability.LAYERS)):
        layers = tuple(layers_of(context.engine(request.engine), given, request))
    seed = request.keyframe_seed
    source = ProcessSource(
        painting=painting,
        provenance=Provenance(request.engine, seed, __version__, origin),
        frames=[still(frame, frame.operation_step == 0) for frame in task.frames],
        keyframes=[still(frame, frame.operation_step == 0) for frame in task.keyframes],
        layers=layers,
    )
    return left_out(source, options, partial(context.engine, request.engine), given, request)


def transcode(context: TaskContext, task: worker_pb2.Transcode) -> None:
    """Write a stored PNG as raw pixels into the task's folder."""
    painting = context.pictures.painting(task.picture)
    path = Path(task.folder) / "pixels"
    path.write_bytes(raw_bytes(painting, task.encoding))
    context.emit(file=worker_pb2.MadeFile(path=str(path), size_bytes=path.stat().st_size))
    context.finish()


def raw_bytes(painting: Painting, encoding: pictures_pb2.PictureEncoding.ValueType) -> bytes:
    """A picture's pixels as RAW_RGB8 (on white where transparent) or RAW_RGBA8."""
    pixels = painting.rgb8() if encoding == pictures_pb2.PICTURE_ENCODING_RAW_RGB8 else with_alpha(painting.pixels8())
    return np.ascontiguousarray(pixels).tobytes()
