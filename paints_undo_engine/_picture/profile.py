"""Matrix profiles at 16 bits, which Pillow's colour management reduces to 8 (ICC.1:2022, sections 8.3 and 10)."""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

from paints_undo_engine._picture.alpha import bands

_D50_TO_SRGB = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)
"""XYZ relative to D50 (the profiles' own white) to linear sRGB."""

_LEVELS = 65536


_DATE = slice(24, 36)
"""Where a profile's header says when it was made."""


@cache
def srgb() -> bytes:
    """An sRGB profile for pictures of ours, the same bytes always."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_DATE] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return bytes(made)


def convert_16bit(samples: NDArray[np.uint16], icc: bytes) -> NDArray[np.uint16] | None:
    """RGB or RGBA [H, W, 3 or 4] in a matrix profile to sRGB; None for a profile of another kind.

    Colours outside sRGB are clipped.
    """
    tags = _tags(icc)
    names = [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"]
    if b"A2B0" in tags or any(name not in tags for name in names):
        return None
    colorants = np.stack([np.array(struct.unpack(">3i", tags[name][8:20])) / 65536 for name in names[:3]], axis=1)
    curves = [_curve(tags[name]) for name in names[3:]]
    matrix = (_D50_TO_SRGB @ colorants).astype(np.float32)
    out = samples.copy()
    for band in bands(samples):
        linear = np.stack([curve[samples[band, :, channel]] for channel, curve in enumerate(curves)], axis=-1)
        light = np.clip(linear @ matrix.T, 0, 1)
        out[band, :, :3] = _encoded(light)
    return out


def _tags(icc: bytes) -> dict[bytes, bytes]:
    tags = {}
    for number in range(min(100, struct.unpack(">I", icc[128:132])[0])):
        name, offset, size = struct.unpack(">4sII", icc[132 + 12 * number : 144 + 12 * number])
        tags[name] = icc[offset : offset + size]
    return tags


def _curve(tag: bytes) -> NDArray[np.float32]:
    """A tone curve as 65536 linear values."""
    x = np.linspace(0, 1, _LEVELS)
    if tag[:4] == b"para":
        kind = struct.unpack(">H", tag[8:10])[0]
        count = (1, 3, 4, 5, 7)[kind]
        return _parametric(x, kind, [v / 65536 for v in struct.unpack(f">{count}i", tag[12 : 12 + 4 * count])])
    count = struct.unpack(">I", tag[8:12])[0]
    if count == 0:
        return x.astype(np.float32)
    if count == 1:
        return np.asarray(x ** (struct.unpack(">H", tag[12:14])[0] / 256), np.float32)
    table = np.frombuffer(tag, ">u2", count, 12) / 65535
    return np.asarray(np.interp(x, np.linspace(0, 1, count), table), np.float32)


def _parametric(x: NDArray[np.float64], kind: int, values: list[float]) -> NDArray[np.float32]:
    g, a, b, c, d, e, f = (*values, *(0.0,) * (7 - len(values)))
    if kind == 0:
        return (x**g).astype(np.float32)
    if kind < 3:  # a constant (c, in kind 2) below -b/a, and added above it
        low, high, start = np.full_like(x, c), c, -b / a
    else:
        low, high, start = c * x + f, e, d
    upper = np.maximum(a * x + b, 0) ** g + high
    return np.where(x >= start, upper, low).astype(np.float32)


def _encoded(light: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Linear light 0..1 to 16-bit sRGB values (IEC 61966-2-1)."""
    above = 1.055 * np.power(light, np.float32(1 / 2.4)) - 0.055
    return np.asarray(np.rint(np.where(light <= 0.0031308, light * 12.92, above) * 65535), np.uint16)
