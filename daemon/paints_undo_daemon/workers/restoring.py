"""Frames at the painting's size, made in a helper worker as they are asked for; nothing larger is stored."""

from __future__ import annotations

import hashlib
from pathlib import Path

from paints_undo.v1 import pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import placement_to_proto
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_daemon.workers.exports import raw_bytes
from paints_undo_engine import png
from paints_undo_engine.painting import Painting
from paints_undo_engine.picture import Picture
from paints_undo_engine.restoring import Calibration, at_size, restore
from paints_undo_engine.upscaling import installed


def restore_frame(context: TaskContext, task: worker_pb2.RestoreFrame) -> None:
    """Write a frame in the size and encoding that are asked for; as PNG it has the painting's depth."""
    pictures = context.pictures
    painting = pictures.painting(task.painting)
    calibration = Calibration()
    if task.HasField("nearly_finished"):
        calibration = pictures.calibration(task.nearly_finished, task.end)
    context.check_cancelled()
    is_png = task.encoding == pictures_pb2.PICTURE_ENCODING_PNG
    shown = pictures.frame(task.frame)
    if task.max_side:
        made = at_size(shown, painting, task.max_side, calibration, upscaler=installed())
    else:
        made = restore(shown, painting, calibration, deep=is_png, upscaler=installed())
    data = png.encode(made.pixels) if is_png else raw_bytes(Painting(made.pixels), task.encoding)
    path = Path(task.folder) / "frame"
    path.write_bytes(data)
    file = worker_pb2.MadeFile(path=str(path), size_bytes=len(data))
    _describe(file, task, made, data)
    context.emit(file=file)
    context.finish()


def _describe(file: worker_pb2.MadeFile, task: worker_pb2.RestoreFrame, made: Picture, data: bytes) -> None:
    file.frame.CopyFrom(task.frame)
    file.frame.picture_hash = hashlib.sha256(data).hexdigest()
    file.frame.height, file.frame.width = made.pixels.shape[:2]
    file.frame.placement.CopyFrom(placement_to_proto(made.placement))
