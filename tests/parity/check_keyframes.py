"""Parity of the single-frame model: network, schedule, solver, the whole stage, and the picture helpers."""

from __future__ import annotations

import re

import torch

from paints_undo_engine.checkpoints.loading import load
from paints_undo_engine.diffusion.keyframes.sampler import Conditions, Guidance, draw_noise, sample
from paints_undo_engine.diffusion.keyframes.schedule import Schedule, linear_betas, make_schedule, published_schedule
from paints_undo_engine.diffusion.keyframes.unet import KeyframeUNet, build_unet
from paints_undo_engine.diffusion.keyframes.vae import decode, encode, load_vae
from paints_undo_engine.diffusion.pixels import to_pixels_truncated, to_signed
from paints_undo_engine.diffusion.text import Tokenizer, encode_prompt, load_text_encoder
from paints_undo_engine.painting import fit_to
from paints_undo_engine.request import Fit
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles

PROBES = [0, 1, 400, 999]
MIXED = {"torch.float32": torch.float32, "torch.float16": torch.float16, "torch.bfloat16": torch.bfloat16}


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


def schedule_of(name: str) -> Schedule:
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
        conditions = Conditions(
            positive=golden.tensor("prompt_embeds"),
            negative=golden.tensor("negative_prompt_embeds"),
            painting=golden.tensor("concat_conds"),
            operation_steps=coded.repeat(call["batch_size"] // len(coded)),
        )
        batch = 1 if call["same_noise_in_batch"] else call["batch_size"]
        noise = draw_noise((batch, *golden.tensor(call["initial"]).shape[1:]), call["seed"])
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
                initial=golden.tensor(call["initial"]),
            )
        )
        compare.output(f"{index}.denoised_first", steps[0].denoised, 2e-4)
        compare.output(f"{index}.denoised_last", steps[-1].denoised, 2e-4)
        compare.output(f"{index}.latents", steps[-1].x, 2e-4)


@handles("e2e_single", what="gradio_app.process")
def check_whole(golden: Golden, compare: Compare) -> None:
    meta = golden.meta
    mixed = meta["dtypes"]["latents"] != "torch.float32"
    dtype = MIXED[meta["dtypes"]["latents"]]
    tolerance = 0.3 if mixed else 2e-4
    tokenizer = Tokenizer(golden.repo("single_frame", "tokenizer"))
    encoder = load_text_encoder(golden.repo("single_frame", "text_encoder"), dtype=dtype)
    vae = load_vae(golden.repo("single_frame", "vae"), dtype=torch.bfloat16 if mixed else torch.float32)

    cropped = fit_to(golden.image("image"), meta["image_width"], meta["image_height"], Fit.CROP).pixels
    painting = encode(vae, to_signed(cropped[None])).to(dtype)
    texts = [encode_prompt(encoder, tokenizer(meta[key]).ids) for key in ("prompt", "n_prompt")]
    noise = draw_noise(tuple(painting.shape), meta["seed"], dtype)
    if golden.has("noise"):
        stored = golden.tensor("noise")
        compare.relative("noise of seed", noise, stored, 0)
        noise = stored
    conditions = Conditions(texts[0], texts[1], painting, golden.tensor("operation_steps"))
    *_, last = sample(
        unet_of(golden, dtype),
        conditions,
        noise,
        steps=meta["steps"],
        guidance=Guidance(meta["cfg"], half_timesteps=mixed),
        schedule=published_schedule(),
    )
    decoded = decode(vae, last.x.to(dtype))
    results = {
        "concat_conds": painting,
        "conds": texts[0],
        "unconds": texts[1],
        "latents": last.x,
        "decoded_first": decoded[:1],
    }
    for name, value in results.items():
        if name in golden.outputs:
            compare.output(name, value.float(), tolerance)
    blank = torch.full((1, *cropped.shape), 255, dtype=torch.uint8)
    keyframes = torch.from_numpy(to_pixels_truncated(decoded))
    pixels = torch.cat([torch.from_numpy(cropped)[None], keyframes, blank])
    compare.levels("pixels", pixels, 16 if mixed else 1, 1.5 if mixed else None)
