"""Signing exports. The worker that does this decodes nothing that a client has sent: none of it can reach the key."""

from __future__ import annotations

from pathlib import Path

from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_engine import __version__
from paints_undo_engine.provenance import Provenance
from paints_undo_engine.provenance.signing import SigningKey, sign


def sign_file(context: TaskContext, task: worker_pb2.SignFile) -> None:
    """Sign a file in the folder where it was made; what its format cannot hold is given back as a sidecar."""
    path = Path(task.path)
    provenance = Provenance(task.engine, task.seed, __version__, task.painting_fingerprint)
    sidecar = sign(path, path.name, task.media_type, provenance, SigningKey(task.certificates, task.key))
    made = worker_pb2.MadeFile(
        path=task.path,
        name=path.name,
        media_type=task.media_type,
        size_bytes=path.stat().st_size,
        sidecar=sidecar,
    )
    context.emit(file=made)
    context.finish()
