"""The parts of the benchmark that ask of one technique each what it gives."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from functools import partial

import torch
from gpu_models import Bench
from gpu_rows import Row, Table
from gpu_sections import GUIDANCE, Flops, MakeBench, seconds_of, twice
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from paints_undo_engine.diffusion.attention import attend, select_backend
from paints_undo_engine.diffusion.interpolation.attention_blocks import FeedForward
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.layers import channels_last, time_convolution
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.diffusion.residency.streaming import WeightStream

BACKENDS = (
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.MATH,
)


def presets(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """One interval under every preset, with the calls of the UNet that it makes; the solver costs nothing beside."""
    here = bench()
    here.interval(steps=2)
    for preset, shortcuts in PRESETS.items():
        steps = shortcuts.steps(here.sizes.steps)
        table.reset_peak()
        seconds = seconds_of(table, lambda s=shortcuts, n=steps: here.interval(steps=n, shortcuts=s))
        total = here.sizes.intervals * seconds
        note = f"{steps} steps, eager; {total:.1f} s for the intervals of a job, without its keyframes"
        table.add(Row("preset", f"one interval, {preset}", seconds, peak_gib=table.peak(), note=note))


def whole_step(table: Table, bench: MakeBench, flops: Flops) -> None:
    """A guided step recorded as a CUDA graph, with tuned convolutions, and with two intervals in a batch."""
    here = bench()
    guides = here.conditions(here.ends(), here.ends())
    unet = here.component("multi_frame/unet")
    x = here.random(*guides.concat.shape, dtype=torch.float32)
    tflop = twice(flops.get("multi_frame/unet 16x448x384"))
    velocity = guided_velocity(unet, guides, GUIDANCE)
    table.time("step", "eager", lambda: velocity(x, 500), tflop)
    table.guarded("step", "CUDA graph", lambda: _graph(table, lambda: velocity(x, 500), tflop))
    double = _twice_the_clips(guides)
    both = guided_velocity(unet, double, GUIDANCE)
    x2 = torch.cat([x, x])
    table.time("step", "two intervals in one batch", lambda: both(x2, 500), twice(tflop), note="for two intervals")
    torch.backends.cudnn.benchmark = True
    try:
        table.time("step", "convolutions tuned by trial", lambda: velocity(x, 500), tflop)
    finally:
        torch.backends.cudnn.benchmark = False


def _twice_the_clips(guides: IntervalConditions) -> IntervalConditions:
    image, concat = torch.cat([guides.image] * 2), torch.cat([guides.concat] * 2)
    return IntervalConditions(guides.text, image, guides.negative_text, guides.negative_image, concat)


def _graph(table: Table, step: Callable[[], Tensor], tflop: float | None) -> None:
    if table.device.type != "cuda":
        table.add(Row("step", "CUDA graph", note="only on CUDA"))
        return
    with torch.inference_mode():
        stream = torch.cuda.Stream(table.device)
        stream.wait_stream(torch.cuda.current_stream(table.device))
        with torch.cuda.stream(stream):
            for _ in range(2):
                step()
        torch.cuda.current_stream(table.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            out = step()
    table.time("step", "CUDA graph", graph.replay, tflop)
    del out, graph


def attention_kernels(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """Attention at the uppermost level by every kernel: over a frame's pixels, over time, to the text."""
    here = bench()
    frames = here.sizes.frames
    pixels = here.sizes.clip[0] * here.sizes.clip[1] // 64
    wide = (2 * frames, pixels, 5, 64)
    shapes = {
        "over pixels": (wide, wide),
        "over time": ((2, frames, pixels * 5, 64), (2, frames, pixels * 5, 64)),
        "to the text": ((2, frames * pixels, 5, 64), (2, 77, 5, 64)),
    }
    for what, (queries, keys) in shapes.items():
        q, k, v = here.random(*queries), here.random(*keys), here.random(*keys)
        tflop = 4 * queries[0] * queries[1] * queries[2] * keys[1] * 64 / 1e12
        work = partial(attend, q, k, v)
        table.time("attention", f"{what}, chosen by torch", work, tflop)
        for backend in BACKENDS:
            name = f"{what}, {backend.name.lower().replace('_attention', '')}"
            if backend is SDPBackend.MATH and what != "over time":
                continue  # the score matrix of all pixels takes gigabytes
            table.kernel("attention", name, lambda w=work, b=backend: _with(b, w), tflop)
        table.guarded("attention", what, partial(_xformers, table, f"{what}, xformers", work, tflop))


def _with(backend: SDPBackend, work: Callable[[], Tensor]) -> Tensor:
    with sdpa_kernel([backend]):
        return work()


def _xformers(table: Table, what: str, work: Callable[[], Tensor], tflop: float) -> None:
    if importlib.util.find_spec("xformers") is None:
        table.add(Row("attention", what, note="not installed"))
        return
    select_backend("xformers")
    try:
        table.time("attention", what, work, tflop)
    finally:
        select_backend("sdpa")


def layers(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """Single layers of the uppermost level in the engine's form and in torch's own."""
    here = bench()
    channels, frames = (32 if here.tiny else 320), here.sizes.frames
    height, width = (side // 8 for side in here.sizes.clip)
    maps = here.random(2 * frames, channels, height, width).contiguous(memory_format=torch.channels_last)
    norm = nn.GroupNorm(32, channels).to(here.device, here.dtype)
    table.time("layers", "GroupNorm and back to channels last, torch's own", lambda: _and_back(norm, maps))
    own = nn.Sequential(nn.GroupNorm(32, channels).to(here.device, here.dtype))
    channels_last(own)
    table.time("layers", "GroupNorm, channels kept innermost", lambda: own(maps))
    conv = nn.Conv3d(channels, channels, (3, 1, 1), padding=(1, 0, 0)).to(here.device, here.dtype)
    tflop = 2 * 3 * channels * maps.numel() / 1e12
    clips = maps.unflatten(0, (2, frames)).transpose(1, 2)
    plain = clips.contiguous()
    table.time("layers", "convolution over time, Conv3d, plain layout", lambda: conv(plain), tflop)
    channels_last(conv)
    table.time("layers", "convolution over time, Conv3d, channels last", lambda: conv(clips), tflop)
    work = lambda: time_convolution(conv, clips.flatten(3))  # noqa: E731
    table.time("layers", "convolution over time as one over a plane", work, tflop)
    tokens = here.random(2 * frames * height * width, channels)
    forward = FeedForward(channels).to(here.device, here.dtype)
    tflop = 2 * 12 * channels * tokens.numel() / 1e12
    table.time("layers", "feed-forward", lambda: forward(tokens), tflop)


def _and_back(norm: nn.Module, maps: Tensor) -> Tensor:
    out: Tensor = norm(maps)
    return F.silu(out).contiguous(memory_format=torch.channels_last)


def moving(table: Table, bench: MakeBench, _flops: Flops) -> None:
    """Bringing the 3D UNet's weights to the device, from pageable and from pinned memory."""
    here: Bench = bench()
    home = [parameter.cpu() for parameter in here.component("multi_frame/unet").parameters()]
    size = sum(t.numel() * t.element_size() for t in home) / 2**30
    here.made.clear()
    table.release()
    note = f"{size:.2f} GiB"
    table.time("moving", "3D UNet to the device, pageable", lambda: [t.to(here.device) for t in home], note=note)
    if table.device.type == "cuda":
        started = time.perf_counter()
        pinned = [t.pin_memory() for t in home]
        note = f"{size:.2f} GiB; pinning took {time.perf_counter() - started:.2f} s"
        work = lambda: [t.to(here.device, non_blocking=True) for t in pinned]  # noqa: E731
        table.time("moving", "3D UNet to the device, pinned", work, note=note)
    _streamed(table, bench())


def _streamed(table: Table, here: Bench) -> None:
    """A step of one side of the guidance with all weights on the device, and with blocks that come and go."""
    guides = here.conditions(here.ends(), here.ends())
    unet = here.component("multi_frame/unet")
    velocity = guided_velocity(unet, guides, GUIDANCE, batched=False)
    x = here.random(*guides.concat.shape, dtype=torch.float32)
    with torch.inference_mode():
        want = velocity(x, 500)
    table.time("moving", "guided step, two calls, all weights there", lambda: velocity(x, 500))
    stream = WeightStream(unet.blocks(), here.device)
    stream.open()
    table.time("moving", "guided step, two calls, weights streamed by blocks", lambda: velocity(x, 500))
    with torch.inference_mode():
        error = ((velocity(x, 500) - want).abs().max() / want.std()).item()
    stream.close()
    verdict = "agrees" if error == 0 else "failed: differs"
    table.add(Row("agreement", "streamed weights against all there: max error / std", value=error, note=verdict))
