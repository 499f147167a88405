"""Files and texts of others do nothing to those who look at them, and links of others lead no output astray."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from rich.table import Table

from krita_plugin.undo_painting.background.files import Files
from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.cli import console, main
from paints_undo_daemon.cli.happenings import Exported
from paints_undo_daemon.cli.looking import look
from paints_undo_daemon.cli.plain_console import PlainConsole
from paints_undo_daemon.cli.progress import TerminalDisplay
from paints_undo_daemon.client.saving import Receiver
from paints_undo_daemon.cluster import node_worker
from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.logs import TextFormatter
from paints_undo_daemon.workers.confinement import landlock, seccomp
from paints_undo_engine.errors import VerificationError
from paints_undo_engine.export import writing

STEERING = "\x1b[2J\x9b31m\x07\u202egnp.exe\x7f"


class Krita:
    """As much of the plugin's connection, and of its daemon, as an export needs."""

    async def daemon(self) -> Krita:
        return self

    def emit(self, *_: object) -> None: ...

    async def export(
        self, job_id: str, options: dict[str, Any], write: Callable[[bytes], int], step: object
    ) -> tuple[bytes, str]:
        write(b"x")
        return b"claim", ""


def test_a_signature_does_not_follow_a_link_that_lies_where_it_belongs(tmp_path: Path) -> None:
    """In a folder that several write to, such a link would have any file of the account overwritten."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "a.psd.c2pa").symlink_to(precious)
    with Receiver(tmp_path / "a.psd") as receiver:
        header = jobs_pb2.ExportHeader(file_name="a.psd", size_bytes=1, sidecar=b"claim")
        receiver.take(jobs_pb2.ExportJobResponse(header=header))
        receiver.take(jobs_pb2.ExportJobResponse(chunk=b"x"))
        receiver.finish()
    (tmp_path / "b.psd.c2pa").symlink_to(precious)
    writing.put_beside(tmp_path / "b.psd", b"claim")
    (tmp_path / "c.psd.c2pa").symlink_to(precious)
    (tmp_path / f".c.psd.{os.getpid()}.part").symlink_to(precious)
    asyncio.run(Files(cast(Any, Krita())).export("job", {}, tmp_path / "c.psd", lambda done, of: None))
    (tmp_path / f".c.psd.{os.getpid()}.part").unlink()
    assert (tmp_path / "c.psd").read_bytes() == b"x"
    for name in ("a.psd.c2pa", "b.psd.c2pa", "c.psd.c2pa"):
        assert not (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_bytes() == b"claim"
    assert precious.read_text() == "mine"
    writing.put_beside(tmp_path / "b.psd", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("a.psd", "a.psd.c2pa", "c.psd", "c.psd.c2pa", "precious"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="there other accounts have folders of their own for this")
def test_a_node_deletes_nothing_through_a_folder_that_others_have_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    documents = tmp_path / "documents"
    documents.mkdir()
    old = time.time() - 10**6
    for name, mode in (("open", 0o777), ("own", 0o700)):
        folder = tmp_path / f"paints-undo-cluster-{name}"
        (folder / "pictures").mkdir(parents=True)
        folder.chmod(mode)
    (tmp_path / "paints-undo-cluster-open" / "pictures" / "aa").symlink_to(documents)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "pictures" / "aa").mkdir(parents=True)
    elsewhere.chmod(0o700)
    (tmp_path / "paints-undo-cluster-link").symlink_to(elsewhere)
    (tmp_path / "paints-undo-cluster-own" / "pictures" / "aa").mkdir()
    kept = [documents / "letter", elsewhere / "pictures" / "aa" / "one"]
    gone = tmp_path / "paints-undo-cluster-own" / "pictures" / "aa" / "picture"
    for path in (*kept, gone):
        path.touch()
        os.utime(path, (old, old))
    node_worker._forget_unused()
    assert all(path.exists() for path in kept)
    assert not gone.exists()


def test_what_others_have_written_steers_no_terminal() -> None:
    file = io.StringIO()
    console = PlainConsole(file=file, force_terminal=False, width=200)
    console.print(f"signer: {STEERING}", markup=False)
    table = Table()
    table.add_column("Title")
    table.add_row(STEERING)
    console.print(table)
    record = logging.LogRecord("worker", logging.INFO, "", 0, f"one\n00:00:00 info forged {STEERING}", None, None)
    shown = file.getvalue() + TextFormatter().format(record)
    assert "gnp.exe" in shown
    assert not set(shown) & set("\x1b\x9b\x07\u202e\x7f")
    assert "\n00:00:00 info forged" not in shown


def test_what_goes_wrong_with_a_file_is_told_without_what_its_name_steers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["undo", str(tmp_path / f"{STEERING}.png"), "--in-process"])
    shown = capsys.readouterr().err
    assert "gnp.exe" in shown
    assert not set(shown) & set("\x1b\x9b\x07\u202e\x7f")


def test_the_bar_shows_what_others_have_written_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(console, "err", lambda: PlainConsole(file=file, force_terminal=True, width=200))
    with TerminalDisplay() as display:
        display.show(Exported(f"[red]{STEERING}[/]", 1, 2))
        display._progress.refresh()
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", file.getvalue())  # what moves the bar itself
    assert "[red]" in shown
    assert not set(shown) & set("\x1b\x9b\x07\u202e\x7f")
    assert "\ufffd[2J\ufffd31m" in shown


INTRUDER = """
import json, os, socket, subprocess, sys
from pathlib import Path
from paints_undo_daemon.cli import looking
from paints_undo_engine.provenance import verifying

def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"

def intrude(file):
    secret = Path(sys.argv[1])
    tries = {
        "read": secret.read_text,
        "write": lambda: file.write_bytes(b"x"),
        "beside": lambda: file.with_name("new").write_bytes(b"x"),
        "connect": lambda: socket.socket().connect(("127.0.0.1", 9)),
        "start": lambda: subprocess.run(["/bin/true"], check=True),
        "signal": lambda: os.kill(os.getppid(), 0),
        "look": file.read_bytes,
    }
    return {name: attempt(action) for name, action in tries.items()}

looking._found = intrude
looking.main()
"""


@pytest.mark.skipif(landlock.abi() < 1 or not seccomp.is_supported(), reason="the kernel lacks a means")
def test_who_looks_into_a_file_of_others_has_no_rights(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    (tmp_path / "film.mp4").write_bytes(b"film")
    question = json.dumps({"files": [str(tmp_path / "film.mp4")], "painting": ""})
    line = [sys.executable, "-c", INTRUDER, str(tmp_path / "token")]
    ended = subprocess.run(
        line, input=question.encode(), stdout=subprocess.PIPE, env=clean_environment(), timeout=60, check=True
    )
    (found,) = json.loads(ended.stdout)["found"]
    assert found.pop("look") == "done"
    assert set(found.values()) == {"PermissionError"}, found


def test_a_look_that_ends_its_process_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VerificationError, match="ended by itself"):
        look([tmp_path / "film.mp4"], None)
