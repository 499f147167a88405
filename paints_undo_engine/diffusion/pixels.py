"""Between 8-bit pictures and the models' tensors: the two number ranges.

Source: docs/models.md, "Pictures". Shapes in names: b pictures, c channels, h height, w width.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def to_signed(pixels_bhwc: Pixels) -> torch.Tensor:
    """float32 in [-1, 1] of uint8."""
    return torch.from_numpy(np.ascontiguousarray(pixels_bhwc)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(signed_bchw: torch.Tensor) -> Pixels:
    """uint8 [b, h, w, c] of numbers in [-1, 1], rounded; computed in float32."""
    return _as_pixels((signed_bchw.float() * 127.5 + 127.5).round())


def to_pixels_truncated(signed_bchw: torch.Tensor) -> Pixels:
    """`to_pixels` as published: computed in the tensor's own dtype, and cut off instead of rounded."""
    return _as_pixels((signed_bchw * 127.5 + 127.5).float())


def _as_pixels(levels_bchw: torch.Tensor) -> Pixels:
    return levels_bchw.clamp(0, 255).permute(0, 2, 3, 1).contiguous().to("cpu", torch.uint8).numpy()
