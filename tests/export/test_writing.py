"""Exports that cannot be written: a sentence, and nothing half-written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest
from export.sources import process

from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import ExportFormat, ExportOptions, export, options_for
from paints_undo_engine.export.source import Still

NAMES = [
    "a.mp4",
    "a.webm",
    "a.gif",
    "a.webp",
    "a.apng",
    "a.zip",
    "frames",
    "a.ora",
    "a.psd",
    "a.png",
    "a.html",
    "a.pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_closing_cancels_and_leaves_nothing(tmp_path, name):
    steps = export(process(), tmp_path / name, options_for(tmp_path / name))
    next(steps)
    cast(Generator[tuple[int, int]], steps).close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_source_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path, name):
    source = process()

    def broken():
        raise RuntimeError("the store is gone")

    cast(list[Still], source.frames)[5] = Still(500.0, broken)
    cast(list[Still], source.keyframes)[2] = source.frames[5]
    path = tmp_path / name
    old = b""
    if path.suffix:
        old = b"what was there"
        path.write_bytes(old)
    with pytest.raises(RuntimeError, match="the store is gone"):
        list(export(source, path, options_for(path)))
    assert [file.name for file in tmp_path.iterdir()] == ([name] if old else [])
    assert not old or path.read_bytes() == old


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_is_a_sentence(tmp_path, name):
    """In a process of its own that may write no more than 600 bytes to a file, which is how a quota looks."""
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from export.sources import process
from paints_undo_engine.errors import ExportError
from paints_undo_engine.export import export, options_for
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
source, path = process(12, 160, 120), Path({str(tmp_path / name)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
try:
    list(export(source, path, options_for(path)))
except ExportError as error:
    print(error)
else:
    print("no error")
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert "cannot be written: the file would be larger than is allowed there." in done.stdout, (
        done.stdout + done.stderr
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_reasons_are_named(tmp_path, number):
    source = process()

    def full():
        raise OSError(number, os.strerror(number))

    cast(list[Still], source.frames)[5] = Still(500.0, full)
    words = {errno.ENOSPC: "the disk is full", errno.EACCES: "no permission", errno.EROFS: "cannot be written to"}
    with pytest.raises(ExportError, match=words[number]):
        list(export(source, tmp_path / "a.apng", ExportOptions(format=ExportFormat.APNG)))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_folder_is_named(tmp_path, name):
    with pytest.raises(ExportError, match=r"the folder .*nowhere does not exist"):
        next(export(process(), tmp_path / "nowhere" / name, options_for(tmp_path / "nowhere" / name)))


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="holds other files"):
        next(export(process(), tmp_path / "frames", options_for(tmp_path / "frames")))
    assert (tmp_path / "frames" / "mine.txt").read_text() == "mine"


def test_a_sequence_replaces_the_one_before(tmp_path):
    path = tmp_path / "frames"
    for count in (12, 5):
        list(export(process(count), path, options_for(path)))
    assert len(list(path.iterdir())) == 6
    assert [file.name for file in tmp_path.iterdir()] == ["frames"]


def test_a_file_name_that_is_a_folder(tmp_path):
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        next(export(process(), tmp_path / "a.mp4", ExportOptions()))


def test_nothing_to_export(tmp_path):
    source = process()
    empty = type(source)(source.painting, source.provenance, ())
    with pytest.raises(ExportError, match="nothing to export"):
        next(export(empty, tmp_path / "a.mp4", ExportOptions()))
