"""What it costs to bring the 3D UNet's weights to the device block by block, by arithmetic and without a GPU.

Counts the weights and the arithmetic of every block at full size, and plays the two slots of
`paints_undo_engine/diffusion/residency/streaming.py` for cards of several speeds. Example:

    python benchmarks/streaming.py
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from paints_undo_engine.diffusion import full_size
from paints_undo_engine.diffusion.full_size.budget import FRAMES, INTERPOLATION_SIZE
from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
from paints_undo_engine.diffusion.interpolation.unet3d import UNet3D
from paints_undo_engine.diffusion.residency.accounting import weight_bytes

_CARDS = (5e12, 12e12, 25e12)
_BUSES = (6e9, 12e9, 25e9)
_CALLS = 4


@dataclass
class Cost:
    """Of one block in one call: bytes of weights and floating-point operations."""

    size: int
    flop: int = 0


def costs() -> list[Cost]:
    """Of the blocks of the 3D UNet in the order of a call, for one side of the guidance at the default size."""
    unet = full_size.build("multi_frame/unet")
    assert isinstance(unet, UNet3D)
    found = [Cost(weight_bytes([block])) for block in unet.blocks()]
    counter = FlopCounterMode(display=False)
    for block, cost in zip(unet.blocks(), found, strict=True):
        block.register_forward_pre_hook(partial(_count, counter, cost, -1))
        block.register_forward_hook(partial(_count, counter, cost, 1))
    height, width = (side // 8 for side in INTERPOLATION_SIZE)
    x, times = _zeros(1, 4, FRAMES, height, width), torch.zeros(1, device="meta")
    with torch.no_grad(), counter:
        unet(x, times, Context(_zeros(1, 77, 1024), _zeros(1, FRAMES, 16, 1024)), x)
    return found


def call_seconds(blocks: list[Cost], rate: float, bus: float) -> float:
    """Of a call when one slot is filled while the other one computes, as soon as both allow it; one of several."""
    computed, filled, first = 0.0, blocks[0].size / bus, 0.0
    for number in range(_CALLS * len(blocks)):
        here, following = blocks[number % len(blocks)], blocks[(number + 1) % len(blocks)]
        freed = computed
        computed = max(computed, filled) + here.flop / rate
        filled = max(filled, freed) + following.size / bus
        if number + 1 == len(blocks):
            first = computed
    return (computed - first) / (_CALLS - 1)


def _count(counter: FlopCounterMode, cost: Cost, sign: int, _block: nn.Module, *_: object) -> None:
    cost.flop += sign * counter.get_total_flops()


def _zeros(*shape: int) -> Tensor:
    return torch.zeros(shape, dtype=torch.float16, device="meta")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    blocks = costs()
    size, flop = sum(cost.size for cost in blocks), sum(cost.flop for cost in blocks)
    print(f"{len(blocks)} blocks, {size / 2**30:.2f} GiB and {flop / 1e12:.1f} TFLOP for a call; seconds of a call:")
    print("TFLOP/s   all there" + "".join(f"   {bus / 1e9:3.0f} GB/s" for bus in _BUSES))
    for rate in _CARDS:
        streamed = "".join(f"{call_seconds(blocks, rate, bus):11.2f}" for bus in _BUSES)
        print(f"{rate / 1e12:7.0f}{flop / rate:12.2f}{streamed}")


if __name__ == "__main__":
    main()
