"""What a guided step of the 3D UNet copies at full size, without computing it.

    python benchmarks/copies.py

Counts copies of tensors, and what convolutions would have to lay out anew; joined skip connections are among them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

COPIES = ("aten.clone", "aten.copy_", "aten._to_copy", "aten.cat")


class Copies(TorchDispatchMode):
    """Bytes and number of copies by operation."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: Counter[str] = Counter()
        self.number: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = str(func.overloadpacket)
        if name in COPIES:
            self._add(name, out)
        elif name == "aten.convolution":
            for what, tensor in zip(("input", "weight"), args[:2], strict=True):
                if not tensor.is_contiguous(memory_format=torch.channels_last):
                    self._add(f"convolution's {what}", tensor)
        elif name == "aten.native_group_norm" and not args[0].is_contiguous():
            self._add("normalisation there", args[0])
            self._add("normalisation back", args[0])
        return out

    def _add(self, name: str, tensor: Tensor) -> None:
        self.bytes[name] += tensor.numel() * tensor.element_size()
        self.number[name] += 1


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from paints_undo_engine.diffusion import full_size
    from paints_undo_engine.diffusion.interpolation.attention_blocks import Context
    from paints_undo_engine.diffusion.residency.accounting import Accelerator
    from paints_undo_engine.diffusion.speed import lay_out

    unet = lay_out(full_size.build("multi_frame/unet"), torch.device("meta"))
    with FakeTensorMode(allow_non_fake_inputs=True):
        for module in unet.modules():
            for name, old in module._parameters.items():
                if old is not None:
                    new = torch.empty_strided(old.shape, old.stride(), dtype=old.dtype)
                    module._parameters[name] = nn.Parameter(new, requires_grad=False)
        half = torch.float16
        x, times = torch.zeros(2, 4, 16, 56, 48, dtype=half), torch.zeros(2)
        context = Context(torch.zeros(2, 77, 1024, dtype=half), torch.zeros(2, 16, 16, 1024, dtype=half))
        with torch.no_grad(), Accelerator():
            unet(x, times, context, x)
            with Copies() as copies:
                unet(x, times, context, x)
    for name, size in copies.bytes.most_common():
        print(f"{name:<24}{copies.number[name]:5d}{size / 2**30:9.2f} GiB")
    print(f"{'all':<24}{copies.number.total():5d}{copies.bytes.total() / 2**30:9.2f} GiB")


if __name__ == "__main__":
    main()
