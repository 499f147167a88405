"""A document: the painting's process as layers and the operations on them. It renders the canvas at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.compositor import Compositor
from paints_undo_engine.procedural.document.model import UNIT, Colour, Keys, PaintOperation, Paper, Pixels

if TYPE_CHECKING:
    from paints_undo_engine.procedural.document.layer import Layer
    from paints_undo_engine.procedural.document.tiles import Grid

WHITE: Colour = (255, 255, 255)
_SEEN = 1
"""Levels: the least change of a colour that makes an operation of its own, so that no frame jumps."""


@dataclass(frozen=True, slots=True)
class Curves:
    """The adjustment at the top: `table` uint8 [256, 3] is where its sliders end; `amount` how far they are, 1: there.

    Beyond 1 they overshoot. 0 and 255 stay where they are, so that the paper stays white. `levels` bool [256, 3] are
    those that the picture holds: what happens to others is not seen.
    """

    table: NDArray[np.uint8]
    amount: Keys = Keys(((0.0, 0.0),))
    levels: NDArray[np.bool_] | None = None

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """In which operations the sliders move: bool [operations]."""
        busy = np.zeros(operations, bool)
        before = self.at(0)
        # Each channel's slider stands where it was up to three operations ago.
        amounts = self.amount.along(np.arange(-3, operations + 4) * UNIT)
        moving = np.flatnonzero(amounts[1:] != amounts[:-1])
        first, last = (int(moving[0]) - 6, int(moving[-1]) + 1) if len(moving) else (0, -1)
        for index in range(max(0, first), min(last, operations - 1) + 1):
            after = self.at((index + 1) * UNIT)
            earlier = np.arange(256)[:, None] if before is None else before.astype(np.int64)
            # Sliders are seen to move once some level has gone far enough.
            if after is not None and self._moved(after, earlier) >= _SEEN:
                busy[index] = True
                before = after
        return busy

    def _moved(self, after: NDArray[np.uint8], earlier: NDArray[np.int64]) -> int:
        away = np.abs(after - earlier)
        return int((away if self.levels is None else away * self.levels).max())

    def at(self, clock: int) -> NDArray[np.uint8] | None:
        """The table at a tick; None where it changes nothing.

        The channels' curves are moved in turn, one in each operation.
        """
        amounts = np.array([self._channel(channel, clock) for channel in range(3)])
        if not amounts.any():
            return None
        straight = np.arange(256, dtype=np.float64)[:, None]
        return np.asarray(np.clip(np.rint(straight + (self.table - straight) * amounts), 0, 255), np.uint8)

    def _channel(self, channel: int, clock: int) -> float:
        turn, into = divmod(clock / UNIT - channel, 3)
        before, after = (self.amount(round((3 * (turn + ahead) + channel) * UNIT)) for ahead in (0, 1))
        return before + (after - before) * min(into, 1.0)


@dataclass(frozen=True, slots=True)
class MirroredTimes:
    """When the artist looks at the canvas mirrored: pairs of ticks, from and to."""

    flips: tuple[tuple[int, int], ...] = ()

    def busy(self, operations: int) -> NDArray[np.bool_]:
        """In which operations the view is turned round: bool [operations]."""
        flipped = np.zeros(operations + 1, bool)
        for begin, end in self.flips:
            flipped[-(-begin // UNIT) : -(-end // UNIT)] = True
        return np.asarray(flipped[1:] != flipped[:-1], bool)

    def flipped(self, clock: int) -> bool:
        """Whether the canvas is mirrored at a tick."""
        return any(begin <= clock < end for begin, end in self.flips)


class Setting(Protocol):
    """A painting, and what stands about what was made of it."""

    @property
    def picture(self) -> Pixels:
        """The whole painting, uint8 [H, W, 3 or 4], straight alpha."""

    @property
    def inside(self) -> Pixels:
        """What was made, uint8 [h, w, 3 or 4]."""

    def around(self, inside: Pixels) -> Pixels:
        """A state of what was made, as large, in its surroundings: uint8 [H, W, 3 or 4]."""


class Document:
    """The process of one painting. Nothing changes after it is made; `render` is a pure function.

    `layers` have been attached to `grid`.
    `ticks` int64 [n + 1]: when each of the n operations begins on the layers' clock, and when the last one ends.
    `mount` has the painting, straight alpha, and what stands about it; `kind` what it was taken for, `method` how the
    artist works, in words.
    """

    def __init__(
        self,
        mount: Setting,
        grid: Grid,
        layers: Sequence[Layer],
        operations: Sequence[PaintOperation],
        ticks: NDArray[np.int64],
        *,
        curves: Curves | None = None,
        view: MirroredTimes | None = None,
        paper: Paper = WHITE,
        kind: str = "",
        method: str = "",
    ) -> None:
        self.picture = mount.picture
        self._mount = mount
        self.layers = tuple(layers)
        self.operations = tuple(operations)
        self.ticks = ticks
        self.kind, self.method = kind, method
        self._transparent = mount.inside.shape[2] == 4
        self._paper = paper
        self._curves = curves
        self._view = view or MirroredTimes()
        self._compositor = Compositor(grid, layers, None if self._transparent else paper)

    @property
    def count(self) -> int:
        """How many operations the painting takes."""
        return len(self.operations)

    def clock(self, count: float) -> int:
        """The layers' tick after `count` operations, a real number."""
        return round(float(np.interp(count, np.arange(len(self.ticks)), self.ticks)))

    def render(self, count: float) -> Pixels:
        """The canvas after `count` operations (a real number): uint8 [H, W, 3], or 4 for a transparent painting.

        Once all operations are done it is the painting itself. The caller owns the pixels.
        """
        if count >= self.count:
            return self.picture.copy()
        if count <= 0:
            if not self._transparent and isinstance(self._paper, np.ndarray):
                return self._mount.around(self._paper.copy())
            blank = (0, 0, 0, 0) if self._transparent else self._paper
            return self._mount.around(np.full(self._mount.inside.shape, blank, np.uint8))
        clock = self.clock(count)
        canvas = self._compositor.canvas(clock)
        frame = straight(canvas) if self._transparent else canvas
        table = self._curves.at(clock) if self._curves else None
        if table is not None:
            lut = table if not self._transparent else np.hstack([table, np.arange(256, dtype=np.uint8)[:, None]])
            frame = np.asarray(cv2.LUT(frame, lut[None]), np.uint8)
        frame = self._mount.around(frame)
        if self._view.flipped(clock):
            return np.ascontiguousarray(frame[:, ::-1])
        return frame.copy() if frame is canvas else frame

    def graded(self, rgba: Pixels) -> Pixels:
        """Colours uint8 [h, w, 4] as the curves leave them at the end."""
        if self._curves is None:
            return rgba
        lut = np.hstack([self._curves.table, np.arange(256, dtype=np.uint8)[:, None]])
        return np.asarray(cv2.LUT(np.ascontiguousarray(rgba), lut[None]), np.uint8)

    def count_at(self, step: float) -> float:
        """The count of operations at an operation step 0 (finished) .. 1000 (blank): steps spread evenly over them."""
        return self.count * (1 - step / 1000) if step < 999 else max(1.0, self.count / 1000) * (1000 - step)

    def operation_at(self, count: float) -> PaintOperation:
        """The operation that is being made when `count` operations are done."""
        return self.operations[int(np.clip(count, 0, self.count - 1))]


def tick(operation: float) -> int:
    """The tick at which an operation of the layers' clock begins."""
    return round(operation * UNIT)


def straight(premultiplied: Pixels) -> Pixels:
    """Straight alpha from premultiplied; only pixels that are partly transparent are divided."""
    out = premultiplied.copy()
    alpha = premultiplied[..., 3]
    partly = cv2.inRange(alpha, 1, 254)
    at = np.flatnonzero(partly)
    if len(at):
        flat = out.reshape(-1, 4)
        some = flat[at].astype(np.uint16)
        flat[at, :3] = np.minimum((some[:, :3] * 255 + some[:, 3:] // 2) // some[:, 3:], 255)
    return out
