"""A plan: the painting's process as a small object that renders the canvas at any moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.compositor import UNIT, Stack
from paints_undo_engine.request import PaintingMode

DRAWN = ("pencil line", "rough line", "pen stroke")
"""Kinds of layers that are drawn on the bare canvas."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the imagined artist.

    `bounds` is (x, y, width, height) in the painting's pixels, `width` that of the brush (0: a fill), `colour` sRGB;
    it is made between the operation counts `begin` and `end`.
    """

    index: int
    phase: str
    kind: str
    region: int
    colour: tuple[int, int, int]
    width: float
    bounds: tuple[int, int, int, int]
    begin: float
    end: float

    @property
    def label(self) -> str:
        """In words, such as ``ink stroke 141``."""
        return f"{self.phase}, {self.kind} {self.region + 1}"


class Plan:
    """The process of one painting. Nothing changes after it is made; every method is a pure function.

    `count` is how many operations the painting takes, `phase_ends` the count at the end of each phase.
    """

    def __init__(
        self,
        picture: NDArray[np.uint8],
        mode: PaintingMode,
        stack: Stack,
        count: int,
        operations: Callable[[], Sequence[Operation]],
        phase_ends: dict[str, float],
    ) -> None:
        self.picture = picture
        self.mode = mode
        self.stack = stack
        self.count = count
        self._list = operations
        self.phase_ends = dict(phase_ends)
        painting = [layer.time for layer in stack.layers if layer.name not in DRAWN]
        self._painted_time = (
            stack.whole(np.minimum.reduce(painting)) if picture.shape[2] == 4 else np.zeros((1, 1), np.uint16)
        )

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation in its order; listed when first asked for."""
        return tuple(self._list())

    def render(self, count: float) -> NDArray[np.uint8]:
        """The canvas after `count` operations (a real number): uint8 [H, W, 3].

        With a transparent picture [H, W, 4]; once all operations are done the input itself.
        """
        if count >= self.count:
            return self.picture
        if self.picture.shape[2] == 4:
            return self._with_alpha(count)
        if count <= 0:
            return np.full_like(self.picture, 255)
        return self.stack.render(count)

    def _with_alpha(self, count: float) -> NDArray[np.uint8]:
        """On a transparent canvas: what is drawn on bare canvas keeps its ink, what is painted the painting's alpha."""
        if count <= 0:
            return np.zeros_like(self.picture)
        colour = self.stack.render(count)
        painted = self._painted_time <= round(count * UNIT)
        alpha = np.maximum(255 - colour.min(axis=2), np.where(painted, self.picture[..., 3], 0))
        share = np.maximum(alpha, 1).astype(np.float32)[..., None] / 255
        straight = np.clip(255 - (255 - colour) / share, 0, 255)
        return np.dstack([np.round(straight).astype(np.uint8), alpha])

    def count_at(self, step: float) -> float:
        """The operation count at an operation step 0 (finished) .. 1000 (blank): steps spread evenly over them."""
        return self.count * (1 - step / 1000) if step < 999 else max(1.0, self.count / 1000) * (1000 - step)

    def render_at_step(self, step: float) -> NDArray[np.uint8]:
        """The canvas at an operation step. Step 999 is the first operation alone."""
        return self.render(self.count_at(step))

    def operation_at(self, count: float) -> Operation:
        """The operation that is being made when `count` operations are done."""
        return self.operations[int(np.clip(count, 0, self.count - 1))]
