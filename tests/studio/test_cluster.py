"""A daemon whose jobs run on the nodes of a real Ray cluster: three nodes on this machine, with a token."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, small_painting

from paints_undo.v1 import jobs_pb2, server_pb2

pytestmark = [pytest.mark.ray, pytest.mark.slow]

_MEMORY = 80 * 2**20
_ATTEMPTS = 3
_LATE = "timed out during startup"
"""Ray gives a node 30 seconds to start, which a crowded machine may take longer for."""
_WATCHED_SECONDS = 4 * SECONDS
"""A node starts an actor, and that a worker, before the first unit runs."""
FINISHED = jobs_pb2.JOB_STATE_FINISHED
STRANGER = """
import pathlib
import sys

class Finder:
    # The actor says of each unit that another one has ended, while a file is there.
    def find_spec(self, name, path=None, target=None):
        if name != "paints_undo_daemon.cluster.node_worker":
            return None
        sys.meta_path.remove(self)
        import importlib
        from paints_undo.worker.v1 import worker_pb2
        from paints_undo_daemon.workers.subprocess_executor import SubprocessExecutor

        honest = SubprocessExecutor.execute

        async def execute(self, task, on_report):
            def lie(report):
                if report.WhichOneof("kind") == "done" and pathlib.Path({secret!r}).exists():
                    report.done.unit = "interval-999"
                on_report(report)

            await honest(self, task, lie)

        SubprocessExecutor.execute = execute
        return importlib.util.find_spec(name)

sys.meta_path.insert(0, Finder())
"""
"""Put as `sitecustomize` before a node's modules."""


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A head that computes nothing, and two nodes with a processor each."""
    if find_spec("ray") is None:
        pytest.skip("the extra ray is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # By itself 15: on a busy machine such a process hardly runs.
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _MEMORY}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        try:
            yield cluster
        finally:
            cluster.shutdown()


@pytest.fixture
def workers(nodes: Any) -> Iterator[Callable[[], Any]]:
    """Adds a node; all that are left go in the end."""
    added = []

    def add() -> Any:
        for _ in range(_ATTEMPTS):
            before = psutil.Process().children(recursive=True)
            try:
                added.append(nodes.add_node(num_cpus=1, object_store_memory=_MEMORY, wait=False))
            except Exception as error:
                if _LATE not in str(error):
                    raise
                for process in psutil.Process().children(recursive=True):
                    if process not in before:
                        process.kill()
            else:
                return added[-1]
        raise AssertionError("no node starts")

    yield add
    for node in added:
        if node in nodes.worker_nodes:
            nodes.remove_node(node, allow_graceful=False)


def daemon(home: Path, nodes: Any, **settings: Any) -> RunningDaemon:
    return RunningDaemon(home, {"executor": "ray", "ray_address": nodes.address, **settings})


def frames(client: Client, job_id: str) -> dict[int, str]:
    """The pictures of a finished job by index."""
    found = {}
    for event in client.watch(job_id, seconds=_WATCHED_SECONDS):
        if event.HasField("frame_stored"):
            found[event.frame_stored.frame.index] = event.frame_stored.frame.picture_hash
    assert client.get(job_id).state == FINISHED, client.get(job_id)
    return found


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + _WATCHED_SECONDS
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"In vain: {what}")


def here(tmp_path: Path, paintings: list[bytes]) -> list[dict[int, str]]:
    """What one machine makes of them."""
    running = RunningDaemon(tmp_path / "here").start()
    try:
        client = running.client()
        return [frames(client, client.create(client.upload(data), parameters=few()).job_id) for data in paintings]
    finally:
        running.stop()


def log(running: RunningDaemon) -> str:
    return running.log_file.read_text()


def test_jobs_spread_over_the_nodes_and_give_what_one_machine_gives(
    tmp_path: Path, nodes: Any, workers: Callable[[], Any]
) -> None:
    paintings = [small_painting(seed=number) for number in range(4)]
    expected = here(tmp_path, paintings)
    workers()
    running = daemon(tmp_path / "home", nodes).start()
    try:
        client = running.client()
        jobs = [client.create(client.upload(data), parameters=few()).job_id for data in paintings]
        workers()
        assert [frames(client, job) for job in jobs] == expected
        until(lambda: log(running).count("ran a small unit of the engine procedural") >= 2, "the node that joined late")
        found = client.server.GetServerInfo(server_pb2.GetServerInfoRequest()).nodes
        ready = [node for node in found if node.state == server_pb2.NODE_STATE_READY]
        assert [list(node.engines) for node in ready] == [["procedural"]] * 2
        assert server_pb2.NODE_STATE_STARTING not in {node.state for node in found}, "the head has nothing to start"
        assert sum(node.units for node in found) >= 4 * 5
        assert all(node.sent_bytes for node in ready if node.units)
    finally:
        running.stop()


def test_a_node_killed_half_way_costs_nothing(tmp_path: Path, nodes: Any, workers: Callable[[], Any]) -> None:
    painting = small_painting(seed=21)
    expected = here(tmp_path, [painting])[0]
    doomed, _ = workers(), workers()
    running = daemon(tmp_path / "home", nodes).start()
    try:
        client = running.client()
        until(lambda: log(running).count("ran a small unit") >= 2, "two nodes at work")
        digest = client.upload(painting)
        jobs = [client.create(digest, parameters=few()).job_id for _ in range(6)]
        nodes.remove_node(doomed, allow_graceful=False)
        assert [frames(client, job) for job in jobs] == [expected] * 6
    finally:
        running.stop()


def test_a_daemon_killed_half_way_goes_on(tmp_path: Path, nodes: Any, workers: Callable[[], Any]) -> None:
    painting = small_painting(seed=22)
    expected = here(tmp_path, [painting])[0]
    workers()
    running = daemon(tmp_path / "home", nodes).start()
    try:
        client = running.client()
        until(lambda: "ran a small unit" in log(running), "a node at work")
        job = client.create(client.upload(painting), parameters=few()).job_id
        running.kill()
        running.start()
        client = running.client()
        assert frames(client, job) == expected
    finally:
        running.stop()


def test_a_node_that_hangs_is_given_up_and_tried_again(tmp_path: Path, nodes: Any, workers: Callable[[], Any]) -> None:
    painting = small_painting(seed=24)
    expected = here(tmp_path, [painting])[0]
    stuck, _ = workers(), workers()
    running = daemon(tmp_path / "home", nodes, heartbeat_timeout_seconds=8).start()
    stopped: list[psutil.Process] = []
    try:
        client = running.client()
        until(lambda: log(running).count("ran a small unit") >= 2, "two nodes at work")
        digest = client.upload(painting)
        raylet = psutil.Process(stuck.all_processes["raylet"][0].process.pid)
        stopped = [raylet, *raylet.children(recursive=True)]
        for process in stopped:
            process.send_signal(signal.SIGSTOP)
        jobs = [client.create(digest, parameters=few()).job_id for _ in range(4)]
        assert [frames(client, job) for job in jobs] == [expected] * 4
        states = {node.state for node in client.server.GetServerInfo(server_pb2.GetServerInfoRequest()).nodes}
        assert server_pb2.NODE_STATE_READY in states
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
        running.stop()


def test_a_cluster_without_token_is_refused(tmp_path: Path, nodes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(AssertionError, match="token authentication alone"):
        daemon(tmp_path / "home", nodes).start()


def test_a_node_that_tells_of_another_unit_is_not_asked_for_ever(
    tmp_path: Path, nodes: Any, workers: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(STRANGER.format(secret=str(tmp_path / "strange")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ["PYTHONPATH"])))
    workers()
    running = daemon(tmp_path / "home", nodes, unit_strikes=2).start()
    try:
        client = running.client()
        until(lambda: "ran a small unit" in log(running), "a node at work")
        digest = client.upload(small_painting(seed=25))
        (tmp_path / "strange").touch()
        job = client.create(digest, parameters=few()).job_id
        ended = until(lambda: (found := client.get(job)).HasField("failure") and found, "the job's end")
        assert (ended.failure.code, "2 times" in ended.failure.message) == ("ABORTED", True), ended.failure
        (tmp_path / "strange").unlink()
        assert frames(client, client.create(digest, parameters=few()).job_id), "the node works on"
    finally:
        running.stop()


def test_cancel_reaches_the_node(tmp_path: Path, nodes: Any, workers: Callable[[], Any]) -> None:
    workers()
    running = daemon(tmp_path / "home", nodes).start()
    try:
        client = running.client()
        until(lambda: "ran a small unit" in log(running), "a node at work")
        job = client.create(client.upload(small_painting(seed=23))).job_id
        until(lambda: client.get(job).state == jobs_pb2.JOB_STATE_RUNNING, "the job to run")
        client.cancel(job)
        until(lambda: client.get(job).state == jobs_pb2.JOB_STATE_CANCELLED, "the job to be cancelled")
    finally:
        running.stop()
