"""Three cheap ways to fake a process. Measures that cannot tell them from painting are worth nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from .measures import Frame


def cross_fade(painting: Frame, count: int) -> Iterator[Frame]:
    """White turns evenly into the painting."""
    for i in range(1, count + 1):
        yield cv2.addWeighted(painting, i / count, np.full_like(painting, 255), 1 - i / count, 0).astype(np.uint8)


def dissolve(painting: Frame, count: int) -> Iterator[Frame]:
    """Pixels turn up one by one in random order."""
    arrival = np.random.default_rng(0).random(painting.shape[:2])
    for i in range(1, count + 1):
        yield np.where((arrival < i / count)[..., None], painting, np.uint8(255))


def blur_to_sharp(painting: Frame, count: int) -> Iterator[Frame]:
    """A blurred picture becomes sharp."""
    widest = max(painting.shape[:2]) / 8
    for i in range(1, count + 1):
        sigma = widest * (1 - i / count) ** 2
        yield _blurred(painting, sigma) if sigma > 0.1 else painting


def _blurred(painting: Frame, sigma: float) -> Frame:
    """A Gaussian blur; a wide one is computed small."""
    shrink = max(1.0, sigma / 4)
    h, w = painting.shape[:2]
    size = (max(1, round(w / shrink)), max(1, round(h / shrink)))
    small = cv2.resize(painting, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR), np.uint8)


FAKES: dict[str, Callable[[Frame, int], Iterator[Frame]]] = {
    "cross-fade": cross_fade,
    "dissolve": dissolve,
    "blur to sharp": blur_to_sharp,
}
