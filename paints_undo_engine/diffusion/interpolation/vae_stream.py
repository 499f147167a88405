"""The video VAE's decoder in bounded memory, with the numbers of the plain one.

Everything picture-like runs a few frames at a time. What looks over time needs GroupNorm statistics of the whole clip:
they are gathered frame by frame (exactly: the parallel variance of Chan et al. 1979) before they are used. At most two
maps of the clip exist at a time, where memory is short on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from paints_undo_engine.diffusion.interpolation.layers import time_convolution
from paints_undo_engine.diffusion.interpolation.vae_blocks import (
    AttentionCombiner,
    ConvCombiner,
    VideoResBlock,
)
from paints_undo_engine.diffusion.interpolation.video_vae import VideoVAE
from paints_undo_engine.diffusion.residency.devices import widest

_Step = Callable[[Tensor, slice], Tensor]
"""Maps frames [B, t, C, h, w] that stand at a place of the clip."""


@dataclass
class ClipStatistics:
    """Mean and variance of every channel group over a whole clip, gathered from parts of it."""

    groups: int
    count: int = 0
    mean: Tensor | None = None
    spread: Tensor | None = None

    def add(self, part: Tensor) -> None:
        """part [B, t, C, h, w]."""
        grouped = torch.unflatten(part.float(), 2, (self.groups, -1)).movedim(2, 1).flatten(2)
        variance, mean = torch.var_mean(grouped, dim=-1, correction=0)
        exact = widest(part.device)
        count, mean, spread = grouped.shape[-1], mean.to(exact), variance.to(exact) * grouped.shape[-1]
        if self.mean is None or self.spread is None:
            self.count, self.mean, self.spread = count, mean, spread
            return
        total = self.count + count
        gap = mean - self.mean
        self.mean = self.mean + gap * (count / total)
        self.spread = self.spread + spread + gap.square() * (self.count * count / total)
        self.count = total

    def normalise(self, norm: nn.GroupNorm, part: Tensor) -> Tensor:
        """Apply a group normalisation with the clip's statistics to a part of it, [B, t, C, h, w]."""
        assert self.mean is not None
        assert self.spread is not None
        scale = (self.spread / self.count + norm.eps).rsqrt().repeat_interleave(part.shape[2] // self.groups, dim=1)
        mean = self.mean.repeat_interleave(part.shape[2] // self.groups, dim=1)
        weight, bias = norm.weight.to(mean.dtype), norm.bias.to(mean.dtype)
        factor = (weight * scale).float()[:, None, :, None, None]
        offset = (bias - mean * weight * scale).float()[:, None, :, None, None]
        return torch.addcmul(offset, part.float(), factor).to(part.dtype)


def decode_streamed(
    vae: VideoVAE,
    z: Tensor,
    reference: tuple[Tensor, ...] | None,
    frames: int,
    *,
    chunk: int = 1,
    on_cpu: bool = False,
) -> Generator[float, None, Tensor]:
    """Decode like `VideoVAE.decode`, `chunk` frames of every clip at a time.

    With `on_cpu` whole clips lie in the CPU's memory, and only the frames at work on the device of `z`. Yields the
    finished share (0..1) after every block; closing the generator stops the work. Returns the
    pictures [(B T), 3, H, W].
    """
    decoder = vae.decoder
    clip = _Clip(torch.unflatten(z, 0, (-1, frames)).clone(), z.device)
    pending: list[_Step] = [_pictures(decoder.conv_in)]
    body = decoder.body()
    for number, (module, level) in enumerate(body):
        if level is not None:
            if reference is not None:
                pending.append(_combiner(module, reference[level], frames))
        elif isinstance(module, VideoResBlock):
            pending.append(_pictures(module.pictures))
            held = [clip]
            del clip
            clip = _video_block(module, held, pending, chunk, on_cpu)
            pending = []
        else:
            pending.append(_pictures(module))
        yield (number + 1) / (len(body) + 1)
    pending.append(_pictures(lambda x: F.silu(decoder.norm_out(x))))
    if reference is not None:
        pending.append(_combiner(decoder.attn_refinement[-1], reference[-1], frames))
    pending.append(_pictures(decoder.conv_out))
    parts = [_run(pending, clip.take(place), place) for place in _places(frames, chunk)]
    pixels = torch.cat(parts, dim=1)
    del clip, parts
    mixed = time_convolution(decoder.conv_out.time_mix_conv, pixels.transpose(1, 2).flatten(3))
    yield 1.0
    return torch.unflatten(mixed, 3, pixels.shape[-2:]).transpose(1, 2).flatten(0, 1)


@dataclass(frozen=True, eq=False)
class _Clip:
    """All frames of the clips, [B, T, C, h, w], on the CPU or on the `device` that works on them."""

    maps: Tensor
    device: torch.device

    @property
    def frames(self) -> int:
        return self.maps.shape[1]

    def take(self, place: slice) -> Tensor:
        """The frames at `place` on the device: a view where they lie there."""
        return self.maps[:, place].to(self.device)

    def put(self, place: slice, part: Tensor) -> None:
        """Set the frames at `place`."""
        self.maps[:, place].copy_(part)

    def like(self, part: Tensor, on_cpu: bool) -> _Clip:
        """Room for frames of the form of `part`."""
        home = torch.device("cpu") if on_cpu else self.device
        shape = (part.shape[0], self.frames, *part.shape[2:])
        return _Clip(torch.empty(shape, dtype=part.dtype, device=home), self.device)


def _video_block(block: VideoResBlock, held: list[_Clip], pending: list[_Step], chunk: int, on_cpu: bool) -> _Clip:
    """Takes the clip out of `held`, so that it is freed (or written over, where the shapes agree) in here."""
    clip = held.pop()
    frames = clip.frames
    norm_in, activation, conv_in = block.time_stack.in_layers
    norm_out, _, _, conv_out = block.time_stack.out_layers
    assert isinstance(norm_in, nn.GroupNorm)
    assert isinstance(norm_out, nn.GroupNorm)
    first, second = ClipStatistics(norm_in.num_groups), ClipStatistics(norm_out.num_groups)
    maps: _Clip | None = None
    for place in _places(frames, chunk):
        part = _run(pending, clip.take(place), place)
        first.add(part)
        if maps is None:
            fits = clip.maps.shape[2:] == part.shape[2:]
            maps = clip if fits else clip.like(part, on_cpu)
        maps.put(place, part)
    assert maps is not None
    del clip
    branch = maps.like(part, on_cpu)
    for place in _places(frames, chunk):
        part = _over_time(maps, place, lambda x: activation(first.normalise(norm_in, x)), conv_in)
        second.add(part)
        branch.put(place, part)
    for place in _places(frames, chunk):
        part = _over_time(branch, place, lambda x: activation(second.normalise(norm_out, x)), conv_out)
        maps.put(place, maps.take(place) + block.mix * part)
    return maps


def _over_time(clip: _Clip, place: slice, prepare: Callable[[Tensor], Tensor], conv: nn.Module) -> Tensor:
    """A (3,1,1) convolution of the prepared frames at `place`; beyond the clip's ends stand zeros."""
    before, after = max(place.start - 1, 0), min(place.stop + 1, clip.frames)
    part = prepare(clip.take(slice(before, after)))
    missing = (before - (place.start - 1), place.stop + 1 - after)
    padded = F.pad(part.transpose(1, 2).flatten(3), (0, 0, *missing))
    out = time_convolution(conv, padded, padding=0)
    return torch.unflatten(out, 3, part.shape[-2:]).transpose(1, 2)


def _places(frames: int, chunk: int) -> Iterator[slice]:
    return (slice(start, min(start + chunk, frames)) for start in range(0, frames, chunk))


def _run(steps: list[_Step], part: Tensor, place: slice) -> Tensor:
    for step in steps:
        part = step(part, place)
    return part


def _pictures(function: Callable[[Tensor], Tensor]) -> _Step:
    return lambda part, _: torch.unflatten(function(part.flatten(0, 1)), 0, part.shape[:2])


def _combiner(module: nn.Module, reference: Tensor, frames: int) -> _Step:
    if isinstance(module, AttentionCombiner):
        keys, values = module.key_values(reference)
        return lambda part, _: torch.unflatten(module(part.flatten(0, 1), keys, values), 0, part.shape[:2])
    assert isinstance(module, ConvCombiner)
    first, last = module.additions(reference)

    def add(part: Tensor, place: slice) -> Tensor:
        if place.start == 0 or place.stop == frames:
            part = part.clone()
        if place.start == 0:
            part[:, 0] += first
        if place.stop == frames:
            part[:, -1] += last
        return part

    return add
