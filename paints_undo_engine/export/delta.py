"""What has changed between two pictures of an animation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def changed(before: NDArray[np.uint8] | None, now: NDArray[np.uint8], grid: int = 1) -> tuple[int, int, int, int]:
    """The rectangle (left, top, right, bottom) outside which two pictures [H, W, C] are equal.

    Everything when there is no picture before; the first pixel when nothing has changed. Left and top are multiples of
    `grid`.
    """
    height, width = now.shape[:2]
    if before is None or before.shape != now.shape:
        return 0, 0, width, height
    differs = (before != now).reshape(height, -1)
    rows = np.flatnonzero(differs.any(axis=1))
    if rows.size == 0:
        return 0, 0, 1, 1
    columns = np.flatnonzero(differs[rows[0] : rows[-1] + 1].any(axis=0)) // now.shape[2]
    left, top = int(columns[0]) // grid * grid, int(rows[0]) // grid * grid
    return left, top, int(columns[-1]) + 1, int(rows[-1]) + 1
