"""ModelService: the checkpoints of the diffusion engine, which a worker of their own looks after."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

from paints_undo.v1 import models_pb2, models_pb2_grpc
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.errors import AbortedError, CallError, InvalidArgumentError, NotFoundError
from paints_undo_daemon.model_states import all_models
from paints_undo_daemon.scheduler.dispatcher import MODELS
from paints_undo_daemon.server.caller import require_account
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.reports import call_reports
from paints_undo_engine.checkpoints import catalogue
from paints_undo_engine.checkpoints.catalogue import EXACT_REVISION, is_exact
from paints_undo_engine.checkpoints.places import models_folder

Responses = AsyncIterator[models_pb2.DownloadModelResponse]


class _Download:
    """One running download and those who look on."""

    def __init__(self) -> None:
        self.latest: models_pb2.DownloadModelResponse | None = None
        self.error: CallError | None = None
        self.changed = asyncio.Condition()
        self.callers = 0
        self.detached = False
        self.task: asyncio.Task[None] | None = None
        self.stopping = False
        self.ended = False

    async def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.stopping = True
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])


class ModelService(models_pb2_grpc.ModelServiceServicer):
    """See `proto/paints_undo/v1/models.proto`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._downloads: dict[str, _Download] = {}

    async def ListModels(self, request: models_pb2.ListModelsRequest, context: Any) -> models_pb2.ListModelsResponse:
        """All models with their state."""
        models = await asyncio.to_thread(all_models)
        for model in models:
            if model.model_id in self._downloads:
                model.state = models_pb2.MODEL_STATE_DOWNLOADING
        return models_pb2.ListModelsResponse(models=models, free_disk_bytes=_free_bytes())

    async def DownloadModel(self, request: models_pb2.DownloadModelRequest, context: Any) -> Responses:
        """Begin a download, or look on at the one that runs."""
        require_account("download models")
        _check_known(request.model_id)
        if request.revision and not is_exact(request.revision):
            raise InvalidArgumentError("revision", f"revision is {request.revision!r}, but {EXACT_REVISION}.")
        download = self._downloads.get(request.model_id)
        if download is not None and download.stopping:
            await download.stop()
            download = self._downloads.get(request.model_id)
        if download is None:
            download = self._downloads[request.model_id] = _Download()
            download.task = asyncio.create_task(self._run(download, request))
        download.detached |= request.detach
        download.callers += 1
        try:
            seen = None
            while not (download.ended and download.latest is seen):
                async with download.changed:
                    while not download.ended and download.latest is seen:
                        await download.changed.wait()
                if download.latest is not None and download.latest is not seen:
                    seen = download.latest
                    yield seen
            if download.error is not None:
                raise download.error
        finally:
            download.callers -= 1
            if not download.callers and not download.detached:
                await download.stop()

    async def CancelModelDownload(
        self, request: models_pb2.CancelModelDownloadRequest, context: Any
    ) -> models_pb2.CancelModelDownloadResponse:
        """Stop a download; what has arrived is kept."""
        require_account("stop downloads of models")
        download = self._downloads.get(request.model_id)
        if download is None:
            raise NotFoundError("No download of this model runs.", field="model_id")
        await download.stop()
        return models_pb2.CancelModelDownloadResponse()

    async def VerifyModel(
        self, request: models_pb2.VerifyModelRequest, context: Any
    ) -> AsyncIterator[models_pb2.VerifyModelResponse]:
        """Compare the files with their record."""
        _check_known(request.model_id)
        task = worker_pb2.Task(check_model=worker_pb2.CheckModel(model_id=request.model_id))
        async for report in call_reports(self._core, task, MODELS, expendable=True):
            if report.HasField("model_progress"):
                progress = report.model_progress
                response = models_pb2.VerifyModelResponse(
                    file=progress.file, done_bytes=progress.done_bytes, total_bytes=progress.total_bytes
                )
                if progress.HasField("model"):
                    response.model.CopyFrom(progress.model)
                yield response

    async def _run(self, download: _Download, request: models_pb2.DownloadModelRequest) -> None:
        task = worker_pb2.Task(fetch_model=worker_pb2.FetchModel(model_id=request.model_id, revision=request.revision))
        try:
            async for report in call_reports(self._core, task, MODELS, expendable=True):
                if report.HasField("model_progress"):
                    download.latest = report.model_progress
                    async with download.changed:
                        download.changed.notify_all()
        except CallError as error:
            download.error = error
        except asyncio.CancelledError:
            download.error = AbortedError("The download was stopped; what has arrived is kept.")
        finally:
            download.ended = True
            del self._downloads[request.model_id]
            async with download.changed:
                download.changed.notify_all()


def _free_bytes() -> int:
    """Where the models are kept, or will be."""
    folder = models_folder()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _check_known(model_id: str) -> None:
    known = [model.id for model in catalogue.MODELS]
    if model_id not in known:
        raise NotFoundError(f"There is no model {model_id!r}, only {', '.join(known)}.", field="model_id")
