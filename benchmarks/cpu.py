"""The full-size networks on this machine's processor: the published order of calls against the engine's, in one run.

    python benchmarks/cpu.py [--json FILE] [--repeats 3] [--tiny]

Random weights, which cost the same, and small pictures, so that it takes minutes. Published: two calls for the
guidance, no kept keys and values, whole clips at once. Both orders take turns, so that what else the machine does hits
both. With bfloat16 where the processor has it.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from gpu_models import SMALL, Bench, Sizes, finish

from paints_undo_engine.diffusion.interpolation.guidance import guided_velocity
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import reference_maps
from paints_undo_engine.diffusion.residency.devices import has_bfloat16

CPU = torch.device("cpu")
SIZES = Sizes(keyframe=(256, 256), clip=(64, 96), frames=16, keyframes=2, intervals=1, steps=1)
Work = dict[str, Callable[[], object]]


def keyframe_step(bench: Bench) -> Work:
    """A guided step of the keyframe UNet for two keyframes: in two calls, and in one."""
    height, width = bench.sizes.keyframe
    unet = bench.component("single_frame/unet")
    x, painting = (bench.random(count, 4, height // 8, width // 8) for count in (2, 1))
    text = bench.random(2, 77, unet.config.cross_attention_dim)
    steps = torch.tensor([400, 800])

    def one(side: int) -> object:
        return unet(x, 500, text[side : side + 1].expand(2, -1, -1), painting, steps)

    doubled = (torch.cat([x, x]), 500, text.repeat_interleave(2, 0), painting, steps.repeat(2))
    return {"two calls": lambda: (one(0), one(1)), "one call": lambda: unet(*doubled)}


def interval_step(bench: Bench) -> Work:
    """A guided step of the 3D UNet: as published, and as the engine runs it."""
    guides = bench.conditions(bench.ends(), bench.ends())
    unet = bench.component("multi_frame/unet")
    x = bench.random(*guides.concat.shape, dtype=torch.float32)
    kept = guided_velocity(unet, guides, 7.5, batched=True)
    kept(x, 500)
    return {
        "published": lambda: guided_velocity(unet, guides, 7.5, batched=False)(x, 500),
        "kept keys, one call": lambda: kept(x, 500),
    }


def decoding(bench: Bench) -> Work:
    """A clip's decoding: at once, and in pieces."""
    vae = bench.component("multi_frame/vae")
    frames = bench.sizes.frames
    references = reference_maps(vae.encode(bench.random(2, 3, *bench.sizes.clip).clamp(-1, 1)).hidden)
    z = bench.random(frames, 4, *references[-2].shape[3:])

    def pieces(chunk: int) -> object:
        return finish(decode_streamed(vae, z, references, frames, chunk=chunk, on_cpu=False))

    return {"at once": lambda: vae.decode(z, references, frames), "4 frames at a time": lambda: pieces(4)}


@contextmanager
def made(dtype: torch.dtype, *, tiny: bool) -> Iterator[Bench]:
    bench = Bench(CPU, dtype, SMALL if tiny else SIZES, tiny)
    yield bench
    bench.made.clear()


def measure(work: Work, repeats: int) -> dict[str, float]:
    """Seconds of each way: the median of `repeats` rounds in which they take turns, after one that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(repeats + 1):
        for name, run in work.items():
            started = time.perf_counter()
            with torch.inference_mode():
                run()
            if turn:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(found) for name, found in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures here, after every row")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tiny", action="store_true", help="tiny networks, to see that it runs")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    dtypes = [torch.float32, *([torch.bfloat16] if has_bfloat16(CPU) else [])]
    print(f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    rows = []
    for part in (keyframe_step, interval_step, decoding):
        for dtype in dtypes:
            with made(dtype, tiny=options.tiny) as bench:
                for name, seconds in measure(part(bench), options.repeats).items():
                    row = {"part": part.__name__, "dtype": str(dtype).removeprefix("torch."), "way": name}
                    print(f"{row['part']:<15} {row['dtype']:<9} {name:<20} {seconds:8.3f} s", flush=True)
                    rows.append(row | {"seconds": seconds})
                    if options.json:
                        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
