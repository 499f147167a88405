"""Reading a large picture stays within its memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

_READ = """
import resource, numpy, cv2
from paints_undo_engine.procedural.reading import enlarge, read
draw = numpy.random.default_rng(1)
picture = cv2.resize(draw.integers(0, 256, (97, 83, 3), dtype=numpy.uint8), (4096, 4096), interpolation=cv2.INTER_CUBIC)
picture[::7] //= 2
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = read(picture)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, found.size)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="resource counts kilobytes on Linux alone")
def test_a_picture_of_16_megapixels_is_read_in_600_megabytes() -> None:
    told = subprocess.run([sys.executable, "-c", _READ], capture_output=True, text=True, check=True).stdout
    assert int(told.split()[0]) < 600
