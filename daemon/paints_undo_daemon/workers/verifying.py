"""What an uploaded file says of how it was made, looked up in a helper worker."""

from __future__ import annotations

from pathlib import Path

from paints_undo.v1 import pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.convert import number_of_word
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_engine.provenance.signing import SIDECAR
from paints_undo_engine.provenance.verifying import Finding, verify


def verify_file(context: TaskContext, task: worker_pb2.VerifyFile) -> None:
    """Copy the file, and its sidecar beside it, into the task's folder and look for marks. Raises `PictureLostError`,
    `VerificationError`, `OSError`."""
    files, path = context.pictures.files, Path(task.folder) / "file"
    path.write_bytes(files.read(task.file.hash))
    if task.HasField("sidecar"):
        path.with_name(path.name + SIDECAR).write_bytes(files.read(task.sidecar.hash))
    found = verify(path)
    context.emit(
        verified=pictures_pb2.VerifyFileResponse(
            verdict=number_of_word(found.verdict, pictures_pb2.Verdict.DESCRIPTOR),
            findings=[_finding(each) for each in found.findings],
            painting_fingerprint=found.painting,
        )
    )
    context.finish()


def _finding(found: Finding) -> pictures_pb2.Finding:
    mark = number_of_word(found.mark, pictures_pb2.Mark.DESCRIPTOR)
    return pictures_pb2.Finding(mark=mark, holds=found.holds, sentence=found.sentence)
