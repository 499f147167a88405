"""Between 8-bit pictures and the models' tensors: cropping as published, and the two number ranges.

Source: docs/models.md, "Pictures".
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from paints_undo_engine.errors import UnsupportedPictureError

Pixels = NDArray[np.uint8]


def resize_and_center_crop(pixels: Pixels, width: int, height: int) -> Pixels:
    """`pixels` [h, w, C] scaled by area until they cover `width` x `height`, and the centre cut out of that."""
    h, w = pixels.shape[:2]
    if not h or not w:
        raise UnsupportedPictureError("The picture has no pixels.")
    scale = max(height / h, width / w)
    scaled_width, scaled_height = round(w * scale), round(h * scale)
    resized = cv2.resize(pixels, (scaled_width, scaled_height), interpolation=cv2.INTER_AREA)
    x, y = (scaled_width - width) // 2, (scaled_height - height) // 2
    return np.ascontiguousarray(resized[y : y + height, x : x + width], dtype=np.uint8)


def to_signed(pixels: Pixels) -> torch.Tensor:
    """float32 [B, C, h, w] in [-1, 1] of uint8 [B, h, w, C]."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(signed: torch.Tensor) -> Pixels:
    """uint8 [B, h, w, C] of [B, C, h, w] in [-1, 1], rounded; computed in float32."""
    return _as_pixels((signed.float() * 127.5 + 127.5).round())


def to_pixels_truncated(signed: torch.Tensor) -> Pixels:
    """`to_pixels` as published: computed in the tensor's own dtype, and cut off instead of rounded."""
    return _as_pixels((signed * 127.5 + 127.5).float())


def _as_pixels(levels: torch.Tensor) -> Pixels:
    return levels.clamp(0, 255).permute(0, 2, 3, 1).contiguous().to("cpu", torch.uint8).numpy()
