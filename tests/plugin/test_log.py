"""The plugin's log: rotated, bounded, and told of by whoever listens."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from krita_plugin.undo_painting.core import log


@pytest.fixture
def handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> log.RotatingHandler:
    monkeypatch.setattr(log, "LARGEST", 100)
    return log.RotatingHandler(tmp_path / "plugin.log", encoding="utf-8", delay=True)


def write(handler: logging.Handler, text: str) -> None:
    handler.emit(logging.LogRecord("t", logging.INFO, "", 0, text, None, None))


def test_the_newest_files_are_kept(handler: log.RotatingHandler, tmp_path: Path) -> None:
    for number in range(9):
        write(handler, f"{number} " + "x" * 40)
    handler.close()
    found = {path.name: [line[0] for line in path.read_text().splitlines()] for path in tmp_path.iterdir()}
    assert found == {"plugin.log.1": ["6", "7", "8"], "plugin.log.2": ["3", "4", "5"]}
    write(handler, "9")
    handler.close()
    assert (tmp_path / "plugin.log").read_text() == "9\n"


def test_a_file_that_cannot_be_put_aside_is_written_on(handler: log.RotatingHandler, tmp_path: Path) -> None:
    for name in ("plugin.log.1", "plugin.log.2"):
        (tmp_path / name / "kept").mkdir(parents=True)
    for number in range(5):
        write(handler, f"{number} " + "x" * 40)
    handler.close()
    assert [line[0] for line in (tmp_path / "plugin.log").read_text().splitlines()] == list("01234")
