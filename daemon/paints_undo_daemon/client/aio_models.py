"""The diffusion engine's models at the daemon, for `AsyncClient`.

The synchronous one is made from this file by `make client`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc

from paints_undo.v1 import models_pb2
from paints_undo_daemon.client import wire
from paints_undo_daemon.client.aio_connection import AsyncConnection
from paints_undo_daemon.client.descriptions import ModelProgress, ServedModel
from paints_undo_daemon.client.errors import translate
from paints_undo_daemon.client.reading import read


class AsyncModels(AsyncConnection):
    """See, download and check models."""

    async def models(self) -> list[ServedModel]:
        """All models that the engines know, with their state."""
        answer: models_pb2.ListModelsResponse = await self._call(
            lambda: self._models.ListModels, models_pb2.ListModelsRequest()
        )
        return [read(model, ServedModel) for model in answer.models]

    async def download_model(
        self, model_id: str, revision: str = "", *, detach: bool = False
    ) -> AsyncIterator[ModelProgress]:
        """Download a model, or go on with a download; closing the iterator stops it unless `detach`."""
        request = models_pb2.DownloadModelRequest(model_id=model_id, revision=revision, detach=detach)
        try:
            async for message in self._stream(lambda: self._models.DownloadModel, request, wire.WORKING_SECONDS):
                yield read(message, ModelProgress)
        except grpc.RpcError as error:
            raise translate(error) from None

    async def cancel_model_download(self, model_id: str) -> None:
        """Stop a running download; what has arrived is kept."""
        request = models_pb2.CancelModelDownloadRequest(model_id=model_id)
        await self._call(lambda: self._models.CancelModelDownload, request)

    async def verify_model(self, model_id: str) -> AsyncIterator[ModelProgress]:
        """Check a model's files against the digests recorded when it was downloaded."""
        request = models_pb2.VerifyModelRequest(model_id=model_id)
        try:
            async for message in self._stream(lambda: self._models.VerifyModel, request, wire.WORKING_SECONDS):
                yield read(message, ModelProgress)
        except grpc.RpcError as error:
            raise translate(error) from None
