"""Measuring presets and memory plans on one painting with the models at hand (docs/performance.md, "On your card")."""

from paints_undo_engine.diffusion.comparing.report import as_json, machine, write, write_pictures
from paints_undo_engine.diffusion.comparing.running import ComparisonStep, Described, Likeness, Outcome, compare
from paints_undo_engine.diffusion.comparing.sheet import ComparisonSheet
from paints_undo_engine.diffusion.comparing.techniques import Measured, SpeedTechnique, measure, techniques
from paints_undo_engine.diffusion.comparing.trials import LeftOut, Trial, plan_trials

__all__ = [
    "ComparisonSheet",
    "ComparisonStep",
    "Described",
    "LeftOut",
    "Likeness",
    "Measured",
    "Outcome",
    "SpeedTechnique",
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
