"""Work on pixels: what is blank, and pictures made small band by band."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "pixels_script.py"


def test_blank_pictures_and_bands(staged: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PAINTS_UNDO_HOME": str(tmp_path)}
    environment["PYTHONPATH"] = str(SCRIPT.parent)
    command = [sys.executable, str(SCRIPT), str(staged)]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for side in (8, 3000):
        paper, dotted, transparent, painting = found.pop(f"blank {side}")
        assert [paper, dotted, transparent] == [True, False, True], "one pixel in the corner is enough"
        assert not painting
    for name, (apart, opaque) in found.items():
        assert apart < 0.02, "only where bands meet at an edge of the picture's own"
        assert opaque is name.endswith("255")
