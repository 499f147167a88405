"""Everything in the docker and its settings can be reached and used with the keyboard, and has a name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "keyboard_script.py"


def test_the_keyboard_reaches_everything(staged: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PAINTS_UNDO_HOME": str(tmp_path)}
    environment["PYTHONPATH"] = str(SCRIPT.parent)
    command = [sys.executable, str(SCRIPT), str(staged)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.strip().splitlines()[-1])
    for window in ("docker", "settings"):
        assert found[window]["count"] > 8
        assert found[window]["missed"] == []
        assert found[window]["nameless"] == [], found[window]["nameless"]
        assert found[window]["jumps"] == [], "Tab goes down the window"
    for code in ("en", "de", "fr"):
        letters, without, jumped = found["letters"][code]
        assert len(set(letters)) == len(letters) >= 12, f"{code}: no letter twice"
        assert without == []
        assert jumped, "Alt and the letter go to the field that the caption names"
    assert found["pressed"] == [True]
    assert found["closed"]
