"""What an artist waits for in Krita: python benchmarks/krita.py [--runs 3].

Starts a real Krita under Xvfb (the needs are those of the tests, see docs/krita.md) with a 1000 x 1000 picture, runs a
procedural job of 106 frames, imports it both ways, and prints the median of the runs and the worst.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "daemon"), str(ROOT / "proto" / "python"), str(ROOT / "tests")]


def main() -> None:
    from krita_harness import run, warm_profile
    from PIL import Image

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = []
    for _ in range(parser.parse_args().runs):
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "picture.png"
            with Image.open(ROOT / "assets" / "illustration.png") as image:
                image.convert("RGB").resize((1000, 1000)).save(picture)
            profile = warm_profile(Path(folder) / "profile")
            profile.install_plugin()
            try:
                runs.append(run(profile, "benchmark.py", picture, seconds=1200))
            finally:
                profile.stop_daemon()
    for name in runs[0]:
        values = [found[name] for found in runs]
        print(f"{name}: median {statistics.median(values):g}, worst {max(values):g}")


if __name__ == "__main__":
    main()
