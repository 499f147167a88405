"""The bands that a believable process keeps to: fixed before the first measurement, and all in this one place."""

from __future__ import annotations

from dataclasses import dataclass

from .measures import Measures, OperationShares

LARGEST_OPERATION = 0.25
"""No operation but an adjustment changes more than this share of the canvas."""


@dataclass(frozen=True)
class Band:
    """Lowest and highest good value of one measure, and the modes in which it means something."""

    low: float
    high: float
    modes: tuple[str, ...] = ("line", "flat", "pixel", "paint")


BANDS: dict[str, Band] = {
    "changed_median": Band(0.003, 0.06),
    "changed_p95": Band(0.0, 0.20),
    "extent": Band(0.0, 0.55),
    "centroid_jump": Band(0.05, 0.35),
    "error_rise": Band(0.0, 0.10),
    "ink_chroma": Band(0.0, 0.05, ("line", "flat", "pixel")),
    "ink_edge_f": Band(0.75, 1.0, ("line",)),
}


def broken_bands(measures: Measures, mode: str) -> list[str]:
    """Names of the measures that lie outside their bands in this mode; none means that the process passes."""
    return [
        name
        for name, band in BANDS.items()
        if mode in band.modes and not band.low <= getattr(measures, name) <= band.high
    ]


def broken_operations(shares: OperationShares) -> list[str]:
    """What is wrong with the single operations, in words; empty when nothing is."""
    complaints = []
    complaints += [f"{count} empty operations in {phase}" for phase, count in shares.empty.items()]
    if shares.largest > LARGEST_OPERATION:
        complaints.append(f"operation {shares.largest_index} changes {shares.largest:.0%} of the canvas")
    return complaints
