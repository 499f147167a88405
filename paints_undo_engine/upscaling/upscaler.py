"""Running the upscaler on pictures of any size: tile by tile, with the values that the whole picture would get."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from paints_undo_engine.checkpoints.folders import weight_files
from paints_undo_engine.checkpoints.loading import empty
from paints_undo_engine.checkpoints.loading import load as fill
from paints_undo_engine.checkpoints.weights import Weights
from paints_undo_engine.errors import CheckpointError
from paints_undo_engine.upscaling.network import CompactNetwork, Shape, shape_of

Values = NDArray[np.float32]
"""float32 [h, w, channels], 0 to 1."""

_PREFIXES = ("", "params.", "params_ema.")
"""Under which training libraries keep the network in its file."""
_TILE = 160
_ALPHA = 3
_KEPT = 2
"""Results that are kept: with each frame of a process the shrunk painting, always the same, is asked for."""


class NetworkUpscaler:
    """Enlarges values `scale` times: float32 [h, w, 3] or, premultiplied, [h, w, 4], 0 to 1. Works on the processor.

    A tile of 160 pixels is seen with as many pixels around it as the network's convolutions reach, so that tiles leave
    no seam, and memory does not grow with the picture.
    """

    def __init__(self, network: CompactNetwork, shape: Shape) -> None:
        self._network = network
        self._reach = shape.convolutions
        self._known: OrderedDict[bytes, Values] = OrderedDict()
        self.scale = shape.scale

    def __call__(self, values: Values) -> Values:
        """The enlarged values, not to be written to; alpha goes through the network as a grey picture of its own."""
        key = sha256(values.tobytes()).digest() + repr(values.shape).encode()
        if key not in self._known:
            self._known[key] = self._made(values)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _made(self, values: Values) -> Values:
        colours = self._enlarged(values[..., :_ALPHA])
        if values.shape[2] == _ALPHA:
            return colours
        alpha = self._enlarged(np.repeat(values[..., _ALPHA:], _ALPHA, axis=2)).mean(axis=2, keepdims=True)
        return np.concatenate([np.minimum(colours, alpha), alpha], axis=2)

    def _enlarged(self, values: Values) -> Values:
        height, width = values.shape[:2]
        out = np.empty((height * self.scale, width * self.scale, _ALPHA), np.float32)
        for top, bottom in _spans(height):
            for left, right in _spans(width):
                above, before = max(0, top - self._reach), max(0, left - self._reach)
                seen = values[above : bottom + self._reach, before : right + self._reach]
                made = self._run(seen)[
                    (top - above) * self.scale : (bottom - above) * self.scale,
                    (left - before) * self.scale : (right - before) * self.scale,
                ]
                out[top * self.scale : bottom * self.scale, left * self.scale : right * self.scale] = made
        return np.clip(out, 0, 1, out=out)

    def _run(self, values: Values) -> Values:
        with torch.inference_mode():
            made = self._network(torch.from_numpy(np.ascontiguousarray(values)).permute(2, 0, 1)[None])
        enlarged: Values = made[0].permute(1, 2, 0).numpy()
        return enlarged


def load(folder: Path) -> NetworkUpscaler:
    """The upscaler whose weights lie in `folder`, or are that file. Raises `CheckpointError`."""
    files = weight_files(folder)
    for prefix in _PREFIXES:
        with Weights(files, prefix) as weights:
            if "body.0.weight" in weights.entries:
                shape = shape_of(weights)
                network = fill(empty(partial(CompactNetwork, shape)), weights, what=str(folder))
                return NetworkUpscaler(network, shape)
    raise CheckpointError(f"{folder} does not hold Real-ESRGAN's compact network (body.0.weight, ...).")


def _spans(length: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, length, _TILE):
        yield begin, min(begin + _TILE, length)
