"""A worker's tasks without its process: every kind has its function, and errors become statuses."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from paints_undo.v1 import pictures_pb2
from paints_undo.worker.v1 import worker_pb2
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_daemon.workers.failures import failure_of
from paints_undo_daemon.workers.tasks import HANDLERS, TaskRunner, handler_of
from paints_undo_engine import errors

from .conftest import few, small_painting

KINDS = [field.name for field in worker_pb2.Task.DESCRIPTOR.oneofs_by_name["kind"].fields]


def reports(runner: TaskRunner, task: worker_pb2.Task) -> list[worker_pb2.Report]:
    found: list[worker_pb2.Report] = []
    runner.run(task, found.append)
    return found


def test_every_kind_of_task_has_its_function() -> None:
    assert set(HANDLERS) == set(KINDS)
    for kind in KINDS:
        assert list(inspect.signature(handler_of(kind)).parameters) == ["context", "task"]


def test_a_task_begins_and_ends(tmp_path: Path) -> None:
    runner = TaskRunner(tmp_path, "cpu")
    task = worker_pb2.Task(task_id=7, load_engine=worker_pb2.LoadEngine(engine="procedural"))
    assert [report.WhichOneof("kind") for report in reports(runner, task)] == ["begun", "done"]
    assert runner.loaded == {"procedural"}
    runner.close()
    assert runner.loaded == frozenset()


def test_a_task_that_nobody_knows_fails_by_itself(tmp_path: Path) -> None:
    last = reports(TaskRunner(tmp_path, "cpu"), worker_pb2.Task(task_id=7))[-1]
    assert (last.task_id, last.failure.code) == (7, "INTERNAL")


def test_a_task_that_is_cancelled_before_it_begins_ends_at_its_first_step(tmp_path: Path) -> None:
    runner = TaskRunner(tmp_path, "cpu")
    files = PictureFiles(tmp_path)
    files.prepare()
    digest = files.add_bytes(small_painting())
    painting = worker_pb2.StoredPicture(hash=digest, encoding=pictures_pb2.PICTURE_ENCODING_PNG)
    unit = worker_pb2.RunUnit(unit="keyframes", parameters=few(), painting=painting)
    runner.control.cancel(8)
    assert reports(runner, worker_pb2.Task(task_id=8, run_unit=unit))[-1].failure.cancelled
    again = reports(runner, worker_pb2.Task(task_id=9, run_unit=unit))
    assert again[-1].WhichOneof("kind") == "done"
    runner.close()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidRequestError("keyframes.steps", 0, "1 to 100"), "INVALID_ARGUMENT"),
        (errors.UnknownEngineError("There is no engine 'magic'."), "FAILED_PRECONDITION"),
        (errors.DownloadError("The hub cannot be reached.", "unreachable"), "UNAVAILABLE"),
        (errors.OutOfMemoryError("Too little memory."), "RESOURCE_EXHAUSTED"),
        (MemoryError(), "RESOURCE_EXHAUSTED"),
        (OSError(28, "No space left on device"), "RESOURCE_EXHAUSTED"),
        (RuntimeError("secret /home/me"), "INTERNAL"),
    ],
)
def test_errors_become_statuses(error: Exception, code: str) -> None:
    failure = failure_of(error)
    assert failure.code == code
    assert failure.message
    assert "secret" not in failure.message
