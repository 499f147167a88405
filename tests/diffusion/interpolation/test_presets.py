"""Presets: the steps that they plan, and that the documented table agrees. `test_preset_jobs.py` counts real calls."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusion.interpolation.networks import conditions, noise, small_unet
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.unet3d import DeepFeatures
from paints_undo_engine.diffusion.presets import PRESETS, Shortcuts, interval_calls
from paints_undo_engine.request import Preset

DOCUMENT = Path(__file__).parents[3] / "docs" / "performance.md"


def test_exact_is_the_published_number_of_calls_and_each_preset_makes_fewer() -> None:
    work = [sum(interval_calls(preset, 50)) for preset in (Preset.EXACT, Preset.BALANCED, Preset.FAST, Preset.DRAFT)]
    assert work[0] == 100
    assert work == sorted(work, reverse=True)
    assert len(set(work)) == 4


@pytest.mark.parametrize("preset", list(Preset))
def test_the_documented_steps_and_calls_are_those_of_the_code(preset: Preset) -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").partition("\n### Presets\n")[2].splitlines()
    cells = next(line for line in lines if line.startswith(f"| `{preset}` |")).split("|")
    steps = PRESETS[preset].steps(50)
    whole, shallow = interval_calls(preset, 50)
    assert cells[2].split(",")[0].strip() == cells[3].split(",")[0].strip() == str(steps)
    assert cells[6].strip() == f"{whole} + {shallow}"
    assert cells[7].strip() == str(round(whole + 0.36 * shallow))


@given(st.integers(1, 100), st.floats(0, 1), st.integers(1, 4), st.booleans())
def test_deep_levels_are_never_taken_over_too_long_nor_from_another_batch(
    steps: int, guided_from: float, reuse: int, guidance: bool
) -> None:
    plan = Shortcuts(guided_from=guided_from, reuse=reuse).plan(steps, guidance=guidance)
    assert len(plan) == steps
    assert not guidance or [step.guided for step in plan] == sorted(step.guided for step in plan)
    assert guidance or not any(step.guided for step in plan)
    since, kind = reuse, None
    for step in plan:
        since = 0 if step.whole else since + 1
        assert since < reuse
        assert step.whole or step.guided == kind
        kind = step.guided


def test_reused_features_of_the_same_input_change_nothing() -> None:
    unet, guides, deep = small_unet(), conditions(), DeepFeatures()
    x, t, context = noise(1, 4, 4, 4, 6), torch.tensor([7.0]), Context(guides.text, guides.image)
    whole = unet(x, t, context, guides.concat, deep=deep)
    assert deep.hidden is not None
    torch.testing.assert_close(unet(x, t, context, guides.concat, deep=deep), whole)
