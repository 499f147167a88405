"""Whoever takes the address of a daemon that is gone gets no token: from no open client, no new one, nor the plugin."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from daemon.conftest import RunningDaemon
from krita_harness import free_port

from krita_plugin.undo_painting.core.home import Endpoint as PluginEndpoint
from krita_plugin.undo_painting.core.launch import DaemonTarget
from krita_plugin.undo_painting.net.errors import CallError
from krita_plugin.undo_painting.net.supervisor import Supervisor
from krita_plugin.undo_painting.net.supervisor import connect as connect_plugin
from paints_undo_daemon.cli import main
from paints_undo_daemon.client import ClientError, DaemonAddress, connect, connect_async, find
from paints_undo_daemon.home import Endpoint

from .thief import forge, own_certificate

THIEF = Path(__file__).parent / "thief.py"
SAME, NOBODY = -1, 65534
MODES = ("plain", "tls")
_HEADERS = 1
accounts = pytest.mark.parametrize("account", [SAME, pytest.param(NOBODY, marks=pytest.mark.root)])


class Thief:
    """A program at the address of a daemon that was killed."""

    def __init__(self, folder: Path, mode: str, address: str, account: int) -> None:
        self.taken = folder / f"taken-{mode}"
        self.taken.touch()
        self.taken.chmod(0o666)
        command = [sys.executable, str(THIEF), mode, address, str(self.taken), str(account)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline() == b"ready\n"

    def __enter__(self) -> Thief:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def has(self, secret: str) -> bool:
        """HTTP/2 compresses headers: the token may stand there in Huffman code, so its beginning is looked for too."""
        data = self.taken.read_bytes()
        return secret.encode() in data or b"authorization" in data or b"GetServerInfo" in data


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where another account may write, too."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(params=["auto", "tcp"])
def daemon(folder: Path, request: pytest.FixtureRequest) -> Iterator[RunningDaemon]:
    listen = "auto" if request.param == "auto" else f"127.0.0.1:{free_port()}"
    running = RunningDaemon(folder / "home", {"listen": listen}).start()
    yield running
    running.kill()


@contextlib.contextmanager
def stolen(daemon: RunningDaemon, mode: str, account: int) -> Iterator[Thief]:
    """Kill the daemon and let the thief take its place, if it can."""
    assert daemon.endpoint is not None
    daemon.kill()
    address = daemon.endpoint.address
    if account == SAME and address.startswith("unix:"):
        Path(address.removeprefix("unix:")).unlink()
    with Thief(daemon.home.parent, mode, address, account) as thief:
        assert thief.ready or (account == NOBODY and address.startswith("unix:")), "the thief has no chance"
        yield thief


@accounts
@pytest.mark.parametrize("mode", MODES)
def test_no_open_client_sends_its_token(daemon: RunningDaemon, mode: str, account: int) -> None:
    async def go() -> None:
        async with connect_async(home=daemon.home, start=False, patience_seconds=0.5) as other:
            await other.info()
            with connect(home=daemon.home, start=False, patience_seconds=0.5) as client:
                token = daemon.token
                client.info()
                with stolen(daemon, mode, account) as thief:
                    for _ in range(2):
                        with pytest.raises(ClientError):
                            client.info()
                        with pytest.raises(ClientError):
                            await other.info()
                    assert not thief.has(token)

    asyncio.run(go())


@accounts
@pytest.mark.parametrize("mode", MODES)
def test_no_new_client_sends_its_token_after_a_power_loss(daemon: RunningDaemon, mode: str, account: int) -> None:
    token = daemon.token
    with stolen(daemon, mode, account) as thief:
        left_over = Endpoint.read(daemon.home)
        assert left_over is not None
        for pid in (left_over.pid, thief.process.pid):
            replace(left_over, pid=pid).write(daemon.home)
            assert find(daemon.home) is None
            with pytest.raises(ClientError):
                connect(home=daemon.home, start=False)
        assert not thief.has(token)


@accounts
@pytest.mark.parametrize("mode", MODES)
def test_the_plugin_sends_no_token(daemon: RunningDaemon, mode: str, account: int) -> None:
    token = daemon.token
    target = DaemonTarget(daemon.home, version="test")

    async def go() -> None:
        supervisor = Supervisor(lambda _: None)
        await supervisor.ensure(target, False)
        assert supervisor.status.connected
        with stolen(daemon, mode, account) as thief:
            for _ in range(3):
                with contextlib.suppress(CallError):
                    await supervisor.beat(target)
            assert not supervisor.status.connected
            left_over = Endpoint.read(daemon.home)
            assert left_over is not None
            replace(left_over, pid=thief.process.pid).write(daemon.home)
            with pytest.raises(CallError):
                await Supervisor(lambda _: None).ensure(target, False)
            assert not thief.has(token)

    asyncio.run(go())


@pytest.mark.parametrize("mode", MODES)
def test_a_key_is_asked_for_even_where_the_process_seems_right(folder: Path, mode: str) -> None:
    """The number and the start of a process cannot be seen in a sandbox, and can be waited for by a patient thief."""
    from paints_undo_daemon.proof import process_start

    running = RunningDaemon(folder / "home", {"listen": f"127.0.0.1:{free_port()}"}).start()
    token = running.token
    with stolen(running, mode, SAME) as thief:
        left_over = Endpoint.read(running.home)
        assert left_over is not None
        pid = thief.process.pid
        replace(left_over, pid=pid, process_start=process_start(pid)).write(running.home)
        assert find(running.home) is None
        with pytest.raises(CallError):
            asyncio.run(Supervisor(lambda _: None).ensure(DaemonTarget(running.home, version="test"), False))
        assert not thief.has(token)


@pytest.mark.parametrize("mode", ["raw", *MODES])
def test_no_token_is_sent_in_clear_text_to_a_given_address(
    folder: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "token").write_text("THE-SECRET-TOKEN\n")
    address = f"127.0.0.2:{free_port()}"
    where = ["--address", address, "--token-file", str(folder / "token")]
    with Thief(folder, mode, address, SAME) as thief:
        assert thief.ready
        assert main([*where, "jobs", "list"]) == 1
        assert main([*where, "--fingerprint", "", "jobs", "list"]) == 2
        assert main([*where, "--fingerprint", "0" * 64, "jobs", "list"]) == 1
        assert not thief.has("THE-SECRET-TOKEN")
    said = capsys.readouterr().err
    assert "not sent" in said
    assert ("--fingerprint" in said) or mode != "tls"


def _frame_kinds(sent: bytes | bytearray) -> set[int]:
    """The kinds of HTTP/2 frames that a client has sent (RFC 9113, 4.1)."""
    kinds, start = set(), len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    while len(sent) >= start + 9:
        kinds.add(sent[start + 3])
        start += 9 + int.from_bytes(sent[start : start + 3], "big")
    return kinds


def test_a_forged_certificate_is_not_taken_for_the_key_that_it_shows(folder: Path) -> None:
    """OpenSSL reads BER, and a connection whose key is compared by hand asks for no valid signature."""
    secret, own = own_certificate()
    daemon_key = x509.load_pem_x509_certificate(own_certificate()[1]).public_key()
    shown = daemon_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    forged = ssl.DER_cert_to_PEM_cert(forge(ssl.PEM_cert_to_DER_cert(own.decode()), shown))
    files = folder / "forged.pem", folder / "key.pem"
    for file, content in zip(files, (forged.encode(), secret), strict=True):
        file.write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(*files)
    fingerprint, received = hashlib.sha256(shown).hexdigest(), bytearray()

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                received.extend(data)
                if _HEADERS in _frame_kinds(received):
                    break
        writer.close()

    async def go() -> None:
        async with await asyncio.start_server(record, "127.0.0.1", 0, ssl=context) as server:
            address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            trusted = DaemonAddress(address, "secret", fingerprint=fingerprint)
            with pytest.raises(CallError):
                await connect_plugin(PluginEndpoint(address, "secret", fingerprint=fingerprint), "test")
            with pytest.raises(ClientError):
                async with connect_async(trusted, patience_seconds=0.5) as client:
                    await client.info()

    asyncio.run(go())
    assert _HEADERS not in _frame_kinds(received)


def test_the_thief_would_be_given_a_token_by_a_careless_client(folder: Path) -> None:
    """So that the tests above can fail."""
    address = f"127.0.0.1:{free_port()}"
    for mode in ("raw", "plain"):
        with Thief(folder, mode, address, SAME) as thief:
            method: Any = grpc.insecure_channel(address).unary_unary("/paints_undo.v1.ServerService/GetServerInfo")
            with contextlib.suppress(grpc.RpcError):
                method(b"", metadata=[("authorization", "Bearer secret")], timeout=3)
            assert thief.has("secret")


def test_the_account_s_token_changes_with_every_start(folder: Path) -> None:
    running = RunningDaemon(folder / "home").start()
    first = running.token
    with connect(home=running.home, start=False) as client:
        client.info()
        running.kill()
        running.start()
        assert client.info().client == "account", "an open client finds the new token"
    assert running.token != first
    running.stop()
    given = RunningDaemon(folder / "given", {"listen": f"127.0.0.1:{free_port()}"}).start()
    first = given.token
    given.stop()
    assert given.start().token == first, "somebody may have copied it to another machine"
    given.kill()
    assert given.start().token != first, "it may have leaked"
    lines = [json.loads(line) for line in given.log_file.read_text().splitlines()]
    assert any("renewed" in line["message"] for line in lines)
    given.stop()
