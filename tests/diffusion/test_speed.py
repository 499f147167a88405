"""Compiled blocks: the same results, and eager ones where compiling fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from diffusion.interpolation.networks import conditions, noise, small_unet, small_vae
from paints_undo_engine.diffusion.interpolation.transformers import Context
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.speed import CompiledBlocks, lay_out, repeated_blocks


def run(unet: UNet3D) -> Tensor:
    guides = conditions()
    out: Tensor = unet(noise(1, 4, 4, 4, 6), torch.tensor([5.0]), Context(guides.text, guides.image), guides.concat)
    return out


def test_compiled_blocks_give_the_same() -> None:
    unet = small_unet()
    plain = run(unet)
    blocks = CompiledBlocks(unet, "eager")
    torch.testing.assert_close(run(unet), plain)
    assert blocks.failure is None
    assert len(blocks) == len(list(repeated_blocks(unet))) > 10


def test_where_compiling_fails_everything_runs_as_it_was() -> None:
    def broken(_graph: Any, _inputs: Any) -> Callable[..., Any]:
        raise RuntimeError("no compiler here")

    torch.compiler.reset()
    unet = small_unet()
    plain = run(unet)
    blocks = CompiledBlocks(unet, broken)  # type: ignore[arg-type]
    assert torch.equal(run(unet), plain)
    assert blocks.failure is not None
    assert "no compiler here" in blocks.failure
    blocks.undo()
    assert torch.equal(run(unet), plain)


def test_on_the_cpu_components_stay_as_they_were_read() -> None:
    vae = small_vae()
    layout = {name: parameter.stride() for name, parameter in vae.named_parameters()}
    lay_out(vae, torch.device("cpu"))
    assert {name: parameter.stride() for name, parameter in vae.named_parameters()} == layout
