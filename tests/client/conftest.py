"""Daemons for the client's tests: real ones, in processes and data folders of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from paints_undo_daemon.client import Client, connect
from paints_undo_daemon.home import Endpoint
from paints_undo_engine.request import InterpolationParameters, KeyframeParameters, ProcessRequest

SMALL = ProcessRequest(
    keyframes=KeyframeParameters(operation_steps=(300, 600)), interpolation=InterpolationParameters(frames=3)
)
"""A job of 7 frames: 3 intervals."""

LONG = ProcessRequest(
    keyframes=KeyframeParameters(operation_steps=tuple(range(40, 960, 40))),
    interpolation=InterpolationParameters(frames=13),
)
"""A job of 289 frames, which is still running when a test interferes."""


def kill(home: Path) -> None:
    """End the daemon of a data folder at once, as a power cut would."""
    endpoint = Endpoint.read(home)
    if endpoint is not None and endpoint.pid != os.getpid():
        with contextlib.suppress(ProcessLookupError):
            os.kill(endpoint.pid, signal.SIGKILL)
        wait_for(lambda: not alive(endpoint.pid))


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected does not count."""
    try:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds; fails when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def painting(seed: int = 0) -> bytes:
    """A small painting as PNG bytes."""
    pixels = np.full((48, 64, 3), (205, 225, 240), np.uint8)
    cv2.circle(pixels, (32, 24), 14 + seed % 5, (70, 110, 230), -1)
    cv2.circle(pixels, (32, 24), 14 + seed % 5, (25, 20, 20), 2)
    return bytes(cv2.imencode(".png", pixels)[1])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own, whose daemon is ended after the test."""
    folder = tmp_path / "home"
    yield folder
    kill(folder)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of a daemon that the tests of a module share."""
    folder = tmp_path_factory.mktemp("shared") / "home"
    yield folder
    kill(folder)


@pytest.fixture
def client(shared_home: Path) -> Iterator[Client]:
    """A client of the shared daemon."""
    with connect(home=shared_home) as connected:
        yield connected
