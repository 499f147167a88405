"""The presets that trade exactness for time (docs/performance.md, "Presets"). `exact` is the published algorithm.

Fewer steps of the same trailing DDIM (https://arxiv.org/abs/2305.08891), guidance on an interval of steps only
(https://arxiv.org/abs/2404.07724), deep features reused between steps (https://arxiv.org/abs/2312.00858).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from paints_undo_engine.request import Preset


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """What a preset leaves out.

    `share` of the requested steps is made; guidance runs in the steps from `guided_from` to `guided_to` (parts of the
    sequence), the others are given the wanted side alone; the interpolation UNet's deep levels run in every `reuse`-th
    step.
    """

    share: float = 1.0
    guided_from: float = 0.0
    guided_to: float = 1.0
    reuse: int = 1

    def steps(self, requested: int) -> int:
        """How many steps are made where `requested` were asked for; at least one."""
        return max(1, round(requested * self.share))

    def guides(self, number: int, steps: int) -> bool:
        """Whether step `number` (from 0) of `steps` is guided."""
        return self.guided_from * steps <= number and (self.guided_to >= 1 or number < self.guided_to * steps)

    def refreshes(self, number: int) -> bool:
        """Whether the deep levels run in step `number` (from 0)."""
        return number % self.reuse == 0


EXACT = Shortcuts()

PRESETS: Mapping[Preset, Shortcuts] = {
    Preset.EXACT: EXACT,
    Preset.BALANCED: Shortcuts(share=0.5),
    Preset.FAST: Shortcuts(share=0.4, guided_to=0.6, reuse=2),
    Preset.DRAFT: Shortcuts(share=0.2, guided_to=0.6, reuse=2),
}


def interval_calls(preset: Preset, steps: int) -> tuple[int, int]:
    """How often the 3D UNet runs for one interval: whole and without its deep levels, each side of a guidance apart."""
    shortcuts = PRESETS[preset]
    made = shortcuts.steps(steps)
    whole = shallow = 0
    guided_before: bool | None = None
    for number in range(made):
        guided = shortcuts.guides(number, made)
        sides = 2 if guided else 1
        if shortcuts.refreshes(number) or guided != guided_before:
            whole += sides
        else:
            shallow += sides
        guided_before = guided
    return whole, shallow
