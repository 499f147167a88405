"""The embedded engine is loaded before the artist starts a job: with the connection, and when the pointer comes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from krita_harness import Served

from paints_undo_daemon.client import Client, connect


def test_the_engine_is_loaded_before_the_first_job(
    script_command: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    with (
        Served(tmp_path) as served,
        connect(served.daemon) as client,
        subprocess.Popen(**script_command("warm_script.py"), stdin=subprocess.PIPE) as plugin,
    ):
        assert plugin.stdin is not None
        for _ in range(2):
            _wait_until_loaded(client)
            client.unload()
            plugin.stdin.write("the pointer\n")
            plugin.stdin.flush()
        _wait_until_loaded(client)
        plugin.stdin.close()
        assert plugin.wait(30) == 0


def _wait_until_loaded(client: Client) -> None:
    end = time.monotonic() + 60
    while not any(engine.name == "procedural" and engine.loaded for engine in client.info().engines):
        assert time.monotonic() < end, "the engine was not loaded"
        time.sleep(0.05)
