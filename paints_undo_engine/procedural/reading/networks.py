"""The small networks of the model `figures`: run by OpenCV, one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.checkpoints.places import models_folder

FOLDER = "figures"
_LARGEST = 16 * 2**20
_turn = Lock()


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A file in the folder of the model `figures`, and its SHA-256."""

    name: str
    sha256: str


def run_network(
    file: NetworkFile, pixels: NDArray[np.float32], outputs: Sequence[str]
) -> tuple[NDArray[np.float32], ...] | None:
    """What a network answers to float32 [1, c, h, w]; None where its file is missing or another, or it fails."""
    path = models_folder() / FOLDER / file.name
    with _turn:
        net = _loaded(path, file.sha256)
        if net is None:
            return None
        try:
            net.setInput(pixels)
            return tuple(np.asarray(each, np.float32) for each in net.forward(list(outputs)))
        except cv2.error:
            return None


@lru_cache(maxsize=4)
def _loaded(path: Path, sha256: str) -> cv2.dnn.Net | None:
    """The network of a file, which no parser sees unless its digest is the known one."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
        if hashlib.sha256(content).hexdigest() != sha256:
            return None
        # OpenCV 5 reads bytes with its new engine alone, which gives one output of several.
        return cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
    except (OSError, cv2.error):
        return None
