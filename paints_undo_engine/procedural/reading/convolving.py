"""Convolutions and poolings of small networks, in NumPy alone, for those whose numbers no parser has to read.

Planes are float32 [c, h, w], kernels float32 [o, c, k, k] with odd k, biases float32 [o]. Borders are half a kernel
wide, so that a stride s leaves h / s and w / s, rounded up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float32]


def convolved(planes: Planes, kernels: Planes, bias: Planes, stride: int = 1) -> Planes:
    """The planes' correlation with each kernel, [o, h / s, w / s]: beyond the border there is nothing.

    One product of matrices for each row of a kernel's taps, or for each tap of many planes: never all taps at once,
    which would take the memory of them all.
    """
    (_, height, width), (outputs, count, side, _) = planes.shape, kernels.shape
    half = side // 2
    rows, columns = -(-height // stride), -(-width // stride)
    framed = np.pad(planes, ((0, 0), (half, half), (half, half)))
    together = side if count * side <= _TOGETHER else 1
    answer = np.repeat(bias[:, None], rows * columns, axis=1)
    for down in range(side):
        for right in range(0, side, together):
            taps = [
                framed[:, down : down + stride * (rows - 1) + 1 : stride, at : at + stride * (columns - 1) + 1 : stride]
                for at in range(right, right + together)
            ]
            answer += kernels[:, :, down, right : right + together].transpose(0, 2, 1).reshape(
                outputs, -1
            ) @ np.concatenate(taps).reshape(count * together, -1)
    return answer.reshape(outputs, rows, columns)


def largest(planes: Planes, stride: int = 2) -> Planes:
    """Of each 3 x 3 pixels the largest value, [c, h / s, w / s]."""
    rows, columns = (-(-side // stride) for side in planes.shape[1:])
    framed = np.pad(planes, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    across = framed[:, :, : stride * (columns - 1) + 1 : stride]
    for right in (1, 2):
        across = np.maximum(across, framed[:, :, right : right + stride * (columns - 1) + 1 : stride])
    found = across[:, : stride * (rows - 1) + 1 : stride]
    for down in (1, 2):
        found = np.maximum(found, across[:, down : down + stride * (rows - 1) + 1 : stride])
    return found


def mean(planes: Planes) -> Planes:
    """Of each 3 x 3 pixels the mean, [c, h, w]: beyond the border lies 0."""
    framed = np.pad(planes, ((0, 0), (1, 1), (1, 1)))
    across = framed[:, :, :-2] + framed[:, :, 1:-1] + framed[:, :, 2:]
    return np.asarray((across[:, :-2] + across[:, 1:-1] + across[:, 2:]) / np.float32(9), np.float32)


_TOGETHER = 160
"""Rows of a matrix at most, where a row of taps is multiplied at once."""
