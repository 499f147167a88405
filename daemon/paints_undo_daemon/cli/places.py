"""Where the results of `paints-undo bench` go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BenchPlaces:
    """The folder of all results, the figures and the side-by-side sheet."""

    folder: Path
    json: Path
    sheet: Path
