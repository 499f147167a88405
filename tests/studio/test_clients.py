"""What an admin gives to clients and learns about them: quotas, ends, and who did what."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from daemon.conftest import SECONDS, RunningDaemon, few, small_painting

from paints_undo.v1 import admin_pb2, admin_pb2_grpc, jobs_pb2
from paints_undo_daemon.access.tokens import Rights, TokenError, add_client, clients, set_rights
from paints_undo_daemon.client import DaemonAddress, JobState, connect
from paints_undo_daemon.server.audit import DONE, Audit
from paints_undo_engine.errors import PaintsUndoError

INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path_factory.mktemp("daemon"), {"audit": "true"}).start()
    yield running
    running.stop()


def refusal(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value.code(), error.value.details() or ""


def audit(running: RunningDaemon) -> list[dict[str, str]]:
    return [json.loads(line) for line in (running.home / "audit.log").read_text().splitlines()]


def test_a_quota_is_the_clients_own_and_can_be_changed_while_the_daemon_runs(daemon: RunningDaemon) -> None:
    data = small_painting(1, 300, 200)
    client = daemon.client(add_client(daemon.home, "small", Rights(quota_bytes=len(data) - 1)))
    assert client.info().limits.max_client_bytes == len(data) - 1
    status, words = refusal(lambda: client.upload(data))
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(len(data) - 1) in words
    set_rights(daemon.home, "small", Rights(quota_bytes=len(data)))
    painting = client.upload(data)
    status, words = refusal(lambda: client.create(painting, parameters=few()))
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED
    set_rights(daemon.home, "small", Rights())
    client.cancel(client.create(painting, parameters=few()).job_id)


def test_a_token_ends_with_a_sentence_for_its_holder_alone(daemon: RunningDaemon) -> None:
    client = daemon.client(add_client(daemon.home, "guest", Rights(expires=time.time() + 3600)))
    assert client.info().client == "guest"
    set_rights(daemon.home, "guest", Rights(expires=time.time() - 1))
    status, words = refusal(client.info)
    assert status is grpc.StatusCode.UNAUTHENTICATED
    assert "guest ended on" in words
    assert "guest" not in refusal(daemon.client("wrong").info)[1]
    set_rights(daemon.home, "guest", Rights())
    assert client.info().client == "guest"


def test_who_did_what_is_noted_and_what_was_refused(daemon: RunningDaemon) -> None:
    client = daemon.client(add_client(daemon.home, "noted"))
    painting = client.upload(small_painting(2))
    job, _ = client.finish(painting, parameters=few(), title="a secret title")
    client.frames(job.job_id)
    client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.job_id), timeout=SECONDS)
    refusal(lambda: client.get(job.job_id))
    refusal(daemon.client("wrong").info)
    found = [(line["client"], line["method"], line["outcome"]) for line in audit(daemon)]
    own = [line[1:] for line in found if line[0] == "noted"]
    assert own == [
        ("UploadPicture", DONE),
        ("CreateJob", DONE),
        ("DownloadFrames", DONE),
        ("DeleteJob", DONE),
        ("GetJob", "NOT_FOUND"),
    ]
    assert ("", "GetServerInfo", "UNAUTHENTICATED") in found
    made = next(line for line in audit(daemon) if line["method"] == "CreateJob" and line["client"] == "noted")
    assert (made["job_id"], made["picture"]) == (job.job_id, painting)
    assert made["peer"]
    text = (daemon.home / "audit.log").read_text()
    assert "secret" not in text
    assert (daemon.home / "audit.log").stat().st_mode & 0o077 == 0


def test_the_audit_log_rotates_and_loses_no_line(tmp_path: Path) -> None:
    log = Audit(tmp_path / "audit.log", most_bytes=1000)
    context = SimpleNamespace(peer=lambda: "unix:")
    for number in range(40):
        log.note(context, "CancelJob", "ann", DONE, jobs_pb2.CancelJobRequest(job_id=str(number)))
    log.close()
    files = sorted(tmp_path.iterdir(), key=lambda path: (len(path.name), path.name))
    lines = [json.loads(line)["job_id"] for path in files for line in path.read_text().splitlines()]
    assert sorted(lines, key=int) == [str(number) for number in range(40)]
    assert len(files) > 3
    assert all(path.stat().st_size < 1200 for path in files)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_audit_log_that_cannot_be_written_ends_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "audit.log").symlink_to("/dev/full")
    log = Audit(tmp_path / "audit.log")
    for _ in range(3):
        log.note(SimpleNamespace(peer=lambda: "unix:"), "CancelJob", "ann", DONE)
    assert caplog.text.count("cannot be written") == 1


@pytest.mark.parametrize("rights", [{"quota_bytes": -1}, {"expires": float("nan")}, {"expires": -5.0}])
def test_rights_that_cannot_be_are_refused(rights: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        Rights(**rights)


@pytest.mark.parametrize("text", ["[]", '{"a": 5}', '{"a": {"digest": "0", "quota_bytes": "x"}}', '{"a": {}}', "{"])
def test_a_file_of_clients_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "clients.json").write_text(text)
    with pytest.raises(TokenError, match="damaged"):
        clients(tmp_path)


def test_an_administrator_ends_and_deletes_the_jobs_of_others_and_sees_none(daemon: RunningDaemon) -> None:
    client = daemon.client(add_client(daemon.home, "ann"))
    painting = client.upload(small_painting(3, 1024, 768))
    job = client.create(painting, title="a secret title")
    token = add_client(daemon.home, "boss", Rights(administrator=True))
    address = DaemonAddress(f"unix:{daemon.home / 'daemon.sock'}", token)
    with connect(address) as boss:
        listed = [item for item in boss.client_jobs("ann") if item.job_id == job.job_id]
        assert [(item.client, item.engine) for item in listed] == [("ann", "procedural")]
        assert "secret" not in str(listed)
        assert painting not in str(listed)
        for call in (boss.job, boss.cancel, boss.delete, lambda job_id: list(boss.frames(job_id))):
            with pytest.raises(PaintsUndoError, match="no such job"):
                call(job.job_id)
        assert boss.cancel_client_job(job.job_id).state is JobState.CANCELLED
        assert client.get(job.job_id).state == jobs_pb2.JOB_STATE_CANCELLED
        usage = {item.client: item for item in boss.client_usage()}
        assert usage["ann"].stored_bytes > 0
        assert (usage["boss"].administrator, usage["ann"].administrator) == (True, False)
        boss.delete_client_job(job.job_id)
        with pytest.raises(PaintsUndoError, match="no such job"):
            boss.delete_client_job(job.job_id)
    assert refusal(lambda: client.get(job.job_id))[0] is grpc.StatusCode.NOT_FOUND
    ended = [line for line in audit(daemon) if line["client"] == "boss" and line["method"] == "CancelClientJob"]
    assert [(line["job_id"], line["outcome"]) for line in ended] == [(job.job_id, DONE)]


def test_nobody_else_administers(daemon: RunningDaemon) -> None:
    address = DaemonAddress(f"unix:{daemon.home / 'daemon.sock'}", add_client(daemon.home, "curious"))
    with connect(address) as client:
        for call in (
            client.client_usage,
            lambda: list(client.client_jobs()),
            lambda: client.cancel_client_job("x"),
            lambda: client.delete_client_job("x"),
        ):
            with pytest.raises(PaintsUndoError, match="administrators"):
                call()


def test_pages_of_everybodys_jobs_have_every_job_once(daemon: RunningDaemon) -> None:
    client = daemon.client(add_client(daemon.home, "many"))
    painting = client.upload(small_painting(4))
    made = [client.create(painting, parameters=few(), priority=jobs_pb2.PRIORITY_BATCH).job_id for _ in range(5)]
    stub = admin_pb2_grpc.AdminServiceStub(daemon.client().authorized)
    request, found = admin_pb2.ListClientJobsRequest(page_size=2, client="many"), []
    while True:
        page = stub.ListClientJobs(request, timeout=SECONDS)
        found += [job.job_id for job in page.jobs]
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    assert found == made[::-1]
    assert refusal(lambda: stub.ListClientJobs(admin_pb2.ListClientJobsRequest(page_size=501)))[0] is INVALID
    assert refusal(lambda: stub.ListClientJobs(admin_pb2.ListClientJobsRequest(page_token="x")))[0] is INVALID
    for job_id in made:
        client.cancel(job_id)
