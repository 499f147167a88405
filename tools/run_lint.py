"""Formatter, linter, type checker, and whether what is generated is current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy",),
    ("mypy", "benchmarks", "tools"),
)


def main() -> int:
    commands = [[sys.executable, "-m", *check] for check in CHECKS]
    for tool in ("generate_proto.py", "generate_client.py", "generate_parameters.py", "generate_cli_docs.py"):
        commands.append([sys.executable, str(ROOT / "tools" / tool), "--check"])
    failed = [command for command in commands if subprocess.run(command, cwd=ROOT, check=False).returncode != 0]
    for command in failed:
        print("failed:", " ".join(command[1:]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
