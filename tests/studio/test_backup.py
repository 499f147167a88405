"""A backup of a store at work, put back elsewhere, gives the same jobs and pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from daemon.conftest import Client, RunningDaemon, few, small_painting

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.cli import main


def hashes(client: Client, job_id: str) -> list[str]:
    events = client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job_id))
    return [item.event.frame_stored.frame.picture_hash for item in events if item.event.HasField("frame_stored")]


def frames(client: Client, job_id: str) -> bytes:
    stream = client.jobs.DownloadFrames(jobs_pb2.DownloadFramesRequest(job_id=job_id))
    return b"".join(message.chunk for message in stream)


def run(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str | Path) -> int:
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(home))
    return main([*map(str, arguments)])


def test_a_backup_taken_at_work_is_whole_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, other, folder = tmp_path / "home", tmp_path / "other", tmp_path / "backup"
    running = RunningDaemon(home).start()
    try:
        client = running.client()
        first, _ = client.finish(client.upload(small_painting(seed=41)), parameters=few())
        assert run(monkeypatch, home, "clients", "add", "studio-2") == 0
        second = client.create(client.upload(small_painting(seed=42)), parameters=few())
        assert run(monkeypatch, home, "backup", folder) == 0
        expected = hashes(client, second.job_id)
        kept = frames(client, first.job_id)
        assert run(monkeypatch, home, "backup", folder) == 0
        client.jobs.DeleteJob(jobs_pb2.DeleteJobRequest(job_id=first.job_id))
        assert run(monkeypatch, other, "restore", folder) == 0
    finally:
        running.stop()
    restored = RunningDaemon(other).start()
    try:
        client = restored.client()
        assert frames(client, first.job_id) == kept
        assert hashes(client, second.job_id) == expected
        assert (other / "clients.json").read_text() == (home / "clients.json").read_text()
    finally:
        restored.stop()


def test_a_running_job_in_a_backup_is_finished_after_the_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other, folder = tmp_path / "home", tmp_path / "other", tmp_path / "backup"
    running = RunningDaemon(home).start()
    try:
        client = running.client()
        job = client.create(client.upload(small_painting(seed=43)), parameters=few())
        for item in client.jobs.WatchJob(jobs_pb2.WatchJobRequest(job_id=job.job_id)):
            if item.event.HasField("keyframe_stored"):
                break
        assert run(monkeypatch, home, "backup", folder) == 0
        expected = hashes(client, job.job_id)
    finally:
        running.stop()
    assert run(monkeypatch, other, "restore", folder) == 0
    restored = RunningDaemon(other).start()
    try:
        assert hashes(restored.client(), job.job_id) == expected
    finally:
        restored.stop()


def test_damage_is_named_and_what_was_there_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, folder = tmp_path / "home", tmp_path / "backup"
    running = RunningDaemon(home).start()
    try:
        client = running.client()
        client.finish(client.upload(small_painting(seed=44)), parameters=few())
        assert run(monkeypatch, home, "backup", folder) == 0
        assert run(monkeypatch, home, "restore", folder) == 1
    finally:
        running.stop()
    picture = next(path for path in (folder / "pictures").rglob("*") if path.is_file())
    data = bytearray(picture.read_bytes())
    data[len(data) // 2] ^= 1
    picture.write_bytes(data)
    capsys.readouterr()
    assert run(monkeypatch, home, "restore", folder) == 1
    assert picture.name in capsys.readouterr().err
    assert (home / "store.replaced" / "jobs.sqlite3").is_file()


def test_a_folder_that_is_no_backup_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, folder = tmp_path / "home", tmp_path / "papers"
    folder.mkdir(mode=0o700)
    (folder / "letter.txt").write_text("Dear all")
    RunningDaemon(home).start().stop()
    assert run(monkeypatch, home, "backup", folder) == 1
    assert run(monkeypatch, home, "restore", folder) == 1
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]
    assert (home / "store" / "jobs.sqlite3").is_file()
