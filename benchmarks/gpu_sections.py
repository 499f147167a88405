"""The parts of the benchmark, in the order in which they run: what is wanted most comes first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import torch
from gpu_models import Bench, finish, make
from gpu_rows import Row, Table
from torch import Tensor, nn

from paints_undo_engine.diffusion.attention import attend
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import reference_maps
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.diffusion.residency.plans import PLANS, ResidencyPlan
from paints_undo_engine.diffusion.speed import lay_out
from paints_undo_engine.request import Preset, TemporalWindow

MakeBench = Callable[..., Bench]
Flops = Mapping[str, float]
GUIDANCE = 7.5
TIMES = 20
"""Enough for the clocks that long work has."""


def matrix_products(table: Table, tiny: bool) -> None:
    """The rate of a large matrix product in the models' dtype: what every share is of."""
    n = 256 if tiny else 8192
    dtype = torch.float16 if table.device.type != "cpu" else torch.float32
    a, b = (torch.randn(n, n, device=table.device, dtype=dtype) for _ in range(2))
    tflop = 2 * n**3 / 1e12
    out = torch.empty(n, n, device=table.device, dtype=dtype)

    def products() -> None:
        for _ in range(TIMES):
            torch.mm(a, b, out=out)

    what = f"{TIMES} matrix products {n} x {n} x {n} {dtype}"
    table.rate = TIMES * tflop / table.time("machine", what, products, TIMES * tflop)


def kernels_for_time(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """Attention over time has thousands of heads; where a kernel cannot do that, it is left out for this run."""
    here = bench()
    heads = here.sizes.clip[0] * here.sizes.clip[1] // 64 * 5
    q = here.random(2, here.sizes.frames, heads, 64)
    for note in ("all kernels allowed", "without cuDNN's kernel", "without cuDNN's and flash"):
        try:
            finite = bool(attend(q, q, q).isfinite().all())
            table.add(Row("agreement", "attention over time runs", value=float(finite), note=note))
            return
        except RuntimeError as error:
            text = " ".join(str(error).split())[:120]
            table.add(Row("agreement", "attention over time does not run", note=f"{note}: {text}"))
        torch.backends.cuda.enable_flash_sdp(torch.backends.cuda.cudnn_sdp_enabled())
        torch.backends.cuda.enable_cudnn_sdp(False)


def agreement(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """Small models on the device in its dtype against the same on the CPU in float32."""
    here = bench()
    for fast in (False, True):
        exact = make("multi_frame/unet", torch.device("cpu"), torch.float32, tiny=True)
        there = make("multi_frame/unet", torch.device("cpu"), torch.float32, tiny=True).to(here.device, here.dtype)
        if fast:
            lay_out(there, here.device)
        x, concat = torch.randn(1, 4, 16, 8, 12), torch.randn(1, 4, 16, 8, 12)
        text, image = torch.randn(1, 77, 1024), torch.randn(1, 16, 4, 1024)
        t = torch.tensor([500.0])
        want = exact(x, t, Context(text, image), concat)
        moved = [v.to(here.device, here.dtype) for v in (x, text, image, concat)]
        got = there(moved[0], t.to(here.device), Context(moved[1], moved[2]), moved[3])
        error = ((got.float().cpu() - want).abs().max() / want.std()).item()
        verdict = "agrees" if error < 0.1 else "failed: further off than 0.1"
        layout = "channels last, fused" if fast else "plain"
        what = f"3D UNet, small, {layout}: max error / std"
        table.add(Row("agreement", what, value=error, note=f"{verdict}; {here.dtype} against float32 on the CPU"))


def unet_steps(table: Table, bench: MakeBench, flops: Flops) -> None:
    """One guided step of the 3D UNet, the technique added from row to row."""
    tflop = twice(flops.get("multi_frame/unet 16x448x384"))
    for published in (True, False):
        here = bench(published=published)
        guides = here.conditions(here.ends(), here.ends())
        unet = here.component("multi_frame/unet")
        x = here.random(*guides.concat.shape, dtype=torch.float32)
        layout = "plain layout" if published else "channels last, fused projections"
        if published:
            fresh = partial(_fresh_step, unet, guides, x)
            table.time("3D UNet", "guided step, published order (two calls, no kept keys)", fresh, tflop)
        for batched in (False, True):
            velocity = guided_velocity(unet, guides, GUIDANCE, batched=batched)
            calls = "one batched call" if batched else "two calls"
            table.time("3D UNet", f"guided step, {calls}, {layout}", lambda v=velocity, x=x: v(x, 500), tflop)
        if not published:
            for window in list(TemporalWindow)[1:]:
                velocity = guided_velocity(unet, guides, GUIDANCE, window=window)
                table.time("3D UNet", f"guided step, window {window}", lambda v=velocity, x=x: v(x, 500))


def _fresh_step(unet: UNet3D, guides: IntervalConditions, x: Tensor) -> Tensor:
    return guided_velocity(unet, guides, GUIDANCE, batched=False)(x, 500)


def interpolation_components(table: Table, bench: MakeBench, flops: Flops) -> None:
    """Everything of the multi-frame model beside its UNet."""
    here = bench()
    size = "x".join(str(side) for side in here.sizes.clip)
    pictures = here.random(2, 3, *here.sizes.clip).clamp(-1, 1)
    vae = here.component("multi_frame/vae")
    table.time(
        "video VAE", "encode 2 pictures", lambda: vae.encode(pictures), flops.get(f"multi_frame/vae encode 2x{size}")
    )
    references = reference_maps(vae.encode(pictures).hidden)
    frames = here.sizes.frames
    z = here.random(frames, 4, *references[-2].shape[3:])
    tflop = flops.get(f"multi_frame/vae decode {frames}x{size}")
    table.time("video VAE", f"decode {frames} frames at once", lambda: vae.decode(z, references, frames), tflop)
    for chunk, on_cpu in ((4, False), (1, False), (1, True)):
        work = lambda c=chunk, o=on_cpu: finish(  # noqa: E731
            decode_streamed(vae, z, references, frames, chunk=c, on_cpu=o)
        )
        where = ", clips on the CPU" if on_cpu else ""
        table.time("video VAE", f"decode {frames} frames, {chunk} at a time{where}", work, tflop)
    encoder = here.component("multi_frame/image_encoder")
    tokens = encoder(pictures)
    tflop = flops.get(f"multi_frame/image_encoder 2x{size}")
    table.time("conditions", "image encoder, 2 pictures", lambda: encoder(pictures), tflop)
    projection = here.component("multi_frame/image_projection")
    tflop = flops.get(f"multi_frame/image_projection 2x{tokens.shape[1]}")
    table.time("conditions", "image projection", lambda: projection(tokens[None]), tflop)
    for model in ("single_frame", "multi_frame"):
        text = here.component(f"{model}/text_encoder")
        ids = torch.zeros(1, 77, dtype=torch.int64, device=here.device)
        tflop = flops.get(f"{model}/text_encoder 1x77")
        table.time("conditions", f"text encoder ({model})", lambda e=text, i=ids: e(input_ids=i), tflop)


def keyframe_components(table: Table, bench: MakeBench, flops: Flops) -> None:
    """The single-frame model."""
    here = bench()
    height, width = here.sizes.keyframe
    size = f"{height}x{width}"
    unet, vae = here.component("single_frame/unet"), here.component("single_frame/vae")
    dim = unet.config.cross_attention_dim
    for batch in (1, 2 * here.sizes.keyframes):
        x, painting = here.random(batch, 4, height // 8, width // 8), here.random(1, 4, height // 8, width // 8)
        steps = torch.zeros(batch, dtype=torch.int64, device=here.device)
        arguments = (x, 500, here.random(batch, 77, dim), painting, steps)
        work = lambda a=arguments: unet(*a)  # noqa: E731
        tflop = flops.get(f"single_frame/unet 1x{size}")
        table.time("keyframes", f"UNet, batch of {batch}", work, None if tflop is None else batch * tflop)
    picture = here.random(1, 3, height, width, dtype=vae.dtype)
    latent = here.random(1, 4, height // 8, width // 8, dtype=vae.dtype)
    tflop = flops.get(f"single_frame/vae encode 1x{size}")
    table.time("keyframes", "VAE encode", lambda: vae.encode(picture), tflop)
    tflop = flops.get(f"single_frame/vae decode 1x{size}")
    table.time("keyframes", "VAE decode", lambda: vae.decode(latent), tflop)


def default_job(table: Table, bench: MakeBench, flops: Flops) -> None:
    """The whole default job with everything on the device; from one interval when the time does not suffice for all."""
    job(table, bench(), "whole default job, exact, eager", flops, most=2)


def published_job(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """The same computed in the published order, from one interval."""
    here = bench(published=True)
    with torch.inference_mode():
        here.keyframes(steps=1)
        here.interval(steps=1)
    keyframes = seconds_of(table, here.keyframes)
    interval = seconds_of(table, here.interval)
    total = keyframes + here.sizes.intervals * interval
    note = f"keyframes {keyframes:.1f} s, one interval {interval:.1f} s measured, multiplied"
    table.add(Row("job", "whole default job, published order, nothing moved", total, note=note))
    home = {name: module.cpu() for name, module in here.made.items() if name.startswith("multi_frame")}
    started = time.perf_counter()
    for module in home.values():
        module.to(here.device)
    table.wait()
    moving = time.perf_counter() - started
    total += here.sizes.intervals * moving
    note = f"with {moving:.2f} s of moving components for every interval"
    table.add(Row("job", "whole default job, published order, moving", total, note=note))


def memory_plans(table: Table, bench: MakeBench, flops: Flops) -> None:
    """Peak memory of every plan over a job with few steps, moves included, on a card of no more than its budget."""
    homes: dict[str, nn.Module] = {}
    for plan in PLANS:
        table.guarded("plan", plan.name, lambda p=plan: _plan(table, bench(homes=homes), p), 0 if not flops else 15)


def _plan(table: Table, here: Bench, plan: ResidencyPlan) -> None:
    here.under(plan)
    residency = here.residency
    assert residency is not None
    for component in residency.components.values():
        component.module(plan)
    table.release()
    table.reset_peak()
    with _no_larger_than(plan.budget, table.device), torch.inference_mode():
        started = time.perf_counter()
        here.keyframes(plan, steps=1)
        here.interval(plan, steps=2)
        table.wait()
        seconds = time.perf_counter() - started
    note = f"1 keyframe step, 2 interval steps, moving included; budget {plan.budget / 2**30:.0f} GiB"
    peak = None
    if table.device.type == "cuda":
        held = torch.cuda.max_memory_reserved(table.device) / 2**30
        peak = held + _beside_torch(table.device) / 2**30
        kept = "within its budget" if peak <= plan.budget / 2**30 else "failed: over its budget"
        note += f", {kept}; tensors {table.peak():.2f}, held by torch {held:.2f}, the rest is the driver's"
    table.add(Row("plan", plan.name, seconds, peak_gib=peak, note=note))
    residency.clear()


def _beside_torch(device: torch.device) -> int:
    """Bytes of the card's memory that this process's tensors do not have: the driver's, and other programs'."""
    free, total = torch.cuda.mem_get_info(device)
    return int(total - free - torch.cuda.memory_reserved(device))


@contextmanager
def _no_larger_than(size: int, device: torch.device) -> Iterator[None]:
    """A card of `size` bytes: on a large one torch holds more than it needs, because nothing makes it give back."""
    if device.type != "cuda":
        yield
        return
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, (size - _beside_torch(device)) / total), device.index or 0)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device.index or 0)


def job(table: Table, here: Bench, what: str, flops: Flops, *, most: int = 99, preset: Preset = Preset.EXACT) -> None:
    """A whole job, of which `most` intervals at most are made, and no more than leave time for what follows."""
    shortcuts = PRESETS[preset]
    steps = shortcuts.steps(here.sizes.steps)
    keyframes_once = partial(here.keyframes, steps=steps)
    interval_once = partial(here.interval, steps=steps, shortcuts=shortcuts)
    with torch.inference_mode():
        here.keyframes(steps=1)
        here.interval(steps=min(steps, 4), shortcuts=shortcuts)
    table.release()
    table.reset_peak()
    interval = seconds_of(table, interval_once)
    keyframes = seconds_of(table, keyframes_once)
    measured = 1
    while measured < min(most, here.sizes.intervals) and table.left > 3 * interval / measured:
        interval += seconds_of(table, interval_once)
        measured += 1
    total = keyframes + interval * here.sizes.intervals / measured
    note = f"keyframes {keyframes:.2f} s, {measured} of {here.sizes.intervals} intervals measured"
    tflop = None if not flops or preset is not Preset.EXACT else _job_tflop(flops, here)
    rate = None if tflop is None else tflop / total
    share = None if rate is None or table.rate is None else rate / table.rate
    table.add(Row("job", what, total, tflop, rate, share, table.peak(), note=note))


def _job_tflop(flops: Flops, here: Bench) -> float:
    sizes = here.sizes
    clip = "x".join(str(side) for side in sizes.clip)
    keyframe = "x".join(str(side) for side in sizes.keyframe)
    keyframes = 2 * sizes.steps * sizes.keyframes * flops[f"single_frame/unet 1x{keyframe}"]
    keyframes += sizes.keyframes * flops[f"single_frame/vae decode 1x{keyframe}"]
    interval = 2 * sizes.steps * flops[f"multi_frame/unet {sizes.frames}x{clip}"]
    interval += flops[f"multi_frame/vae decode {sizes.frames}x{clip}"] + flops[f"multi_frame/vae encode 2x{clip}"]
    return keyframes + sizes.intervals * interval


def seconds_of(table: Table, work: Callable[[], object]) -> float:
    """Seconds of one call, the device's work included."""
    table.wait()
    started = time.perf_counter()
    with torch.inference_mode():
        work()
    table.wait()
    return time.perf_counter() - started


def twice(value: float | None) -> float | None:
    """Of what takes both sides of the guidance."""
    return None if value is None else 2 * value
