"""What is run: which presets and plans, and which plans cannot be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.diffusion.residency.choosing import choose_plan, settle
from paints_undo_engine.diffusion.residency.needs import Demand, needs
from paints_undo_engine.diffusion.residency.plans import GIB, PLANS, plan_named
from paints_undo_engine.request import MAX_SEED, ExecutionParameters, Preset, ProcessRequest

_OTHER_SEED = 1000
_WARM_STEPS = 4
"""Enough for every kind of step that a preset has: guided or not, whole or shallow."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of the job: a preset under a plan, all of its intervals or (`one_interval`) the first one only."""

    preset: Preset
    plan: str
    other_seed: bool = False
    one_interval: bool = False

    @property
    def name(self) -> str:
        """For people: ``fast``, ``exact, other seed``, ``exact in 6gb``."""
        if self.one_interval:
            return f"{self.preset} in {self.plan}"
        return f"{self.preset}, other seed" if self.other_seed else str(self.preset)

    def request(self, base: ProcessRequest, tags: str) -> ProcessRequest:
        """What this trial asks of the engine."""
        execution = ExecutionParameters(self.plan, not plan_named(self.plan).exact, preset=self.preset, allow_slow=True)
        request = replace(base, execution=execution, tags=replace(base.tags, text=tags))
        if not self.other_seed:
            return request
        keyframes, interpolation = request.keyframes, request.interpolation
        return replace(
            request,
            keyframes=replace(keyframes, seed=_other(keyframes.seed)),
            interpolation=replace(interpolation, seed=_other(interpolation.seed)),
        )

    def warm_up(self, request: ProcessRequest) -> ProcessRequest:
        """The same with few steps, for what only the first run costs: loading, allocating, choosing kernels."""
        steps = math.ceil(_WARM_STEPS / PRESETS[self.preset].share)
        keyframes, interpolation = request.keyframes, request.interpolation
        return replace(
            request,
            keyframes=replace(keyframes, steps=min(keyframes.steps, steps)),
            interpolation=replace(interpolation, steps=min(interpolation.steps, steps)),
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A plan that is not run, and why."""

    plan: str
    reason: str


def plan_trials(
    presets: Sequence[Preset], plans: Sequence[str] | None, *, device: str, free: int
) -> tuple[list[Trial], list[LeftOut]]:
    """What to run on a device (its type: ``cuda``, ``cpu``, ...) with `free` bytes of memory.

    `exact` comes first, twice with different seeds: all else is compared with it, and the difference of the two is the
    yardstick. Presets run the whole job under the first plan, the other plans `exact` for keyframes and one interval.
    `plans` are taken as they are named; None means all that the device can hold.

    Raises `InvalidRequestError` for an unknown plan and `OutOfMemoryError` when the device can hold none.
    """
    chosen, left_out = ([plan_named(name).name for name in plans], []) if plans else _fitting(device, free)
    first, *others = dict.fromkeys(chosen)
    trials = [Trial(Preset.EXACT, first), Trial(Preset.EXACT, first, other_seed=True)]
    trials += [Trial(preset, first) for preset in dict.fromkeys(presets) if preset is not Preset.EXACT]
    trials += [Trial(Preset.EXACT, plan, one_interval=True) for plan in others]
    return trials, left_out


def _fitting(device: str, free: int) -> tuple[list[str], list[LeftOut]]:
    if device == "cpu":
        chosen = choose_plan("auto", free, Demand(value_bytes=4)).name
        reason = "On the CPU nothing moves, so that plans hardly differ; name plans to run them all the same."
        return [chosen], [LeftOut(plan.name, reason) for plan in PLANS if plan.name != chosen]
    demand = Demand()
    choose_plan("auto", free, demand, allow_fp8=True)
    needed = {plan.name: needs(settled, demand) for plan in PLANS if (settled := settle(plan, demand)) is not None}
    fitting = [name for name, size in needed.items() if size <= free]
    return fitting, [
        LeftOut(name, f"It needs {size / GIB:.1f} GiB, but only {free / GIB:.1f} GiB are free.")
        for name, size in needed.items()
        if size > free
    ]


def _other(seed: int) -> int:
    return (seed + _OTHER_SEED) % (MAX_SEED + 1)
