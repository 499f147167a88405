"""Techniques that change nothing but the time, measured on this very device before anybody switches them on."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from importlib.util import find_spec

import torch

from paints_undo_engine.contract import Engine
from paints_undo_engine.diffusion.comparing.running import ComparisonStep, Outcome, compare, likeness
from paints_undo_engine.diffusion.comparing.trials import Trial
from paints_undo_engine.diffusion.measured import Switched
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.painting import Painting
from paints_undo_engine.request import ProcessRequest

_ALIKE = 40.0
"""dB of PSNR above which frames are the same but for rounding."""
_WORTH = 0.95
"""The share of the time that a technique may take to be worth its risk."""


@dataclass(frozen=True, slots=True)
class SpeedTechnique:
    """One technique: its name, the engine's settings that use it, and what is then on."""

    name: str
    settings: EngineSettings
    on: Switched


def techniques(names: tuple[str, ...] | None, base: EngineSettings, device: str) -> tuple[SpeedTechnique, ...]:
    """Those called `names`; None: all that can be tried on a device of this type. Raises `ValueError` for others."""
    known = {
        "compiling": SpeedTechnique("compiling", replace(base, compiling="on"), Switched(compiling=True)),
        "xformers": SpeedTechnique("xformers", replace(base, attention="xformers"), Switched(attention="xformers")),
    }
    if names is None:
        packages = {"compiling": "triton", "xformers": "xformers"}
        names = tuple(name for name in known if device != "cpu" and find_spec(packages[name]) is not None)
    for name in names:
        if name not in known:
            raise ValueError(f"There is no technique {name!r}, only {', '.join(known)}.")
    return tuple(known[name] for name in names)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a technique gives: seconds of the keyframes and one interval with it and without; why it was not used."""

    technique: SpeedTechnique
    seconds: float
    without: float
    psnr: float
    failure: str = ""

    @property
    def pays(self) -> bool:
        """Whether it is faster by more than the noise of a measurement, with the same results."""
        return not self.failure and self.psnr >= _ALIKE and self.seconds < _WORTH * self.without


def measure(
    engine: Engine,
    technique: SpeedTechnique,
    painting: Painting,
    request: ProcessRequest,
    exact: Outcome,
    device: torch.device,
) -> Generator[ComparisonStep, None, Measured]:
    """Make the keyframes and one interval with `engine`, which uses the technique, and compare with `exact`.

    `request` has the tags. Closing it ends the work within a step. Raises what the engine raises.
    """
    trial = Trial(exact.trial.preset, exact.trial.plan, one_interval=True)
    outcome = Outcome(trial, exact.of_intervals)
    for event in compare(engine, painting, request, [trial], device):
        if isinstance(event, ComparisonStep):
            yield event
        elif isinstance(event, Outcome):
            outcome = event
    failure = outcome.failure
    if technique.on.compiling and not failure and not engine.record_notes:
        failure = "Nothing could be compiled; 'paints-undo doctor' says why."
    pictures = [likeness(outcome.keyframes, exact.keyframes), likeness(outcome.frames, exact.frames)]
    psnr = min((found.psnr for found in pictures if found is not None), default=0.0)
    seconds, without = (found.keyframes_seconds + sum(found.intervals[:1]) for found in (outcome, exact))
    return Measured(technique, seconds, without, psnr, failure)
