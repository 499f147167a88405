"""Run the tests of the plain package with the oldest releases of its dependencies that pyproject.toml allows.

python tools/run_lowest.py [PYTEST ARGUMENTS]

A fresh environment of its own, in a temporary folder; needs uv (of the group dev) and the package index.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTED_WITH = ("grpclib", "hypothesis", "pypdf", "pytest", "pytest-xdist")
TESTS = ("cli/test_usage.py", "client", "engines", "export", "front_door", "painting", "process")
LEFT_OUT = "not slow and not krita and not node and not root and not web and not gpu"


def test_tools() -> list[str]:
    """The requirements of the group dev that these tests need."""
    group = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["dev"]
    return [item for item in group if isinstance(item, str) and item.partition(">=")[0] in TESTED_WITH]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [-h] [PYTEST ARGUMENTS]",
    )
    _, given = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        install = [*uv, "pip", "install", "--quiet", "--resolution", "lowest-direct", str(ROOT), *test_tools()]
        python = Path(folder, "Scripts/python.exe" if os.name == "nt" else "bin/python")
        subprocess.run([*install, "--python", str(python)], check=True)
        tests = [str(ROOT / "tests" / name) for name in TESTS]
        command = [str(python), "-m", "pytest", "-q", "-m", LEFT_OUT, "-n", "2", "--dist", "loadfile"]
        return subprocess.run([*command, *(given or tests)], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
