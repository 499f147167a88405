"""What the plugin loads while Krita starts: nothing of the network, which takes longer than all the rest."""

import json
import os
import subprocess
import sys
from pathlib import Path

from krita_plugin.undo_painting.net import pictures
from paints_undo.v1 import pictures_pb2

SCRIPT = Path(__file__).parent / "start_script.py"


def test_kritas_thread_loads_nothing_of_the_network(staged: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PAINTS_UNDO_HOME": str(tmp_path)}
    environment.pop("PYTHONPATH", None)
    result = subprocess.run(
        [sys.executable, str(SCRIPT), str(staged)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.strip().splitlines()[-1])
    assert found["started"] == []
    assert {"asyncio", "background", "ssl"} <= set(found["looked"]), "the network's own thread loads them"
    assert "_vendor" not in found["looked"], "the client is loaded with the first connection"
    assert found["answer"] == "No daemon is running."
    assert found["errors"] == []


def test_the_encodings_are_the_protocols() -> None:
    for name in ("FILE", "PNG", "RAW_RGB8", "RAW_RGBA8"):
        assert getattr(pictures, name) == pictures_pb2.PictureEncoding.Value(f"PICTURE_ENCODING_{name}")
