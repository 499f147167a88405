"""Weights that pass through the device block by block: where they are when, with equal results."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.backends.debugging import aot_eager

from diffusion.interpolation.networks import conditions, noise, small_unet
from paints_undo_engine.diffusion.compiling import Compiler
from paints_undo_engine.diffusion.float8 import store_in_float8
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.guidance import guided_velocity
from paints_undo_engine.diffusion.interpolation.unet3d import DeepFeatures, UNet3D
from paints_undo_engine.diffusion.residency import streaming
from paints_undo_engine.diffusion.residency.accounting import Accelerator, weight_bytes
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.plans import plan_named
from paints_undo_engine.diffusion.residency.streaming import WeightStream, bytes_on_device

CPU, META = torch.device("cpu"), torch.device("meta")


def laid_out() -> UNet3D:
    unet = small_unet()
    unet.use_channels_last()
    unet.fuse_projections()
    return unet


def in_8_bits() -> UNet3D:
    unet = small_unet()
    store_in_float8(unet)
    return unet


def in_half() -> UNet3D:
    return small_unet().to(torch.bfloat16)


def step(unet: UNet3D, deep: DeepFeatures | None = None) -> Tensor:
    guides = conditions()
    dtype = unet.get_parameter("time_embed.0.weight").dtype
    x, t = noise(1, 4, 4, 4, 6, seed=9).to(dtype), torch.tensor([321.0])
    context = Context(guides.text.to(dtype), guides.image.to(dtype))
    with torch.inference_mode():
        out: Tensor = unet(x, t, context, guides.concat.to(dtype), deep=deep)
    return out


@pytest.mark.parametrize("make", [small_unet, laid_out, in_8_bits, in_half])
def test_results_are_the_very_same(make: Callable[[], UNet3D]) -> None:
    unet = make()
    want = step(make())
    layout = [(p.shape, p.stride(), p.dtype) for p in unet.parameters()]
    stream = WeightStream(unet.blocks(), CPU)
    for _ in range(2):
        stream.open()
        assert torch.equal(step(unet), want)
        assert torch.equal(step(unet), want)
        stream.close()
        assert torch.equal(step(unet), want)
    assert [(p.shape, p.stride(), p.dtype) for p in unet.parameters()] == layout


def test_a_pass_that_leaves_out_blocks_is_followed() -> None:
    unet, plain = small_unet(), small_unet()
    stream = WeightStream(unet.blocks(), CPU)
    stream.open()
    kept, deep = DeepFeatures(), DeepFeatures()
    for _ in range(3):  # the first fills what is kept, the others leave the deep levels out
        assert torch.equal(step(unet, deep), step(plain, kept))
    assert torch.equal(step(unet), step(plain))
    stream.close()


def test_weights_are_on_the_device_only_while_their_block_computes() -> None:
    unet = small_unet()
    part = Component(lambda: unet, blocks=UNet3D.blocks)
    residency = Residency(META, plan_named("4gb"), {"unet": part})
    seen: list[tuple[bool, ...]] = []
    memory: set[int] = set()

    def look(_block: nn.Module, _args: object) -> None:
        there = [next(block.parameters()).device == META for block in unet.blocks()]
        seen.append(tuple(there))
        weights = [p for p in unet.parameters() if p.device == META]
        memory.add(sum({p.untyped_storage()._cdata: p.untyped_storage().nbytes() for p in weights}.values()))

    with residency.use("unet", UNet3D) as used:
        hooks = [block.register_forward_pre_hook(look) for block in unet.blocks()]
        guides = conditions()
        x, t = noise(1, 4, 4, 4, 6).to(META), torch.tensor([5.0], device=META)
        context = Context(guides.text.to(META), guides.image.to(META))
        with (
            Accelerator(),
            torch.inference_mode(),
        ):  # on the meta device nothing computes with weights that are elsewhere
            used(x, t, context, guides.concat.to(META))
    count = len(unet.blocks())
    assert seen == [tuple(there == now for there in range(count)) for now in range(count)]
    rest = weight_bytes([unet]) - weight_bytes(unet.blocks())
    assert max(memory) <= rest + bytes_on_device(unet.blocks()) < 0.6 * weight_bytes([unet])
    for hook in hooks:
        hook.remove()
    residency.clear()
    assert all(tensor.device == CPU for tensor in (*unet.parameters(), *unet.buffers()))
    assert torch.equal(step(unet), step(small_unet()))


def test_a_plan_that_does_not_stream_brings_all() -> None:
    unet = small_unet()
    residency = Residency(META, plan_named("4gb"), {"unet": Component(lambda: unet, blocks=UNet3D.blocks)})
    for name, streamed in (("4gb", True), ("6gb", False), ("4gb", True)):
        residency.change(plan_named(name))
        with residency.use("unet", UNet3D):
            assert all(p.device == META for p in unet.parameters()) is not streamed
    residency.clear()
    assert torch.equal(step(unet), step(small_unet()))


def test_what_ends_early_leaves_nothing_on_the_device() -> None:
    unet = small_unet()
    residency = Residency(META, plan_named("4gb"), {"unet": Component(lambda: unet, blocks=UNet3D.blocks)})
    with pytest.raises(RuntimeError), residency.use("unet", UNet3D), torch.inference_mode():
        step(unet)  # its input is on the CPU
    residency.clear()
    assert all(tensor.device == CPU for tensor in (*unet.parameters(), *unet.buffers()))
    assert not any(block._forward_pre_hooks or block._forward_hooks for block in unet.blocks())
    assert torch.equal(step(unet), step(small_unet()))


class TwoStreams:
    """Stands for a device whose copies run beside its work: tells which accesses to memory have no order.

    Each of the two has a clock; an event is what both showed when it was asked for, and waiting for it learns that.
    """

    made: ClassVar[list[TwoStreams]] = []

    def __init__(self, _device: torch.device) -> None:
        self.work, self.copies = [1, 0], [0, 1]
        self.reads: dict[int, int] = {}
        self.writes: dict[int, int] = {}
        TwoStreams.made.append(self)

    def copy(self, sources: list[Tensor], targets: list[Tensor], *, after: tuple[int, int]) -> tuple[int, int]:
        self.copies = [max(pair) for pair in zip(self.copies, after, strict=True)]
        self.copies[1] += 1
        slot = targets[0].untyped_storage().data_ptr()
        assert self.reads.get(slot, 0) <= self.copies[0], "weights are written over while they are used"
        self.writes[slot] = self.copies[1]
        for source, target in zip(sources, targets, strict=True):
            target.copy_(source)
        return (self.copies[0], self.copies[1])

    def use(self, block: nn.Module, _args: object) -> None:
        self.work[0] += 1
        for weight in block.parameters():
            slot = weight.untyped_storage().data_ptr()
            assert self.writes[slot] <= self.work[1], "weights are used before they are there"
            self.reads[slot] = self.work[0]

    def now(self) -> tuple[int, int]:
        return (self.work[0], self.work[1])

    def wait_for(self, event: tuple[int, int]) -> None:
        self.work = [max(pair) for pair in zip(self.work, event, strict=True)]

    def finish(self) -> None:
        self.work = self.copies = [max(pair) for pair in zip(self.work, self.copies, strict=True)]


def test_copies_beside_the_work_wait_for_it_and_it_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "Copies", TwoStreams)
    unet, plain = small_unet(), small_unet()
    stream = WeightStream(unet.blocks(), CPU)
    stream.open()
    device = TwoStreams.made[-1]
    for block in unet.blocks():
        block.register_forward_pre_hook(device.use)
    kept, deep = DeepFeatures(), DeepFeatures()
    for of, own in ((None, None), (kept, deep), (kept, deep), (None, None), (kept, deep)):
        assert torch.equal(step(unet, own), step(plain, of))
    assert len(device.writes) == 2
    ahead = device.copies[0] < device.work[0]
    assert ahead, "copies waited for work that does not concern them"
    stream.close()


def test_compiled_blocks_take_their_weights_as_they_come() -> None:
    unet = small_unet(channel_mult=[1], attention_resolutions=[1], addition_attention=False)
    guides, x = conditions(), noise(1, 4, 4, 4, 6)
    velocity = partial(guided_velocity(unet, guides, 2.0), x, 500)
    with torch.inference_mode():
        plain = velocity()
        stream = WeightStream(unet.blocks(), CPU)
        compiler = Compiler(CPU, backend=aot_eager)
        compiler.attach(unet.middle_block)
        stream.open()
        assert torch.equal(velocity(), plain)
        compiler.wait()
        compiler.begin()
        assert compiler.active
        torch.testing.assert_close(velocity(), plain)
        torch.testing.assert_close(velocity(), plain)
        assert compiler.state.state == "ready", compiler.state
        compiler.close()
        stream.close()
