"""Components with random weights, at full size or tiny, and the default job run on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from paints_undo_engine.diffusion import full_size
from paints_undo_engine.diffusion.full_size.manifests import manifest
from paints_undo_engine.diffusion.interpolation.conditions import (
    KeyframeLatents,
    concat_condition,
    encode_keyframe,
    interval_references,
    project_images,
)
from paints_undo_engine.diffusion.interpolation.guidance import IntervalConditions, guided_velocity
from paints_undo_engine.diffusion.interpolation.sampler import sample_ddim
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.noise import own_noise
from paints_undo_engine.diffusion.presets import EXACT, Shortcuts
from paints_undo_engine.diffusion.residency.components import Component, Residency
from paints_undo_engine.diffusion.residency.plans import ResidencyPlan
from paints_undo_engine.diffusion.speed import lay_out

TINY: dict[str, dict[str, Any]] = {
    "multi_frame/unet": {"model_channels": 32, "num_res_blocks": 1, "channel_mult": [1, 2], "num_head_channels": 8},
    "multi_frame/vae": {"ch": 32, "ch_mult": [1, 1, 1, 1], "num_res_blocks": 1},
    "multi_frame/image_projection": {"dim": 40, "depth": 1, "dim_head": 8, "heads": 3, "embedding_dim": 32},
    "multi_frame/image_encoder": {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
    },
    "multi_frame/text_encoder": {"num_hidden_layers": 1},
    "single_frame/text_encoder": {"num_hidden_layers": 1},
    "single_frame/unet": {"block_out_channels": [32, 32, 64, 64], "layers_per_block": 1},
    "single_frame/vae": {"block_out_channels": [32, 32, 32, 32], "layers_per_block": 1},
}
"""What differs from the published configurations in the tiny run."""

AS_READ = ("single_frame/vae", "single_frame/text_encoder", "multi_frame/text_encoder")
"""What the engine does not lay out for accelerators."""


@dataclass(frozen=True)
class Sizes:
    """What a job measures: sizes in pixels (height, width), numbers of steps and of pictures."""

    keyframe: tuple[int, int] = (640, 512)
    clip: tuple[int, int] = (448, 384)
    frames: int = 16
    keyframes: int = 6
    intervals: int = 7
    steps: int = 50


FULL = Sizes()
SMALL = Sizes((64, 64), (32, 32), 4, 2, 2, 1)


def make(name: str, device: torch.device, dtype: torch.dtype, *, tiny: bool, seed: int = 0) -> nn.Module:
    """A component with random weights on `device`: normal, of a size that keeps hidden states near 1."""
    config = {**manifest(name).config, **(TINY[name] if tiny else {})}
    module = full_size.build(name, dtype, config).to_empty(device=device)
    generator = torch.Generator(device).manual_seed(seed)
    for parameter in module.parameters():
        fan_in = parameter.flatten(1).shape[1] if parameter.dim() > 1 else 100
        parameter.data.normal_(0, fan_in**-0.5, generator=generator)
    for layer in module.modules():
        if isinstance(layer, nn.GroupNorm | nn.LayerNorm) and layer.weight is not None:
            layer.weight.data.fill_(1)
    for name_, buffer in module.named_buffers():
        if name_.endswith("position_ids"):
            buffer.copy_(torch.arange(buffer.shape[-1], device=device)[None])
    return module


@dataclass
class Bench:
    """The components under a plan, and the parts of the default job. Layout and guidance follow `published`.

    `published` computes as the published code orders it: two calls for the guidance, no kept keys and values, plain
    layout, each interval's conditions anew, the whole clip decoded at once.
    """

    device: torch.device
    dtype: torch.dtype
    sizes: Sizes
    tiny: bool
    published: bool = False
    made: dict[str, nn.Module] = field(default_factory=dict)
    homes: dict[str, nn.Module] = field(default_factory=dict)
    residency: Residency | None = None

    def component(self, name: str) -> Any:
        """The component `name`, made when first asked for and kept on the device."""
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> nn.Module:
        """The component in the form in which the engine has it, or as `published`."""
        module = make(name, self.device, self.dtype, tiny=self.tiny)
        return module if self.published or name in AS_READ else lay_out(module, self.device)

    @contextmanager
    def use(self, name: str) -> Iterator[Any]:
        """The component on the device, through the memory plan when there is one."""
        if self.residency is None:
            yield self.component(name)
            return
        with self.residency.use(name, nn.Module) as module:
            yield module

    def under(self, plan: ResidencyPlan) -> None:
        """From here on a memory plan moves the components; made on the device once, they are at home on the CPU.

        Who gives several of these the same `homes` makes components once; 8-bit weights stay as they are.
        """
        names: tuple[str, ...] = (
            "multi_frame/unet",
            "multi_frame/vae",
            "multi_frame/image_projection",
            "multi_frame/image_encoder",
        )
        names += ("single_frame/unet", "single_frame/vae")
        blocks = {"multi_frame/unet": UNet3D.blocks}
        components = {n: Component(self._moved(n), shrinks=n.endswith("/unet"), blocks=blocks.get(n)) for n in names}
        self.residency = Residency(self.device, plan, components)

    def _moved(self, name: str) -> Callable[[], nn.Module]:
        def load() -> nn.Module:
            if name not in self.homes:
                self.homes[name] = self._make(name).cpu()
            return self.homes[name]

        return load

    def random(self, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
        """Standard normal values on the device."""
        return torch.randn(shape, device=self.device, dtype=torch.float32).to(dtype or self.dtype)

    def ends(self) -> tuple[KeyframeLatents, Tensor]:
        """A keyframe's latents and image tokens."""
        pictures = self.random(1, 3, *self.sizes.clip).clamp(-1, 1)
        with self.use("multi_frame/vae") as vae:
            latents = encode_keyframe(vae, pictures)
        with self.use("multi_frame/image_encoder") as encoder:
            return latents, encoder(pictures)

    def conditions(
        self, first: tuple[KeyframeLatents, Tensor], last: tuple[KeyframeLatents, Tensor]
    ) -> IntervalConditions:
        """What guides an interval; random text contexts."""
        frames = self.sizes.frames
        with self.use("multi_frame/image_projection") as projection:
            image = project_images(projection, first[1], last[1], frames)
            negative = project_images(projection, last[1], last[1], frames)
        width = image.shape[-1]
        text, negative_text = self.random(1, 77, width), self.random(1, 77, width)
        return IntervalConditions(text, image, negative_text, negative, concat_condition(first[0], last[0], frames))

    def interval(
        self, plan: ResidencyPlan | None = None, steps: int | None = None, shortcuts: Shortcuts = EXACT
    ) -> Tensor:
        """One interval, from two pictures to the decoded clip."""
        steps = steps or self.sizes.steps
        first, last = self.ends(), self.ends()
        guides = self.conditions(first, last)
        batched = not self.published if plan is None else plan.batched_guidance
        with self.use("multi_frame/unet") as unet:
            velocity = guided_velocity(unet, guides, 7.5, batched=batched, steps=steps, shortcuts=shortcuts)
            if self.published:
                fresh = guided_velocity
                velocity = lambda x, t: fresh(unet, guides, 7.5, batched=False)(x, t)  # noqa: E731
            noise = lambda: self.random(*guides.concat.shape, dtype=torch.float32)  # noqa: E731
            latents = finish(sample_ddim(velocity, noise(), noise, steps))
        frames = self.sizes.frames
        z = latents.to(self.dtype).transpose(1, 2).flatten(0, 1)
        references = interval_references(first[0], last[0])
        with self.use("multi_frame/vae") as vae:
            chunk = plan.decode_frames if plan is not None else None
            if chunk is None:
                return vae.decode(z, references, frames)
            on_cpu = plan is not None and plan.streamed
            return finish(decode_streamed(vae, z, references, frames, chunk=chunk, on_cpu=on_cpu))

    def keyframes(self, plan: ResidencyPlan | None = None, steps: int | None = None) -> None:
        """All keyframes of a job, from the painting to their pictures."""
        from paints_undo_engine.diffusion.keyframes import sampler, schedule
        from paints_undo_engine.diffusion.keyframes import vae as pictures

        height, width = self.sizes.keyframe
        with self.use("single_frame/vae") as vae:
            painting = pictures.encode(vae, self.random(1, 3, height, width)).to(self.dtype)
        count = self.sizes.keyframes
        operation_steps = torch.linspace(400, 999, count, device=self.device).long()
        with self.use("single_frame/unet") as unet:
            dim = unet.config.cross_attention_dim
            guides = sampler.KeyframeConditions(
                self.random(1, 77, dim), self.random(1, 77, dim), painting, operation_steps
            )
            batched = not self.published if plan is None else plan.batched_guidance
            guidance = sampler.Guidance(3.0, batched=batched, chunk=0 if plan is None else plan.keyframes_at_once)
            noise = own_noise(0)((1, 4, height // 8, width // 8))
            *_, last = sampler.sample(
                unet,
                guides,
                noise,
                steps=steps or self.sizes.steps,
                guidance=guidance,
                schedule=schedule.published_schedule(),
            )
        with self.use("single_frame/vae") as vae:
            for one in last.x.split(1):
                pictures.decode(vae, one)


def finish(generator: Any) -> Any:
    """Run a generator to its end and give its return value."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value
