"""A branch: an old process up to an operation step, and from there on the way to another end."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import PaintOperation, Pixels
from paints_undo_engine.procedural.reading.model import Labels

Area = NDArray[np.bool_]
"""Where something new may come: [h, w], of any size."""

_REPAINTED_BY = 0.7
"""The share of the remaining work after which every part that was painted already has its new look."""


_UNSEEN = 6.0
"""Levels by which a region differs between the two ways, on average, where none of its colours is there yet."""


class BranchDocument:
    """The process of `old` until `step` (an operation step), which then turns part by part into that of `new`.

    Both are documents of the same drawing, or branches themselves. What was not painted yet at `step` is painted the
    new way at once; what was, is painted over, one region of `labels` (int [h, w], from 0) after the other. At `step`
    itself the canvas is the old one, pixel for pixel; at the end it is the new painting. Outside of `mask` the old
    process goes on.
    """

    def __init__(
        self,
        old: Document | BranchDocument,
        new: Document,
        step: int,
        labels: Labels,
        name: str,
        seed: int,
        mask: Area | None = None,
    ) -> None:
        self.picture: Pixels = within(mask, old.picture, new.picture)
        self._old, self._new, self._step, self._name = old, new, step, name
        self._fork = old.count_at(step)
        height, width = self.picture.shape[:2]
        self._labels = cv2.resize((labels + 1).astype(np.uint16), (width, height), interpolation=cv2.INTER_NEAREST)
        self._chance = (seed, step)
        self._mask = mask

    @property
    def count(self) -> int:
        """How many operations the whole process takes."""
        return self._old.count

    @property
    def operations(self) -> tuple[PaintOperation, ...]:
        """The old ones; those after the branch say what they lead to."""
        return tuple(self.operation_at(number + 0.5) for number in range(self.count))

    def count_at(self, step: float) -> float:
        """The count of operations at an operation step."""
        return self._old.count_at(step)

    def operation_at(self, count: float) -> PaintOperation:
        """The operation that is being made when `count` operations are done."""
        made = self._old.operation_at(count)
        if count <= self._fork:
            return made
        return PaintOperation(made.index, made.phase, made.tool, f"{made.label}, {self._name}", made.bounds)

    def render(self, count: float) -> Pixels:
        """The canvas after `count` operations, as `Document.render`."""
        if count <= self._fork:
            return self._old.render(count)
        if count >= self.count:
            return self.picture.copy()
        old, new = self._old.render(count), self._new.render(self._new.count * count / self.count)
        share = (count - self._fork) / max(self.count - self._fork, 1e-9) / _REPAINTED_BY
        turned = self._turned(share)
        at = turned[self._labels]
        return within(self._mask, old, np.where(at[..., None], new, old))

    @cached_property
    def _turns(self) -> NDArray[np.int64]:
        """When each region gets its new look: int64 [regions + 1], at once (-1) where nothing can be seen of it yet."""
        count = int(self._labels.max()) + 1
        turns = np.random.default_rng(self._chance).permutation(count)
        old, new = self._old.render(self._fork), self._new.render(self._new.count * self._fork / self.count)
        away = np.abs(old[..., :3].astype(np.int16) - new[..., :3]).max(axis=2)
        flat = self._labels.ravel()
        mean = np.bincount(flat, away.ravel(), count) / np.maximum(np.bincount(flat, minlength=count), 1)
        return np.where(mean < _UNSEEN, -1, turns)

    def _turned(self, share: float) -> NDArray[np.bool_]:
        """Which regions have their new look: bool [regions + 1], in the order of their turns."""
        return np.asarray(self._turns < share * len(self._turns), bool)


def within(mask: Area | None, old: Pixels, new: Pixels) -> Pixels:
    """The new picture where the mask is, the old one elsewhere; without a mask the new one."""
    if mask is None:
        return new
    height, width = old.shape[:2]
    area = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.where(area[..., None] > 0, new, old)
