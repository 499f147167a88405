"""Exports that arrive from a daemon are saved whole or not at all."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.client import BrokenAnswerError
from paints_undo_daemon.client.saving import Receiver, check_output, total_bytes
from paints_undo_engine.errors import ExportError


def messages(data: bytes, announced: int | None = None) -> list[jobs_pb2.ExportJobResponse]:
    size = len(data) if announced is None else announced
    half = len(data) // 2
    return [
        jobs_pb2.ExportJobResponse(progress=jobs_pb2.ExportProgress(step=1, of=2)),
        jobs_pb2.ExportJobResponse(header=jobs_pb2.ExportHeader(file_name="x", size_bytes=size)),
        jobs_pb2.ExportJobResponse(chunk=data[:half]),
        jobs_pb2.ExportJobResponse(chunk=data[half:]),
    ]


def save(path: Path, stream: list[jobs_pb2.ExportJobResponse]) -> Path:
    with Receiver(path) as receiver:
        for message in stream:
            receiver.take(message)
        return receiver.finish()


def archive(names: list[str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as zipped:
        for name in names:
            zipped.writestr(name, name.encode())
    return data.getvalue()


def test_a_file_is_written_whole(tmp_path: Path):
    assert save(tmp_path / "a.mp4", messages(b"process")).read_bytes() == b"process"
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("announced", [0, 6, 8])
def test_a_file_that_is_not_whole_is_not_left(tmp_path: Path, announced: int):
    with pytest.raises(BrokenAnswerError):
        save(tmp_path / "a.mp4", messages(b"process", announced))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "frames"])
def test_an_interruption_leaves_nothing(tmp_path: Path, name: str):
    def interrupted() -> None:
        with Receiver(tmp_path / name) as receiver:
            receiver.take(messages(b"process")[2])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_sequence_becomes_a_folder_and_replaces_an_earlier_one(tmp_path: Path):
    folder = tmp_path / "frames"
    save(folder, messages(archive(["0000.png", "0001.png", "0002.png", "timing.json"])))
    save(folder, messages(archive(["0000.png", "timing.json"])))
    assert sorted(path.name for path in folder.iterdir()) == ["0000.png", "timing.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]
    assert total_bytes(folder) == len("0000.png") + len("timing.json")


@given(st.sampled_from(["../evil.png", "/etc/0000.png", "sub/0001.png", "run.sh", "..", "0000.png.exe"]))
def test_a_sequence_with_a_strange_name_is_refused(tmp_path_factory: pytest.TempPathFactory, name: str):
    folder = tmp_path_factory.mktemp("sequence")
    with pytest.raises(BrokenAnswerError):
        save(folder / "frames", messages(archive([name])))
    assert list(folder.iterdir()) == []


def test_outputs_are_checked_before_any_work(tmp_path: Path):
    old = tmp_path / "old.mp4"
    old.write_bytes(b"old")
    with pytest.raises(FileExistsError, match="--force"):
        check_output(old, overwrite=False)
    check_output(old, overwrite=True)
    with pytest.raises(ExportError, match="ending"):
        check_output(tmp_path / "a.doc", overwrite=False)
    with pytest.raises(ExportError, match="does not exist"):
        check_output(tmp_path / "no" / "a.mp4", overwrite=False)
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which even root makes no files")
def test_a_folder_that_takes_no_files_is_refused_before_any_work():
    with pytest.raises((ExportError, PermissionError), match="/proc"):
        check_output(Path("/proc/a.mp4"), overwrite=False)


def test_a_folder_with_other_things_is_never_replaced(tmp_path: Path):
    (tmp_path / "0000.png").touch()
    with pytest.raises(FileExistsError, match="--force"):
        check_output(tmp_path, overwrite=False)
    check_output(tmp_path, overwrite=True)
    (tmp_path / "diary.txt").touch()
    with pytest.raises(FileExistsError, match=r"diary\.txt"):
        check_output(tmp_path, overwrite=True)
