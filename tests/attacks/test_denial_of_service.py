"""Nobody without a token keeps others out, and no client of many, nor one connection of a client, does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import grpc
import numpy as np
import pytest
from daemon.conftest import SECONDS, Client, RunningDaemon, few, kinds, small_painting
from grpc_health.v1 import health_pb2

from paints_undo.v1 import pictures_pb2, server_pb2
from paints_undo_daemon.access.tokens import Rights, add_client
from paints_undo_daemon.client import DaemonUnavailableError, connect
from paints_undo_daemon.server.core import Core
from paints_undo_daemon.server.pictures import check_picture
from paints_undo_daemon.store.pictures import PictureFiles
from paints_undo_engine import png

GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


@contextlib.contextmanager
def started(home: Path, **settings: object) -> Iterator[RunningDaemon]:
    running = RunningDaemon(home, settings).start()
    try:
        yield running
    finally:
        assert running.stop() == 0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)


def descriptors(daemon: RunningDaemon) -> int:
    assert daemon.process is not None
    return len(list(Path(f"/proc/{daemon.process.pid}/fd").iterdir()))


def port_of(daemon: RunningDaemon) -> int:
    assert daemon.endpoint is not None
    return int(daemon.endpoint.address.rpartition(":")[2])


def encrypted(daemon: RunningDaemon) -> ssl.SSLSocket:
    """A connection of somebody who asks for no proof."""
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    blind.set_alpn_protocols(["h2"])
    return blind.wrap_socket(socket.create_connection(("127.0.0.1", port_of(daemon))))


def resident(daemon: RunningDaemon) -> int:
    """Bytes of memory that the daemon itself holds."""
    assert daemon.process is not None
    return int(Path(f"/proc/{daemon.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def code(call: Callable[[], object]) -> grpc.StatusCode:
    try:
        call()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_a_thousand_silent_connections_keep_nobody_out_and_are_dropped(tmp_path: Path) -> None:
    with (
        started(tmp_path / "home", listen="127.0.0.1:0", handshake_seconds=2) as daemon,
        contextlib.ExitStack() as held,
    ):
        before = descriptors(daemon)
        for _ in range(1024):
            held.enter_context(socket.create_connection(("127.0.0.1", port_of(daemon))))
        with connect(home=daemon.home, start=False) as client:
            assert client.info().client == "account"
            job = client.submit(small_painting())
            client.wait(job.job_id)
        until(lambda: descriptors(daemon) < before + 50)


def test_connections_that_greet_and_then_say_nothing_are_dropped(tmp_path: Path) -> None:
    settings = {"listen": "127.0.0.1:0", "connection_idle_seconds": 2}
    with started(tmp_path / "home", **settings) as daemon, contextlib.ExitStack() as held:
        silent = [held.enter_context(encrypted(daemon)) for _ in range(40)]
        for connection in silent:
            connection.sendall(GREETING)
        for connection in silent:
            connection.settimeout(SECONDS)
            while connection.recv(65536):
                pass


FEW_DESCRIPTORS = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
from paints_undo_daemon.server import serve
from paints_undo_daemon.settings import load_settings
sys.exit(serve(load_settings()))
"""
FLOOD = """
import collections, socket, sys
opened = collections.deque()
print("floods", flush=True)
while True:
    try:
        opened.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2))
    except OSError:
        pass
    if len(opened) > 900:
        opened.popleft().close()
"""


def gets_in(daemon: RunningDaemon) -> bool:
    """Whether a newcomer is served; a handshake may be cut short, as the flood's are."""
    with contextlib.suppress(DaemonUnavailableError), connect(home=daemon.home, start=False) as late:
        return late.info().client == "account"
    return False


@pytest.mark.slow
def test_connections_that_are_opened_again_and_again_keep_nobody_out_of_few_descriptors(tmp_path: Path) -> None:
    daemon = RunningDaemon(tmp_path / "home", {"listen": "127.0.0.1:0"}, (FEW_DESCRIPTORS,)).start()
    early = daemon.client()
    assert early.info().client == "account"
    command = [sys.executable, "-c", FLOOD, str(port_of(daemon))]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as flood:
            try:
                assert flood.stdout is not None
                assert flood.stdout.readline()
                until(lambda: descriptors(daemon) > 500)
                _, events = early.finish(early.upload(small_painting()), parameters=few())
                assert kinds(events)[-1] == "finished"
                until(lambda: gets_in(daemon))
            finally:
                flood.kill()
    finally:
        assert daemon.stop() == 0


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A frame of HTTP/2 (RFC 9113, section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


HEADERS = b"\x83\x87\x44\x0b/a.b/Method\x41\x01x"
DRIPS = {
    "headers byte by byte": ((16_000).to_bytes(3, "big") + b"\1\4\0\0\0\1", b"\0"),
    "headers without an end": (frame(1, 0, 1, b"\x82\x84"), frame(9, 0, 1, b"\0\1a\1b")),
    "pings": (b"", frame(6, 0, 0, b"12345678")),
    "settings": (b"", frame(4, 0, 0, b"")),
    "windows": (b"", frame(8, 0, 0, b"\0\0\0\1")),
    "priorities": (b"", frame(2, 0, 1, b"\0\0\0\0\1")),
    "a frame of 16 MB": (b"\xff\xff\xff\0\0\0\0\0\1", b"x"),
    "a call without a token": (frame(1, 4, 1, HEADERS), frame(0, 0, 1, b"x")),
}


def drip(connection: socket.socket, first: bytes, more: bytes) -> None:
    """Say a little now and then until the daemon hangs up."""
    end = time.monotonic() + SECONDS
    connection.settimeout(0.3)
    with contextlib.suppress(OSError):
        connection.sendall(GREETING + first)
        while time.monotonic() < end:
            connection.sendall(more)
            with contextlib.suppress(TimeoutError):
                if not connection.recv(65536):
                    return
        raise AssertionError("it was never hung up on")


def test_connections_that_say_a_little_for_ever_are_dropped(tmp_path: Path) -> None:
    settings = {"listen": "127.0.0.1:0", "handshake_seconds": 2, "connection_idle_seconds": 2}
    with started(tmp_path / "home", **settings) as daemon, contextlib.ExitStack() as held:
        opened = [held.enter_context(encrypted(daemon)) for _ in DRIPS]
        with ThreadPoolExecutor(len(DRIPS)) as pool:
            for _ in pool.map(lambda pair: drip(pair[0], *pair[1]), zip(opened, DRIPS.values(), strict=True)):
                pass
        assert daemon.client().info().client == "account"


def test_calls_that_are_opened_and_reset_at_once_cost_nobody_else(tmp_path: Path) -> None:
    with started(tmp_path / "home", listen="127.0.0.1:0") as daemon, encrypted(daemon) as connection:
        before = resident(daemon)
        connection.sendall(GREETING)
        with contextlib.suppress(OSError):
            for stream in range(1, 40_000, 2):
                connection.sendall(frame(1, 5, stream, HEADERS) + frame(3, 0, stream, b"\0\0\0\x08"))
        assert daemon.client().info().client == "account"
        assert resident(daemon) < before + 64 * 2**20


def test_all_places_for_connections_are_taken_for_seconds_only(tmp_path: Path) -> None:
    settings = {"listen": "127.0.0.1:0", "handshake_seconds": 2, "max_connections": 20}
    with started(tmp_path / "home", **settings) as daemon, contextlib.ExitStack() as held:
        for _ in range(40):
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_connection(("127.0.0.1", port_of(daemon))))
        with connect(home=daemon.home, start=False) as client:
            assert client.info().client == "account"


def stalled_upload(client: Client, gone: list[grpc.StatusCode]) -> Iterator[pictures_pb2.UploadPictureRequest]:
    """A header and no byte after it, until the call has ended."""
    data = os.urandom(100)
    yield pictures_pb2.UploadPictureRequest(
        header=pictures_pb2.UploadHeader(hash="0" * 64, size_bytes=len(data)),
    )
    end = time.monotonic() + SECONDS
    while not gone and time.monotonic() < end:
        time.sleep(0.05)


def test_stalled_uploads_hold_no_other_s_place_and_end(tmp_path: Path) -> None:
    with started(tmp_path / "home", stall_seconds=3) as daemon:
        calls = []
        gone: list[grpc.StatusCode] = []
        for name in ("one", "two"):
            client = daemon.client(add_client(daemon.home, name))
            calls += [client.pictures.UploadPicture.future(stalled_upload(client, gone)) for _ in range(4)]
        time.sleep(0.5)
        account = daemon.client()
        assert account.upload(small_painting())
        codes = [call.code() for call in calls]
        gone += codes
        assert codes == [grpc.StatusCode.DEADLINE_EXCEEDED] * 8
        again = daemon.client(add_client(daemon.home, "three"))
        assert again.upload(small_painting())


def test_uploads_side_by_side_do_not_get_round_a_quota(tmp_path: Path) -> None:
    with started(tmp_path / "home") as daemon:
        client = daemon.client(add_client(daemon.home, "small", Rights(quota_bytes=150)))
        gone: list[grpc.StatusCode] = []
        first = client.pictures.UploadPicture.future(stalled_upload(client, gone))
        until(lambda: any((daemon.home / "store" / "temporary").iterdir()))
        with pytest.raises(grpc.RpcError) as error:
            client.upload(os.urandom(100))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        first.cancel()
        gone.append(grpc.StatusCode.CANCELLED)
        until(lambda: not any((daemon.home / "store" / "temporary").iterdir()))
        assert client.upload(os.urandom(100))


def test_stalled_downloads_hold_no_other_connection_s_place_and_end(tmp_path: Path) -> None:
    with started(tmp_path / "home", stall_seconds=5, max_streams_per_connection=8) as daemon:
        client = daemon.client(connection="stuck")
        pixels = np.random.default_rng(1).integers(0, 256, (2048, 2048, 3), np.uint8)
        digest = client.upload(png.encode(pixels))
        request = pictures_pb2.DownloadPictureRequest(hash=digest)
        calls = [client.pictures.DownloadPicture(request) for _ in range(8)]
        for call in calls:
            next(call)
        assert code(client.info) is grpc.StatusCode.RESOURCE_EXHAUSTED
        other = daemon.client(connection="fresh")
        assert other.info().client == "account"
        other.finish(other.upload(small_painting()), parameters=few())

        def every_place_is_free() -> bool:
            again = [client.pictures.DownloadPicture(request) for _ in calls]
            codes = [code(partial(next, call)) for call in again]
            for call in again:
                call.cancel()
            return set(codes) == {grpc.StatusCode.OK}

        until(every_place_is_free)
        for call in calls:
            assert code(partial(list, call)) is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_connection_that_gives_itself_other_names_has_no_more_places(tmp_path: Path) -> None:
    with started(tmp_path / "home", listen="127.0.0.1:0", max_streams_per_connection=8) as daemon:
        client = daemon.client()
        pixels = np.random.default_rng(1).integers(0, 256, (2048, 2048, 3), np.uint8)
        request = pictures_pb2.DownloadPictureRequest(hash=client.upload(png.encode(pixels)))
        download: Any = client.channel.unary_stream(
            "/paints_undo.v1.PictureService/DownloadPicture", pictures_pb2.DownloadPictureRequest.SerializeToString
        )
        authorization = ("authorization", f"Bearer {daemon.token}")
        calls = [download(request, metadata=[authorization, ("paints-undo-connection", str(n))]) for n in range(8)]
        for call in calls:
            next(call)
        ninth = download(request, metadata=[authorization, ("paints-undo-connection", "another")])
        assert code(partial(next, ninth)) is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert daemon.client().info().client == "account"
        for call in calls:
            call.cancel()


def test_who_asks_for_a_large_picture_keeps_nobody_from_the_disk(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    files.prepare()
    digest = files.add_bytes(bytes(32 * 2**20))

    async def go() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        asked = asyncio.create_task(check_picture(cast(Core, SimpleNamespace(files=files)), digest))
        await asyncio.sleep(0)
        await asyncio.to_thread(bool)
        assert not asked.done()
        await asked

    asyncio.run(go())


def test_guessed_tokens_are_slowed_down_and_logged_with_the_peer(tmp_path: Path) -> None:
    with started(tmp_path / "home", listen="127.0.0.1:0") as daemon:
        guesser = daemon.client("guess")
        begun = time.monotonic()
        for _ in range(8):
            assert code(guesser.info) is grpc.StatusCode.UNAUTHENTICATED
        assert time.monotonic() - begun >= 0.1 * sum(range(1, 9))
        assert daemon.client().info().client == "account"
        lines = [line for line in daemon.log_file.read_text().splitlines() if "no valid token" in line]
        assert lines
        assert "127.0.0.1:" in lines[0]
        assert "guess" not in "".join(lines)


def test_even_a_method_that_is_none_asks_for_the_token(tmp_path: Path) -> None:
    with started(tmp_path / "home") as daemon:
        client = daemon.client()
        for channel, wanted in (
            (client.channel, grpc.StatusCode.UNAUTHENTICATED),
            (client.authorized, grpc.StatusCode.UNIMPLEMENTED),
        ):
            method: Any = channel.unary_unary("/paints_undo.v1.JobService/NoSuchMethod")
            assert code(partial(method, b"", timeout=SECONDS)) is wanted
        assert client.server.GetServerInfo(server_pb2.GetServerInfoRequest()).client == "account"


def test_health_is_all_that_is_told_without_a_token(tmp_path: Path) -> None:
    """Sixteen that ask and send no request hold up nobody; names, other bytes and wrong tokens are refused."""
    with started(tmp_path / "home", listen="127.0.0.1:0") as daemon:
        client = daemon.client()
        check: Any = client.channel.unary_unary("/grpc.health.v1.Health/Check")
        serving = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)
        assert check(b"", timeout=SECONDS) == serving.SerializeToString()
        wrong = [("authorization", "Bearer guess")]
        for request, metadata in ((b"", wrong), (b"\x0a\x01x", None), (b"\xff" * 100_000, None)):
            refused = code(partial(check, request, SECONDS, metadata))
            assert refused is grpc.StatusCode.UNAUTHENTICATED
        silent: Any = client.channel.stream_stream("/grpc.health.v1.Health/Check")
        stop = threading.Event()
        calls = [silent(_never(stop)) for _ in range(16)]
        try:
            assert client.server.GetServerInfo(server_pb2.GetServerInfoRequest()).client == "account"
            ends = {code(partial(next, call)) for call in calls}
            assert ends == {grpc.StatusCode.UNAUTHENTICATED}
            assert check(b"", timeout=SECONDS) == serving.SerializeToString()
        finally:
            stop.set()


def _never(stop: threading.Event) -> Iterator[bytes]:
    stop.wait()
    yield from ()
