"""The small networks of the model `figures`: only files whose digest is known, run by OpenCV, one at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.checkpoints.catalogue import FIGURES, PinnedFile
from paints_undo_engine.checkpoints.places import in_folder, models_folder

OUTLINES, POSES, SUBJECTS, FACES, LETTERING, DRAWN_FACES, WASHES, EDGES, SEGMENTER = FIGURES.pins
"""What parts figures from their ground, what finds their joints, what a picture is about, faces, lettering, and drawn
faces, washes and edges, which OpenCV does not run."""
_ASKED_ONCE = (SUBJECTS, LETTERING)
"""They are asked once about a picture, and each would go on holding 180 MB, which it works with, for the .15 s that it
takes to read it."""
_turn = Lock()
"""OpenCV's networks keep what they work with, and answer one thread at a time."""


def run_network(
    file: PinnedFile, pixels: NDArray[np.float32], outputs: Sequence[str] = ()
) -> tuple[NDArray[np.float32], ...] | None:
    """What a network answers to float32 [1, c, h, w], at its end or at named `outputs`.

    None where its file is missing or another, or where it fails.
    """
    path = _place(file)
    with _turn:
        try:
            state = path.stat()
            read = _network.__wrapped__ if file in _ASKED_ONCE else _network
            network = read(path, file, state.st_size, state.st_mtime_ns)
            if network is None:
                return None
            network.setInput(pixels)
            named = list(outputs or network.getUnconnectedOutLayersNames())
            return tuple(np.array(answer, np.float32) for answer in network.forward(named))
        except (OSError, cv2.error):
            return None


def pinned_bytes(file: PinnedFile) -> bytes | None:
    """What a file holds, if it is there and the one that is known."""
    path = _place(file)
    with _turn:
        try:
            state = path.stat()
            return _bytes(path, file, state.st_size, state.st_mtime_ns)
        except OSError:
            return None


def _place(file: PinnedFile) -> Path:
    return in_folder(FIGURES, models_folder()) / file.name


@lru_cache(maxsize=3)
def _bytes(path: Path, file: PinnedFile, size: int, changed: int) -> bytes | None:
    """What one state of a file holds."""
    del changed
    return _held(path, file, size)


def _held(path: Path, file: PinnedFile, size: int) -> bytes | None:
    """What a file of some size holds, if it is the one that is known; one of another size is not read."""
    if size != file.size:
        return None
    with path.open("rb") as opened:
        data = opened.read(file.size + 1)
    return data if hashlib.sha256(data).hexdigest() == file.sha256 else None


@lru_cache(maxsize=6)
def _network(path: Path, file: PinnedFile, size: int, changed: int) -> cv2.dnn.Net | None:
    """The network of one state of a file, which no parser sees unless it is the one that is known."""
    del changed
    if _held(path, file, size) is None:
        return None
    # The new engine of OpenCV 5 gives one output of several, and is the only one that it has for bytes. For lettering
    # it takes a third of the time.
    classic = hasattr(cv2.dnn, "ENGINE_CLASSIC") and file is not LETTERING
    engine = [cv2.dnn.ENGINE_CLASSIC] if classic else []
    read = cv2.dnn.readNetFromONNX if path.suffix == ".onnx" else cv2.dnn.readNetFromTFLite
    return read(str(path), *engine)
