"""Cheap ways to fake a process. Measures that cannot tell them from painting are worth nothing."""

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


def wipe(painting: Frame, count: int) -> Iterator[Frame]:
    """The painting is uncovered from the left."""
    width = painting.shape[1]
    for i in range(1, count + 1):
        canvas = np.full_like(painting, 255)
        canvas[:, : round(width * i / count)] = painting[:, : round(width * i / count)]
        yield canvas


def scratch_card(painting: Frame, count: int) -> Iterator[Frame]:
    """Tiles of a coarse picture in random order, then tiles of the painting itself."""
    h, w = painting.shape[:2]
    grid = np.random.default_rng(0).permutation(144).reshape(12, 12)
    cells = cv2.resize(grid.astype(np.float32), (w, h), interpolation=cv2.INTER_NEAREST) / 144
    coarse = _blurred(painting, max(h, w) / 24)
    for i in range(1, count + 1):
        share = 2 * i / count
        canvas = np.where((cells < share)[..., None], coarse, np.uint8(255))
        yield np.where((cells < share - 1)[..., None], painting, canvas)


def edges_then_fade(painting: Frame, count: int) -> Iterator[Frame]:
    """An edge filter's lines from top to bottom, then the colours fade in."""
    lines = 255 - cv2.Canny(cv2.cvtColor(painting, cv2.COLOR_RGB2GRAY), 60, 150)
    drawing = cv2.cvtColor(lines, cv2.COLOR_GRAY2RGB)
    first = max(count // 3, 1)
    for i in range(1, count + 1):
        if i <= first:
            canvas = np.full_like(painting, 255)
            canvas[: round(painting.shape[0] * i / first)] = drawing[: round(painting.shape[0] * i / first)]
            yield canvas
        else:
            share = (i - first) / (count - first)
            yield cv2.addWeighted(painting, share, drawing, 1 - share, 0).astype(np.uint8)


def colours_by_number(painting: Frame, count: int) -> Iterator[Frame]:
    """Areas of one posterised colour after the other, then the painting in one go."""
    levels = (cv2.medianBlur(painting, 5) // 64).astype(np.int32)
    keys = levels[..., 0] * 16 + levels[..., 1] * 4 + levels[..., 2]
    order = np.unique(keys)[::-1]
    rank = np.searchsorted(np.sort(order), keys)
    flat = np.asarray(levels * 64 + 32, np.uint8)
    for i in range(1, count):
        yield np.where((rank < len(order) * i / (count - 1))[..., None], flat, np.uint8(255))
    yield painting


FAKES: dict[str, Callable[[Frame, int], Iterator[Frame]]] = {
    "cross-fade": cross_fade,
    "dissolve": dissolve,
    "blur to sharp": blur_to_sharp,
    "wipe": wipe,
    "scratch card": scratch_card,
    "edges, then fade": edges_then_fade,
    "colours by number": colours_by_number,
}
