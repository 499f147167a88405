"""What each memory plan needs for a job of the default sizes, by accounting on the meta device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from paints_undo_engine.diffusion import full_size
from paints_undo_engine.diffusion.interpolation.transformers import Context
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import reference_maps
from paints_undo_engine.diffusion.residency.accounting import OVERHEAD, peak_activations, weight_bytes
from paints_undo_engine.diffusion.residency.plans import Plan
from paints_undo_engine.diffusion.residency.streaming import bytes_on_device

KEYFRAME_SIZE = (640, 512)
INTERPOLATION_SIZE = (448, 384)
KEYFRAMES = 6
FRAMES = 16
_ENDS_KEPT = 4


@dataclass(frozen=True)
class Phase:
    """One part of a job: the components that it uses, its peak of activations, and what stays from other parts."""

    name: str
    components: tuple[str, ...]
    activations: int
    kept: int


class Budget:
    """Traces the default job's parts once; answers for every plan."""

    @cached_property
    def models(self) -> dict[str, Any]:
        """All components in 16 bits on the meta device."""
        return {name: full_size.build(name) for name in full_size.NAMES}

    def peak(self, plan: Plan) -> int:
        """Bytes on the device at the worst moment of the default job, the overhead included."""
        return OVERHEAD + max(
            self._weights(plan, phase.components) + phase.activations + phase.kept for phase in self.phases(plan)
        )

    def phases(self, plan: Plan) -> Iterator[Phase]:
        """The default job's parts under a plan, in order."""
        height, width = KEYFRAME_SIZE
        batch = min(plan.keyframes_at_once, KEYFRAMES) * (2 if plan.batched_guidance else 1)
        yield Phase("keyframe encoding", ("single_frame/vae",), self._keyframe_encoding(height, width), 0)
        yield Phase("keyframe steps", ("single_frame/unet",), self._keyframe_step(batch, height, width), 0)
        yield Phase("keyframe decoding", ("single_frame/vae",), self._keyframe_decoding(height, width), 0)
        kept = _ENDS_KEPT * self._end_bytes
        yield Phase("interval encoding", ("multi_frame/vae",), self._encoding, kept)
        yield Phase("image encoding", ("multi_frame/image_encoder",), self._image_encoding, kept)
        sides = 2 if plan.batched_guidance else 1
        yield Phase("interval steps", ("multi_frame/unet",), self._interval_step(sides), kept)
        decoding = self._decoding(plan.decode_frames or FRAMES, plan.streamed)
        yield Phase("interval decoding", ("multi_frame/vae",), decoding, kept)

    def _weights(self, plan: Plan, used: tuple[str, ...]) -> int:
        total = 0
        for name in full_size.NAMES if plan.keeps_all else used:
            size = self._streamed_unet if plan.streamed and name == "multi_frame/unet" else self._size(name)
            total += size // 2 + size // 100 if plan.fp8 and name.endswith("/unet") else size
        return total

    def _size(self, name: str) -> int:
        return weight_bytes([self.models[name]])

    @property
    def _streamed_unet(self) -> int:
        """Bytes of the 3D UNet's weights on the device at one time when its blocks pass through."""
        unet = self.models["multi_frame/unet"]
        return self._size("multi_frame/unet") - weight_bytes(unet.blocks()) + bytes_on_device(unet.blocks())

    def _keyframe_encoding(self, height: int, width: int) -> int:
        vae = self.models["single_frame/vae"]
        pixels = _zeros(1, 3, height, width, dtype=torch.bfloat16)
        return self._once("keyframe_encoding", lambda: peak_activations(lambda: vae.encode(pixels), vae))

    def _keyframe_step(self, batch: int, height: int, width: int) -> int:
        unet = self.models["single_frame/unet"]
        steps = torch.zeros(batch, dtype=torch.int64, device="meta")
        x = _zeros(batch, 4, height // 8, width // 8)
        context = _zeros(batch, 77, unet.config.cross_attention_dim)
        times = torch.zeros(batch, dtype=torch.int64, device="meta")
        return self._once(
            f"keyframe_step {batch}", lambda: peak_activations(lambda: unet(x, times, context, x, steps), unet)
        )

    def _keyframe_decoding(self, height: int, width: int) -> int:
        vae = self.models["single_frame/vae"]
        latent = _zeros(1, 4, height // 8, width // 8, dtype=torch.bfloat16)
        return self._once("keyframe_decoding", lambda: peak_activations(lambda: vae.decode(latent), vae))

    @property
    def _encoding(self) -> int:
        vae = self.models["multi_frame/vae"]
        pixels = _zeros(1, 3, *INTERPOLATION_SIZE)
        return self._once("encoding", lambda: peak_activations(lambda: vae.encode(pixels), vae))

    @property
    def _image_encoding(self) -> int:
        encoder = self.models["multi_frame/image_encoder"]
        pixels = _zeros(1, 3, *INTERPOLATION_SIZE)
        return self._once("image_encoding", lambda: peak_activations(lambda: encoder(pixels), encoder))

    def _interval_step(self, sides: int) -> int:
        unet = self.models["multi_frame/unet"]
        height, width = (side // 8 for side in INTERPOLATION_SIZE)
        x = _zeros(sides, 4, FRAMES, height, width)
        times = _zeros(sides, dtype=torch.float32)

        def compute() -> tuple[Tensor, Context]:
            context = Context(_zeros(sides, 77, 1024), _zeros(sides, FRAMES, 16, 1024))
            return unet(x, times, context, x), context

        return self._once(f"interval_step {sides}", lambda: peak_activations(compute, unet))

    def _decoding(self, chunk: int, streamed: bool) -> int:
        vae = self.models["multi_frame/vae"]
        height, width = (side // 8 for side in INTERPOLATION_SIZE)
        z = _zeros(FRAMES, 4, height, width)
        hidden = vae.encode(_zeros(2, 3, *INTERPOLATION_SIZE)).hidden
        references = reference_maps(hidden)

        def compute() -> None:
            for _ in decode_streamed(vae, z, references, FRAMES, chunk=chunk, on_cpu=streamed):
                pass

        return self._once(f"decoding {chunk} {streamed}", lambda: peak_activations(compute, vae))

    @cached_property
    def _end_bytes(self) -> int:
        encoded = self.models["multi_frame/vae"].encode(_zeros(1, 3, *INTERPOLATION_SIZE))
        return sum(maps.numel() * maps.element_size() for maps in encoded.hidden)

    @cached_property
    def _known(self) -> dict[str, int]:
        return {}

    def _once(self, key: str, trace: Callable[[], int]) -> int:
        if key not in self._known:
            self._known[key] = trace()
        return self._known[key]


def _zeros(*shape: int, dtype: torch.dtype = torch.float16) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device="meta")
