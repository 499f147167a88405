"""Measuring presets and memory plans on one painting with the models at hand (docs/performance.md, "On your card")."""

from paints_undo_engine.diffusion.comparing.report import as_json, machine, write, write_pictures
from paints_undo_engine.diffusion.comparing.running import Described, Likeness, Outcome, Step, compare
from paints_undo_engine.diffusion.comparing.sheet import Sheet
from paints_undo_engine.diffusion.comparing.techniques import Measured, Technique, measure, techniques
from paints_undo_engine.diffusion.comparing.trials import LeftOut, Trial, plan_trials

__all__ = [
    "Described",
    "LeftOut",
    "Likeness",
    "Measured",
    "Outcome",
    "Sheet",
    "Step",
    "Technique",
    "Trial",
    "as_json",
    "compare",
    "machine",
    "measure",
    "plan_trials",
    "techniques",
    "write",
    "write_pictures",
]
