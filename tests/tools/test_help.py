"""Every tool and benchmark tells what it does when it is asked with `--help`, and does nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [
    path
    for folder in ("tools", "benchmarks")
    for path in sorted((ROOT / folder).glob("*.py"))
    if "__main__" in path.read_text(encoding="utf-8")
]
RUN = """
import contextlib, io, json, runpy, sys
found = {}
for script in sys.argv[1:]:
    sys.argv[:] = [script, "--help"]
    sys.path.insert(0, script.rpartition("/")[0])
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        try:
            runpy.run_path(script, run_name="__main__")
            code = "came back"
        except SystemExit as left:
            code = left.code
    found[script] = code, told.getvalue()
print(json.dumps(found))
"""
"""All in one process: many load the same libraries."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_it_reads_its_arguments(script: Path) -> None:
    """So that the next test starts none that would begin its work."""
    assert "argparse" in script.read_text(encoding="utf-8")


@pytest.mark.extra("diffusion")
@pytest.mark.extra("web")
def test_help_only_helps() -> None:
    scripts = [path.as_posix() for path in SCRIPTS if "argparse" in path.read_text(encoding="utf-8")]
    ran = subprocess.run([sys.executable, "-c", RUN, *scripts], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert {Path(script).name: code for script, (code, _) in found.items() if code} == {}
    assert all(told.startswith("usage: ") for _, told in found.values())
