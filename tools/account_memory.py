"""Account for what each part of a job takes on a device, and write the table that memory plans are chosen by.

.venv/bin/python tools/account_memory.py          # a minute
.venv/bin/python tools/account_memory.py peaks    # what requests at the edges take under each plan, from that table
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from paints_undo_engine.diffusion.full_size.budget import table
from paints_undo_engine.diffusion.residency.choosing import settle
from paints_undo_engine.diffusion.residency.needs import Demand, needs, redo_bytes
from paints_undo_engine.diffusion.residency.plans import GIB, PLANS

TABLE = Path(__file__).resolve().parent.parent / "paints_undo_engine" / "diffusion" / "residency" / "needs.json"
LARGEST = Demand(frames=64, keyframes=64, keyframe_pixels=1024 * 1024, redoes=True)
REQUESTS = {
    "default job": Demand(),
    "2 frames, 1 keyframe": Demand(frames=2, keyframes=1),
    "64 frames": Demand(frames=64),
    "64 keyframes": Demand(keyframes=64),
    "64 keyframes of 1024 x 1024": Demand(keyframes=64, keyframe_pixels=1024 * 1024),
    "both, with a redo": LARGEST,
    "the same, scores written out": replace(LARGEST, materialises=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["table", "peaks"], default="table")
    if parser.parse_args().what == "peaks":
        print_peaks()
    else:
        TABLE.write_text(json.dumps(table(), indent=1) + "\n", encoding="utf-8")


def print_peaks() -> None:
    """GiB of the device for each plan and request, as it would run, and of a redo, which plans do not change."""
    print(f"| plan | {' | '.join(REQUESTS)} |")
    print("|---" * (len(REQUESTS) + 1) + "|")
    for plan in PLANS:
        settled = ((settle(plan, demand), demand) for demand in REQUESTS.values())
        peaks = ["refused" if way is None else f"{needs(way, demand) / GIB:.1f}" for way, demand in settled]
        print(f"| `{plan.name}` | {' | '.join(peaks)} |")
    for side in ((512, 640), (1024, 1024)):
        pixels = side[0] * side[1]
        peak = redo_bytes(Demand(keyframe_pixels=pixels, redoes=True)) / GIB
        print(f"redo at {side[0]} x {side[1]}: {peak:.1f}")


if __name__ == "__main__":
    main()
