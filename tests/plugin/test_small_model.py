"""*Set up* fetches the small model once the packages are there; without it, everything is set up all the same."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import file_server
import pytest
from file_server import FileServer

from krita_plugin.undo_painting.core import installer, package_index
from paints_undo_engine.checkpoints.catalogue import FIGURES

DATA = b"network" * 1000
FETCHING = "Fetching a small model …"
COMMAND = f"""
import sys
from dataclasses import replace
from paints_undo_daemon.cli import main
from paints_undo_engine.checkpoints import catalogue, library
pin = replace(catalogue.FIGURES.pins[0], size={len(DATA)}, sha256="{hashlib.sha256(DATA).hexdigest()}")
known = replace(catalogue.FIGURES, bytes_about={len(DATA)}, files=(pin.name,), pins=(pin,))
catalogue.MODELS = library.MODELS = (known,)
sys.exit(main(sys.argv[1:]))
"""
SetUp = Callable[..., dict[str, Any]]


@pytest.fixture
def set_up(run_script: Callable[..., list[Any]], tmp_path: Path) -> SetUp:
    """Runs *Set up* with a program that knows `DATA` as the model, and as a model's server `url`."""
    source, program = tmp_path / "command.py", tmp_path / "program"
    source.write_text(COMMAND, encoding="utf-8")
    paths = os.pathsep.join(path for path in sys.path if path)
    run = f'PYTHONPATH="{paths}" exec "{sys.executable}" "{source}" "$@"'
    program.write_text(f'#!/bin/sh\n[ "$1" = models ] || exit 1\n{run}\n', encoding="utf-8")
    program.chmod(0o755)

    def begin(url: str, how: str = "") -> dict[str, Any]:
        own = {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0", "PAINTS_UNDO_HOME": str(tmp_path / "home")}
        first, second = run_script("set_up_script.py", str(program), how, PAINTS_UNDO_FIGURES_URL=url, **own)
        return {**first, **second}

    return begin


def test_the_model_is_there_after_set_up(set_up: SetUp) -> None:
    with FileServer(DATA) as server:
        found = set_up(server.url)
    assert found["steps"][-2:] == [FETCHING, "Set up. Press the big button."]
    assert (found["bad"], found["installed"], found["models"]) == (False, True, [FIGURES.files[0]])


def test_without_it_all_is_set_up_and_a_note_says_so(set_up: SetUp) -> None:
    with FileServer(bytes(len(DATA))) as server:
        found = set_up(server.url)
    assert (found["bad"], found["installed"], found["models"]) == (False, True, [])
    assert found["text"].startswith("Set up. Press the big button. Fetching a small model failed: ")
    assert "does not send the file that is expected" in found["text"]
    assert found["text"].endswith("It works without; Repair tries again.")
    assert found["text"] in found["shown"]


def test_it_can_be_broken_off(set_up: SetUp) -> None:
    with FileServer(DATA, file_server.silent) as server:
        found = set_up(server.url, "cancel")
    assert found["text"] == "Cancelled. Press the button again to go on."
    assert (found["bad"], found["installed"]) == (False, False)


def test_the_command_s_place_and_environment(tmp_path: Path) -> None:
    step = installer.get_small_model(Path("/home"), "win32")
    assert (step.command[0], step.optional) == (str(Path("/home/environment/Scripts/paints-undo.exe")), True)
    made = package_index.environment({"PAINTS_UNDO_HOME": "/another"}, tmp_path)
    assert made["PAINTS_UNDO_HOME"] == str(tmp_path)
