"""The parts of the benchmark with compiled blocks: what compiling takes, and what it gives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from gpu_models import Bench
from gpu_rows import Row, Table
from gpu_sections import GUIDANCE, Flops, MakeBench, job, seconds_of, twice
from torch import Tensor

from paints_undo_engine.diffusion.interpolation.guidance import guided_velocity
from paints_undo_engine.diffusion.presets import PRESETS
from paints_undo_engine.request import Preset

if TYPE_CHECKING:
    from paints_undo_engine.diffusion.compiling import Compiler

OURS = "whole default job, exact"
PUBLISHED = "whole default job, published order"


def compiled(table: Table, bench: MakeBench, flops: Flops) -> None:
    """The repeated blocks compiled with nothing kept: the seconds that takes, a step, the default job."""
    torch.compiler.reset()
    processes = os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", str(max(1, (os.cpu_count() or 2) - 2)))
    here = bench()
    compiler = _compiler(here, flops)
    try:
        step = _guided_step(here)
        with torch.inference_mode():
            want = step()
        unet = here.component("multi_frame/unet")
        compiler.attach(unet.middle_block if here.tiny else unet)
        _learn(table, compiler, f"3D UNet, nothing kept, {processes} processes", step, leave=110)
        if not compiler.active:
            return
        with torch.inference_mode():
            error = ((step() - want).abs().max() / want.std()).item()
        verdict = "agrees" if error < 0.1 else "failed: further off than 0.1"
        table.add(Row("compiled", "guided step against eager: max error / std", value=error, note=verdict))
        table.time("compiled", "guided step, one batched call", step, twice(flops.get("multi_frame/unet 16x448x384")))
        if here.tiny or table.left > 200:  # else it would still be at it beside the job
            keyframes = here.component("single_frame/unet")
            compiler.attach(keyframes.mid_block if here.tiny else keyframes)
            _learn(table, compiler, "keyframe UNet, nothing kept", lambda: here.keyframes(steps=1), leave=100)
        table.guarded("job", "compiled", lambda: job(table, here, f"{OURS}, compiled and warm", flops))
    finally:
        _end(compiler)


def compiled_again(table: Table, bench: MakeBench, flops: Flops) -> None:
    """The same from what was kept, and then the preset `fast`."""
    torch.compiler.reset()
    here = bench()
    compiler = _compiler(here, flops)
    try:
        unet, keyframes = here.component("multi_frame/unet"), here.component("single_frame/unet")
        compiler.attach(unet.middle_block if here.tiny else unet)
        _learn(table, compiler, "3D UNet, from what was kept", _guided_step(here), leave=20)
        compiler.attach(keyframes.mid_block if here.tiny else keyframes)
        fast = PRESETS[Preset.FAST]

        def work() -> None:
            here.keyframes(steps=1)
            here.interval(steps=4, shortcuts=fast)

        _learn(table, compiler, "both for the preset fast", work, leave=20)
        job(table, here, "whole job, fast, compiled and warm", flops, preset=Preset.FAST)
    finally:
        _end(compiler)


def against_the_published(table: Table, _bench: MakeBench, _flops: Flops) -> None:
    """How many times as fast as in the published order the whole default job is."""
    jobs = {row.what: row.seconds for row in table.rows if row.section == "job" and row.seconds is not None}
    for ours in (what for what in jobs if what.startswith(OURS)):
        for theirs in (what for what in jobs if what.startswith(PUBLISHED)):
            way = theirs.removeprefix(PUBLISHED).strip(", ")
            what = f"times as fast as published ({way}):{ours.removeprefix(OURS).strip(',')}"
            table.add(Row("job", what, value=jobs[theirs] / jobs[ours]))


def _compiler(here: Bench, flops: Flops) -> Compiler:
    from paints_undo_engine.diffusion.compiling import Compiler  # needs packages that not every machine has

    return Compiler(here.device, backend="inductor" if flops else "aot_eager")


def _guided_step(here: Bench) -> Callable[[], Tensor]:
    guides = here.conditions(here.ends(), here.ends())
    x = here.random(*guides.concat.shape, dtype=torch.float32)
    velocity = guided_velocity(here.component("multi_frame/unet"), guides, GUIDANCE)
    return lambda: velocity(x, 500)


def _learn(table: Table, compiler: Compiler, what: str, work: Callable[[], object], leave: float) -> None:
    """Show the compiler the shapes, and begin a new unit when it has them, or when only `leave` seconds are left."""
    known, started = compiler.state.graphs, time.perf_counter()
    seconds_of(table, work)
    compiler.wait(max(5.0, table.left - leave))
    compiler.begin()
    state = compiler.state
    note = f"{state.state}: {state.graphs - known} shapes. {state.text}"
    table.add(Row("compiled", f"compiling beside the work: {what}", time.perf_counter() - started, note=note))


def _end(compiler: Compiler) -> None:
    """Nothing may be compiled beside what is measured next."""
    compiler.close()
    compiler.wait(60)
