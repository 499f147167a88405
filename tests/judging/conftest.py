"""Makes `quality` importable alone: the scripts beside it have names that tests and Krita have, too."""

from __future__ import annotations

import sys
from pathlib import Path

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")

sys.path.insert(0, BENCHMARKS)
try:
    import quality  # noqa: F401
finally:
    sys.path.remove(BENCHMARKS)
