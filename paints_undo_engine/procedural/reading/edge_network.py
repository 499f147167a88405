"""A small network that sees where somebody would draw lines, where its file is there: TEED (Soria et al. 2023, MIT).

It learned from photographs in which people had drawn the edges that they see, and leaves out texture, grain and
shading better than any rule. Its file is a pickle, which nobody reads: as the one file of its digest is known, so is
where each number lies in it. They are taken from there, and the network is computed by NumPy and OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from paints_undo_engine.procedural.reading.convolving import Planes, convolved, largest
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.networks import EDGES, pinned_bytes

_MEAN = (103.939, 116.779, 123.68)
"""Of the pictures that it learned from: blue, green, red."""
_STEP = 8
"""Pixels: its sides are multiples of it."""
_NOTHING = -0.25
"""What it answers where there is surely no edge: the least value of its last function."""

Layers = dict[str, tuple[Planes, Planes]]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Where a convolution lies: its kernels' shape, and the places of kernels and bias in bytes."""

    shape: tuple[int, int, int, int]
    kernels: int
    bias: int


def find_likely_edges(pixels: Pixels) -> Planes | None:
    """How likely somebody would draw a line at each pixel of uint8 [h, w, 3]: float32 [h, w], 0 to 1.

    Lines are some three pixels broad, whatever the picture's size. None where the file is not in the folder of models,
    or is another than the one that is known.

    Example: `find_likely_edges(view.pixels)`
    """
    layers = _layers()
    if layers is None:
        return None
    height, width = pixels.shape[:2]
    frame = (0, -height % _STEP, 0, -width % _STEP)
    looked = cv2.copyMakeBorder(pixels[..., ::-1].astype(np.float32) - _MEAN, *frame, cv2.BORDER_REPLICATE)
    planes = np.ascontiguousarray(looked.transpose(2, 0, 1), np.float32)
    answer = answer_of(layers, planes)[:height, :width]
    likely, least = (1 / (1 + np.exp(-np.clip(value, -80, 80))) for value in (answer, np.float32(_NOTHING)))
    return np.asarray(np.clip((likely - least) / (1 - least), 0, 1), np.float32)


def answer_of(layers: Layers, planes: Planes) -> Planes:
    """The network's last answer to float32 [3, h, w], sides in multiples of 8: float32 [h, w], logarithms of odds."""

    def layer(name: str, value: Planes, stride: int = 1) -> Planes:
        return convolved(value, *layers[name], stride)

    first = _bent(layer("block_1.conv2", _bent(layer("block_1.conv1", planes, 2))))
    second = layer("block_2.conv2", _bent(layer("block_2.conv1", first)))
    half = largest(second)
    # Its first convolution reaches beyond the border, its second only as far as the first one went.
    broad = np.pad(_bent(half + layer("side_1.conv", first[:, ::2, ::2])), ((0, 0), (1, 1), (1, 1)))
    broad = layer("dblock_3.denselayer1.conv2", _bent(layer("dblock_3.denselayer1.conv1", broad)))[:, 1:-1, 1:-1]
    third = np.float32(0.5) * (broad + layer("pre_dense_3.conv", half))
    answers = [
        _doubled(_bent(layer(f"{name}.0", value)), *layers[f"{name}.2"])
        for name, value in (("up_block_1.features", first), ("up_block_2.features", second))
    ]
    name = "up_block_3.features"
    value = _bent(layer(f"{name}.3", _doubled(_bent(layer(f"{name}.0", third)), *layers[f"{name}.2"])))
    answers.append(_doubled(value, *layers[f"{name}.5"]))
    return _joined(np.concatenate(answers), layers)


def _joined(answers: Planes, layers: Layers) -> Planes:
    """One answer float32 [h, w] from three, [3, h, w]: eight times each, seen around each pixel, and once more."""
    (kernels, bias), (again, after) = layers["block_cat.DWconv1"], layers["block_cat.DWconv2"]
    bent, total = _bent(answers), np.zeros(answers.shape[1:], np.float32)
    for plane in range(len(kernels)):
        value = _seen_around(bent[plane // (len(kernels) // len(answers))], kernels[plane, 0], bias[plane])
        total += value + _seen_around(_bent(value), again[plane, 0], after[plane])
    return _bent(total)


def _seen_around(plane: Planes, kernel: Planes, bias: np.float32) -> Planes:
    found = cv2.filter2D(plane, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(found + bias, np.float32)


def _bent(values: Planes) -> Planes:
    """Smish (Wang et al. 2022): values times the hyperbolic tangent of log(1 + their logistic function)."""
    with np.errstate(over="ignore"):
        likely = 1 / (1 + np.exp(-values))
    squared = (1 + likely) ** 2
    return np.asarray(values * (squared - 1) / (squared + 1), np.float32)


def _doubled(planes: Planes, kernels: Planes, bias: Planes) -> Planes:
    """Planes [c, h, w] at twice the size, [o, 2 h, 2 w]: each pixel spreads through kernels [c, o, k, k], k 2 or 4."""
    (_, height, width), (_, outputs, side, _) = planes.shape, kernels.shape
    frame = side // 2 - 1
    spread = np.zeros((outputs, 2 * (height + frame), 2 * (width + frame)), np.float32)
    flat = planes.reshape(len(planes), -1)
    for down in range(side):
        for right in range(side):
            tap = (np.ascontiguousarray(kernels[:, :, down, right].T) @ flat).reshape(outputs, height, width)
            spread[:, down : down + 2 * height : 2, right : right + 2 * width : 2] += tap
    kept = spread[:, frame : frame + 2 * height, frame : frame + 2 * width]
    return np.asarray(kept + bias[:, None, None], np.float32)


def _layers() -> Layers | None:
    data = pinned_bytes(EDGES)
    return None if data is None else _read(data)


@lru_cache(maxsize=1)
def _read(data: bytes) -> Layers:
    return {
        name: (_numbers(data, layer.kernels, layer.shape), _numbers(data, layer.bias, (_outputs(name, layer.shape),)))
        for name, layer in _LAYERS.items()
    }


def _outputs(name: str, shape: tuple[int, int, int, int]) -> int:
    """How many planes a layer answers with: those that spread pixels have them second."""
    return shape[1] if name in _SPREADING else shape[0]


def _numbers(data: bytes, place: int, shape: tuple[int, ...]) -> Planes:
    return np.frombuffer(data, "<f4", int(np.prod(shape)), place).astype(np.float32).reshape(shape)


_SPREADING = ("up_block_1.features.2", "up_block_2.features.2", "up_block_3.features.2", "up_block_3.features.5")
_LAYERS = {
    "block_1.conv1": _Layer((16, 3, 3, 3), 172544, 6208),
    "block_1.conv2": _Layer((16, 16, 3, 3), 177088, 42176),
    "block_2.conv1": _Layer((32, 16, 3, 3), 23616, 23360),
    "block_2.conv2": _Layer((32, 32, 3, 3), 125568, 6592),
    "dblock_3.denselayer1.conv1": _Layer((48, 32, 3, 3), 186880, 242304),
    "dblock_3.denselayer1.conv2": _Layer((48, 48, 3, 3), 42496, 186432),
    "side_1.conv": _Layer((32, 16, 1, 1), 174912, 174656),
    "pre_dense_3.conv": _Layer((48, 32, 1, 1), 166272, 186432),
    "up_block_1.features.0": _Layer((1, 16, 1, 1), 243392, 42368),
    "up_block_1.features.2": _Layer((1, 1, 2, 2), 162560, 246016),
    "up_block_2.features.0": _Layer((1, 32, 1, 1), 242624, 174400),
    "up_block_2.features.2": _Layer((1, 1, 2, 2), 174528, 246144),
    "up_block_3.features.0": _Layer((16, 48, 1, 1), 162880, 166080),
    "up_block_3.features.2": _Layer((16, 16, 4, 4), 6848, 6400),
    "up_block_3.features.3": _Layer((1, 16, 1, 1), 162688, 186752),
    "up_block_3.features.5": _Layer((1, 1, 4, 4), 242880, 245888),
    "block_cat.DWconv1": _Layer((24, 1, 3, 3), 244928, 244736),
    "block_cat.DWconv2": _Layer((24, 1, 3, 3), 243776, 243584),
}
"""The layers of 7_model.pth by their names there."""
