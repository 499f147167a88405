"""Run every test whose tools are present, and say which groups were left out.

Groups: krita (needs krita and xvfb-run), gimp (needs GIMP 3 and xvfb-run), node (needs node and npm), web (needs
chromium and npm), root (needs root's rights on Linux), gpu (needs an accelerator). With CI=1 a missing group other than
gimp, root and gpu is an error, and so is a skipped test. GIMP 3 is newer than the Debian of CI: its tests are run by
`tools/krita_in_debian.py gimp`.

A few tests that failed beside the others are run a second time, alone: a real Krita, browser or cluster can meet a
moment in which the machine gave it nothing. What passes then is named at the end, and stays something to mend.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_TESTS = ROOT / "tests" / "node"
TESTS_FAILED = 1
NOTHING_COLLECTED = 5
# More failures than this are no matter of one moment.
MOST_SECOND_TRIES = 3


def has_accelerator() -> bool:
    """Whether torch sees a device other than the CPU."""
    code = "import torch, sys; sys.exit(not torch.accelerator.is_available())"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def may_mount() -> bool:
    """Whether this account may mount a disk for itself and become another account: root, not shut in a container."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def missing_groups() -> list[str]:
    """The groups whose tools are not here."""
    present = {
        "krita": bool(shutil.which("krita") and shutil.which("xvfb-run")),
        "gimp": bool(shutil.which("gimp-console-3.0") and shutil.which("xvfb-run")),
        "node": bool(shutil.which("node") and shutil.which("npm")),
        "web": bool(shutil.which("chromium") and shutil.which("npm")),
        "root": may_mount(),
        "ray": find_spec("ray") is not None,
        "gpu": has_accelerator(),
    }
    return [name for name, here in present.items() if not here]


def without_environments() -> dict[str, str]:
    """The environment with no virtual environment on the path: Krita's own Python would take the first for its home."""
    listed = os.environ.get("PATH", "").split(os.pathsep)
    kept = [entry for entry in listed if not (Path(entry).parent / "pyvenv.cfg").exists()]
    return os.environ | {"PATH": os.pathsep.join(kept)}


def pytest_arguments(missing: list[str]) -> list[str]:
    """What pytest is told: all groups but the missing ones, file by file, on two workers more than there are cores.

    Many tests wait for a daemon, a browser or Krita and need no core meanwhile. tests/conftest.py says which files come
    first, and that one Krita runs at a time.
    """
    chosen = " and ".join(f"not {name}" for name in missing)
    workers = min(6, (os.cpu_count() or 1) + 2)
    return ["-m", chosen, "-n", str(workers), "--dist", "loadfile", "--durations=40"]


def run_pytest(arguments: list[str], root: Path) -> int:
    """Pytest's exit code. Each worker computes on one core: more threads than cores would only wait for each other."""
    environment = {"OMP_NUM_THREADS": "1"} | without_environments()
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def run_tests(arguments: list[str], cache: Path, root: Path = ROOT) -> int:
    """Run the tests, and the few that failed once more, alone. Pytest keeps in `cache` which ones these are."""
    kept = ["-o", f"cache_dir={cache}"]
    code = run_pytest([*arguments, *kept], root)
    record = cache / "v" / "cache" / "lastfailed"
    failed = list(json.loads(record.read_text(encoding="utf-8"))) if record.exists() else []
    if code != TESTS_FAILED or not 0 < len(failed) <= MOST_SECOND_TRIES:
        return code
    print(f"{len(failed)} failed, and will be tried once more, alone.", flush=True)
    code = run_pytest(["-m", "", *failed, *kept], root)
    if code == 0:
        print("\n".join(["Passed at the second try, and must be made steadier:", *failed]))
    return code


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [-h] [PYTEST ARGUMENTS]",
    )
    _, given = parser.parse_known_args()
    ci = os.environ.get("CI", "").lower() in {"1", "true"}
    missing = missing_groups()
    required = [name for name in missing if name not in ("gimp", "root", "gpu")]
    if ci and required:
        print(f"These groups must run in CI, but their tools are missing: {', '.join(required)}.")
        return 1
    if "node" not in missing:
        subprocess.run(
            ["npm", "install", "--no-save", "--silent", "--no-audit", "--no-fund"], cwd=NODE_TESTS, check=True
        )
    with tempfile.TemporaryDirectory() as folder:
        code = run_tests([*pytest_arguments(missing), *given], Path(folder))
    print(f"Groups left out: {', '.join(missing) or 'none'}.")
    return 0 if code == NOTHING_COLLECTED else code


if __name__ == "__main__":
    sys.exit(main())
