"""The video VAE's decoder in bounded memory, with the numbers of the plain one.

Everything picture-like runs a few frames at a time. What looks over time needs GroupNorm statistics of the whole clip:
they are gathered frame by frame (exactly: the parallel variance of Chan et al. 1979) before they are used. At most two
maps of the clip exist at a time, where memory is short on the CPU.

Shapes in names: b clips, t frames, n = b * t pictures (clip-major), c channels, h height, w width,
p = h * w pixels, r = 2 reference pictures, l tokens, g groups of channels, k values of a group. A part of a clip has t
of its frames.
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

_Step = Callable[[Tensor, slice], Tensor]
"""Maps frames [b, t, c, h, w] that stand at a place of the clip."""


@dataclass
class ClipStatistics:
    """Mean and variance of every channel group over a whole clip, gathered from parts of it, in float32."""

    groups: int
    count: int = 0
    mean: Tensor | None = None
    spread: Tensor | None = None

    def add(self, part_btchw: Tensor) -> None:
        """Count a part of the clips in."""
        grouped_bgk = torch.unflatten(part_btchw.float(), 2, (self.groups, -1)).movedim(2, 1).flatten(2)
        variance_bg, mean_bg = torch.var_mean(grouped_bgk, dim=-1, correction=0)
        count, spread_bg = grouped_bgk.shape[-1], variance_bg * grouped_bgk.shape[-1]
        if self.mean is None or self.spread is None:
            self.count, self.mean, self.spread = count, mean_bg, spread_bg
            return
        total = self.count + count
        gap_bg = mean_bg - self.mean
        self.mean = self.mean + gap_bg * (count / total)
        self.spread = self.spread + spread_bg + gap_bg.square() * (self.count * count / total)
        self.count = total

    def normalise(self, norm: nn.GroupNorm, part_btchw: Tensor) -> Tensor:
        """Apply a group normalisation with the clip's statistics to a part of it, of the same shape."""
        assert self.mean is not None
        assert self.spread is not None
        width = part_btchw.shape[2] // self.groups
        scale_bc = (self.spread / self.count + norm.eps).rsqrt().repeat_interleave(width, dim=1)
        mean_bc = self.mean.repeat_interleave(width, dim=1)
        factor_bc = norm.weight.float() * scale_bc
        offset_bc = norm.bias.float() - mean_bc * factor_bc
        offset_b1c11, factor_b1c11 = (values[:, None, :, None, None] for values in (offset_bc, factor_bc))
        return torch.addcmul(offset_b1c11, part_btchw.float(), factor_b1c11).to(part_btchw.dtype)


def decode_streamed(
    vae: VideoVAE,
    z_nchw: Tensor,
    maps_bcrhw: tuple[Tensor, ...] | None,
    frames: int,
    *,
    chunk: int = 1,
    on_cpu: bool = False,
) -> Generator[float, None, Tensor]:
    """Decode like `VideoVAE.decode`, `chunk` frames of every clip at a time.

    With `on_cpu` whole clips lie in the CPU's memory, and only the frames at work on that of the latents. Yields the
    finished share (0..1) after every block; closing the generator stops the work. Returns the
    pictures [n, 3, H, W].
    """
    decoder = vae.decoder
    clip = _Clip(torch.unflatten(z_nchw, 0, (-1, frames)).clone(), z_nchw.device)
    pending: list[_Step] = [_pictures(decoder.conv_in)]
    body = decoder.body()
    for number, (module, level) in enumerate(body):
        if level is not None:
            if maps_bcrhw is not None:
                pending.append(_combiner(module, maps_bcrhw[level], frames))
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
    if maps_bcrhw is not None:
        pending.append(_combiner(decoder.attn_refinement[-1], maps_bcrhw[-1], frames))
    pending.append(_pictures(decoder.conv_out))
    parts_btchw = [_run(pending, clip.take(place), place) for place in _places(frames, chunk)]
    pixels_btchw = torch.cat(parts_btchw, dim=1)
    del clip, parts_btchw
    mixed_bctp = time_convolution(decoder.conv_out.time_mix_conv, pixels_btchw.transpose(1, 2).flatten(3))
    yield 1.0
    return torch.unflatten(mixed_bctp, 3, pixels_btchw.shape[-2:]).transpose(1, 2).flatten(0, 1)


@dataclass(frozen=True, eq=False)
class _Clip:
    """All frames of the clips, [b, t, c, h, w], on the CPU or on the `device` that works on them."""

    maps: Tensor
    device: torch.device

    @property
    def frames(self) -> int:
        return self.maps.shape[1]

    def take(self, place: slice) -> Tensor:
        """The frames at `place` on the device: a view where they lie there."""
        return self.maps[:, place].to(self.device)

    def put(self, place: slice, part_btchw: Tensor) -> None:
        """Set the frames at `place`."""
        self.maps[:, place].copy_(part_btchw)

    def like(self, part_btchw: Tensor, on_cpu: bool) -> _Clip:
        """Room for frames of the form of `part`."""
        home = torch.device("cpu") if on_cpu else self.device
        shape = (part_btchw.shape[0], self.frames, *part_btchw.shape[2:])
        return _Clip(torch.empty(shape, dtype=part_btchw.dtype, device=home), self.device)


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
        part_btchw = _run(pending, clip.take(place), place)
        first.add(part_btchw)
        if maps is None:
            fits = clip.maps.shape[2:] == part_btchw.shape[2:]
            maps = clip if fits else clip.like(part_btchw, on_cpu)
        maps.put(place, part_btchw)
    assert maps is not None
    del clip
    branch = maps.like(part_btchw, on_cpu)
    for place in _places(frames, chunk):
        part_btchw = _over_time(maps, place, lambda x: activation(first.normalise(norm_in, x)), conv_in)
        second.add(part_btchw)
        branch.put(place, part_btchw)
    for place in _places(frames, chunk):
        part_btchw = _over_time(branch, place, lambda x: activation(second.normalise(norm_out, x)), conv_out)
        maps.put(place, maps.take(place) + block.mix * part_btchw)
    return maps


def _over_time(clip: _Clip, place: slice, prepare: Callable[[Tensor], Tensor], conv: nn.Module) -> Tensor:
    """A (3,1,1) convolution of the prepared frames at `place`; beyond the clip's ends stand zeros."""
    before, after = max(place.start - 1, 0), min(place.stop + 1, clip.frames)
    part_btchw = prepare(clip.take(slice(before, after)))
    missing = (before - (place.start - 1), place.stop + 1 - after)
    padded_bctp = F.pad(part_btchw.transpose(1, 2).flatten(3), (0, 0, *missing))
    out_bctp = time_convolution(conv, padded_bctp, padding=0)
    return torch.unflatten(out_bctp, 3, part_btchw.shape[-2:]).transpose(1, 2)


def _places(frames: int, chunk: int) -> Iterator[slice]:
    return (slice(start, min(start + chunk, frames)) for start in range(0, frames, chunk))


def _run(steps: list[_Step], part_btchw: Tensor, place: slice) -> Tensor:
    for step in steps:
        part_btchw = step(part_btchw, place)
    return part_btchw


def _pictures(function: Callable[[Tensor], Tensor]) -> _Step:
    return lambda part_btchw, _: torch.unflatten(function(part_btchw.flatten(0, 1)), 0, part_btchw.shape[:2])


def _combiner(module: nn.Module, maps_bcrhw: Tensor, frames: int) -> _Step:
    if isinstance(module, AttentionCombiner):
        keys_blc, values_blc = module.key_values(maps_bcrhw)
        return lambda part_btchw, _: torch.unflatten(
            module(part_btchw.flatten(0, 1), keys_blc, values_blc), 0, part_btchw.shape[:2]
        )
    assert isinstance(module, ConvCombiner)
    first_bchw, last_bchw = module.additions(maps_bcrhw)

    def add(part_btchw: Tensor, place: slice) -> Tensor:
        if place.start == 0 or place.stop == frames:
            part_btchw = part_btchw.clone()
        if place.start == 0:
            part_btchw[:, 0] += first_bchw
        if place.stop == frames:
            part_btchw[:, -1] += last_bchw
        return part_btchw

    return add
