"""Who is let in, and what a client sees of another: nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from paints_undo.v1 import jobs_pb2, pictures_pb2, server_pb2
from paints_undo_daemon.access.lock import HomeLock
from paints_undo_daemon.access.tokens import TokenBook, TokenError, add_client, clients, own_token, remove_client
from paints_undo_daemon.home import Endpoint
from paints_undo_daemon.proof import spelled

from .conftest import SECONDS, Client, RunningDaemon, few, small_painting


@pytest.fixture(scope="module")
def stranger(daemon: RunningDaemon) -> Client:
    return daemon.client(add_client(daemon.home, "stranger"))


def code(call: Callable[..., Any], *args: Any, **options: Any) -> grpc.StatusCode:
    """The status that a call ends with."""
    try:
        result = call(*args, **options)
        if hasattr(result, "__next__"):
            list(result)
    except grpc.RpcError as error:
        status: grpc.StatusCode = error.code()
        return status
    return grpc.StatusCode.OK


def test_files_are_for_the_account_alone(daemon: RunningDaemon) -> None:
    for name in ("token", "endpoint.json", "clients.json"):
        path = daemon.home / name
        if path.exists():
            assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000])
def test_no_call_without_the_right_token(daemon: RunningDaemon, token: str) -> None:
    other = daemon.client(token)
    for call in (
        other.info,
        lambda: other.get("x"),
        lambda: other.upload(b"data"),
        lambda: list(other.watch("x")),
        lambda: other.frames("x"),
    ):
        assert code(call) is grpc.StatusCode.UNAUTHENTICATED


def test_no_call_with_another_scheme_or_without_metadata(daemon: RunningDaemon) -> None:
    client = daemon.client()
    stub = client.channel.unary_unary(
        "/paints_undo.v1.ServerService/GetServerInfo",
        request_serializer=server_pb2.GetServerInfoRequest.SerializeToString,
        response_deserializer=server_pb2.ServerInfo.FromString,
    )
    request = server_pb2.GetServerInfoRequest()
    assert code(lambda: stub(request)) is grpc.StatusCode.UNAUTHENTICATED
    basic = (("authorization", f"Basic {daemon.token}"),)
    assert code(lambda: stub(request, metadata=basic)) is grpc.StatusCode.UNAUTHENTICATED
    health: Any = client.channel.unary_unary("/grpc.health.v1.Health/Watch")
    assert code(lambda: health(b"")) is grpc.StatusCode.UNAUTHENTICATED


def test_a_stranger_sees_nothing(client: Client, stranger: Client, painting: str) -> None:
    job, _ = client.finish(painting, parameters=few())
    running = client.create(painting)
    frame = client.frames(job.job_id)[0][0].frame.picture_hash
    not_found = grpc.StatusCode.NOT_FOUND
    for job_id in (job.job_id, running.job_id):
        assert code(stranger.get, job_id) is not_found
        assert code(stranger.watch, job_id) is not_found
        assert code(stranger.cancel, job_id) is not_found
        assert code(stranger.frames, job_id) is not_found
        assert code(stranger.jobs.DeleteJob, jobs_pb2.DeleteJobRequest(job_id=job_id)) is not_found
        options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_GIF)
        export = jobs_pb2.ExportJobRequest(job_id=job_id, options=options)
        assert code(stranger.jobs.ExportJob, export) is not_found
        assert code(stranger.jobs.DownloadLayers, jobs_pb2.DownloadLayersRequest(job_id=job_id)) is not_found
        assert code(stranger.jobs.ListLayerNames, jobs_pb2.ListLayerNamesRequest(job_id=job_id)) is not_found
        assert code(stranger.jobs.ListOperations, jobs_pb2.ListOperationsRequest(job_id=job_id)) is not_found
        assert code(stranger.create, painting, base_job_id=job_id) is not_found
    for digest in (painting, frame, "0" * 64):
        assert code(stranger.pictures.GetPicture, pictures_pb2.GetPictureRequest(hash=digest)) is not_found
        download = pictures_pb2.DownloadPictureRequest(hash=digest)
        assert code(stranger.pictures.DownloadPicture, download) is not_found
    assert not stranger.jobs.ListJobs(jobs_pb2.ListJobsRequest()).jobs
    assert code(stranger.server.StopServer, server_pb2.StopServerRequest()) is grpc.StatusCode.PERMISSION_DENIED
    client.cancel(running.job_id)


def test_the_same_picture_and_request_id_of_two_clients_are_two_things(client: Client, stranger: Client) -> None:
    data = small_painting(seed=42)
    digest = client.upload(data)
    assert code(lambda: stranger.create(digest, parameters=few())) is grpc.StatusCode.NOT_FOUND
    assert stranger.upload(data) == digest
    mine = client.create(digest, request_id="one", parameters=few())
    theirs = stranger.create(digest, request_id="one", parameters=few())
    assert mine.job_id != theirs.job_id
    stranger.cancel(theirs.job_id)
    assert list(client.watch(mine.job_id))[-1].HasField("finished")


def test_a_removed_token_is_refused_at_once(daemon: RunningDaemon) -> None:
    client = daemon.client(add_client(daemon.home, "guest"))
    assert client.info().client == "guest"
    remove_client(daemon.home, "guest")
    assert code(client.info) is grpc.StatusCode.UNAUTHENTICATED


def test_tokens(tmp_path: Path) -> None:
    token = own_token(tmp_path)
    assert own_token(tmp_path) == token
    (tmp_path / "token").chmod(0o644)
    renewed = own_token(tmp_path)
    assert renewed != token
    named = add_client(tmp_path, "studio")
    book = TokenBook(tmp_path)
    holders = [book.holder(given) for given in (renewed, named, token)]
    assert [holder and holder.client for holder in holders] == ["account", "studio", None]
    assert named not in (tmp_path / "clients.json").read_text()
    for name in ("account", "", "a b", "studio", "../x"):
        with pytest.raises(TokenError):
            add_client(tmp_path, name)
    assert list(clients(tmp_path)) == ["studio"]


def test_tokens_go_on_to_count_while_their_file_cannot_be_read(tmp_path: Path) -> None:
    named, own = add_client(tmp_path, "studio"), own_token(tmp_path)
    book = TokenBook(tmp_path)
    assert book.holder(named) is not None
    file, aside = tmp_path / "clients.json", tmp_path / "aside"
    file.rename(aside)
    file.mkdir()  # nobody reads a folder, root neither
    assert [holder and holder.client for holder in map(book.holder, (named, own, "x"))] == ["studio", "account", None]
    file.rmdir()
    aside.rename(file)
    remove_client(tmp_path, "studio")
    assert book.holder(named) is None


def test_a_daemon_that_a_client_starts_waits_for_one_that_ends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    ending = HomeLock(home)
    ending.acquire()
    threading.Timer(3, ending.release).start()
    running = RunningDaemon(home, {"detached": "true"}).start()
    try:
        assert running.client().server.GetServerInfo(server_pb2.GetServerInfoRequest()).version
    finally:
        running.stop()


def test_one_daemon_for_each_home(daemon: RunningDaemon) -> None:
    environment = {**os.environ, "PAINTS_UNDO_HOME": str(daemon.home), "PYTHONPATH": os.pathsep.join(sys.path)}
    code = "from paints_undo_daemon.server import serve; from paints_undo_daemon.settings import load_settings;"
    code += "serve(load_settings())"
    second = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "runs for" in second.stderr
    endpoint = Endpoint.read(daemon.home)
    assert endpoint is not None
    assert daemon.process is not None
    assert endpoint.pid == daemon.process.pid


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_unix_socket_serves(home: Path) -> None:
    home.mkdir()
    running = RunningDaemon(home, {"listen": f"unix:{home}/socket"}).start()
    try:
        assert running.client().info().client == "account"
        assert (home / "socket").stat().st_mode & 0o777 == 0o600
        running.kill()
        assert running.start().client().info().client == "account"
    finally:
        running.stop()


def test_tcp_only_with_tls(home: Path) -> None:
    running = RunningDaemon(home, {"listen": "0.0.0.0:0"}).start()
    try:
        assert running.endpoint is not None
        certificate = Path(running.endpoint.certificate_file).read_bytes()
        assert (home / "certificate-key.pem").stat().st_mode & 0o777 == 0o600
        lines = [json.loads(line) for line in running.log_file.read_text().splitlines() if line.startswith("{")]
        port = running.endpoint.address.rsplit(":", 1)[1]
        assert any(spelled(running.endpoint.key_fingerprint) in line["message"] for line in lines)
        assert any(line["message"] == f"The daemon listens on 0.0.0.0:{port}." for line in lines)
        channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(certificate))
        call = channel.unary_unary(
            "/paints_undo.v1.ServerService/GetServerInfo",
            request_serializer=server_pb2.GetServerInfoRequest.SerializeToString,
            response_deserializer=server_pb2.ServerInfo.FromString,
        )
        request = server_pb2.GetServerInfoRequest()
        metadata = (("authorization", f"Bearer {running.token}"),)
        assert call(request, metadata=metadata, timeout=SECONDS).client == "account"
        assert code(lambda: call(request, timeout=SECONDS)) is grpc.StatusCode.UNAUTHENTICATED
        plain = Client(f"localhost:{port}", running.token)
        assert code(lambda: plain.server.GetServerInfo(request, timeout=5)) is grpc.StatusCode.UNAVAILABLE
    finally:
        running.stop()


def test_tokens_from_the_command_line(daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from paints_undo_daemon.cli.app import app

    monkeypatch.setenv("PAINTS_UNDO_HOME", str(daemon.home))
    run = CliRunner().invoke
    token = run(app, ["clients", "add", "terminal"]).stdout.strip()
    assert daemon.client(token).info().client == "terminal"
    assert "terminal" in run(app, ["clients", "list"]).stdout.split()
    assert run(app, ["clients", "add", "terminal"]).exit_code == 1
    assert run(app, ["clients", "remove", "terminal"]).exit_code == 0
    assert code(daemon.client(token).info) is grpc.StatusCode.UNAUTHENTICATED
