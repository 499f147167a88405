"""The packed plugin's client and daemons at an address: TLS, tokens, fingerprints, what is wrong, and coming back."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from krita_harness import Served, free_port

from paints_undo.v1 import server_pb2, server_pb2_grpc
from paints_undo_daemon.access.addresses import Address
from paints_undo_daemon.access.tls import chain_fingerprint, server_certificate
from paints_undo_daemon.access.tokens import add_client
from paints_undo_daemon.proof import spelled
from paints_undo_daemon.settings import Settings


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("encrypted"), listen="127.0.0.1:0") as served:
        yield served


class Old(server_pb2_grpc.ServerServiceServicer):
    """Speaks a version before the first."""

    def GetServerInfo(self, request: Any, context: Any) -> server_pb2.ServerInfo:  # noqa: N802
        return server_pb2.ServerInfo(version="0.0.1")


@contextlib.contextmanager
def old_daemons(home: Path) -> Iterator[tuple[str, str, str]]:
    """The addresses of one that encrypts and of one that does not, and the fingerprint of the former's key."""
    found = server_certificate(Settings(home=home, listen="127.0.0.1:0"), Address("127.0.0.1"))
    server = grpc.server(ThreadPoolExecutor(1))
    server_pb2_grpc.add_ServerServiceServicer_to_server(Old(), server)  # type: ignore[abstract]
    secure = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(found.key, found.chain)]))
    plain = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{secure}", f"127.0.0.1:{plain}", found.fingerprint
    server.stop(0)


def test_each_state_says_what_is_wrong_and_what_to_do(
    run_script: Callable[..., list[Any]], encrypted: Served, tmp_path: Path
) -> None:
    shown = encrypted.fingerprint
    right = {"remote": encrypted.address, "token": encrypted.token, "fingerprint": shown}
    with old_daemons(tmp_path) as (old, plain, key):
        targets = {
            "right": right,
            "lower case": {**right, "fingerprint": shown.replace(":", "").lower()},
            "token": {**right, "token": "wrong"},
            "fingerprint": {**right, "fingerprint": "00" * 32},
            "no fingerprint": {**right, "fingerprint": ""},
            "no such fingerprint": {**right, "fingerprint": "C7"},
            "not encrypted": {"remote": plain, "token": "any", "fingerprint": shown},
            "not encrypted, no fingerprint": {"remote": plain, "token": "any"},
            "unreachable": {**right, "remote": f"127.0.0.1:{free_port()}"},
            "no address": {**right, "remote": "box"},
            "old": {"remote": old, "token": "any", "fingerprint": key},
            "unknown host": {**right, "remote": "no-such-host.invalid:1"},
        }
        statuses = run_script("remote_script.py", json.dumps(targets))
    found = {status["name"]: status for status in statuses}
    problems = {name: (status["state"], status["problem"]) for name, status in found.items()}
    assert problems == {
        "right": ("connected", ""),
        "lower case": ("connected", ""),
        "token": ("failed", "token"),
        "fingerprint": ("failed", "certificate"),
        "no fingerprint": ("failed", "certificate"),
        "no such fingerprint": ("failed", "certificate"),
        "not encrypted": ("failed", "certificate"),
        "not encrypted, no fingerprint": ("failed", "certificate"),
        "unreachable": ("failed", "unreachable"),
        "no address": ("failed", "other"),
        "old": ("failed", "version"),
        "unknown host": ("failed", "unreachable"),
    }
    words = {name: status["words"].replace("\u200b", "") for name, status in found.items()}
    assert shown in words["fingerprint"]
    assert shown in words["no fingerprint"]
    assert "TLS" in words["not encrypted"]
    assert "TLS" in words["not encrypted, no fingerprint"]
    assert "64" in words["no such fingerprint"]
    assert "HOST:PORT" in words["no address"]


def test_it_comes_back_by_itself_when_the_daemon_does(
    script_command: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    port = free_port()
    target = {"remote": f"127.0.0.1:{port}"}
    home = tmp_path / "home"
    with Served(home, listen=f"127.0.0.1:{port}") as served:
        target |= {"token": add_client(home, "studio"), "fingerprint": served.fingerprint}
        command = script_command("remote_script.py", json.dumps({"first": target}), "60")
        watcher = subprocess.Popen(**command, stdout=subprocess.PIPE)
        assert watcher.stdout is not None
        try:
            lines = (json.loads(line)["state"] for line in watcher.stdout)
            until(lines, "connected")
            until(lines, "connected")
            served.process.send_signal(signal.SIGKILL)
            served.process.wait()
            assert "reconnecting" in until(lines, "failed")
            with Served(home, listen=f"127.0.0.1:{port}"):
                until(lines, "connected")
        finally:
            watcher.kill()
            watcher.wait()


def until(lines: Iterator[str], wanted: str) -> list[str]:
    """The states up to and with the wanted one."""
    seen = []
    for state in lines:
        seen.append(state)
        if state == wanted:
            return seen
    raise AssertionError(f"never {wanted}, only {seen}")


def test_the_fingerprint_is_written_as_the_daemon_does(encrypted: Served) -> None:
    assert encrypted.fingerprint == spelled(chain_fingerprint((encrypted.home / "certificate.pem").read_bytes()))
