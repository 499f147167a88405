"""The packed plugin's client against the real daemon: in a process of its own, without the project on its path."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from krita_plugin.packer.install import launcher

CLIENT = Path(__file__).parent / "client_script.py"


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


def test_a_job_from_start_to_frames(staged: Path, home: Path) -> None:
    environment = {**os.environ, "PAINTS_UNDO_HOME": str(home), "LAUNCHER": json.dumps(launcher())}
    environment.pop("PYTHONPATH", None)
    result = subprocess.run(
        [sys.executable, "-I", str(CLIENT), str(staged), str(home)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["statuses"][0] == "starting"
    assert found["statuses"][-1] == "connected"
    assert found["state"] == "finished"
    assert found["frames"] == list(range(found["frame_count"]))
    with Image.open(io.BytesIO(base64.b64decode(found["last"]))) as last:
        assert last.convert("RGB").tobytes() == base64.b64decode(found["painting"])
    assert found["refused"] == "UNAUTHENTICATED"
    assert found["unknown"] == "NOT_FOUND"
    assert found["foreign"] == []
