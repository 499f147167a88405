"""Compiled blocks: made beside the work, used from the next unit on, with the same results; eager where that fails."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._dynamo.backends.debugging import aot_eager

from diffusion.interpolation.networks import conditions, noise, small_unet, small_vae
from paints_undo_daemon.cli import checks
from paints_undo_daemon.cli.check import CheckResult
from paints_undo_daemon.settings import Settings
from paints_undo_engine.diffusion import compile_state
from paints_undo_engine.diffusion.compile_state import CompileState
from paints_undo_engine.diffusion.compiling import Compiler, repeated_blocks
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.speed import lay_out

CPU = torch.device("cpu")


def few_blocks() -> UNet3D:
    return small_unet(channel_mult=[1], attention_resolutions=[1], addition_attention=False)


@torch.inference_mode()
def run(unet: UNet3D, frames: int = 4) -> Tensor:
    guides = conditions(frames=frames)
    context = Context(guides.text, guides.image)
    out: Tensor = unet(noise(1, 4, frames, 4, 6), torch.tensor([5.0]), context, guides.concat)
    return out


def test_blocks_are_compiled_beside_the_work_and_used_from_the_next_unit_on(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled_in: list[int] = []
    processes: set[int | None] = set()
    monkeypatch.setenv("TORCHINDUCTOR_COMPILE_THREADS", "3")

    def backend(graph: Any, inputs: Any) -> Any:
        compiled_in.append(len(inputs))
        processes.add(torch._inductor.config.compile_threads)
        return aot_eager(graph, inputs)

    unet = few_blocks()
    plain = run(unet)
    compiler = Compiler(CPU, backend=backend)
    compiler.attach(unet.middle_block)
    compiler.begin()
    assert torch.equal(run(unet), plain)
    compiler.wait()
    assert not compiler.active
    graphs = len(compiled_in)
    assert 0 < graphs == compiler.state.graphs < len(list(repeated_blocks(unet.middle_block)))
    assert torch.equal(run(unet), plain)
    compiler.begin()
    assert compiler.active
    torch.testing.assert_close(run(unet), plain)
    assert processes == {3}
    assert len(compiled_in) == graphs, "the work had to wait for a compiler"
    assert compiler.state.state == "ready"
    assert torch.equal(run(unet, frames=2), run(few_blocks(), frames=2))
    compiler.close()
    compiler.wait()
    assert torch.equal(run(unet), plain)


def test_where_compiling_fails_everything_runs_as_it_was() -> None:
    def broken(_graph: Any, _inputs: Any) -> Callable[..., Any]:
        raise RuntimeError("no compiler here")

    torch.compiler.reset()
    unet = few_blocks()
    plain = run(unet)
    compiler = Compiler(CPU, backend=broken)
    compiler.attach(unet)
    for _ in range(2):
        compiler.begin()
        assert torch.equal(run(unet), plain)
        compiler.wait()
    assert not compiler.active
    assert compiler.state.state == "failed"
    assert "no compiler here" in compiler.state.text


def test_where_memory_is_short_compiling_is_tried_again_later() -> None:
    full = [True]

    def backend(graph: Any, inputs: Any) -> Any:
        compiled = aot_eager(graph, inputs)

        def run(*args: Any) -> Any:
            if full[0]:
                raise torch.OutOfMemoryError("no room")
            return compiled(*args)

        return run

    torch.compiler.reset()
    unet = few_blocks()
    plain = run(unet)
    compiler = Compiler(CPU, backend=backend)
    compiler.attach(unet.middle_block)
    assert torch.equal(run(unet), plain)
    compiler.wait()
    assert compiler.state.state == "waiting"
    full[0] = False
    compiler.begin()
    compiler.wait()
    compiler.begin()
    assert compiler.active
    torch.testing.assert_close(run(unet), plain)
    compiler.close()


def test_nothing_is_compiled_unless_wanted() -> None:
    unet = few_blocks()
    compiler = Compiler(CPU, on=False)
    compiler.attach(unet)
    assert compiler.state.state == "off"
    assert not any("forward" in block.__dict__ for block in repeated_blocks(unet))


def test_the_cache_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TORCHINDUCTOR_CACHE_DIR", "TORCHINDUCTOR_FX_GRAPH_CACHE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(compile_state, "cache_folder", lambda: tmp_path / "cache" / "compiled")
    assert compile_state.read_state() is None
    assert "not tried yet" in checks.compiled_blocks(Settings(compiling="on")).text
    folder = compile_state.use_cache()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    state = CompileState("ready", "Blocks are compiled.", 24, 60.5, "2", "cuda:0")
    compile_state.write_state(state)
    assert compile_state.read_state() == state
    assert "24 shapes in 60 s" in checks.compiled_blocks(Settings(compiling="on")).text
    compile_state.write_state(replace(state, state="failed", text="No Triton."))
    failed = checks.compiled_blocks(Settings(compiling="on"))
    assert failed.verdict is CheckResult.NOTE
    assert "No Triton." in failed.text
    assert "switched off" in checks.compiled_blocks(Settings(compiling="off")).text
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "cache" / "compiled" / "state.json").unlink()
    folder.rmdir()
    folder.symlink_to(elsewhere)
    with pytest.raises(PermissionError):
        compile_state.use_cache()


def test_on_the_cpu_components_stay_as_they_were_read() -> None:
    vae = small_vae()
    layout = {name: parameter.stride() for name, parameter in vae.named_parameters()}
    lay_out(vae, CPU)
    assert {name: parameter.stride() for name, parameter in vae.named_parameters()} == layout
