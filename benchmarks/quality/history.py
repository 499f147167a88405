"""What the judge may know of the engine: states, operations with their phases, what it took the picture for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural import Document, Options, make_document

Pixels = NDArray[np.uint8]
Frame = NDArray[np.uint8]


def on_white(pixels: Pixels) -> Frame:
    """RGB as it is, RGBA laid on white."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.floor(pixels[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)


class History:
    """The process of one picture (uint8 [h, w, 3] or [h, w, 4]) with one seed."""

    def __init__(self, picture: Pixels, seed: int = 0) -> None:
        self.picture = picture
        self.painting = on_white(picture)
        self.document: Document = make_document(picture, Options(seed=seed))
        self.count = len(self.document.operations)

    @property
    def method(self) -> str:
        """The way of working that was chosen."""
        return self.document.method

    @property
    def kind(self) -> str:
        """What the picture was taken for; empty where the engine does not say."""
        return self.document.kind

    def raw(self, share: float) -> Pixels:
        """The canvas with its alpha when `share` (0..1) of the process is done."""
        return np.asarray(self.document.render(share * self.document.count))

    def state(self, share: float) -> Frame:
        """The canvas on white when `share` (0..1) of the process is done."""
        return on_white(self.raw(share))

    def states(self, count: int) -> Iterator[Frame]:
        """`count` states, evenly spread, without the blank canvas and with the painting."""
        return (self.state(number / count) for number in range(1, count + 1))

    @property
    def phases(self) -> list[str]:
        """The phase of every operation."""
        return [str(operation.phase) for operation in self.document.operations]

    @property
    def labels(self) -> list[str]:
        """The words of every operation, with its tool where it names one."""
        return [f"{operation.label} {operation.tool}" for operation in self.document.operations]

    @lru_cache(maxsize=1)  # noqa: B019 - a study holds one history at a time
    def spans(self) -> list[tuple[float, float]]:
        """Begin and end of every operation as shares of the process."""
        total = float(self.document.count)
        return [(one.index / total, (one.index + 1) / total) for one in self.document.operations]

    def share_at_end_of(self, *words: str) -> float | None:
        """When the last operation ends whose phase has one of the words; None where there is none."""
        ends = [
            end
            for (_, end), phase in zip(self.spans(), self.phases, strict=True)
            if any(word in phase for word in words)
        ]
        return max(ends) if ends else None
