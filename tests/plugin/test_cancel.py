"""What was cancelled stays so, in the docker and at the daemon, however the cancel and the answers cross."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from krita_harness import Served

from paints_undo_daemon.client import JobState, connect

SCRIPT = Path(__file__).parent / "cancel_script.py"


def test_a_quick_cancel_ends_the_job_on_both_sides(staged: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PAINTS_UNDO_HOME": str(tmp_path)}
    environment["PYTHONPATH"] = str(SCRIPT.parent)
    with Served(tmp_path) as served, connect(served.daemon) as client:
        result = subprocess.run(
            [sys.executable, str(SCRIPT), str(staged)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            timeout=180,
        )
        assert result.returncode == 0, result.stderr
        found = json.loads(result.stdout.strip().splitlines()[-1])
        assert set(found["states"].values()) == {"cancelled"}
        assert found["listed"] == 0
        assert (found["while sending"], found["when accepted"]) == ("cancelled", "cancelled")
        assert found["words"] == "Cancelling …"
        assert found["errors"] == []
        end = time.monotonic() + 60
        while not all(job.state.ended for job in client.jobs()):
            assert time.monotonic() < end, "a cancelled job still runs at the daemon"
            time.sleep(0.1)
        assert all(job.state is JobState.CANCELLED for job in client.jobs())
