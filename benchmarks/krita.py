"""What an artist waits for in Krita: python benchmarks/krita.py [--runs 3].

Starts a real Krita under Xvfb (the needs are those of the tests, see docs/krita.md) with a 1000 x 1000 picture, runs a
procedural job of 106 frames, imports it both ways, starts a job of the diffusion engine with the tests' small
checkpoints until its preview is there, and prints the median of the runs and the worst. Of Krita's starts the first one
after the plugin was put in place, in which Python compiles it, is told apart from later ones.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "daemon"), str(ROOT / "tests")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--starts", type=int, default=5, help="later starts that are measured in each profile")
    options = parser.parse_args()
    runs = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(measure(Path(folder), options.starts))
    for name in runs[0]:
        values = [found[name] for found in runs]
        print(f"{name}: median {statistics.median(values):g}, worst {max(values):g}")


def measure(folder: Path, starts: int) -> dict[str, Any]:
    """One run in a profile of its own."""
    from krita_harness import run, warm_profile
    from PIL import Image

    picture = folder / "picture.png"
    with Image.open(ROOT / "assets" / "illustration.png") as image:
        image.convert("RGB").resize((1000, 1000)).save(picture)
    profile = warm_profile(folder / "profile")
    profile.install_plugin()
    try:
        found = []
        for _ in range(starts + 1):
            parts = run(profile, "start.py", picture)["parts"].values()
            found.append([sum(part[place] for part in parts) for place in (0, 1)])
        result = run(profile, "benchmark.py", picture, seconds=1200)
        profile.stop_daemon()
        place_small_checkpoints(profile.home / "models")
        result |= run(profile, "benchmark_preview.py", picture, seconds=300)
    finally:
        profile.stop_daemon()
    for place, name in enumerate(("ms", "ms of the processor")):
        result[f"plugin start, the first, {name}"] = round(found[0][place], 1)
        result[f"plugin start, later ones, {name}"] = round(statistics.median(one[place] for one in found[1:]), 1)
    return result


def place_small_checkpoints(folder: Path) -> None:
    """The tests' checkpoints of random weights where downloads are kept, with a size that a processor can do."""
    golden = ROOT / "tests" / "parity" / "golden"
    for source, name in (("repos/single_frame", "paints_undo_single_frame"), ("tagger", "wd14_tagger")):
        shutil.copytree(golden / source, folder / name)
    several = shutil.copytree(golden / "repos" / "multi_frame", folder / "paints_undo_multi_frame")
    (several / "sizes.json").write_text(json.dumps({"buckets": [[64, 64]]}), encoding="utf-8")


if __name__ == "__main__":
    main()
