"""A small network that finds drawn faces, where its file is installed: FaceBoxes (Zhang et al. 2017), taught on
drawings (AnimeFaceBoxes, Apache-2.0).

Its file is a pickle, which nobody reads: as the one file of its digest is known, so is where each number lies in it.
They are taken from there, and the network is computed by NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.convolving import Planes, convolved, largest, mean
from paints_undo_engine.procedural.reading.model import Box, Pixels
from paints_undo_engine.procedural.reading.networks import DRAWN_FACES, pinned_bytes

_MEAN = (104, 117, 123)
"""Of the pictures that it learned from: blue, green, red."""
_STEP = 4
"""Pixels: sides are multiples of it."""
_EPSILON = 1e-5
_SIZES = ((32, ((32, 4), (64, 2), (128, 1))), (64, ((256, 1),)), (128, ((512, 1),)))
"""Of each map: its cells' side in pixels, and the sides of the boxes that start in a cell, with how many along it."""
_SHIFT, _GROWTH = 0.1, 0.2
"""How a box moves, in its sides, and grows, in the logarithm, by one unit of an answer."""
_ALIKE = 0.3
"""Boxes that share more of what they cover together are one."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Where a convolution lies: its kernels' shape and their place in bytes, then either the bias, or the four vectors
    of a batch normalization: scale, shift, mean, variance.
    """

    shape: tuple[int, int, int, int]
    kernels: int
    vectors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A head in a picture's pixels, and how likely it is, 0 to 1."""

    likelihood: float
    box: Box


def look_for_drawn_faces(pixels: Pixels, side: int, least: float) -> list[SeenHead] | None:
    """What may be drawn faces in uint8 [h, w, 3], looked at `side` pixels long, the likeliest first, each once.

    None where the file is not in the folder of models, or is another than the one that is known.
    """
    layers = _layers()
    if layers is None:
        return None
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    shape = [max(_STEP, round(length * scale / _STEP) * _STEP) for length in (height, width)]
    looked = cv2.resize(pixels, (shape[1], shape[0]), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    planes = np.ascontiguousarray((looked[..., ::-1].astype(np.float32) - _MEAN).transpose(2, 0, 1), np.float32)
    likely, boxes = answers(layers, planes)
    boxes *= np.array([width / shape[1], height / shape[0]] * 2)
    chosen = np.flatnonzero(likely > least)
    kept = cv2.dnn.NMSBoxes(boxes[chosen].tolist(), likely[chosen].tolist(), least, _ALIKE)
    order = [int(chosen[at]) for at in np.array(kept, int).ravel()]
    return [SeenHead(float(likely[at]), Box(*(float(value) for value in boxes[at]))) for at in order]


def answers(
    layers: dict[str, tuple[Planes, Planes]], planes: Planes
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How likely each box is [n], and its left, top, width and height [n, 4] in pixels of float32 [3, h, w]."""

    def layer(name: str, value: Planes, stride: int = 1) -> Planes:
        return convolved(value, *layers[name], stride)

    def bent(name: str, value: Planes, stride: int = 1) -> Planes:
        return np.asarray(np.maximum(layer(name, value, stride), 0), np.float32)

    def doubled(name: str, value: Planes, stride: int) -> Planes:
        found = layer(name, value, stride)
        return np.asarray(np.maximum(np.concatenate([found, -found]), 0), np.float32)

    value = largest(doubled("conv1", planes, 4))
    value = largest(doubled("conv2", value, 2))
    for block in ("inception1.branch", "inception2.branch", "inception3.branch"):
        deep = bent(block + "3x3_2", bent(block + "3x3_reduce_2", value))
        value = np.concatenate([
            bent(block + "1x1", value), bent(block + "1x1_2", mean(value)),
            bent(block + "3x3", bent(block + "3x3_reduce", value)), bent(block + "3x3_3", deep),
        ])  # fmt: skip
    maps = [value]
    for name in ("conv3_", "conv4_"):
        maps.append(bent(name + "2", bent(name + "1", maps[-1]), 2))
    likely, boxes = [], []
    for number, (found, (step, sizes)) in enumerate(zip(maps, _SIZES, strict=True)):
        starts = _starts(found.shape[1], found.shape[2], step, sizes)
        scores, moves = (
            layer(f"{name}.{number}", found).transpose(1, 2, 0).reshape(len(starts), -1).astype(np.float64)
            for name in ("conf", "loc")
        )
        likely.append(1 / (1 + np.exp(np.clip(scores[:, 0] - scores[:, 1], -80, 80))))
        middles = starts[:, :2] + _SHIFT * moves[:, :2] * starts[:, 2:]
        sides = starts[:, 2:] * np.exp(np.clip(_GROWTH * moves[:, 2:], -4, 4))
        boxes.append(np.hstack([middles - sides / 2, sides]))
    return np.concatenate(likely), np.concatenate(boxes)


def _starts(rows: int, columns: int, step: int, sizes: tuple[tuple[int, int], ...]) -> NDArray[np.float64]:
    """The boxes that a map of rows x columns starts from, [n, 4]: middle and sides, in pixels, cell by cell."""
    places = []
    for side, along in sizes:
        at = np.arange(along) / along if along > 1 else np.array([0.5])
        y, x = (part.ravel() for part in np.meshgrid(at, at, indexing="ij"))
        places.append(np.stack([step * x, step * y, np.full(x.size, side), np.full(x.size, side)], axis=1))
    cell = np.concatenate(places)
    y, x = (part.ravel() for part in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    corners = step * np.stack([x, y, np.zeros_like(x), np.zeros_like(x)], axis=1)
    return np.asarray((corners[:, None] + cell).reshape(-1, 4), np.float64)


@lru_cache(maxsize=1)
def _read(data: bytes) -> dict[str, tuple[Planes, Planes]]:
    return {name: _weights(data, layer) for name, layer in _LAYERS.items()}


def _layers() -> dict[str, tuple[Planes, Planes]] | None:
    data = pinned_bytes(DRAWN_FACES)
    return None if data is None else _read(data)


def _weights(data: bytes, layer: _Layer) -> tuple[Planes, Planes]:
    """Kernels and bias of a layer, with its batch normalization in them."""
    kernels = _numbers(data, layer.kernels, int(np.prod(layer.shape))).reshape(layer.shape)
    vectors = [_numbers(data, place, layer.shape[0]) for place in layer.vectors]
    if len(vectors) == 1:
        return kernels, vectors[0]
    scale, shift, middle, variance = vectors
    scale = scale / np.sqrt(variance + np.float32(_EPSILON))
    return kernels * scale[:, None, None, None], shift - middle * scale


def _numbers(data: bytes, place: int, count: int) -> Planes:
    return np.frombuffer(data, "<f4", count, place).astype(np.float32)


_LAYERS = {
    "conv1": _Layer((24, 3, 7, 7), 3991420, (31940, 4074484, 31820, 32044)),
    "conv2": _Layer((64, 48, 5, 5), 32148, (339356, 379820, 380084, 380348)),
    "inception1.branch1x1": _Layer((32, 128, 1, 1), 380612, (397004, 397140, 397276, 397412)),
    "inception1.branch1x1_2": _Layer((32, 128, 1, 1), 4033228, (4049620, 397548, 397684, 397820)),
    "inception1.branch3x3_reduce": _Layer((24, 128, 1, 1), 4049772, (397956, 398060, 398164, 398268)),
    "inception1.branch3x3": _Layer((32, 24, 3, 3), 4005556, (398372, 398508, 398644, 398796)),
    "inception1.branch3x3_reduce_2": _Layer((24, 128, 1, 1), 4062068, (4074364, 398948, 399052, 399156)),
    "inception1.branch3x3_2": _Layer((32, 24, 3, 3), 399260, (426916, 427052, 427188, 427324)),
    "inception1.branch3x3_3": _Layer((32, 32, 3, 3), 427460, (464332, 464468, 464604, 464740)),
    "inception2.branch1x1": _Layer((32, 128, 1, 1), 464876, (481268, 481404, 481540, 481676)),
    "inception2.branch1x1_2": _Layer((32, 128, 1, 1), 481812, (498204, 498340, 498476, 498612)),
    "inception2.branch3x3_reduce": _Layer((24, 128, 1, 1), 498748, (511044, 511148, 511252, 511356)),
    "inception2.branch3x3": _Layer((32, 24, 3, 3), 339716, (511460, 511596, 511732, 511868)),
    "inception2.branch3x3_reduce_2": _Layer((24, 128, 1, 1), 367388, (379684, 554252, 554356, 554460)),
    "inception2.branch3x3_2": _Layer((32, 24, 3, 3), 554564, (582220, 582356, 582492, 582628)),
    "inception2.branch3x3_3": _Layer((32, 32, 3, 3), 582764, (619636, 619772, 619908, 620044)),
    "inception3.branch1x1": _Layer((32, 128, 1, 1), 620180, (636572, 636708, 636844, 636980)),
    "inception3.branch1x1_2": _Layer((32, 128, 1, 1), 637116, (653508, 653644, 653780, 653916)),
    "inception3.branch3x3_reduce": _Layer((24, 128, 1, 1), 654052, (666348, 666468, 666572, 666676)),
    "inception3.branch3x3": _Layer((32, 24, 3, 3), 513100, (666780, 666916, 667052, 667188)),
    "inception3.branch3x3_reduce_2": _Layer((24, 128, 1, 1), 540772, (553068, 667324, 667428, 667532)),
    "inception3.branch3x3_2": _Layer((32, 24, 3, 3), 667636, (695292, 695428, 695564, 695700)),
    "inception3.branch3x3_3": _Layer((32, 32, 3, 3), 695836, (732708, 732844, 732980, 733116)),
    "conv3_1": _Layer((128, 128, 1, 1), 733252, (798796, 799316, 799836, 800356)),
    "conv3_2": _Layer((256, 128, 3, 3), 800876, (1980532, 1981596, 1982628, 512004)),
    "conv4_1": _Layer((128, 256, 1, 1), 1983676, (2114756, 2115276, 2115796, 2116316)),
    "conv4_2": _Layer((256, 128, 3, 3), 2116836, (3296492, 3297548, 3298580, 553220)),
    "loc.0": _Layer((84, 128, 3, 3), 3299628, (3686708,)),
    "loc.1": _Layer((4, 256, 3, 3), 3687052, (3742540,)),
    "loc.2": _Layer((4, 256, 3, 3), 3742564, (3297524,)),
    "conf.0": _Layer((42, 128, 3, 3), 3797876, (3723924,)),
    "conf.1": _Layer((2, 256, 3, 3), 3724100, (1981564,)),
    "conf.2": _Layer((2, 256, 3, 3), 3779436, (1981580,)),
}
"""The layers of FaceBoxes_epoch_90.pth by their names there."""
