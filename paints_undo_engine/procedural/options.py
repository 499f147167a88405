"""What decides a process beside the picture."""

from __future__ import annotations

from dataclasses import dataclass

from paints_undo_engine.request import Corrections, Method


@dataclass(frozen=True, slots=True)
class Options:
    """`seed` chooses another artist; `flip`: the view is mirrored now and then for a look.

    `variant` counts through the ways of working that suit the picture, where `method` leaves that open.
    """

    seed: int = 0
    method: Method = Method.AUTO
    corrections: Corrections = Corrections.FEW
    flip: bool = False
    variant: int = 0
