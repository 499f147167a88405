"""What must not get out, get lost or run twice: folders, metrics, pages too large, statuses at the end, two daemons."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from daemon.conftest import SECONDS, RunningDaemon, small_painting
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.access.lock import AlreadyRunningError, HomeLock
from paints_undo_daemon.privacy import without_folders

FOLDERS = st.lists(st.text("abcXYZ019._-äö", min_size=1, max_size=9), min_size=1, max_size=5)


@contextlib.contextmanager
def started(home: Path, **settings: object) -> Iterator[RunningDaemon]:
    running = RunningDaemon(home, settings).start()
    try:
        yield running
    finally:
        running.stop()


@given(FOLDERS, st.sampled_from(["/{}/{} is damaged.", "Cannot read '/{}/{}': gone.", 'file="/{}/{}"', r"C:\{}\{} is"]))
def test_no_message_names_a_folder(parts: list[str], sentence: str) -> None:
    separator = "\\" if "C:" in sentence else "/"
    told = without_folders(sentence.format(separator.join(f"folder-{part}" for part in parts), "unet.safetensors"))
    assert "unet.safetensors" in told
    assert "folder-" not in told


@pytest.mark.parametrize(
    "text",
    [
        "/Volumes/Big Disk/my models/unet.safetensors is cut off.",
        r"Cannot read D:\Big Disk\unet.safetensors: 3/4 of it is there.",
        "/data/unet.safetensors is missing 3/4 of its bytes.",
    ],
)
def test_folders_of_several_words_are_not_named_either(text: str) -> None:
    told = without_folders(text)
    assert not {"Big", "Disk", "models", "data"} & set(re.split(r"[^A-Za-z]", told))
    assert text.partition("unet")[2] == told.partition("unet")[2]


@pytest.mark.parametrize(
    "text", ["1/2 of the frames", "https://huggingface.co/lllyasviel/misc is down", "and/or", "a / b", "refs/pr/1"]
)
def test_what_is_no_path_stays(text: str) -> None:
    assert without_folders(text) == text


def test_the_metrics_answer_to_this_host_only(tmp_path: Path) -> None:
    with started(tmp_path / "home", metrics_port=0) as daemon:
        found = re.search(r"http://127\.0\.0\.1:\d+/metrics", daemon.log_file.read_text())
        assert found is not None
        assert b"paints_undo" in urllib.request.urlopen(found[0]).read()
        rebound = urllib.request.Request(found[0], headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(rebound)
        assert error.value.code == 421
        assert b"paints_undo" not in error.value.read()


def test_who_holds_the_port_of_the_metrics_takes_no_threads_and_files_of_the_daemon(tmp_path: Path) -> None:
    """Requests that never end, a byte now and then, from an account that may read the metrics."""
    with started(tmp_path / "home", metrics_port=0) as daemon, contextlib.ExitStack() as held:
        assert daemon.process is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/metrics", daemon.log_file.read_text())
        assert found is not None
        threads = Path(f"/proc/{daemon.process.pid}/task")
        before = len(list(threads.iterdir()))
        slow = [held.enter_context(socket.create_connection(("127.0.0.1", int(found[1])))) for _ in range(100)]
        deadline, most = time.monotonic() + SECONDS, 0
        while slow:
            assert time.monotonic() < deadline, "they are never dropped"
            slow = [connection for connection in slow if _goes_on(connection)]
            most = max(most, len(list(threads.iterdir())) - before)
            time.sleep(0.2)
        assert most <= 2 * 16 + 8, "a request's thread, and the one that ends it"
        assert b"paints_undo" in urllib.request.urlopen(found[0]).read()


def _goes_on(connection: socket.socket) -> bool:
    """Whether the other side still reads."""
    try:
        connection.sendall(b"G")
    except OSError:
        return False
    return True


def test_a_page_of_jobs_is_no_larger_than_every_client_takes(tmp_path: Path) -> None:
    long = jobs_pb2.ProcessParameters(
        tags=jobs_pb2.TagsParameters(text="ä" * 4096),
        keyframes=jobs_pb2.KeyframeParameters(operation_steps=[500], negative_prompt="ö" * 4096),
        interpolation=jobs_pb2.InterpolationParameters(prompt="ü" * 4096),
    )
    with started(tmp_path / "home", max_queued_jobs_per_client=1000) as daemon:
        client = daemon.client()
        painting = client.upload(small_painting())
        made = [client.create(painting, parameters=long, priority=jobs_pb2.PRIORITY_BATCH).job_id for _ in range(200)]
        listed: list[str] = []
        pages, token = 0, ""
        while pages == 0 or token:
            answer = client.jobs.ListJobs(jobs_pb2.ListJobsRequest(page_size=200, page_token=token))
            pages, token = pages + 1, answer.next_page_token
            listed += [job.job_id for job in answer.jobs]
            assert answer.ByteSize() < 4 * 2**20
        assert pages > 1
        assert listed == made[::-1]


@pytest.mark.parametrize("letter", ["a", "ä", "𝄞"])
def test_a_refusal_that_cites_a_long_value_arrives(tmp_path: Path, letter: str) -> None:
    with started(tmp_path / "home") as daemon:
        client = daemon.client()
        painting = client.upload(small_painting())
        long = jobs_pb2.ProcessParameters(tags=jobs_pb2.TagsParameters(text=letter * 50_000))
        with pytest.raises(grpc.RpcError) as error:
            client.create(painting, parameters=long)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "tags" in str(error.value.details())


def test_an_export_that_the_end_of_the_daemon_cuts_short_may_be_tried_again(tmp_path: Path) -> None:
    with started(tmp_path / "home") as daemon:
        client = daemon.client()
        many = jobs_pb2.ProcessParameters(interpolation=jobs_pb2.InterpolationParameters(frames=60))
        job, _ = client.finish(client.upload(small_painting(1, 512, 512)), parameters=many)
        options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_APNG)
        call = client.jobs.ExportJob(jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options), timeout=SECONDS)
        next(call)
        stopping = threading.Thread(target=daemon.stop)
        stopping.start()
        with pytest.raises(grpc.RpcError) as error:
            list(call)
        stopping.join()
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE


def test_no_second_daemon_whatever_is_deleted(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    first.acquire()
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(AlreadyRunningError):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_start_that_fails_says_one_sentence(tmp_path: Path) -> None:
    with started(tmp_path / "home", listen="127.0.0.1:0") as daemon:
        assert daemon.endpoint is not None
        command = [sys.executable, "-m", "paints_undo_daemon", "serve", "--home", str(tmp_path / "other")]
        command += ["--listen", daemon.endpoint.address]
        environment = {"PYTHONPATH": ":".join(path for path in sys.path if path), "HOME": str(tmp_path)}
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 1
    assert "cannot listen" in result.stderr
    assert "Traceback" not in result.stderr
    assert "never awaited" not in result.stderr
