"""The models are the account's: no named client replaces them, and nobody takes a stranger's revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from daemon.conftest import Client, RunningDaemon

from paints_undo.v1 import models_pb2, server_pb2
from paints_undo_daemon.access.tokens import add_client
from paints_undo_engine.checkpoints.download import download
from paints_undo_engine.errors import DownloadError

MODEL = "wd14_tagger"
STRANGE = ["refs/pr/1", "main", "v1.0", "0" * 39, "0" * 41, "A" * 40, "../" + "0" * 37]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path_factory.mktemp("models")).start()
    yield running
    running.stop()


def refusal(client: Client, call: str, request: object) -> grpc.RpcError:
    service = client.server if call == "Unload" else client.models
    answer = getattr(service, call)
    with pytest.raises(grpc.RpcError) as error:
        list(answer(request, timeout=60))
    return error.value


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("DownloadModel", models_pb2.DownloadModelRequest(model_id=MODEL)),
        ("DownloadModel", models_pb2.DownloadModelRequest(model_id=MODEL, revision="0" * 40)),
        ("CancelModelDownload", models_pb2.CancelModelDownloadRequest(model_id=MODEL)),
        ("Unload", server_pb2.UnloadRequest()),
    ],
)
def test_a_named_client_may_not_touch_them(daemon: RunningDaemon, call: str, request_: object) -> None:
    guest = daemon.client(add_client(daemon.home, f"guest-{abs(hash((call, str(request_))))}"))
    assert refusal(guest, call, request_).code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("revision", STRANGE)
def test_only_a_commit_is_a_revision(daemon: RunningDaemon, revision: str, tmp_path: Path) -> None:
    request = models_pb2.DownloadModelRequest(model_id=MODEL, revision=revision)
    error = refusal(daemon.client(), "DownloadModel", request)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "40 hexadecimal digits" in str(error.details())
    with pytest.raises(DownloadError, match="40 hexadecimal digits"):
        list(download(MODEL, tmp_path, revision=revision))
    assert not list(tmp_path.iterdir())
