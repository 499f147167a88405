"""The numbers of the segmenting network (MobileSAM, Zhang et al. 2023, Apache-2.0), where its file is there.

Its file is an archive with a pickle, which nobody reads: as the one file of its digest is known, so is the order of the
tensors that lie in it, each as plain numbers in an entry of its own. They are read in that order into the layers below.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from itertools import product
from zipfile import ZipFile

import numpy as np

from paints_undo_engine.procedural.reading.convolving import Planes
from paints_undo_engine.procedural.reading.networks import SEGMENTER, pinned_bytes

_EPSILON = 1e-5
_ENTRY = "mobile_sam_cpu/data/{}"
_WIDTHS = (64, 128, 160, 320)
"""Planes in each of the encoder's four stages."""
_DEPTHS = (2, 2, 6, 2)
_HEADS, _WINDOWS = (2, 4, 5, 10), (7, 7, 14, 7)
_CLASSES = 1000
_PROMPTED = 256
"""Numbers for a place of the picture, and for a token of the decoder."""
_MASKS = 4
_read_already: dict[str, tuple[PictureEncoder, MaskDecoder]] = {}
"""The layers by their file's digest; the file's 40 MB are not kept beside them."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear layer: weights float32 [outputs, inputs], bias float32 [outputs]; or a normalization's two vectors."""

    weights: Planes
    bias: Planes


@dataclass(frozen=True, slots=True)
class WindowBlock:
    """A block of the encoder that attends within windows: `offsets` float32 [heads, side², side²]."""

    window: int
    offsets: Planes
    before: Linear
    asked: Linear
    given: Linear
    between: Linear
    widened: Linear
    narrowed: Linear
    around: Linear


@dataclass(frozen=True, slots=True)
class Merger:
    """What takes one stage of the encoder to the next: three convolutions, the second one with a stride."""

    first: Linear
    around: Linear
    last: Linear
    stride: int


@dataclass(frozen=True, slots=True)
class PictureEncoder:
    """The picture's part of the network, TinyViT: see `segmenter_encoder`."""

    patches: tuple[Linear, Linear]
    widening: tuple[tuple[Linear, Linear, Linear], ...]
    stages: tuple[tuple[WindowBlock, ...], ...]
    mergers: tuple[Merger, ...]
    neck: tuple[Linear, Linear, Linear, Linear]


@dataclass(frozen=True, slots=True)
class Attention:
    """Four linear layers: of what asks, of what is asked, of its values, and of the answer."""

    queries: Linear
    keys: Linear
    values: Linear
    out: Linear


@dataclass(frozen=True, slots=True)
class Exchange:
    """A layer of the decoder: tokens attend to each other, to the picture, and the picture to them."""

    among: Attention
    to_picture: Attention
    widened: Linear
    narrowed: Linear
    from_picture: Attention
    norms: tuple[Linear, Linear, Linear, Linear]


@dataclass(frozen=True, slots=True)
class MaskDecoder:
    """The part that answers points with masks: see `segmenter_decoder`."""

    frequencies: Planes
    point: Planes
    no_point: Planes
    no_mask: Planes
    layers: tuple[Exchange, ...]
    last: Attention
    last_norm: Linear
    tokens: Planes
    upscaling: tuple[Linear, Linear, Linear]
    masks: tuple[tuple[Linear, Linear, Linear], ...]
    quality: tuple[Linear, Linear, Linear]


def read_segmenter() -> tuple[PictureEncoder, MaskDecoder] | None:
    """The network's layers. None where its file is not in the folder of models, or is another than the known one."""
    data = pinned_bytes(SEGMENTER, kept=False)
    if data is None:
        return None
    if SEGMENTER.sha256 not in _read_already:
        _read_already.clear()
        _read_already[SEGMENTER.sha256] = _read(data)
    return _read_already[SEGMENTER.sha256]


def _read(data: bytes) -> tuple[PictureEncoder, MaskDecoder]:
    with ZipFile(BytesIO(data)) as archive:
        tensors = _Tensors(archive)
        return _encoder(tensors), _decoder(tensors)


class _Tensors:
    """The archive's tensors, one after another."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive, self._at = archive, 0

    def take(self, *shape: int) -> Planes:
        """The next tensor, float32 of a shape."""
        data = self._archive.read(_ENTRY.format(self._at))
        self._at += 1
        return np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)

    def skip(self, count: int) -> None:
        self._at += count

    def line(self, outputs: int, inputs: int) -> Linear:
        return Linear(self.take(outputs, inputs), self.take(outputs))

    def norm(self, width: int) -> Linear:
        return Linear(self.take(width), self.take(width))

    def convolution(self, *shape: int) -> Linear:
        """A convolution with its batch normalization, as one: scale, shift, mean, variance and a count follow it."""
        kernels = self.take(*shape)
        scale, shift, mean, variance = (self.take(shape[0]) for _ in range(4))
        self.skip(1)
        factors = scale / np.sqrt(variance + np.float32(_EPSILON))
        return Linear(kernels * factors.reshape(-1, *[1] * (kernels.ndim - 1)), shift - mean * factors)


def _encoder(tensors: _Tensors) -> PictureEncoder:
    first = _WIDTHS[0]
    patches = (tensors.convolution(first // 2, 3, 3, 3), tensors.convolution(first, first // 2, 3, 3))
    widening = tuple(
        (
            tensors.convolution(4 * first, first),
            tensors.convolution(4 * first, 3, 3),
            tensors.convolution(first, 4 * first),
        )
        for _ in range(_DEPTHS[0])
    )
    mergers, stages = [_merger(tensors, 0)], []
    for stage in range(1, len(_WIDTHS)):
        stages.append(tuple(_block(tensors, stage) for _ in range(_DEPTHS[stage])))
        if stage + 1 < len(_WIDTHS):
            mergers.append(_merger(tensors, stage))
    last = _WIDTHS[-1]
    tensors.norm(last)
    tensors.line(_CLASSES, last)
    unbiased = np.zeros(_PROMPTED, np.float32)
    neck = (
        Linear(tensors.take(_PROMPTED, last), unbiased),
        tensors.norm(_PROMPTED),
        Linear(tensors.take(_PROMPTED, _PROMPTED, 3, 3), unbiased),
        tensors.norm(_PROMPTED),
    )
    return PictureEncoder(patches, widening, tuple(stages), tuple(mergers), neck)


def _merger(tensors: _Tensors, stage: int) -> Merger:
    """The last one leaves the picture's places as many as they are."""
    width, following = _WIDTHS[stage : stage + 2]
    return Merger(
        tensors.convolution(following, width),
        tensors.convolution(following, 3, 3),
        tensors.convolution(following, following),
        1 if stage + 2 == len(_WIDTHS) else 2,
    )


def _block(tensors: _Tensors, stage: int) -> WindowBlock:
    width, heads, side = _WIDTHS[stage], _HEADS[stage], _WINDOWS[stage]
    offsets = tensors.take(heads, side * side)[:, _distances(side)]
    before, asked, given = tensors.norm(width), tensors.line(3 * width, width), tensors.line(width, width)
    between, widened = tensors.norm(width), tensors.line(4 * width, width)
    narrowed, around = tensors.line(width, 4 * width), tensors.convolution(width, 3, 3)
    return WindowBlock(side, offsets, before, asked, given, between, widened, narrowed, around)


def _distances(side: int) -> np.ndarray:
    """Which of its offsets holds between two places of a window, int [side², side²]: they are numbered as they come."""
    places = list(product(range(side), repeat=2))
    numbers: dict[tuple[int, int], int] = {}
    found = [numbers.setdefault((abs(y - v), abs(x - u)), len(numbers)) for y, x in places for v, u in places]
    return np.array(found).reshape(side * side, side * side)


def _decoder(tensors: _Tensors) -> MaskDecoder:
    frequencies = tensors.take(2, _PROMPTED // 2)
    tensors.skip(1)
    point = tensors.take(_PROMPTED)
    tensors.skip(2)
    no_point = tensors.take(_PROMPTED)
    tensors.skip(10)
    no_mask = tensors.take(_PROMPTED)
    layers = tuple(_exchange(tensors) for _ in range(2))
    last, last_norm = _attention(tensors, _PROMPTED // 2), tensors.norm(_PROMPTED)
    tokens = np.concatenate([tensors.take(1, _PROMPTED), tensors.take(_MASKS, _PROMPTED)])
    upscaling = (
        Linear(tensors.take(_PROMPTED, 64, 2, 2), tensors.take(64)),
        tensors.norm(64),
        Linear(tensors.take(64, 32, 2, 2), tensors.take(32)),
    )
    masks = tuple(_three(tensors, 32) for _ in range(_MASKS))
    return MaskDecoder(
        frequencies,
        point,
        no_point,
        no_mask,
        layers,
        last,
        last_norm,
        tokens,
        upscaling,
        masks,
        _three(tensors, _MASKS),
    )


def _three(tensors: _Tensors, outputs: int) -> tuple[Linear, Linear, Linear]:
    first, second = (tensors.line(_PROMPTED, _PROMPTED) for _ in range(2))
    return first, second, tensors.line(outputs, _PROMPTED)


def _attention(tensors: _Tensors, inside: int) -> Attention:
    queries, keys, values = (tensors.line(inside, _PROMPTED) for _ in range(3))
    return Attention(queries, keys, values, tensors.line(_PROMPTED, inside))


def _exchange(tensors: _Tensors) -> Exchange:
    among, first = _attention(tensors, _PROMPTED), tensors.norm(_PROMPTED)
    to_picture, second = _attention(tensors, _PROMPTED // 2), tensors.norm(_PROMPTED)
    widened, narrowed = tensors.line(8 * _PROMPTED, _PROMPTED), tensors.line(_PROMPTED, 8 * _PROMPTED)
    third, fourth = tensors.norm(_PROMPTED), tensors.norm(_PROMPTED)
    return Exchange(
        among, to_picture, widened, narrowed, _attention(tensors, _PROMPTED // 2), (first, second, third, fourth)
    )
