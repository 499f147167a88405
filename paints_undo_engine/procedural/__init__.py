"""The embedded engine: takes a painting apart into about 1000 human-like operations and replays them.

`docs/procedural.md` explains how.
"""

from paints_undo_engine.procedural.build import make_plan
from paints_undo_engine.procedural.options import ProceduralOptions
from paints_undo_engine.procedural.plan import Operation, Plan

__all__ = ["Operation", "Plan", "ProceduralOptions", "make_plan"]
