"""Finding a daemon, and starting one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paints_undo_daemon.client import DaemonUnavailableError, connect, find, locate, start_daemon
from paints_undo_daemon.client.discovery import address_of
from paints_undo_daemon.client.trust import answers
from paints_undo_daemon.environment import clean_environment
from paints_undo_daemon.home import PROTOCOL_VERSION, Endpoint, endpoint_file
from paints_undo_daemon.proof import process_start

ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT, ROOT / "daemon"]
START = "import sys; from pathlib import Path; from paints_undo_daemon.client import start_daemon; "
START += "print(start_daemon(Path(sys.argv[1])).pid)"


def endpoint(address: str, **changes: Any) -> Endpoint:
    values: dict[str, Any] = {
        "address": address,
        "pid": 2**22 - 1,
        "process_start": "1",
        "start_time": 0.0,
        "daemon_version": "0.0.1",
        "protocol_version": PROTOCOL_VERSION,
        "token_file": "/nowhere/token",
    }
    return Endpoint(**(values | changes))


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_without_a_daemon_none_is_found_and_the_sentence_says_what_to_do(home: Path):
    assert find(home) is None
    with pytest.raises(DaemonUnavailableError, match="paints-undo serve"):
        locate(home, start=False)


def test_the_file_of_a_dead_daemon_does_not_count(home: Path):
    home.mkdir()
    endpoint(f"127.0.0.1:{unused_port()}").write(home)
    assert find(home) is None
    with connect(home=home) as client:
        assert client.info().protocol_version == PROTOCOL_VERSION


def test_another_program_on_a_dead_daemons_port_is_not_spoken_to(home: Path):
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        address = f"127.0.0.1:{stranger.getsockname()[1]}"
        endpoint(address).write(home)
        assert answers(address)
        assert find(home) is None
        endpoint(address, pid=os.getpid()).write(home)
        assert find(home) is None, "another process has the dead daemon's number"
        own = {"pid": os.getpid(), "process_start": process_start(os.getpid())}
        endpoint(address, key_fingerprint="0" * 64, **own).write(home)
        assert find(home) is None, "it does not prove itself"
        endpoint_file(home).unlink()


@given(st.binary(max_size=60))
@example(b"[" * 100_000)
@example(b'{"address": "unix:/a", "pid": 1e999}')
def test_a_damaged_file_does_not_count(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    folder = tmp_path_factory.mktemp("home")
    endpoint_file(folder).write_bytes(content)
    assert find(folder) is None


def test_a_daemon_is_started_once_and_then_found(home: Path):
    with connect(home=home) as first:
        first.info()
        started = find(home)
    with connect(home=home) as second:
        assert second.info().client == "account"
    assert started is not None
    assert find(home) == started


def test_two_programs_that_start_one_at_once_end_with_one(home: Path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, PATHS))}

    def start(_: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", START, str(home)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(3) as pool:
        answers_ = list(pool.map(start, range(3)))
    assert [answer.returncode for answer in answers_] == [0, 0, 0], [answer.stderr for answer in answers_]
    running = find(home)
    assert running is not None
    assert {answer.stdout.strip() for answer in answers_} == {str(running.pid)}


def test_a_daemon_that_cannot_start_is_told_with_its_reason(home: Path):
    home.mkdir()
    (home / "daemon.toml").write_text("no_such_setting = 1\n", encoding="utf-8")
    with pytest.raises(DaemonUnavailableError, match="no_such_setting"):
        start_daemon(home, 10)


def test_an_older_daemon_is_not_spoken_to():
    with pytest.raises(DaemonUnavailableError, match="older"):
        address_of(endpoint("127.0.0.1:1", protocol_version=PROTOCOL_VERSION - 1))


def test_a_token_that_cannot_be_read_is_told():
    with pytest.raises(DaemonUnavailableError, match="token"):
        address_of(endpoint("127.0.0.1:1"))


@pytest.mark.parametrize("address", ["", "nonsense", "127.0.0.1:port", "unix:/no/such/socket"])
def test_no_nonsense_answers(address: str):
    assert not answers(address)


def test_a_unix_socket_answers(tmp_path: Path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert answers(f"unix:{path}")


NAMES = ["PYTHONHOME", "PATH", "LD_PRELOAD", "DYLD_INSERT", "QT_PLUGIN_PATH", "pythonpath", "HOME"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text()))
def test_a_daemon_does_not_inherit_what_was_meant_for_another_program(environment: dict[str, str]):
    clean = clean_environment(environment)
    own = {"PYTHONPATH", "PYTHONIOENCODING"}
    assert clean.keys() - own == environment.keys() & {"PATH", "HOME"}
    assert clean["PYTHONIOENCODING"] == "utf-8"
    assert all(Path(folder).is_dir() for folder in clean.get("PYTHONPATH", str(ROOT)).split(os.pathsep))
