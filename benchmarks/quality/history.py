"""What the judge may know of the engine: states, operations with their phases, what it took the picture for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.methods.choosing import method_for
from paints_undo_engine.procedural.mount import mounted
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source

Pixels = NDArray[np.uint8]
Frame = NDArray[np.uint8]


def on_white(pixels: Pixels) -> Frame:
    """RGB as it is, RGBA laid on white."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.floor(pixels[..., :3] * alpha + 255 * (1 - alpha) + 0.5).astype(np.uint8)


def taken_for(picture: Pixels, seed: int = 0) -> tuple[str, str]:
    """Kind and method of a picture, without the whole document."""
    inside = mounted(picture).inside
    reading = read_picture(inside)
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    method, _ = method_for(Source(inside, reading, unchanged, Options(seed=seed)))
    return str(reading.kind), str(method)


class History:
    """The process of one picture (uint8 [h, w, 3] or [h, w, 4]) with one seed."""

    def __init__(self, picture: Pixels, seed: int = 0) -> None:
        self.picture = picture
        self.painting = on_white(picture)
        self.document = make_document(picture, Options(seed=seed))
        self.count = self.document.count

    @property
    def method(self) -> str:
        """The way of working that was chosen."""
        return str(self.document.method)

    @property
    def kind(self) -> str:
        """What the picture was taken for."""
        return str(self.document.kind)

    def raw(self, share: float) -> Pixels:
        """The canvas with its alpha when `share` (0..1) of the process is done."""
        return np.asarray(self.document.render(share * self.count))

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
        return [f"{operation.label}, {operation.tool}" for operation in self.document.operations]

    def spans(self) -> list[tuple[float, float]]:
        """Begin and end of every operation as shares of the process."""
        return [(index / self.count, (index + 1) / self.count) for index in range(self.count)]

    def share_at_end_of(self, *words: str) -> float | None:
        """When the last operation ends whose phase has one of the words; None where there is none."""
        ends = [
            end
            for (_, end), phase in zip(self.spans(), self.phases, strict=True)
            if any(word in phase for word in words)
        ]
        return max(ends) if ends else None
