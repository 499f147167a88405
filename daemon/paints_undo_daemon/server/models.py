"""ModelService: the checkpoints of the diffusion engine, which a helper worker looks after."""

from __future__ import annotations

from typing import Any

from paints_undo.v1 import models_pb2_grpc

from paints_undo_daemon.server.core import Core


class ModelService(models_pb2_grpc.ModelServiceServicer):
    """See `proto/paints_undo/v1/models.proto`."""

    def __init__(self, core: Core) -> None:
        self._core = core
