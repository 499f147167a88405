"""The packed plugin's client against the real daemon: in a process of its own, without the project on its path."""

import base64
import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from grpclib.exceptions import StreamTerminatedError
from PIL import Image

from krita_plugin.packer.install import launcher
from krita_plugin.undo_painting.net.channel import translate


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    try:
        pid = json.loads((folder / "endpoint.json").read_text(encoding="utf-8"))["pid"]
    except OSError:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)


def test_a_job_from_start_to_frames(run_script: Callable[..., list[Any]], home: Path) -> None:
    own = {"PAINTS_UNDO_HOME": str(home), "LAUNCHER": json.dumps(launcher())}
    (found,) = run_script("client_script.py", str(home), **own)
    assert found["statuses"][0] == "starting"
    assert found["statuses"][-1] == "connected"
    assert found["state"] == "finished"
    assert found["frames"] == list(range(found["frame_count"]))
    with Image.open(io.BytesIO(base64.b64decode(found["last"]))) as last:
        assert last.convert("RGB").tobytes() == base64.b64decode(found["painting"])
    assert found["refused"] == "UNAUTHENTICATED"
    assert found["unknown"] == "NOT_FOUND"
    assert found["foreign"] == []


def test_a_lost_connection_is_told_in_a_sentence() -> None:
    """Other sentences follow it."""
    told = translate(StreamTerminatedError("Connection lost"))
    assert (str(told), told.transient) == ("The connection was lost.", True)
