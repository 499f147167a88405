"""The layout for accelerators: channels stay innermost from the first convolution to the last, nothing is copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from diffusion.interpolation.networks import conditions, noise, small_unet, small_vae
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.layers import channels_last
from paints_undo_engine.diffusion.interpolation.video_vae import reference_maps

COPIES = ("aten.clone", "aten.copy_", "aten._to_copy")


class Layouts(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Collects copies of whole maps, and convolutions whose input or weight would be laid out anew."""

    def __init__(self, smallest: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.smallest = smallest
        self.found: list[tuple[str, tuple[int, ...]]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = str(func.overloadpacket)
        if name in COPIES and out.numel() >= self.smallest:
            self.found.append((name, tuple(out.shape)))
        if name == "aten.convolution":
            for tensor in args[:2]:
                if not tensor.is_contiguous(memory_format=torch.channels_last):
                    self.found.append((name, tuple(tensor.shape)))
        return out


@pytest.mark.parametrize("fused", [True, False])
def test_a_step_of_the_unet_copies_nothing(fused: bool) -> None:
    unet = small_unet()
    unet.use_channels_last()
    if fused:
        unet.fuse_projections()
    guides = conditions(clips=2)
    x = noise(2, 4, 4, 4, 6)
    text, image = (part.expand(2, *part.shape[1:]) for part in (guides.text, guides.image))
    context = Context(text, image)
    with torch.no_grad():
        unet(x, torch.tensor([5.0, 5.0]), context, guides.concat)
        # the smallest map of the network is that of 2x3 pixels in 64 channels; the input itself is laid out once
        with Layouts(2 * 4 * 2 * 3 * 64) as layouts:
            unet(x, torch.tensor([5.0, 5.0]), context, guides.concat)
    assert layouts.found == []


def test_decoding_a_clip_lays_out_nothing_anew_but_its_reference_maps() -> None:
    vae = small_vae()
    vae.use_channels_last()
    frames = 4
    with torch.no_grad():
        reference = reference_maps(vae.encode(noise(2, 3, 16, 24)).hidden)
        z = noise(frames, 4, 2, 3).contiguous(memory_format=torch.channels_last)
        with Layouts(10**9) as layouts:
            vae.decode(z, reference, frames)
    maps = {tuple(reference[level][:, :, 0].shape) for level in (0, 1, -1)}
    assert {shape for _, shape in layouts.found} <= maps


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("mean", [0, 30])
def test_normalising_with_channels_innermost_is_as_exact_as_torch(dtype: torch.dtype, mean: float) -> None:
    norm = nn.GroupNorm(8, 40).requires_grad_(False).to(dtype)
    norm.weight.data, norm.bias.data = noise(40, seed=1).to(dtype), noise(40, seed=2).to(dtype)
    x = (2 * noise(3, 40, 7, 5) + noise(1, 40, 1, 1, seed=3) + mean).to(dtype)
    want = nn.functional.group_norm(x.double(), 8, norm.weight.double(), norm.bias.double(), norm.eps)
    channels_last(norm)
    got = norm(x.contiguous(memory_format=torch.channels_last))
    assert got.is_contiguous(memory_format=torch.channels_last)
    assert _error(got, want) < 8 * torch.finfo(dtype).eps * want.abs().max()
    constant = torch.full((1, 40, 2, 2), 3.0, dtype=dtype).contiguous(memory_format=torch.channels_last)
    assert _error(norm(constant), norm.bias[None, :, None, None].expand(1, 40, 2, 2)) < 1e-3


def _error(got: Tensor, want: Tensor) -> float:
    return (got.double() - want.double()).abs().max().item()
