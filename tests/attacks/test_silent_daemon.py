"""No call of a client waits for ever: those with one answer have a deadline, streams end when nothing comes."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from paints_undo_daemon.client import Client, ClientError, DaemonAddress, connect, connect_async, wire
from paints_undo_daemon.client.aio_connection import AsyncConnection
from paints_undo_daemon.client.connection import Connection
from paints_undo_daemon.client.discovery import GivenDaemon
from paints_undo_daemon.web.gateway import Gateway
from paints_undo_daemon.web.upstream import Upstream
from paints_undo_engine.export.options import ExportOptions

LONGEST = 3600.0
WITHOUT_A_CALL = {"close"}
STREAMING = {
    *("DownloadPicture", "WatchJob", "DownloadFrames", "DownloadLayers", "ListOperations", "ExportJob"),
    *("DownloadModel", "VerifyModel"),
}
"""The methods whose answers are streams: they may last, as long as something comes."""


class Silent(grpc.GenericRpcHandler):
    """Notes how long each call may take; refuses it, or says nothing while `holding`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float | None] = {}
        self.holding = False
        self.end = threading.Event()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def run(_: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            self.seconds[details.method.rpartition("/")[2]] = context.time_remaining()
            if self.holding:
                self.end.wait()
            context.abort(grpc.StatusCode.NOT_FOUND, "")
            yield b""

        return grpc.stream_stream_rpc_method_handler(run)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[tuple[Silent, DaemonAddress]]:
    tmp_path.chmod(0o700)
    records = Silent()
    server = grpc.server(ThreadPoolExecutor(16), handlers=[records])
    server.add_insecure_port(f"unix:{tmp_path}/daemon.sock")
    server.start()
    yield records, DaemonAddress(f"unix:{tmp_path}/daemon.sock", "token")
    records.end.set()
    server.stop(0).wait()


ARGUMENTS: dict[str, Any] = {
    "picture": b"\x89PNG",
    "painting": b"\x89PNG",
    "picture_hash": "0" * 64,
    "job_id": "0" * 32,
    "model_id": "wd14",
    "engine": "procedural",
    "count": 2,
    "operation_step": 500.0,
    "candidate": 0,
    "options": ExportOptions(),
}


def arguments(method: Callable[..., Any], path: Path) -> dict[str, Any]:
    """Something for each parameter without a default."""
    needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
    return {one.name: ARGUMENTS.get(one.name, path / "out.gif") for one in needed if one.name != "self"}


def test_every_call_with_one_answer_has_a_deadline(silent: tuple[Silent, DaemonAddress], tmp_path: Path) -> None:
    records, address = silent
    names = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    with connect(address, patience_seconds=0.1) as client:
        for name in sorted(names - WITHOUT_A_CALL):
            method = getattr(client, name)
            with contextlib.suppress(ClientError):
                found = method(**arguments(method, tmp_path))
                if inspect.isgenerator(found):
                    list(found)
    assert len(records.seconds) > 20
    endless = {name for name, seconds in records.seconds.items() if seconds is None or seconds > LONGEST}
    assert endless <= STREAMING


async def post(app: Any, path: str, body: bytes, kind: str) -> bytes:
    """The answer of an ASGI application to a caller who sets no deadline and does not hang up."""
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"", "root_path": "", "scheme": "http", "headers": [(b"content-type", kind.encode())]}
    given, answer = [{"type": "http.request", "body": body, "more_body": False}], bytearray()

    async def receive() -> dict[str, Any]:
        return given.pop() if given else await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        answer.extend(message.get("body", b""))

    await app(scope, receive, send)
    return bytes(answer)


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("JobService/GetJob", "application/json", b"deadline_exceeded"),
        ("JobService/WatchJob", "application/connect+json", b"unavailable"),
    ],
)
def test_the_page_s_calls_end_as_well(
    silent: tuple[Silent, DaemonAddress], monkeypatch: pytest.MonkeyPatch, path: str, kind: str, status: bytes
) -> None:
    records, address = silent
    records.holding = True
    monkeypatch.setattr(wire, "LOADING_SECONDS", 0.2)
    monkeypatch.setattr(wire, "WORKING_SECONDS", 0.2)
    body = b"{}" if kind == "application/json" else b"\0\0\0\0\2{}"

    async def go() -> bytes:
        upstream = Upstream(GivenDaemon(address))
        try:
            return await asyncio.wait_for(post(Gateway(upstream), f"/paints_undo.v1.{path}", body, kind), 20)
        finally:
            await upstream.close()

    assert status in asyncio.run(go())


@pytest.mark.parametrize("form", ["plain", "asyncio"])
def test_who_watches_a_daemon_that_says_nothing_is_told(
    silent: tuple[Silent, DaemonAddress], monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    records, address = silent
    records.holding = True
    for kind in (Connection, AsyncConnection):
        monkeypatch.setattr(kind._stream, "__defaults__", (0.2,))
        monkeypatch.setattr(kind._once, "__defaults__", (0.2,))

    async def watch() -> None:
        async with connect_async(address, patience_seconds=0.1) as client:
            async for _ in client.watch("0" * 32):
                pass

    def wait() -> None:
        with connect(address, patience_seconds=0.1) as client:
            list(client.watch("0" * 32))

    with pytest.raises(ClientError):
        asyncio.run(watch()) if form == "asyncio" else wait()
