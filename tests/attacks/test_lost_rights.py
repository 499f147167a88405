"""A token that is taken away, renewed or has ended is good for nothing any more, also in calls that have begun."""

from __future__ import annotations

import hashlib
import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, kinds, small_painting

from paints_undo.v1 import jobs_pb2, pictures_pb2
from paints_undo_daemon.access.tokens import Rights, add_client, remove_client, renew_own_token, set_rights
from paints_undo_daemon.client import connect
from paints_undo_daemon.convert import request_from_proto

PATIENCE = 10 * SECONDS


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    running = RunningDaemon(tmp_path_factory.mktemp("rights"), {"heartbeat_timeout_seconds": PATIENCE}).start()
    client = running.client()
    job = client.create(client.upload(small_painting()), parameters=few())
    assert list(client.watch(job.job_id, seconds=PATIENCE)), "from here on a worker waits for work"
    yield running
    assert running.stop() == 0


@contextmanager
def held(daemon: RunningDaemon) -> Iterator[None]:
    """The workers stand still, with nothing to do."""
    deadline = time.monotonic() + PATIENCE
    while daemon.client().info().jobs_waiting:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    workers = daemon.workers()
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def remove(home: Path) -> None:
    remove_client(home, "guest")


def end(home: Path) -> None:
    set_rights(home, "guest", Rights(expires=time.time() - 1))


def renew(home: Path) -> None:
    renew_own_token(home)


WAYS = [
    (remove, "guest", grpc.StatusCode.UNAUTHENTICATED),
    (end, "guest", grpc.StatusCode.UNAUTHENTICATED),
    (renew, "", grpc.StatusCode.UNAVAILABLE),
]


@pytest.fixture(params=WAYS, ids=["removed", "ended", "renewed"])
def loser(
    daemon: RunningDaemon, request: pytest.FixtureRequest
) -> Iterator[tuple[Client, Callable[[Path], None], grpc.StatusCode]]:
    """A client, what takes its rights away, and how its calls end then."""
    lose, name, code = request.param
    yield daemon.client(add_client(daemon.home, name) if name else None), lose, code
    if lose is end:
        remove(daemon.home)


Loser = tuple[Client, Callable[[Path], None], grpc.StatusCode]


def test_a_job_is_watched_no_further(daemon: RunningDaemon, loser: Loser) -> None:
    client, lose, code = loser
    digest = client.upload(small_painting())
    seen: list[jobs_pb2.Event] = []

    def watch() -> None:
        with held(daemon):
            events = client.watch(client.create(digest, parameters=few()).job_id, seconds=PATIENCE)
            seen.extend((next(events), next(events)))
            lose(daemon.home)
        seen.extend(events)

    with pytest.raises(grpc.RpcError) as error:
        watch()
    assert (error.value.code(), kinds(seen)) == (code, ["accepted", "started"])


def test_nothing_more_is_taken_of_an_upload(daemon: RunningDaemon, loser: Loser) -> None:
    client, lose, code = loser
    data = os.urandom(100)
    digest = hashlib.sha256(data).hexdigest()
    parts: queue.Queue[pictures_pb2.UploadPictureRequest | None] = queue.Queue()
    header = pictures_pb2.UploadHeader(hash=digest, size_bytes=len(data))
    parts.put(pictures_pb2.UploadPictureRequest(header=header))
    call = client.pictures.UploadPicture.future(iter(parts.get, None), timeout=SECONDS)
    temporary = daemon.home / "store" / "temporary"
    deadline = time.monotonic() + SECONDS
    while not list(temporary.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    lose(daemon.home)
    parts.put(pictures_pb2.UploadPictureRequest(chunk=data))
    parts.put(None)
    failure = call.exception()
    assert isinstance(failure, grpc.RpcError)
    assert failure.code() is code
    assert not list((daemon.home / "store" / "pictures").rglob(digest))


def test_the_account_s_own_client_goes_on_when_its_token_is_renewed(daemon: RunningDaemon) -> None:
    with connect(home=daemon.home, start=False) as client:
        with held(daemon):
            updates = client.watch(client.submit(small_painting(seed=3), request_from_proto(few())).job_id)
            first = [next(updates), next(updates)]
            renew_own_token(daemon.home)
        numbers = [update.sequence for update in (*first, *updates) if update.sequence]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 10
