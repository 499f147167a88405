"""The presets that trade exactness for time (docs/performance.md, "Presets"). `exact` is the published algorithm.

Fewer steps with solvers of second order (https://arxiv.org/abs/2211.01095, https://arxiv.org/abs/2302.04867), guidance
on an interval of steps only (https://arxiv.org/abs/2404.07724), deep features reused between steps
(https://arxiv.org/abs/2312.00858).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paints_undo_engine.request import Preset


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step of an interval: whether it is guided, and whether the UNet's deep levels run or are taken over."""

    guided: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """What a preset leaves out.

    `share` of the requested steps is made, with the solvers for few steps where `second_order` is set, else with the
    published ones. For intervals guidance runs from the part `guided_from` of the steps on, the steps before are given
    the wanted side alone; and the UNet's deep levels run in every `reuse`-th step.
    """

    share: float = 1.0
    second_order: bool = False
    guided_from: float = 0.0
    reuse: int = 1

    def steps(self, requested: int) -> int:
        """How many steps are made where `requested` were asked for; at least one."""
        return max(1, round(requested * self.share))

    def plan(self, steps: int, *, guidance: bool = True) -> list[StepPlan]:
        """The steps of an interval that makes `steps`; without `guidance` (a scale of 1) none is guided.

        Deep levels run in the first guided step in any case: its batch has another size.
        """
        plan: list[StepPlan] = []
        reused = 0
        for number in range(steps):
            guided = guidance and number >= self.guided_from * steps
            reused = (reused + 1) % self.reuse if plan and plan[-1].guided == guided else 0
            plan.append(StepPlan(guided, reused == 0))
        return plan


EXACT = Shortcuts()

PRESETS: Mapping[Preset, Shortcuts] = {
    Preset.EXACT: EXACT,
    Preset.BALANCED: Shortcuts(share=0.5, second_order=True),
    Preset.FAST: Shortcuts(share=0.32, second_order=True, guided_from=0.3, reuse=2),
    Preset.DRAFT: Shortcuts(share=0.2, second_order=True, guided_from=0.3, reuse=2),
}


def interval_calls(preset: Preset, steps: int, *, guidance: bool = True) -> tuple[int, int]:
    """How often the 3D UNet runs for one interval: whole and without its deep levels, each side of a guidance apart."""
    shortcuts = PRESETS[preset]
    plan = shortcuts.plan(shortcuts.steps(steps), guidance=guidance)
    sides = [(2 if step.guided else 1, step.whole) for step in plan]
    return sum(n for n, whole in sides if whole), sum(n for n, whole in sides if not whole)
