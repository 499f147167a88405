"""Parity of the single-frame model: network, schedule and solver."""

from __future__ import annotations

import re

import torch

from paints_undo_engine.checkpoints.loading import load
from paints_undo_engine.diffusion.keyframes.sampler import Guidance, KeyframeConditions, sample
from paints_undo_engine.diffusion.keyframes.schedule import (
    KeyframeSchedule,
    linear_betas,
    make_schedule,
    published_schedule,
)
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet, build_unet
from paints_undo_engine.diffusion.noise import own_noise
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles

PROBES = [0, 1, 400, 999]


def unet_of(golden: Golden, dtype: torch.dtype = torch.float32) -> KeyframeUNet:
    with golden.weights("single_frame", "unet") as weights:
        return load(build_unet(golden.config("single_frame", "unet")), weights, dtype=dtype)


@handles("sf_unet", what="ModifiedUNet forward")
def check_unet(golden: Golden, compare: Compare) -> None:
    unet = unet_of(golden)
    steps = torch.tensor(PROBES)
    tables = {
        "time_proj": unet.time_proj(steps),
        "time_embedding": unet.time_embedding(unet.time_proj(steps)),
        "add_time_proj": unet.operation_sinusoid(steps),
        "add_embedding": unet.add_embedding(unet.operation_sinusoid(steps)),
    }
    for name in golden.outputs:
        if name in tables:
            compare.output(name, tables[name], 1e-4)
        if name.endswith(".eps"):
            given = golden.arguments(name.removesuffix(".eps"))
            epsilon = unet(
                given["sample"],
                given["timestep"],
                given["encoder_hidden_states"],
                given["concat_conds"],
                given["coded_conds"],
            )
            compare.output(name, epsilon, 1e-4)


def schedule_of(name: str) -> KeyframeSchedule:
    if name == "linear":
        return published_schedule()
    assert name == "scaled"
    return make_schedule(linear_betas(0.00085**0.5, 0.012**0.5) ** 2)


@handles("kdiff_schedule", what="KModel / KDiffusionSampler schedule")
def check_schedule(golden: Golden, compare: Compare) -> None:
    for name in golden.outputs:
        kind, _, what = name.partition(".")
        schedule = schedule_of(kind)
        half = "fp16path" in what
        if what in ("sigmas", "log_sigmas"):
            compare.output(name, getattr(schedule, what), 1e-6)
        elif match := re.fullmatch(r"karras_(\d+)", what):
            compare.output(name, schedule.karras(int(match[1])), 1e-6)
        elif match := re.fullmatch(r"timestep_(?:fp16path_)?(\d+)", what):
            sigmas = golden.expected(f"{kind}.karras_{match[1]}")[:-1]
            compare.output(name, torch.tensor([schedule.timestep(sigma, half) for sigma in sigmas]))
        elif what == "probe_timestep":
            sigmas = golden.expected(f"{kind}.probe_sigma")
            compare.output(name, torch.tensor([schedule.timestep(sigma) for sigma in sigmas]))


@handles("kdiff_loop", what="KDiffusionSampler.__call__")
def check_loop(golden: Golden, compare: Compare) -> None:
    unet = unet_of(golden)
    coded = golden.tensor("coded_conds")
    for call in golden.meta["calls"]:
        index = call["index"]
        conditions = KeyframeConditions(
            positive=golden.tensor("prompt_embeds"),
            negative=golden.tensor("negative_prompt_embeds"),
            painting=golden.tensor("concat_conds"),
            operation_steps=coded.repeat(call["batch_size"] // len(coded)),
        )
        batch = 1 if call["same_noise_in_batch"] else call["batch_size"]
        noise = own_noise(call["seed"])((batch, *golden.tensor(call["initial"]).shape[1:]))
        if golden.has(f"{index}.noise"):
            stored = golden.tensor(f"{index}.noise")
            compare.relative(f"{index}.noise of seed", noise, stored, 0)
            noise = stored
        steps = list(
            sample(
                unet,
                conditions,
                noise,
                steps=call["num_inference_steps"],
                guidance=Guidance(call["guidance_scale"]),
                schedule=published_schedule(),
                strength=call["strength"],
                initial_bchw=golden.tensor(call["initial"]),
            )
        )
        compare.output(f"{index}.denoised_first", steps[0].denoised, 2e-4)
        compare.output(f"{index}.denoised_last", steps[-1].denoised, 2e-4)
        compare.output(f"{index}.latents", steps[-1].x, 2e-4)
