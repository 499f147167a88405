"""The bands that a believable process keeps to: fixed before the first run on an engine, and all in this one place."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from .labels import LINE_BASED, Kind
from .measures import OperationShares

LARGEST_OPERATION = 0.25
"""No single stroke changes more than this share of the canvas."""
LARGEST_FILL = 0.60
"""A bucket may pour out a whole ground."""

ALL = frozenset(Kind)
DRAWN_FIGURES = frozenset({Kind.INKED})


@dataclass(frozen=True)
class Band:
    """Lowest and highest good value of one measure, and the kinds of pictures that it is asked of."""

    low: float
    high: float
    kinds: Set[Kind] = ALL


BANDS: dict[str, Band] = {
    # How a frame differs from the one before.
    "changed_median": Band(0.003, 0.06),
    "changed_p95": Band(0.0, 0.20),
    "extent": Band(0.0, 0.55),
    "centroid_jump": Band(0.05, 0.35),
    "error_rise": Band(0.0, 0.15),
    "last_frame": Band(0.0, 0.02),
    # When the drawing is there.
    "ink_chroma": Band(0.0, 0.05, LINE_BASED),
    "ink_edge_f": Band(0.75, 1.0, LINE_BASED),
    "edges_by_60": Band(0.0, 0.70),
    "edges_by_50": Band(0.0, 0.50, LINE_BASED),
    "edges_by_90": Band(0.0, 0.25),
    # What shows at full size.
    "patchwork": Band(0.0, 0.10),
    "stairs": Band(0.0, 0.05, ALL - {Kind.PIXEL}),
    "posterised": Band(0.0, 0.50),
    "eye_jump": Band(0.0, 0.25),
    "eyes_half": Band(0.0, 0.62, LINE_BASED),
    "crumbs": Band(0.0, 0.11, LINE_BASED),
    "spill": Band(0.0, 0.005),
    "turned_back": Band(0.0, 0.03),
    # How the time is spent, on a drawn and coloured picture.
    "time_rough": Band(0.10, 0.30, DRAWN_FIGURES),
    "time_line": Band(0.15, 0.35, DRAWN_FIGURES),
    "time_flats": Band(0.03, 0.15, DRAWN_FIGURES),
    "time_shading": Band(0.15, 0.40, DRAWN_FIGURES),
    "time_soft": Band(0.06, 0.25, DRAWN_FIGURES),
    "time_background": Band(0.05, 0.20, DRAWN_FIGURES),
    "time_effects": Band(0.03, 0.15, DRAWN_FIGURES),
}

CONSTRUCTION_ALIKE = 0.85
"""Two seeds' constructions that agree by more than this F measure are one construction."""
SIZES_ALIKE = 0.60
"""The constructions of one picture at two sizes agree at least this much."""
ORDER_ALIKE = 0.70
"""Rank correlation of the order in which the places of one picture are painted at two sizes."""
SEEDS_APART = 0.02
"""Mean OKLab distance between the states of two seeds, halfway."""


def broken_bands(values: Mapping[str, float | None], kind: Kind) -> list[str]:
    """Names of the measures outside their bands for this kind; a measure without a value is not asked."""
    broken = []
    for name, band in BANDS.items():
        value = values.get(name)
        if value is not None and kind in band.kinds and not band.low <= value <= band.high:
            broken.append(name)
    return broken


def broken_operations(shares: OperationShares) -> list[str]:
    """What is wrong with the single operations, in words; empty when nothing is."""
    complaints = [f"{count} empty operations in {phase}" for phase, count in shares.empty.items()]
    if shares.largest > LARGEST_OPERATION:
        complaints.append(f"operation {shares.largest_index} changes {shares.largest:.0%} of the canvas")
    if shares.largest_fill > LARGEST_FILL:
        complaints.append(f"a fill changes {shares.largest_fill:.0%} of the canvas")
    return complaints
