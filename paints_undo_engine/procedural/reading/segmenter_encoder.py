"""The segmenting network's look at a whole picture: TinyViT (Wu et al. 2022), in NumPy and OpenCV.

Values are float32 [c, h, w] while the network convolves, and [h, w, c] while it attends.
"""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.convolving import Planes, convolved
from paints_undo_engine.procedural.reading.segmenter_numbers import Linear, Merger, PictureEncoder, WindowBlock

_AT_ONCE = 1 << 15
"""Values that are bent at once: they stay in the processor's cache."""
_STEEPNESS = np.float32(0.3275911)
_SERIES = tuple(np.float32(value) for value in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592))
"""Of Abramowitz and Stegun 7.1.26, which gives the error function within 1.5e-7."""


def encode(encoder: PictureEncoder, planes: Planes) -> Planes:
    """What is seen at each 16th place of float32 [3, h, w], sides in multiples of 16: float32 [h / 16, w / 16, 256]."""
    first, second = encoder.patches
    value = convolved(bent(convolved(planes, first.weights, first.bias, 2)), second.weights, second.bias, 2)
    for wide, around, narrow in encoder.widening:
        inside = bent(_around(bent(_across(value, wide)), around))
        value = bent(_across(inside, narrow) + value)
    value = _merged(value, encoder.mergers[0])
    for stage, blocks in enumerate(encoder.stages):
        for block in blocks:
            value = _attended(value, block)
        if stage + 1 < len(encoder.mergers):
            value = _merged(value, encoder.mergers[stage + 1])
    narrow, norm, around, last = encoder.neck
    seen = normalized(_across(value, narrow).transpose(1, 2, 0), norm, 1e-6)
    seen = convolved(np.ascontiguousarray(seen.transpose(2, 0, 1)), around.weights, around.bias)
    return normalized(seen.transpose(1, 2, 0), last, 1e-6)


def bent(values: Planes) -> Planes:
    """Gaussian error linear units (Hendrycks and Gimpel 2016), in place: values [...] times how likely a normal
    deviate is less."""
    flat = values.reshape(-1)
    for start in range(0, len(flat), _AT_ONCE):
        part = flat[start : start + _AT_ONCE]
        height = np.abs(part) * np.float32(np.sqrt(0.5))
        near = 1 / (1 + _STEEPNESS * height)
        series = np.full_like(part, _SERIES[0])
        for factor in _SERIES[1:]:
            series *= near
            series += factor
        series *= near * np.float32(0.5) * np.exp(-height * height)
        part *= np.where(part < 0, series, 1 - series)
    return flat.reshape(values.shape)


def normalized(values: Planes, norm: Linear, epsilon: float = 1e-5) -> Planes:
    """Values [..., c] with mean 0 and variance 1 at each place, scaled and shifted."""
    centred = values - values.mean(-1, keepdims=True)
    spread = np.einsum("...c,...c->...", centred, centred)[..., None] / np.float32(values.shape[-1])
    centred /= np.sqrt(spread + np.float32(epsilon))
    centred *= norm.weights
    centred += norm.bias
    return np.asarray(centred, np.float32)


def linear(values: Planes, line: Linear) -> Planes:
    """A linear layer's answer to [..., inputs]: [..., outputs]."""
    return np.asarray(values @ line.weights.T + line.bias, np.float32)


def share(scores: Planes) -> Planes:
    """Softmax along the last axis, in place."""
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(-1, keepdims=True)
    return scores


def _across(planes: Planes, line: Linear) -> Planes:
    """A convolution of single places."""
    answer = line.weights @ planes.reshape(len(planes), -1)
    answer += line.bias[:, None]
    return np.asarray(answer.reshape(len(answer), *planes.shape[1:]), np.float32)


def _around(planes: Planes, line: Linear, stride: int = 1) -> Planes:
    """Each plane by its own kernel."""
    found = np.empty((len(planes), *(-(-side // stride) for side in planes.shape[1:])), np.float32)
    for plane, kernel, bias, answer in zip(planes, line.weights, line.bias, found, strict=True):
        seen = cv2.filter2D(plane, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT, delta=float(bias))
        answer[...] = seen[::stride, ::stride]
    return found


def _merged(planes: Planes, merger: Merger) -> Planes:
    inside = bent(_around(bent(_across(planes, merger.first)), merger.around, merger.stride))
    return _across(inside, merger.last)


def _attended(planes: Planes, block: WindowBlock) -> Planes:
    """One block: attention within windows, each place with its neighbours, and two layers for each place."""
    width, height, breadth = planes.shape
    places = np.ascontiguousarray(planes.transpose(1, 2, 0))
    side = block.window
    down, right = -height % side, -breadth % side
    framed = np.pad(places, ((0, down), (0, right), (0, 0)))
    rows, columns = framed.shape[0] // side, framed.shape[1] // side
    windows = framed.reshape(rows, side, columns, side, width).swapaxes(1, 2).reshape(-1, side * side, width)
    answer = _within(windows, block).reshape(rows, columns, side, side, width).swapaxes(1, 2)
    places += answer.reshape(rows * side, columns * side, width)[:height, :breadth]
    mixed = _around(np.ascontiguousarray(places.transpose(2, 0, 1)), block.around).transpose(1, 2, 0)
    inside = bent(linear(normalized(mixed.reshape(-1, width), block.between), block.widened))
    mixed = mixed + linear(inside, block.narrowed).reshape(mixed.shape)
    return np.ascontiguousarray(mixed.transpose(2, 0, 1))


def _within(windows: Planes, block: WindowBlock) -> Planes:
    """What the places of each window [n, side², c] tell each other."""
    count, places, width = windows.shape
    heads = len(block.offsets)
    each = width // heads
    asked = linear(normalized(windows, block.before), block.asked)
    asked = asked.reshape(count, places, heads, 3, each).transpose(3, 0, 2, 1, 4)
    queries, keys, values = asked
    scores = (queries * np.float32(each**-0.5)) @ keys.swapaxes(-1, -2)
    scores += block.offsets
    answer = (share(scores) @ values).transpose(0, 2, 1, 3).reshape(count, places, width)
    return linear(answer, block.given)
