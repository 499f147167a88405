"""Presets: how often the network runs, proven by counting."""

from __future__ import annotations

import pytest
import torch
from diffusion.interpolation.networks import conditions, noise, small_unet
from torch import Tensor, nn

from paints_undo_engine.diffusion.interpolation.guidance import guided_velocity
from paints_undo_engine.diffusion.interpolation.sampler import sample_ddim
from paints_undo_engine.diffusion.presets import PRESETS, interval_calls
from paints_undo_engine.request import Preset


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("preset", list(Preset))
def test_calls_are_as_many_as_stated(preset: Preset, batched: bool) -> None:
    unet = small_unet()
    counted = {"whole": 0, "all": 0}

    def count(key: str) -> object:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> None:
            counted[key] += inputs[0].shape[0] // 4

        return hook

    unet.middle_block.register_forward_hook(count("whole"))  # type: ignore[arg-type]
    unet.input_blocks[0].register_forward_hook(count("all"))  # type: ignore[arg-type]
    steps = PRESETS[preset].steps(20)
    guides = conditions()
    velocity = guided_velocity(unet, guides, 7.5, batched=batched, steps=steps, shortcuts=PRESETS[preset])
    sampling = sample_ddim(velocity, noise(*guides.concat.shape), lambda: noise(*guides.concat.shape), steps)
    assert len(list(sampling)) == steps
    whole, shallow = interval_calls(preset, 20)
    assert counted == {"whole": whole, "all": whole + shallow}


def test_exact_is_the_published_number_of_calls_and_each_preset_makes_fewer() -> None:
    work = [sum(interval_calls(preset, 50)) for preset in (Preset.EXACT, Preset.BALANCED, Preset.FAST, Preset.DRAFT)]
    assert work[0] == 100
    assert work == sorted(work, reverse=True)
    assert len(set(work)) == 4


def test_reused_features_of_the_same_input_change_nothing() -> None:
    from paints_undo_engine.diffusion.interpolation.transformers import Context
    from paints_undo_engine.diffusion.interpolation.unet3d import DeepFeatures

    unet, guides, deep = small_unet(), conditions(), DeepFeatures()
    x, t, context = noise(1, 4, 4, 4, 6), torch.tensor([7.0]), Context(guides.text, guides.image)
    whole = unet(x, t, context, guides.concat, deep=deep)
    assert deep.hidden is not None
    torch.testing.assert_close(unet(x, t, context, guides.concat, deep=deep), whole)
