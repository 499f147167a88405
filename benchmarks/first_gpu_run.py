"""Everything that only a GPU can show, in one call: the tests for one, then the benchmark.

    python benchmarks/first_gpu_run.py --out gpu --minutes 8

Writes `tests.txt` and `gpu.json` into the folder, as far as it gets; the benchmark runs even where tests fail, and is
ended a minute after its time where it does not end itself. Exits with 1 when a test failed. `--tiny` needs no GPU: the
tests are only read, and the benchmark runs on small models.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEST_MINUTES = 4.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("gpu"), help="the folder for what was found")
    parser.add_argument("--minutes", type=float, default=9.0, help="for both together")
    parser.add_argument("--packages", type=Path, help="passed on to the benchmark")
    parser.add_argument("--tiny", action="store_true", help="small models on the CPU, to see that all of it runs")
    asked = parser.parse_args()
    asked.out = asked.out.resolve()
    asked.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    passed = run_tests(asked.out / "tests.txt", 60 * min(TEST_MINUTES, asked.minutes / 2), only_collect=asked.tiny)
    left = asked.minutes - (time.monotonic() - started) / 60
    command = [sys.executable, "benchmarks/gpu.py", "--json", str(asked.out / "gpu.json"), "--minutes", f"{left:.1f}"]
    command += ["--packages", str(asked.packages)] if asked.packages else []
    command += ["--tiny"] if asked.tiny else []
    try:
        measured = subprocess.run(command, cwd=ROOT, timeout=60 * (left + 1), check=False).returncode == 0
    except subprocess.TimeoutExpired:
        print("The benchmark was ended; what it had measured is in its table.")
        measured = False
    return 0 if passed and measured else 1


def run_tests(report: Path, seconds: float, *, only_collect: bool) -> bool:
    """Run the tests marked `gpu`, or see that they can be read; whether all of them passed in time."""
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "-q", "tests/diffusion/test_gpu.py"]
    command += ["--collect-only"] if only_collect else []
    with report.open("w", encoding="utf-8") as file:
        try:
            code = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, timeout=seconds, check=False).returncode
        except subprocess.TimeoutExpired:
            file.write(f"\nnot done after {seconds:.0f} s\n")
            code = 1
    print(report.read_text(encoding="utf-8")[-4000:])
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
