"""Formatter, linter, type checker, and whether what is generated is current."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {"assets", "node"}
"""The tests' folders without Python."""
TESTS = tuple(
    f"tests/{path.name}" for path in sorted((ROOT / "tests").iterdir()) if path.is_dir() and path.name not in LEFT_OUT
)
CHECKS = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy",),
    ("mypy", "benchmarks", "tools"),
    ("mypy", *TESTS),
    ("mkdocs", "build", "--quiet"),
)


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    commands = [[sys.executable, "-m", *check] for check in CHECKS]
    commands.append([sys.executable, str(ROOT / "tools" / "check_examples.py")])
    for tool in ("generate_proto.py", "generate_client.py", "generate_parameters.py", "generate_cli_docs.py"):
        commands.append([sys.executable, str(ROOT / "tools" / tool), "--check"])
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # mkdocs-material's, on every run
    failed = [each for each in commands if subprocess.run(each, cwd=ROOT, env=environment, check=False).returncode]
    for command in failed:
        print("failed:", " ".join(command[1:]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
