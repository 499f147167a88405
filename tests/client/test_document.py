"""What `docs/python.md` says is true: its examples run, and it names all calls and errors."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from paints_undo_daemon.client import Client, ClientError, connect
from paints_undo_daemon.client import errors as client_errors

from .conftest import SMALL, painting

ROOT = Path(__file__).resolve().parents[2]
PATHS = [ROOT, ROOT / "daemon"]
DOCUMENT = ROOT / "docs" / "python.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
ELSEWHERE = 'DaemonAddress("box:50551"'
"""The example for a daemon on another machine, which the tests do not have."""


def test_every_call_is_named():
    calls = [name for name in vars(Client) if not name.startswith("_") and name != "close"]
    assert [name for name in calls if f"`{name}" not in TEXT] == []


def test_every_error_is_named():
    kinds = [kind for kind in vars(client_errors).values() if isinstance(kind, type) and issubclass(kind, ClientError)]
    assert [kind.__name__ for kind in kinds if kind is not ClientError and kind.__name__ not in TEXT] == []


@pytest.mark.parametrize("example", [code for code in EXAMPLES if ELSEWHERE not in code])
def test_every_example_runs(example: str, shared_home: Path, tmp_path: Path):
    (tmp_path / "painting.png").write_bytes(painting())
    (tmp_path / "my-sketch.png").write_bytes(painting(2))
    with connect(home=shared_home) as client:
        job = client.submit(painting(), SMALL)
        client.wait(job.job_id)
    code = example.replace("3f2a77c0d1e2f3a4", job.job_id).replace("after_sequence=120", "after_sequence=2")
    environment = os.environ | {"PAINTS_UNDO_HOME": str(shared_home), "PYTHONPATH": os.pathsep.join(map(str, PATHS))}
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    for output in re.findall(r'export\([^)]*?"([a-z]+\.[a-z0-9]+)"', example):
        assert (tmp_path / output).stat().st_size > 0
