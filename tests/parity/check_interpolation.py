"""Parity of the interpolation model: 3D UNet, video VAE, sampler, image encoder, image projection."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, TypeVar

import torch
from torch import Tensor

from paints_undo_engine.checkpoints.loading import empty, load
from paints_undo_engine.diffusion.interpolation import schedule
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.config import ImageProjectionConfig, UNet3DConfig, VideoVAEConfig
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.image_encoder import ImageEncoder
from paints_undo_engine.diffusion.interpolation.image_projection import ImageProjection
from paints_undo_engine.diffusion.interpolation.sampler import rescale_guidance, sample_ddim
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE, reference_maps
from paints_undo_engine.request import TemporalWindow
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles

R = TypeVar("R")


def build_unet(golden: Golden) -> UNet3D:
    config = UNet3DConfig.from_dict(golden.config("multi_frame", "unet"))
    return load(empty(lambda: UNet3D(config)), golden.weights("multi_frame", "unet"))


def build_vae(golden: Golden) -> VideoVAE:
    config = VideoVAEConfig.from_dict(golden.config("multi_frame", "vae"))
    return load(empty(lambda: VideoVAE(config)), golden.weights("multi_frame", "vae"))


def build_image_encoder(golden: Golden) -> ImageEncoder:
    config = golden.config("multi_frame", "image_encoder")
    return load(empty(lambda: ImageEncoder.from_dict(config)), golden.weights("multi_frame", "image_encoder"))


def build_projection(golden: Golden) -> ImageProjection:
    config = ImageProjectionConfig.from_dict(golden.config("multi_frame", "image_projection"))
    return load(empty(lambda: ImageProjection(config)), golden.weights("multi_frame", "image_projection"))


def result(generator: Generator[Any, None, R]) -> R:
    """Run a generator to its end and give its return value."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            value: R = end.value
            return value


@handles("mf_unet", what="UNet3DModel")
def check_unet(golden: Golden, compare: Compare) -> None:
    unet = build_unet(golden)

    def run(inputs: dict[str, Tensor], fs: Tensor | None, window: TemporalWindow = TemporalWindow.OFF) -> Tensor:
        context = Context(inputs["context_text"], inputs["context_img"], fs)
        out: Tensor = unet(inputs["x"], inputs["timesteps"], context, inputs["concat_cond"], window)
        return out

    shared = {name: golden.tensor(name) for name in ("x", "timesteps", "context_text", "context_img", "concat_cond")}
    for window in TemporalWindow:
        name = "window_prv" if window is TemporalWindow.PREVIOUS else f"window_{window}"
        if name in golden.outputs:
            compare.output(name, run(shared, golden.tensor("fs"), window), 2e-4)
    if "fs_none" in golden.outputs:
        compare.output("fs_none", run(shared, None), 2e-4)
    if "T2" in golden.outputs:
        compare.output("T2", run(golden.arguments("T2"), torch.tensor([3])), 2e-4)


@handles("mf_vae", what="VideoAutoencoderKL")
def check_vae(golden: Golden, compare: Compare) -> None:
    vae = build_vae(golden)
    encoded = vae.encode(golden.tensor("enc.x"))
    compare.output("enc.mean", encoded.mean, 5e-5)
    compare.output("enc.logvar", encoded.logvar, 5e-5)
    for number, maps in enumerate(encoded.hidden):
        compare.output(f"enc.hidden_{number}", maps[1:2], 5e-5)
    reference = reference_maps(encoded.hidden)
    for frames in golden.meta["T"]:
        z = golden.tensor(f"dec_T{frames}.z")
        clips = tuple(maps[: z.shape[0] // frames] for maps in reference)
        plain = vae.decode(z, clips, frames)
        compare.output(f"dec_T{frames}.pixels", plain, 5e-5)
        compare.output(f"dec_T{frames}.pixels_noref", vae.decode(z, None, frames), 5e-5)
        streamed = result(decode_streamed(vae, z, clips, frames, chunk=2))
        compare.output(f"dec_T{frames}.pixels", streamed, 5e-5)


def _add_noise(x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """x_t of clean latents x0 [B, ...], noise alike, t [B]: with the dynamic scale."""
    tables = schedule.schedule()
    return _at(tables.sqrt_alphas_cumprod * tables.scale, t, x0) * x0 + (
        _at(tables.sqrt_one_minus_alphas_cumprod, t, x0) * noise
    )


def _velocity(x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """The velocity at t [B] of clean latents x0 [B, ...] and noise: what the model is trained to predict."""
    tables = schedule.schedule()
    return _at(tables.sqrt_alphas_cumprod, t, x0) * noise - (
        _at(tables.sqrt_one_minus_alphas_cumprod * tables.scale, t, x0) * x0
    )


def _at(table: Tensor, t: Tensor, like: Tensor) -> Tensor:
    return table.to(like.device)[t].view(-1, *[1] * (like.dim() - 1))


@handles("tsnr_schedule", what="SamplerDynamicTSNR tables")
def check_schedule(golden: Golden, compare: Compare) -> None:
    tables = schedule.schedule()
    compare.output("betas_before_f64", tables.betas, 1e-6)
    compare.output("betas_ztsnr_f64", tables.betas_zero_snr, 1e-6)
    compare.output("alphas_cumprod", tables.alphas_cumprod, 1e-6)
    compare.output("sqrt_alphas_cumprod", tables.sqrt_alphas_cumprod, 1e-6)
    compare.output("sqrt_one_minus_alphas_cumprod", tables.sqrt_one_minus_alphas_cumprod, 1e-6)
    compare.output("scale_arr", tables.scale, 1e-6)
    for steps in golden.meta["steps"]:
        _check_steps(compare, steps)
    x0, noise, t = golden.tensor("x0"), golden.tensor("noise"), golden.tensor("t")
    compare.output("ground_truth_xt", _add_noise(x0, noise, t), 1e-6)
    compare.output("ground_truth_v", _velocity(x0, noise, t), 1e-6)
    for name in golden.outputs:
        head, _, last = name.rpartition("_")
        match head:
            case "pred_x0":
                compare.output(name, schedule.predict_x0(x0, noise, int(last)), 1e-6)
            case "pred_eps":
                compare.output(name, schedule.predict_eps(x0, noise, int(last)), 1e-6)
            case "rescale_cfg":
                guided = rescale_guidance(golden.tensor("cfg"), golden.tensor("text"), float(last))
                compare.output(name, guided, 1e-6)


def _check_steps(compare: Compare, steps: int) -> None:
    ascending = schedule.timesteps(steps)
    previous = schedule.previous_timesteps(ascending)
    compare.output(f"timesteps_{steps}", torch.tensor(ascending))
    compare.output(f"timesteps_prev_{steps}", torch.tensor(previous))
    numbers = [schedule.step_coefficients(t, prev) for t, prev in zip(ascending, previous, strict=True)]
    compare.output(f"sigmas_{steps}", torch.tensor([c.sigma for c in numbers]))
    radicand = torch.tensor([1 - c.sqrt_a_prev**2 - c.sigma**2 for c in numbers], dtype=torch.float64)
    compare.output(f"dir_radicand_{steps}", radicand)


@handles("tsnr_loop", what="SamplerDynamicTSNR.forward")
def check_loop(golden: Golden, compare: Compare) -> None:
    unet = build_unet(golden)
    for call in golden.meta["calls"]:
        index = call["index"]
        inputs = golden.arguments(str(index))
        noises = inputs["noises"] if "noises" in inputs else _draw(call["seed"], call["latent_shape"], call["steps"])
        if "noise_first" in inputs:
            compare.equal(f"{index}.noise_first", bool((noises[0] == inputs["noise_first"]).all()), True)
            compare.equal(f"{index}.noise_last", bool((noises[-1] == inputs["noise_last"]).all()), True)
        guides = IntervalConditions(
            inputs["pos.context_text"],
            inputs["pos.context_img"],
            inputs["neg.context_text"],
            inputs["neg.context_img"],
            inputs["concat_cond"],
            call["fs"],
        )
        latents = _sample(unet, guides, call["cfg_scale"], noises, call["steps"])
        compare.output(f"{index}.latents", latents, 2e-4)


def _draw(seed: int, shape: list[int], steps: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randn(shape, generator=generator) for _ in range(steps + 1)])


def _sample(unet: UNet3D, guides: IntervalConditions, scale: float, noises: Tensor, steps: int) -> Tensor:
    later: Iterator[Tensor] = iter(noises[1:])
    return result(sample_ddim(guided_velocity(unet, guides, scale), noises[0], lambda: next(later), steps))


@handles("clip_vision", what="ImprovedCLIPVisionModelWithProjection")
def check_image_encoder(golden: Golden, compare: Compare) -> None:
    encoder = build_image_encoder(golden)
    for call in golden.meta["calls"]:
        size = f"{call['H']}x{call['W']}"
        x = _waves(call["B"], call["H"], call["W"], call["k"])
        compare.output(f"{size}.input_sub16", x[:, :, ::16, ::16], 1e-4)
        pixels = encoder.preprocess(x)
        compare.output(f"{size}.preprocessed_sub14", pixels[:, :, ::14, ::14], 1e-4)
        compare.output(f"{size}.embeddings_first8", encoder.embed(pixels)[:, :8], 1e-4)
        compare.output(f"{size}.last_hidden_state", encoder(x), 1e-4)
    for name in golden.outputs:
        size, _, what = name.partition(".")
        if size.startswith("zeros_"):
            height, width = (int(side) for side in size.removeprefix("zeros_").split("x"))
            compare.output(name, encoder(torch.zeros(1, 3, height, width)), 1e-4)
        elif what == "pos_nearest_first_col":
            height, width = (int(side) for side in size.split("x"))
            rows, columns = (side // 14 for side in encoder.preprocess(torch.zeros(1, 3, height, width)).shape[2:])
            compare.output(name, encoder.positions(rows, columns)[1:, :4], 1e-4)


def _waves(batch: int, height: int, width: int, k: float) -> Tensor:
    axes = (torch.arange(n, dtype=torch.float64) for n in (batch, 3, height, width))
    b, c, i, j = torch.meshgrid(*axes, indexing="ij")
    waves = 0.6 * torch.sin(0.071 * (c + 1) * i + 0.053 * (b + 1) * j + 0.9 * c + k)
    return (waves + 0.4 * torch.cos(0.0041 * (i - 20) * (j - 33) / (b + 2) + k)).float()


@handles("image_projection", what="Resampler.forward")
def check_projection(golden: Golden, compare: Compare) -> None:
    projection = build_projection(golden)
    for name in golden.outputs:
        call = name.removesuffix(".y")
        compare.output(name, projection(golden.tensor(f"{call}.x")), 1e-4)
