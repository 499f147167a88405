"""A network of our own in TensorFlow Lite's format, written field by field: what is redder than blue is a figure.

It stands in for the published one, which is no part of this repository: same input and output, one line of arithmetic.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading import figure_network
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.networks import OUTLINES

SIDE = 256
BLUE, RED = (60, 90, 200), (220, 60, 40)
_FLOAT, _CONVOLUTION, _LOGISTIC, _CONVOLUTION_OPTIONS = 0, 3, 14, 1


@dataclass(frozen=True)
class Table:
    """Fields by their numbers in the schema: whole numbers, or something that lies elsewhere."""

    fields: dict[int, Value]


@dataclass(frozen=True)
class Data:
    """Bytes, on a boundary of 16."""

    data: bytes


Value: TypeAlias = "int | str | Data | Table | list[int] | list[Table]"


def red_network(gain: float = 40.0) -> bytes:
    """`logistic(gain * (red - blue))` of float32 [1, 256, 256, 3], as float32 [1, 256, 256, 1]."""
    weights = struct.pack("<3f", gain, 0, -gain)
    buffers = [Table({}), Table({0: Data(weights)}), Table({0: Data(struct.pack("<f", 0))})]
    shapes = (([1, SIDE, SIDE, 3], 0), ([1, 1, 1, 3], 1), ([1], 2), ([1, SIDE, SIDE, 1], 0), ([1, SIDE, SIDE, 1], 0))
    tensors = [
        Table({0: shape, 1: _FLOAT, 2: buffer, 3: name})
        for (shape, buffer), name in zip(shapes, ("picture", "weights", "bias", "redder", "figure"), strict=True)
    ]
    operators = [
        Table({0: 0, 1: [0, 1, 2], 2: [3], 3: _CONVOLUTION_OPTIONS, 4: Table({0: 0, 1: 1, 2: 1, 3: 0})}),
        Table({0: 1, 1: [3], 2: [4]}),
    ]
    codes = [Table({0: code, 2: 1, 3: code}) for code in (_CONVOLUTION, _LOGISTIC)]
    graph = Table({0: tensors, 1: [0], 2: [4], 3: operators, 4: "main"})
    out = bytearray(struct.pack("<I4s", 0, b"TFL3"))
    struct.pack_into(
        "<I", out, 0, _written(out, Table({0: 3, 1: codes, 2: [graph], 3: "redder than blue", 4: buffers}))
    )
    return bytes(out)


def _written(out: bytearray, value: str | Data | Table | list[int] | list[Table]) -> int:
    """Append a value in the FlatBuffers format, what it points to after it; where it begins."""
    if isinstance(value, Table):
        return _table(out, value.fields)
    _pad(out, 16, 12 if isinstance(value, Data) else 0)
    start = len(out)
    if isinstance(value, Data):
        out += struct.pack("<I", len(value.data)) + value.data
    elif isinstance(value, str):
        out += struct.pack("<I", len(value)) + value.encode() + b"\0"
    else:
        out += struct.pack(f"<I{len(value)}I", len(value), *(one if isinstance(one, int) else 0 for one in value))
        for number, one in enumerate(value):
            if isinstance(one, Table):
                _point(out, start + 4 + 4 * number, one)
    return start


def _table(out: bytearray, fields: dict[int, Value]) -> int:
    """A table, each of whose fields takes four bytes, with the list of their places before it."""
    count = max(fields, default=-1) + 1
    places = {number: 4 + 4 * at for at, number in enumerate(sorted(fields))}
    _pad(out, 4)
    head = len(out)
    where = (places.get(number, 0) for number in range(count))
    out += struct.pack(f"<HH{count}H", 4 + 2 * count, 4 + 4 * len(fields), *where)
    _pad(out, 4)
    start = len(out)
    out += struct.pack("<i", start - head)
    numbers = [value if isinstance(value, int) else 0 for _, value in sorted(fields.items())]
    out += struct.pack(f"<{len(numbers)}I", *numbers)
    for number, value in fields.items():
        if not isinstance(value, int):
            _point(out, start + places[number], value)
    return start


def _point(out: bytearray, place: int, value: str | Data | Table | list[int] | list[Table]) -> None:
    struct.pack_into("<I", out, place, _written(out, value) - place)


def _pad(out: bytearray, step: int, rest: int = 0) -> None:
    while len(out) % step != rest:
        out.append(0)


def install_red_network(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put our network into a folder of models, and make it the one that is known."""
    network = red_network()
    file = models / "figures" / OUTLINES.name
    file.parent.mkdir()
    file.write_bytes(network)
    known = replace(OUTLINES, size=len(network), sha256=hashlib.sha256(network).hexdigest())
    monkeypatch.setattr(figure_network, "OUTLINES", known)


def red_figure(width: int, height: int) -> tuple[Pixels, NDArray[np.bool_]]:
    """A red shape before a blue ground that is not plain, and where it is."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wave = 25 * np.sin(9 * x / width) + 25 * np.cos(7 * y / height)
    picture = np.clip(np.array(BLUE) + wave[..., None], 0, 255).astype(np.uint8)
    inside = ((x - 0.4 * width) / (0.15 * width)) ** 2 + ((y - 0.5 * height) / (0.35 * height)) ** 2 < 1
    picture[inside] = RED
    return picture, inside
