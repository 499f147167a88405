"""A picture of many small pieces: what the embedded engine takes may not grow with their square."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SIDE, COARSE, FINE = 128, 4, 2
"""A mosaic of noise, the worst that there is: 1024 tiles, and 4096 in a picture of the same size."""
MOST_BYTES = 200 * 2**20
"""For either picture, beside the libraries; a table of 4096 x 4096 numbers alone would take 128 MiB more."""
MEASURE = """
import json, resource, sys
import numpy as np
from paints_undo_engine.procedural import make_document

side, coarse, fine, most = map(int, sys.argv[1:])
rng = np.random.default_rng(0)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def take_apart(tile):
    tiles = rng.integers(0, 256, (side // tile, side // tile, 3), dtype=np.uint8)
    document = make_document(np.ascontiguousarray(tiles.repeat(tile, 0).repeat(tile, 1)))
    document.render(500)
    return peak()

before = peak()
if sys.platform == "linux":
    pages = int(open("/proc/self/statm").read().split()[0])
    space = pages * resource.getpagesize() + 2 * most
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
print(json.dumps([before, take_apart(coarse), take_apart(fine)]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs getrusage")
def test_four_times_the_detail_takes_little_more_memory() -> None:
    command = [sys.executable, "-c", MEASURE, *map(str, (SIDE, COARSE, FINE, MOST_BYTES))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, coarse, fine = json.loads(done.stdout)
    print(f"libraries {before / 2**20:.0f} MiB, coarse {coarse / 2**20:.0f}, fine {fine / 2**20:.0f}")
    assert fine <= 1.3 * coarse
    assert fine - before <= MOST_BYTES
