"""The fast and lean ways of computing equal the plain ones within the rounding of float32."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import pytest
import torch
from diffusion.interpolation.networks import conditions, noise, small_unet, small_vae
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.sampler import sample_ddim
from paints_undo_engine.diffusion.interpolation.unet3d import DeepFeatures, UNet3D
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE, reference_maps
from paints_undo_engine.request import TemporalWindow

R = TypeVar("R")


@pytest.fixture(scope="module")
def unet() -> UNet3D:
    return small_unet()


@pytest.fixture(scope="module")
def vae() -> VideoVAE:
    return small_vae()


def result(generator: Generator[object, None, R]) -> R:
    while True:
        try:
            next(generator)
        except StopIteration as end:
            returned: R = end.value
            return returned


def error(got: Tensor, expected: Tensor) -> float:
    return ((got - expected).abs().max() / expected.std()).item()


def context_of(guides: IntervalConditions) -> Context:
    return Context(guides.text, guides.image)


@pytest.mark.parametrize("window", list(TemporalWindow))
def test_batched_guidance_equals_two_calls(unet: UNet3D, window: TemporalWindow) -> None:
    x = noise(1, 4, 4, 4, 6, seed=9)
    batched = guided_velocity(unet, conditions(), 7.5, batched=True, window=window)(x, 500)
    apart = guided_velocity(unet, conditions(), 7.5, batched=False, window=window)(x, 500)
    assert error(batched, apart) < 5e-5


def test_kept_keys_and_values_equal_fresh_ones(unet: UNet3D) -> None:
    guides = conditions()
    kept = context_of(guides)
    for t in (900.0, 100.0):
        x = noise(1, 4, 4, 4, 6, seed=int(t))
        again = unet(x, torch.tensor([t]), kept, guides.concat)
        fresh = unet(x, torch.tensor([t]), context_of(guides), guides.concat)
        assert torch.equal(again, fresh)


def test_keys_and_values_are_computed_once(unet: UNet3D) -> None:
    guides = conditions()
    calls = []
    layer = unet.get_submodule("middle_block.1.transformer_blocks.0.attn2.to_k_ip")
    handle = layer.register_forward_hook(lambda *_: calls.append(1))
    velocity = guided_velocity(unet, guides, 7.5)
    result(sample_ddim(velocity, noise(*guides.concat.shape), lambda: noise(*guides.concat.shape), 3))
    handle.remove()
    assert len(calls) == 1


def test_several_intervals_in_a_batch_equal_each_alone(unet: UNet3D) -> None:
    both = conditions(clips=2)
    x = noise(2, 4, 4, 4, 6, seed=9)
    together = guided_velocity(unet, both, 7.5)(x, 500)
    for clip in range(2):
        alone = IntervalConditions(
            both.text,
            both.image[clip : clip + 1],
            both.negative_text,
            both.negative_image,
            both.concat[clip : clip + 1],
        )
        assert error(together[clip : clip + 1], guided_velocity(unet, alone, 7.5)(x[clip : clip + 1], 500)) < 5e-5


@pytest.mark.parametrize("chunk", [1, 2, 3, 16])
@pytest.mark.parametrize("clips", [1, 2])
def test_streamed_decoding_equals_the_whole(vae: VideoVAE, chunk: int, clips: int) -> None:
    frames = 5
    encoded = vae.encode(noise(2 * clips, 3, 16, 24))
    reference = reference_maps(encoded.hidden)
    z = noise(clips * frames, 4, 2, 3, seed=3)
    whole = vae.decode(z, reference, frames)
    streamed = result(decode_streamed(vae, z, reference, frames, chunk=chunk))
    assert error(streamed, whole) < 5e-5
    assert torch.equal(result(decode_streamed(vae, z, reference, frames, chunk=chunk, on_cpu=True)), streamed)
    plain = vae.decode(z, None, frames)
    assert error(result(decode_streamed(vae, z, None, frames, chunk=chunk)), plain) < 5e-5


def test_a_single_frame_takes_both_references(vae: VideoVAE) -> None:
    reference = reference_maps(vae.encode(noise(2, 3, 16, 24)).hidden)
    z = noise(1, 4, 2, 3, seed=3)
    assert error(result(decode_streamed(vae, z, reference, 1)), vae.decode(z, reference, 1)) < 5e-5


def test_channels_last_and_fused_projections_change_nothing(unet: UNet3D) -> None:
    guides = conditions()
    x, t = noise(1, 4, 4, 4, 6, seed=9), torch.tensor([321.0])
    plain = unet(x, t, context_of(guides), guides.concat)
    fast = small_unet()
    fast.use_channels_last()
    fast.fuse_projections()
    assert error(fast(x, t, context_of(guides), guides.concat), plain) < 5e-5


def test_spatial_aware_convolutions_run() -> None:
    unet = small_unet(tempspatial_aware=True)
    guides = conditions()
    out = unet(noise(1, 4, 4, 4, 6), torch.tensor([5.0]), context_of(guides), guides.concat)
    assert out.shape == (1, 4, 4, 4, 6)


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_any_interval_length(unet: UNet3D, frames: int) -> None:
    guides = conditions(frames=frames)
    for window in TemporalWindow:
        out = unet(noise(1, 4, frames, 4, 6), torch.tensor([5.0]), context_of(guides), guides.concat, window)
        assert out.isfinite().all()


@pytest.mark.parametrize(
    "changes",
    [
        {"conv_resample": False, "use_linear": False},
        {"resblock_updown": True, "use_scale_shift_norm": True, "fs_condition": False},
        {"transformer_depth": 2, "temporal_attention": False, "temporal_conv": False},
        {"use_relative_position": True, "image_cross_attention_scale_learnable": True, "num_res_blocks": 2},
        {"num_head_channels": -1, "num_heads": 4, "addition_attention": False, "attention_resolutions": []},
    ],
)
def test_every_option_runs_and_reuse_fits_it(changes: dict[str, object]) -> None:
    unet = small_unet(**changes)
    guides, deep = conditions(), DeepFeatures()
    x, t, context = noise(1, 4, 4, 4, 6), torch.tensor([7.0]), context_of(guides)
    whole = unet(x, t, context, guides.concat, deep=deep)
    assert error(unet(x, t, context, guides.concat, deep=deep), whole) < 5e-5
