"""What was cancelled stays so, in the docker and at the daemon, however the cancel and the answers cross."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from krita_harness import Served

from paints_undo_daemon.client import JobState, connect


def test_a_quick_cancel_ends_the_job_on_both_sides(run_script: Callable[..., list[Any]], tmp_path: Path) -> None:
    with Served(tmp_path) as served, connect(served.daemon) as client:
        (found,) = run_script("cancel_script.py")
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
