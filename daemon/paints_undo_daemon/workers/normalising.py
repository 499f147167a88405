"""Uploads as PNG of the store's own making, for workers that do not decode what strangers have made."""

from __future__ import annotations

from paints_undo.v1 import pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers.context import TaskContext


def normalise_picture(context: TaskContext, task: worker_pb2.NormalisePicture) -> None:
    """Decode a picture and store it as `png.encode` writes it. Raises what decoding and storing raise."""
    pictures = context.pictures
    notes = pictures.painting(task.picture).notes
    digest = pictures.normalised(task.picture)
    encoding = pictures_pb2.PICTURE_ENCODING_PNG
    context.emit(normalised=worker_pb2.StoredPicture(hash=digest, encoding=encoding, notes=notes))
    context.finish()
