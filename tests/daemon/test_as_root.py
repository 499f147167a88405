"""What needs root to be tried: a disk that is really full, and another account on the same machine."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.access.tokens import add_client

from .conftest import SECONDS, RunningDaemon, few, kinds, small_painting

pytestmark = pytest.mark.root

AS_ANOTHER = """
import encodings.idna, json, os, socket, ssl, sys
from pathlib import Path

import grpc

def channel(address):
    if address.startswith("unix:"):
        return grpc.insecure_channel(address)
    host, port = address.split(":")
    trusted = grpc.ssl_channel_credentials(ssl.get_server_certificate((host, int(port))).encode())
    return grpc.secure_channel(address, trusted, [("grpc.ssl_target_name_override", "localhost")])

def call(address, token):
    try:
        method = channel(address).unary_unary("/paints_undo.v1.ServerService/GetServerInfo")
        method(b"", metadata=[("authorization", "Bearer " + token)], timeout=20)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"

home, address, nobody = Path(sys.argv[1]), sys.argv[2], 65534
call("unix:/nowhere", "")  # loads what the other account may not be able to read
os.setgroups([]), os.setgid(nobody), os.setuid(nobody)
found = {"account": os.getuid()}
for name in ("token", "endpoint.json", "clients.json", "store/jobs.sqlite3", "store/pictures"):
    try:
        found[name] = str(os.listdir(home / name) if (home / name).is_dir() else (home / name).read_bytes())
    except OSError as error:
        found[name] = type(error).__name__
if address.startswith("unix:"):
    try:
        socket.socket(socket.AF_UNIX).connect(address.removeprefix("unix:"))
        found["socket"] = "connected"
    except OSError as error:
        found["socket"] = type(error).__name__
for token in ("", "guess"):
    found["call " + token] = call(address, token)
print(json.dumps(found))
"""


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A folder that every account may enter, so that only the files' own modes protect them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "home").mkdir(mode=0o755)
        yield folder / "home"


@pytest.mark.parametrize("over_socket", [False, True])
def test_another_account_reads_no_secret_and_is_not_let_in(open_home: Path, over_socket: bool) -> None:
    settings = {} if over_socket else {"listen": "127.0.0.1:0"}
    running = RunningDaemon(open_home, settings).start()
    try:
        add_client(open_home, "studio")
        client = running.client()
        client.finish(client.upload(small_painting()), parameters=few())
        assert running.endpoint is not None
        command = [sys.executable, "-c", AS_ANOTHER, str(open_home), running.endpoint.address]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert result.returncode == 0, result.stderr
        found = json.loads(result.stdout)
        assert found.pop("account") == 65534
        refused = "UNAVAILABLE" if over_socket else "UNAUTHENTICATED"
        assert (found.pop("call "), found.pop("call guess")) == (refused, refused)
        assert set(found.values()) == {"PermissionError"}, found
        assert len(found) == 5 + over_socket
    finally:
        assert running.stop() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Leave `left` bytes of room."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while (room := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - left) > 0:
            file.write(bytes(min(room, 2**20)))
    return filler


def test_a_full_disk_fails_the_job_and_the_daemon_works_on_when_there_is_room(small_disk: Path) -> None:
    running = RunningDaemon(small_disk / "home", {"min_free_disk_bytes": 0}).start()
    try:
        client = running.client()
        little, large = client.upload(small_painting()), client.upload(small_painting(1, 1024, 768))
        done, _ = client.finish(little, parameters=few())

        filler = fill(small_disk, left=400_000)
        failed, events = client.finish(large)
        assert failed.state == jobs_pb2.JOB_STATE_FAILED
        assert failed.failure.code == "RESOURCE_EXHAUSTED"
        assert "full" in failed.failure.message
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert len(client.frames(done.job_id)) == 10
        kept = [event for event in events if event.HasField("keyframe_stored") or event.HasField("frame_stored")]
        assert len(kept) == len(client.frames(failed.job_id)) + len(client.frames(failed.job_id, keyframes=True))

        filler.unlink()
        again, _ = client.finish(little, parameters=few())
        assert again.state == jobs_pb2.JOB_STATE_FINISHED
    finally:
        assert running.stop() == 0


def test_a_disk_without_a_single_byte_left_still_fails_the_job(small_disk: Path) -> None:
    running = RunningDaemon(small_disk / "home", {"min_free_disk_bytes": 0}).start()
    try:
        client = running.client()
        large = client.upload(small_painting(1, 1024, 768))
        many = jobs_pb2.ProcessParameters(interpolation=jobs_pb2.InterpolationParameters(frames=40))
        job = client.create(large, parameters=many)
        seen: list[jobs_pb2.Event] = []
        filler = None
        for event in client.watch(job.job_id):
            seen.append(event)
            if event.HasField("frame_stored") and filler is None:
                filler = fill(small_disk, left=0)
                with pytest.raises(grpc.RpcError) as error:
                    client.upload(os.urandom(3 * 2**20))
                assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert filler is not None
        filler.unlink()
        assert kinds(seen)[-1] == "failed"
        assert seen[-1].failed.failure.code == "RESOURCE_EXHAUSTED"
        assert client.finish(large, parameters=few())[0].state == jobs_pb2.JOB_STATE_FINISHED
    finally:
        assert running.stop() == 0


def test_a_first_start_on_a_full_disk_says_one_sentence(small_disk: Path) -> None:
    running = RunningDaemon(small_disk / "home", {"min_free_disk_bytes": 0})
    running.home.mkdir()
    filler = fill(small_disk, left=0)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "paints_undo_daemon", "serve", "--home", str(running.home)]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert refused.returncode == 1
    assert "The disk is full" in refused.stderr
    for unwanted in ("Traceback", "should not have", "never awaited"):
        assert unwanted not in refused.stderr
    filler.unlink()
    assert running.start().client().info().client == "account"
    assert running.stop() == 0


@pytest.mark.parametrize("crashed", [False, True])
def test_a_daemon_starts_on_a_full_disk_so_that_things_can_be_deleted(small_disk: Path, crashed: bool) -> None:
    running = RunningDaemon(small_disk / "home", {"min_free_disk_bytes": 0}).start()
    client = running.client()
    job, _ = client.finish(client.upload(small_painting()), parameters=few())
    if crashed:
        running.kill()
    else:
        assert running.stop() == 0
    running.log_file.write_bytes(b"")
    fill(small_disk, left=0)
    client = running.start().client()
    assert len(client.frames(job.job_id)) == 10
    client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=job.job_id), timeout=SECONDS)
    assert running.stop() == 0


@pytest.mark.parametrize("what", ["job", "picture"])
def test_deleting_works_on_a_disk_without_a_single_byte_left(small_disk: Path, what: str) -> None:
    running = RunningDaemon(small_disk / "home", {"min_free_disk_bytes": 0}).start()
    try:
        client = running.client()
        painting = client.upload(small_painting())
        done, _ = client.finish(painting, parameters=few())
        unused = client.upload(small_painting(5, 800, 600))
        before = {path.name for path in (small_disk / "home" / "store" / "pictures").rglob("*") if path.is_file()}
        fill(small_disk, left=0)
        if what == "job":
            client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=done.job_id), timeout=SECONDS)
        else:
            client.pictures.DeletePicture(pictures_pb2.DeletePictureRequest(hash=unused), timeout=SECONDS)
        left = {path.name for path in (small_disk / "home" / "store" / "pictures").rglob("*") if path.is_file()}
        assert left == ({unused} if what == "job" else before - {unused})
    finally:
        assert running.stop() == 0
