"""Devices, and downloads and checks of models, in a worker."""

from __future__ import annotations

import os
from collections.abc import Iterator

from paints_undo.v1 import models_pb2, server_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.model_states import model_to_proto
from paints_undo_daemon.workers.context import TaskContext
from paints_undo_engine.checkpoints import FileProgress, download, list_models, note_warnings, verify
from paints_undo_engine.engines import find_warnings


def fetch(context: TaskContext, task: worker_pb2.FetchModel) -> None:
    """Download a model. Raises `DownloadError`, `CheckpointError`."""
    _follow(context, task.model_id, download(task.model_id, revision=task.revision or None))


def check(context: TaskContext, task: worker_pb2.CheckModel) -> None:
    """Compare a model's files with their record, and note what is unusual in them.

    Raises `CheckpointError`, `EngineUnavailableError`.
    """
    _follow(context, task.model_id, verify(task.model_id), looks_closer=True)


def _follow(context: TaskContext, model_id: str, steps: Iterator[FileProgress], *, looks_closer: bool = False) -> None:
    progress = models_pb2.DownloadModelResponse()
    try:
        for step in steps:
            context.check_cancelled()
            progress = models_pb2.DownloadModelResponse(
                file=step.file,
                done_bytes=step.done_bytes,
                total_bytes=step.total_bytes,
                bytes_per_second=step.bytes_per_second,
                note=step.note,
            )
            context.emit(model_progress=progress)
    finally:
        steps.close()  # type: ignore[attr-defined]
    warnings = find_warnings(model_id) if looks_closer else ()
    if looks_closer:
        note_warnings(model_id, warnings)
    model = next(model_to_proto(info) for info in list_models() if info.id == model_id)
    if warnings:
        model.message = "; ".join(warnings)  # also of a folder that has no record to keep them in
    progress.model.CopyFrom(model)
    context.emit(model_progress=progress)
    context.finish()


def describe(context: TaskContext, task: worker_pb2.Describe) -> None:
    """Tell which devices torch sees. Raises `ImportError`."""
    del task
    import torch

    devices = [server_pb2.Device(device_id="cpu", name=f"CPU with {os.cpu_count()} cores")]
    for kind in ("cuda", "xpu"):
        module = torch.get_device_module(kind)
        for index in range(module.device_count() if module.is_available() else 0):
            free, total = module.mem_get_info(index)
            name = module.get_device_name(index)
            devices.append(
                server_pb2.Device(device_id=f"{kind}:{index}", name=name, memory_bytes=total, free_memory_bytes=free)
            )
    if torch.backends.mps.is_available():
        total = int(torch.mps.recommended_max_memory())
        devices.append(server_pb2.Device(device_id="mps", name="Apple GPU", memory_bytes=total))
    context.emit(description=worker_pb2.Description(devices=devices))
    context.finish()
