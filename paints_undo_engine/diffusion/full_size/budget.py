"""What each part of a job takes on a device, by accounting at full size on the meta device.

Legend of shapes: b pictures or clips, t frames; sizes are (height, width) in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from paints_undo_engine.diffusion import full_size
from paints_undo_engine.diffusion.attention import sliced_on
from paints_undo_engine.diffusion.components import NAMES
from paints_undo_engine.diffusion.full_size import redo
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.vae_stream import decode_streamed
from paints_undo_engine.diffusion.interpolation.video_vae import reference_maps
from paints_undo_engine.diffusion.keyframes.vae import decode, encode
from paints_undo_engine.diffusion.residency.accounting import peak_activations, weight_bytes
from paints_undo_engine.diffusion.residency.streaming import bytes_on_device

INTERPOLATION_SIZE = (448, 384)
FRAMES = 16
SMALLEST, LARGEST = (256, 256), (1024, 1024)
FEWEST_FRAMES, MOST_FRAMES = 2, 64
CUT_FRAMES, LEAN_CUT_FRAMES = 39, 7
"""Of one side; with more, the feed-forward is cut up (`attention_blocks.FeedForward`)."""

Size = tuple[int, int]


class Accounting:
    """Traces the parts of a job in 16 bits. `materialised`: with plain attention kernels, in slices."""

    def __init__(self, materialised: bool = False) -> None:
        self._materialised = materialised

    @cached_property
    def models(self) -> dict[str, Any]:
        """All components on the meta device."""
        return {name: full_size.build(name) for name in NAMES}

    @cached_property
    def redo_networks(self) -> redo.Networks:
        """What every step of a redo computes with."""
        return redo.build()

    def weights(self) -> dict[str, int]:
        """Bytes of every component's weights."""
        return {name: weight_bytes([model]) for name, model in self.models.items()}

    def passing(self) -> dict[str, int]:
        """Bytes of weights that are on the device at a time where blocks pass through."""
        unet = self.models["multi_frame/unet"]
        rest = weight_bytes([unet]) - weight_bytes(unet.blocks())
        return {"multi_frame/unet": rest + bytes_on_device(unet.blocks())}

    def keyframe_encoding(self, size: Size) -> int:
        vae = self.models["single_frame/vae"]
        pixels = _zeros(1, 3, *size, dtype=torch.bfloat16)
        return self._peak(lambda: encode(vae, pixels), vae)

    def keyframe_step(self, batch: int, size: Size) -> int:
        """`batch` counts both sides of the guidance."""
        unet = self.models["single_frame/unet"]
        steps = torch.zeros(batch, dtype=torch.int64, device="meta")
        x = _zeros(batch, 4, size[0] // 8, size[1] // 8)
        context = _zeros(batch, 77, unet.config.cross_attention_dim)
        return self._peak(lambda: unet(x, steps, context, x, steps), unet)

    def redo_step(self, sides: int, size: Size) -> int:
        x = _zeros(sides, 4, size[0] // 8, size[1] // 8)
        context = _zeros(sides, 77, self.redo_networks[0].config.cross_attention_dim)
        return self._peak(lambda: redo.step(self.redo_networks, x, context), *self.redo_networks)

    def keyframe_decoding(self, size: Size) -> int:
        vae = self.models["single_frame/vae"]
        latent = _zeros(1, 4, size[0] // 8, size[1] // 8, dtype=torch.bfloat16)
        return self._peak(lambda: decode(vae, latent), vae)

    def interval_encoding(self, size: Size) -> int:
        vae = self.models["multi_frame/vae"]
        pixels = _zeros(1, 3, *size)
        return self._peak(lambda: vae.encode(pixels), vae)

    def image_encoding(self, size: Size) -> int:
        encoder = self.models["multi_frame/image_encoder"]
        pixels = _zeros(1, 3, *size)
        return self._peak(lambda: encoder(pixels), encoder)

    def interval_step(self, sides: int, frames: int, size: Size, *, lean: bool = False) -> int:
        unet = self.models["multi_frame/unet"]
        unet.save_memory(lean)
        x = _zeros(sides, 4, frames, size[0] // 8, size[1] // 8)
        times = _zeros(sides, dtype=torch.float32)

        def compute() -> tuple[Tensor, Context]:
            context = Context(_zeros(sides, 77, 1024), _zeros(sides, frames, 16, 1024))
            return unet(x, times, context, x), context

        return self._peak(compute, unet)

    def decoding(self, frames: int, chunk: int, size: Size, *, streamed: bool = False) -> int:
        vae = self.models["multi_frame/vae"]
        z = _zeros(frames, 4, size[0] // 8, size[1] // 8)
        references = reference_maps(vae.encode(_zeros(2, 3, *size)).hidden)

        def compute() -> None:
            for _ in decode_streamed(vae, z, references, frames, chunk=chunk, on_cpu=streamed):
                pass

        return self._peak(compute, vae)

    def end(self, size: Size) -> int:
        """Bytes of what is kept of one of an interval's ends."""
        encoded = self.models["multi_frame/vae"].encode(_zeros(1, 3, *size))
        return sum(maps.numel() * maps.element_size() for maps in encoded.hidden)

    def _peak(self, compute: Callable[[], object], *models: Any) -> int:
        with ExitStack() as stack:
            if self._materialised:
                stack.enter_context(sliced_on("meta"))
            return peak_activations(compute, *models, materialised=self._materialised)


def table() -> dict[str, Any]:
    """What `residency.needs` reads: weights, and every part at some numbers of its units."""
    accounting = Accounting()

    def by_size(part: Callable[[Size], int], low: Size, high: Size) -> list[list[int]]:
        return [[size[0] * size[1], part(size)] for size in (low, high)]

    def by_frames(part: Callable[[int], int]) -> list[list[int]]:
        height, width = INTERPOLATION_SIZE
        return [[frames * height * width, part(frames)] for frames in (FRAMES, MOST_FRAMES)]

    def decode(chunk: int | None, streamed: bool = False) -> Callable[[int], int]:
        return lambda t: accounting.decoding(t, chunk or t, INTERPOLATION_SIZE, streamed=streamed)

    step = [
        [batch * size[0] * size[1], accounting.keyframe_step(batch, size)]
        for batch, size in ((1, SMALLEST), (8, LARGEST))
    ]
    height, width = INTERPOLATION_SIZE
    lean_step = [
        [t * height * width, accounting.interval_step(1, t, INTERPOLATION_SIZE, lean=True)]
        for t in (FEWEST_FRAMES, LEAN_CUT_FRAMES, LEAN_CUT_FRAMES + 1, FRAMES, MOST_FRAMES)
    ]
    interval_step = [
        [sides * t * height * width, accounting.interval_step(sides, t, INTERPOLATION_SIZE)]
        for sides, t in ((1, FEWEST_FRAMES), (1, FRAMES), (1, CUT_FRAMES), (1, MOST_FRAMES), (2, MOST_FRAMES))
    ]
    return {
        "weights": accounting.weights(),
        "passing": accounting.passing(),
        "redo": weight_bytes(accounting.redo_networks),
        "parts": {
            "keyframe encoding": by_size(accounting.keyframe_encoding, SMALLEST, LARGEST),
            "keyframe step": step,
            "keyframe decoding": by_size(accounting.keyframe_decoding, SMALLEST, LARGEST),
            "redo step": [
                [sides * size[0] * size[1], accounting.redo_step(sides, size)]
                for sides, size in ((1, SMALLEST), (2, LARGEST))
            ],
            "interval encoding": by_size(accounting.interval_encoding, SMALLEST, INTERPOLATION_SIZE),
            "image encoding": by_size(accounting.image_encoding, SMALLEST, INTERPOLATION_SIZE),
            "interval step": interval_step,
            "interval step streamed": lean_step,
            "interval decoding whole": by_frames(decode(None)),
            "interval decoding 4": by_frames(decode(4)),
            "interval decoding 1": by_frames(decode(1)),
            "interval decoding streamed": by_frames(decode(1, streamed=True)),
            "end": by_size(accounting.end, SMALLEST, INTERPOLATION_SIZE),
        },
    }


def _zeros(*shape: int, dtype: torch.dtype = torch.float16) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device="meta")
