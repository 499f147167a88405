"""What a request needs of a device's memory under a plan, from a table of what each part of a job takes.

The table is made by accounting (`tools/account_memory.py`, `full_size.budget`). A part's activations are a largest of
sums that grow with its units; such a function lies below the straight line between two of its points, which is what is
taken here. Where it bends the other way (long clips are worked on in pieces) the table has a point. Units are pixels of
a picture, of a batch, or of a clip.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from paints_undo_engine.diffusion.attention import SLICE_BYTES
from paints_undo_engine.diffusion.residency.plans import ResidencyPlan

OVERHEAD = 700 * 2**20
"""Bytes for what cannot be traced: a CUDA context with its kernels takes 300 to 500 MiB."""
MARGIN = 1.03
_ENDS_KEPT = 4
SLICES = 5 * SLICE_BYTES
"""Attention in slices holds the scores with their softmax, keys and values in float32, and results to be joined."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What of a request decides its memory; by default that of a default job.

    `keyframes` are made in one stage, each of `keyframe_pixels`; an interval has `frames` of `frame_pixels`.
    `value_bytes` are the bytes of a number in the models' dtype; `materialises`: attention goes in slices; `redoes`:
    branches are finished another way, at the keyframes' size.
    """

    keyframes: int = 6
    keyframe_pixels: int = 640 * 512
    frames: int = 16
    frame_pixels: int = 448 * 384
    value_bytes: int = 2
    materialises: bool = False
    redoes: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`weights`, `passing` (of the blocks that are on the device at a time) and `redo` (of its UNet and ControlNet) in
    bytes of 16-bit numbers."""

    weights: dict[str, int]
    passing: dict[str, int]
    redo: int
    parts: dict[str, tuple[tuple[int, int], ...]]

    def activations(self, part: str, units: int) -> float:
        """Bytes of a part's activations, in 16 bits: on straight lines between its points, level below the first."""
        points = self.parts[part]
        end = next((i for i, (known, _) in enumerate(points) if i and units <= known), len(points) - 1)
        (low, least), (high, most) = points[end - 1 : end + 1]
        return least + (most - least) * (max(units, low) - low) / (high - low)


@cache
def table() -> Table:
    """The table in ``needs.json``."""
    data = json.loads((resources.files(__package__) / "needs.json").read_text(encoding="utf-8"))
    parts = {name: tuple((units, size) for units, size in points) for name, points in data["parts"].items()}
    return Table(data["weights"], data["passing"], data["redo"], parts)


def needs(plan: ResidencyPlan, demand: Demand) -> int:
    """Bytes on the device at the worst moment of a request under a plan, with a margin."""
    parts = (keyframe_bytes(plan, demand), interval_bytes(plan, demand), decode_bytes(plan, demand))
    return max(*parts, redo_bytes(demand))


def keyframe_bytes(plan: ResidencyPlan, demand: Demand) -> int:
    """Bytes while keyframes are made."""
    sides = 2 if plan.batched_guidance else 1
    batch = min(plan.keyframes_at_once, demand.keyframes) * sides
    return max(
        _bytes(plan, demand, "single_frame/vae", "keyframe encoding", demand.keyframe_pixels),
        _bytes(plan, demand, "single_frame/unet", "keyframe step", batch * demand.keyframe_pixels),
        _bytes(plan, demand, "single_frame/vae", "keyframe decoding", demand.keyframe_pixels),
    )


def redo_bytes(demand: Demand) -> int:
    """Bytes while a branch is finished another way: the same under every plan, because its networks take turns.

    What decides is a step of UNet and ControlNet with both sides of the guidance; the text encoder and the IP-Adapter's
    image encoder are smaller, and the VAE takes what keyframes take.
    """
    if not demand.redoes:
        return 0
    known = table()
    size = known.redo + known.activations("redo step", 2 * demand.keyframe_pixels)
    return _in_all(size, demand)


def interval_bytes(plan: ResidencyPlan, demand: Demand) -> int:
    """Bytes while an interval's ends are encoded and its frames are sampled."""
    sides = 2 if plan.batched_guidance else 1
    clip = demand.frames * demand.frame_pixels
    beside = 0 if plan.streamed else _ENDS_KEPT
    step = "interval step streamed" if plan.streamed else "interval step"
    return max(
        _bytes(plan, demand, "multi_frame/vae", "interval encoding", demand.frame_pixels, ends=beside),
        _bytes(plan, demand, "multi_frame/image_encoder", "image encoding", demand.frame_pixels, ends=beside),
        _bytes(plan, demand, "multi_frame/unet", step, sides * clip, ends=beside),
    )


def decode_bytes(plan: ResidencyPlan, demand: Demand) -> int:
    """Bytes while an interval's frames are decoded."""
    part = "streamed" if plan.streamed else {None: "whole", 4: "4", 1: "1"}[plan.decode_frames]
    clip = demand.frames * demand.frame_pixels
    return _bytes(plan, demand, "multi_frame/vae", f"interval decoding {part}", clip, ends=_ENDS_KEPT)


def _bytes(plan: ResidencyPlan, demand: Demand, component: str, part: str, units: int, ends: int = 0) -> int:
    known = table()
    activations = known.activations(part, units)
    kept = ends * known.activations("end", demand.frame_pixels)
    names = known.weights if plan.keeps_all else (component,)
    weights = sum(_weights(plan, name) for name in names)
    return _in_all(activations + kept + weights, demand)


def _in_all(size: float, demand: Demand) -> int:
    """Bytes on the device for `size` bytes in 16 bits, with what is not traced and the margin."""
    slices = SLICES if demand.materialises else 0
    return round((size * demand.value_bytes / 2 + slices) * MARGIN) + OVERHEAD


def _weights(plan: ResidencyPlan, name: str) -> float:
    known = table()
    size = known.passing[name] if plan.streamed and name in known.passing else known.weights[name]
    return size * 0.51 if plan.fp8 and name.endswith("/unet") else size
