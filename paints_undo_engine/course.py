"""How a process goes on: how far each state is from the end, and how much of the time each phase takes.

>>> one, other = course_of(pictures, labels), course_of(other_pictures, other_labels)
>>> one.distance_at(0.5), other.distance_at(0.5)
(0.31, 0.12)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine._picture.alpha import on_white

SIDE = 128
"""Longer side in pixels at which states are compared: what is painted counts, not how each stroke lies."""
_ENDS = ("blank canvas", "the painting", "")


@dataclass(frozen=True, slots=True)
class Course:
    """`distances` are those of evenly spread states from the last one: the mean difference of a channel, 0 to 1.

    `phases` are the shares of time of what is being done, in the order in which it begins; empty where the engine does
    not know what is being done.
    """

    distances: tuple[float, ...]
    phases: Mapping[str, float]

    def distance_at(self, share: float) -> float:
        """The distance when `share` of the time has passed, 0 to 1, linear between states."""
        places = np.linspace(0, 1, len(self.distances))
        return float(np.interp(share, places, self.distances))


def course_of(pictures: Iterable[NDArray[np.uint8]], labels: Iterable[str]) -> Course:
    """The course of a process, from its evenly spread states, uint8 [h, w, 3 or 4] of one shape, and their labels.

    A label is "phase, operation". Raises `ValueError` without states.
    """
    states = [_small(pixels) for pixels in pictures]
    if not states:
        raise ValueError("A course needs at least one state.")
    distances = [_distance(state, states[-1]) for state in states]
    named = [label.partition(",")[0] for label in labels if label not in _ENDS]
    shares = {phase: count / len(named) for phase, count in Counter(named).items()}
    return Course(tuple(distances), MappingProxyType(shares))


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    scale = min(1.0, SIDE / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    shrunk = cv2.resize(on_white(pixels), size, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32) / np.float32(255)


def _distance(state: NDArray[np.float32], last: NDArray[np.float32]) -> float:
    if state.shape != last.shape:
        state = np.asarray(cv2.resize(state, last.shape[1::-1], interpolation=cv2.INTER_AREA))
    return float(np.abs(state - last).mean())
