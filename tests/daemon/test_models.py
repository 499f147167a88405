"""Models through the daemon: downloads from a hub on this machine over real gRPC, and from the command line."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from diffusion.hub import Hub

from paints_undo.v1 import pictures_pb2
from paints_undo_daemon.cli import main
from paints_undo_daemon.client import (
    CallRefusedError,
    Client,
    DaemonUnavailableError,
    ModelProgress,
    ModelState,
    connect,
)

from .conftest import SECONDS, RunningDaemon, few, small_painting

MODEL = "paints_undo_single_frame"
UNET = "unet/diffusion_pytorch_model.safetensors"
GOLDEN = Path(__file__).parents[1] / "parity" / "golden" / "repos" / "single_frame"
HELD = 3 * 2**20


class HaltingHub(Hub):
    """A hub that goes silent in the middle of the largest file until it is let go."""

    def __init__(self, repository: str, files: dict[str, bytes]) -> None:
        super().__init__(repository, files)
        self.halts = False
        self.silent, self.let_go = threading.Event(), threading.Event()

    def _serve(self, request: BaseHTTPRequestHandler, name: str) -> None:
        beginning_alone = not request.headers.get("Range", "-").endswith("-")
        if name != UNET or not self.halts or beginning_alone:
            super()._serve(request, name)
            return
        self.served.append((name, 0))
        data = self.files[name]
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data[:HELD])
        request.wfile.flush()
        self.silent.set()
        self.let_go.wait(SECONDS)
        request.close_connection = True


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HaltingHub]:
    """A hub with the small single-frame model, whose largest file is made larger."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "PAINTS_UNDO_MODELS"):
        monkeypatch.delenv(name, raising=False)
    files = {path.relative_to(GOLDEN).as_posix(): path.read_bytes() for path in GOLDEN.rglob("*") if path.is_file()}
    files[UNET] = os.urandom(4 * 2**20)
    with HaltingHub("lllyasviel/paints_undo_single_frame", files) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
        server.let_go.set()


@pytest.fixture
def running(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningDaemon]:
    home = tmp_path / "home"
    monkeypatch.setenv("PAINTS_UNDO_HOME", str(home))
    daemon = RunningDaemon(home).start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def client(running: RunningDaemon) -> Iterator[Client]:
    with connect(home=running.home, start=False) as connected:
        yield connected


class Downloading:
    """A download that another thread follows to its end."""

    def __init__(self, home: Path, **options: bool) -> None:
        self.seen: list[ModelProgress] = []
        self.error: Exception | None = None
        self.begun = threading.Event()
        self._thread = threading.Thread(target=self._follow, args=(home,), kwargs=options)
        self._thread.start()

    def _follow(self, home: Path, **options: Any) -> None:
        with connect(home=home, start=False) as own:
            try:
                for message in own.download_model(MODEL, **options):
                    self.seen.append(message)
                    self.begun.set()
            except (CallRefusedError, DaemonUnavailableError) as error:
                self.error = error

    def join(self) -> None:
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


def state(client: Client) -> ModelState | None:
    return next(model.state for model in client.models() if model.model_id == MODEL)


def end(steps: Iterator[ModelProgress]) -> ModelState | None:
    *_, last = steps
    assert last.model is not None
    return last.model.state


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def arrived(home: Path) -> int:
    """Bytes of the large file that are on the disk."""
    part = home / "models" / MODEL / f"{UNET}.part"
    return part.stat().st_size if part.exists() else 0


def test_a_download_tells_its_progress_and_is_verified(client: Client, hub: Hub) -> None:
    assert state(client) is ModelState.MISSING
    seen = list(client.download_model(MODEL))
    done = [message.done_bytes for message in seen]
    assert done == sorted(done)
    assert done[-1] == seen[-1].total_bytes == sum(len(hub.files[name]) for name, _ in hub.served)
    assert len(seen) > 1
    assert seen[-1].model is not None
    assert seen[-1].model.state is ModelState.READY
    assert seen[-1].model.revision == hub.revision
    assert end(client.verify_model(MODEL)) is ModelState.READY


def test_a_silent_hub_can_be_left_and_the_download_goes_on_where_it_was(
    client: Client, hub: HaltingHub, running: RunningDaemon
) -> None:
    hub.halts = True
    first, second = Downloading(running.home), Downloading(running.home)
    assert hub.silent.wait(SECONDS)
    until(lambda: arrived(running.home) > HELD - 2**18)
    assert state(client) is ModelState.DOWNLOADING
    assert [name for name, _ in hub.served].count(UNET) == 1

    picture = client.upload(small_painting())
    raw = pictures_pb2.PICTURE_ENCODING_RAW_RGB8
    job, _ = running.client().finish(picture, parameters=few())
    assert len(list(client.frames(job.job_id, encoding=raw))) == 10

    client.cancel_model_download(MODEL)
    for follower in (first, second):
        follower.join()
        assert isinstance(follower.error, CallRefusedError)
        assert follower.error.code == "ABORTED"
        assert follower.seen
    assert state(client) is ModelState.INCOMPLETE
    with pytest.raises(CallRefusedError) as refused:
        client.cancel_model_download(MODEL)
    assert refused.value.code == "NOT_FOUND"

    hub.halts = False
    kept, before = arrived(running.home), len(hub.served)
    assert kept > HELD - 2**18
    assert end(client.download_model(MODEL)) is ModelState.READY
    assert (UNET, kept) in hub.served[before:]
    assert end(client.verify_model(MODEL)) is ModelState.READY


def test_a_download_ends_with_its_last_caller_unless_it_is_detached(
    client: Client, hub: HaltingHub, running: RunningDaemon
) -> None:
    hub.halts = True
    watched = client.download_model(MODEL)
    next(watched)
    assert hub.silent.wait(SECONDS)
    watched.close()  # type: ignore[attr-defined]
    until(lambda: state(client) is ModelState.INCOMPLETE)

    hub.halts = False
    for _ in client.download_model(MODEL, detach=True):
        break
    until(lambda: state(client) is ModelState.READY)


def test_a_killed_worker_breaks_the_download_off_and_loses_nothing(
    client: Client, hub: HaltingHub, running: RunningDaemon
) -> None:
    hub.halts = True
    follower = Downloading(running.home)
    assert hub.silent.wait(SECONDS)
    until(lambda: arrived(running.home) > HELD - 2**18)
    for worker in running.workers():
        os.kill(worker, signal.SIGKILL)
    follower.join()
    assert isinstance(follower.error, DaemonUnavailableError)
    assert "Try again" in str(follower.error)
    hub.halts = False
    list(client.download_model(MODEL))
    assert state(client) is ModelState.READY


def test_from_the_command_line(running: RunningDaemon, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "download", MODEL, "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["event"] for line in told} == {"transfer", "model"}
    assert (told[-1]["model"], told[-1]["state"]) == (MODEL, "ready")
    transfers = [line for line in told if line["event"] == "transfer"]
    assert 0 <= transfers[-1]["done_bytes"] <= transfers[-1]["total_bytes"]
    assert transfers[-1]["total_bytes"] > 4 * 2**20
    assert main(["models", "verify", "--json"]) == 0
    assert main(["models", "list"]) == 0
    assert "ready" in capsys.readouterr().out

    damaged = running.home / "models" / MODEL / UNET
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert main(["models", "verify", MODEL]) == 1
    assert "not as recorded" in capsys.readouterr().err


def test_what_the_hub_refuses_is_said(running: RunningDaemon, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "download", MODEL, "--revision", "0" * 40]) == 1
    assert "does not give" in capsys.readouterr().err
    hub.lie[UNET] = "0" * 64
    assert main(["models", "download", MODEL]) == 1
    assert "does not match" in capsys.readouterr().err
    assert main(["models", "download", "no-such-model"]) == 1
    assert "There is no model" in capsys.readouterr().err
