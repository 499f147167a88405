"""The endpoint file is looked for where the daemon writes it; programs outside Krita get a clean environment."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from krita_plugin.undo_painting.core import home as ours
from krita_plugin.undo_painting.core import launch
from krita_plugin.undo_painting.core.launch import Program
from paints_undo_daemon import home as theirs

ENVIRONMENTS = [
    {"HOME": "/home/ann"},
    {"HOME": "/home/ann", "XDG_DATA_HOME": "/data"},
    {"HOME": "/home/ann", "PAINTS_UNDO_HOME": "/elsewhere"},
    {"HOME": "/home/ann", "PAINTS_UNDO_HOME": ""},
    {"USERPROFILE": "C:/Users/ann", "LOCALAPPDATA": "C:/Users/ann/AppData/Local"},
    {"USERPROFILE": "C:/Users/ann"},
]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_folder_is_the_daemons(environment: dict[str, str], platform: str) -> None:
    assert ours.home_folder(environment, platform) == theirs.home_folder(environment, platform)


def test_the_endpoint_is_read_as_written(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n", encoding="utf-8")
    written = theirs.Endpoint("127.0.0.1:5", 12, "77", 1.0, "0.1.0", theirs.PROTOCOL_VERSION, str(token), "a" * 64)
    written.write(tmp_path)
    found = ours.read_endpoint(tmp_path)
    assert found is not None
    assert (found.address, found.token, found.pid, found.local) == ("127.0.0.1:5", "secret", 12, True)
    assert (found.process_start, found.fingerprint) == ("77", "a" * 64)
    assert found.protocol_version == ours.PROTOCOL_VERSION
    replace(written, key_fingerprint="").write(tmp_path)
    assert ours.read_endpoint(tmp_path) is None, "a port that proves nothing is not spoken to"


ENDLESS = f'{{"address": "unix:/a", "key_fingerprint": "", "token_file": "{os.devnull}", "pid": 1e999}}'


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"address": 1}', "null", ENDLESS, "[" * 50_000], ids=lambda text: text[:9]
)
def test_a_damaged_endpoint_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "endpoint.json").write_text(text, encoding="utf-8")
    assert ours.read_endpoint(tmp_path) is None


@pytest.mark.parametrize(
    ("address", "local"), [("127.0.0.1:1", True), ("[::1]:1", True), ("unix:/run/x", True), ("box:1", False)]
)
def test_local_addresses(address: str, local: bool) -> None:
    assert ours.Endpoint(address, "t").local is local


def test_krita_s_own_variables_do_not_reach_the_daemon(tmp_path: Path) -> None:
    inside = {
        "PYTHONHOME": "/k",
        "PYTHONPATH": "/k",
        "LD_LIBRARY_PATH": "/k",
        "DYLD_X": "1",
        "QT_PLUGIN_PATH": "/k",
        "PATH": "/b",
    }
    made = launch.start_environment(Program(("p",), (("PYTHONPATH", "/checkout"),)), tmp_path, inside)
    assert made == {
        "PATH": "/b",
        "PYTHONPATH": "/checkout",
        "PYTHONIOENCODING": "utf-8",
        "PAINTS_UNDO_HOME": str(tmp_path),
    }


def test_programs_are_found_in_their_order(tmp_path: Path) -> None:
    launcher = tmp_path / "launcher.json"
    assert launch.find_program(tmp_path, "", launcher, lambda _: None) is None
    assert launch.find_program(tmp_path, "", launcher, lambda _: "/usr/bin/x") == Program(("/usr/bin/x",))
    python = tmp_path / "python"
    python.touch()
    launcher.write_text(json.dumps({"command": [str(python), "-m", "x"], "environment": {"A": "b"}}), encoding="utf-8")
    assert launch.find_program(tmp_path, "", launcher, lambda _: "/usr/bin/x") == Program(
        (str(python), "-m", "x"), (("A", "b"),)
    )
    own = launch.environment_program(tmp_path, "paints-undo")
    own.parent.mkdir(parents=True)
    own.touch()
    assert launch.find_program(tmp_path, "", launcher) == Program((str(own),))
    assert launch.find_program(tmp_path, str(tmp_path / "missing"), launcher) is None
    assert launch.start_command(Program(("a", "b"))) == ["a", "b", "serve", "--detached"]


def test_only_a_process_that_is_certainly_gone_counts_as_dead() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert launch.certainly_dead(ended.pid)
    assert not launch.certainly_dead(os.getpid())
    assert not launch.certainly_dead(0)


def test_a_started_daemon_gives_way_to_the_artist() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, **launch.start_options("linux")
    )
    try:
        launch.yield_to_artist(process.pid)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == launch.YIELDING
    finally:
        process.communicate(b"\n", 20)
    launch.yield_to_artist(process.pid)
    flags = launch.start_options("win32")["creationflags"]
    assert flags & launch.BELOW_NORMAL_PRIORITY_CLASS
    assert flags & launch.CREATE_NO_WINDOW
    assert not flags & 0x8, "DETACHED_PROCESS would undo CREATE_NO_WINDOW for all that the daemon starts"
