"""What Windows does to files that another program has open: it renames and deletes none of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PureWindowsPath

import pytest

from paints_undo_daemon import durable
from paints_undo_daemon.access import tokens
from paints_undo_daemon.home import home_folder
from paints_undo_daemon.store import trash
from paints_undo_daemon.store.pictures import PictureFiles


def held(path: Path, monkeypatch: pytest.MonkeyPatch, times: int = 10**6) -> None:
    """Let `path` be refused as the target of a rename, or to be deleted, so many times."""
    left = [times]

    def refused(name: str) -> None:
        plain = getattr(os, name)

        def call(*places: os.PathLike[str]) -> None:
            if Path(places[-1]) == path and left[0]:
                left[0] -= 1
                raise PermissionError(13, "The process cannot access the file", str(path))
            plain(*places)

        monkeypatch.setattr(os, name, call)

    refused("replace")
    refused("unlink")


def test_a_secret_is_written_once_its_file_is_closed_to_others(tmp_path: Path) -> None:
    seen: list[tuple[bytes, int]] = []
    durable.write(
        tmp_path / "token",
        b"secret",
        protect=lambda path: seen.append((path.read_bytes(), path.stat().st_mode & 0o777)),
    )
    assert seen == [(b"", 0o600)]
    assert (tmp_path / "token").read_bytes() == b"secret"
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_a_file_that_is_held_for_a_moment_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "endpoint.json"
    durable.write(path, b"old")
    monkeypatch.setattr(durable, "_TRIES", 3)
    held(path, monkeypatch, 2)
    durable.write(path, b"new")
    assert path.read_bytes() == b"new"
    held(path, monkeypatch, 3)
    with pytest.raises(PermissionError):
        durable.write(path, b"newest")
    assert [file.name for file in tmp_path.iterdir()] == ["endpoint.json"]


def test_a_picture_that_is_being_read_counts_as_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    data = b"the picture"
    digest = hashlib.sha256(data).hexdigest()
    place = files.path(digest)
    temporary = files.new_temporary()
    temporary.write_bytes(data)
    held(place, monkeypatch)
    with pytest.raises(PermissionError):
        files.add_file(temporary, digest, len(data))
    place.write_bytes(data)
    files.add_file(temporary, digest, len(data))
    assert place.read_bytes() == data
    assert not temporary.exists()


def test_the_sweep_leaves_what_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    digest = files.add_bytes(b"x")
    held(files.trash / digest, monkeypatch, 1)
    assert not trash.throw(files, digest, 0.0)
    assert files.path(digest).exists()
    assert trash.throw(files, digest, 0.0)
    assert not files.path(digest).exists()


def test_a_daemon_starts_beside_a_dying_worker_s_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    (files.temporary / "export").mkdir()
    kept, gone = files.temporary / "export" / "process.mp4", files.temporary / "other"
    kept.touch()
    gone.touch()
    held(kept, monkeypatch)
    files.prepare()
    assert kept.exists()
    assert not gone.exists()


def test_the_token_is_left_to_the_account_s_number() -> None:
    path = PureWindowsPath(r"C:\Users\Zoë Müller\AppData\Local\paints-undo\token")
    line = '"atelier\\zoë müller","S-1-5-21-1004336348-1177238915-682003330-1001"\r\n'
    command = tokens.access_list(path, line.encode("cp850"))
    assert command[0] == str(path)
    assert command[-1] == "*S-1-5-21-1004336348-1177238915-682003330-1001:F"
    with pytest.raises(OSError, match="whoami"):
        tokens.access_list(path, b"")


def test_a_home_that_is_named_relatively_is_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_folder({"PAINTS_UNDO_HOME": "daten"}) == tmp_path / "daten"
