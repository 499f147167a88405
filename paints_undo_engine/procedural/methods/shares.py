"""A method's shares of time for one picture: more for a large ground, less for what changes little."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from paints_undo_engine.procedural.document.model import Phase

_MUCH, _LEAST_WORK = 8.0, 0.3
"""Levels: a phase that changes the figure by more on the mean takes all its time; one that changes nothing, this much.
"""
_LEAST_GROUND, _GROUND = 0.8, 0.9
"""Of a method's time for the ground: what one with shapes takes at least, and more for one that fills the picture."""


def weighed(shares: Mapping[Phase, float], changed: Mapping[Phase, float], ground: float | None) -> dict[Phase, float]:
    """Shares of time, those of some phases by the levels by which they are `changed`; `ground` 0 to 1 is the area of a
    painted one.
    """
    little = {phase: float(np.clip(levels / _MUCH, _LEAST_WORK, 1)) for phase, levels in changed.items()}
    more = 1.0 if ground is None else _LEAST_GROUND + _GROUND * ground
    own = {phase: share * little.get(phase, 1.0) for phase, share in shares.items()}
    return own | {Phase.BACKGROUND: more * shares[Phase.BACKGROUND]}
