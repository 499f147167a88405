"""Safetensors files made for tests."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

_BYTES = {"F16": 2, "BF16": 2, "F32": 4}


def write_header(path: Path, tensors: Mapping[str, tuple[int, ...]], dtype: str = "F16") -> Path:
    """A file of any size that takes no room on disk: a header, and a hole where the numbers would be."""
    header, end = {}, 0
    for name, shape in tensors.items():
        start, end = end, end + math.prod(shape) * _BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + end)
    return path
