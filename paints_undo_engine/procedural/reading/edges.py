"""The edges of a picture, as long lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One long edge: `points` float32 [n, 2], and its `weight`: how long and how strong it is."""

    points: NDArray[np.float32]
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """A picture's edges, the longest and strongest first: those of its large shapes, and all; the borders of the masses
    that it falls into as a scene, and those of all edges that are no texture to it. Where a network has `seen` them no
    texture is among them, and nothing is sorted out.
    """

    main: tuple[Edge, ...]
    all: tuple[Edge, ...]
    masses: tuple[Edge, ...] = ()
    telling: tuple[Edge, ...] = ()
    seen: bool = False

    def each(self, change: Callable[[tuple[Edge, ...]], tuple[Edge, ...]]) -> Edges:
        """With a change made to all of them."""
        return Edges(change(self.main), change(self.all), change(self.masses), change(self.telling), self.seen)
