"""Pixel art that was enlarged by a fraction, blurred or compressed: its edges still lie a cell's side apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.cell_grid import CellRuler, PixelCells

_LEAST_SIDE, _FEWEST, _MOST = 2.4, 24, 320
"""Pixels of a cell's side at least; cells along the picture's longer side, at least and at most."""
_EDGE, _CLEAR = 20, 96
"""Levels between neighbours from which on they are an edge, and from which on edges count alike."""
_LINES = 256
"""Rows and columns whose edges are looked at."""
_ALIGNED = 0.5
"""How far edges agree on where cells begin, 0 to 1: one with all of its edges in the same place has 1."""
_FINE = 8
"""How many frequencies are tried for each that fits into the picture a whole number of times."""
_BORDERS, _SHARE = 12, 0.05
"""Borders between cells at which there are edges, along each side; of the strongest one, what counts as one."""
_LEAST_KEPT, _MOST_KEPT, _WITHIN = 0.55, 1.1, 6.0
"""What is left of all differences between neighbours when each cell has one colour; levels by which pixels near the
middle of a cell differ from it on the mean."""
_MIDDLE = 0.3
"""Of a cell's side, how far from its middle that is looked at."""


def find_blurred_cells(picture: NDArray[np.uint8]) -> PixelCells | None:
    """The cells of uint8 [H, W, 3]; None where its edges do not lie on any squares.

    The edges of all columns, as seen along one frequency, are arrows; where all point the same way their sum is long
    (Rayleigh's test). Tiles and squared paper keep that, too, but lose their lines when each cell has one colour.
    """
    longer = max(picture.shape[:2])
    if min(picture.shape[:2]) < _FEWEST * _LEAST_SIDE:
        return None
    across, down = _edges(picture, 1), _edges(picture, 0)
    number = 1 << int(np.ceil(np.log2(_FINE * longer)))
    both = np.minimum(_agreement(across, number), _agreement(down, number))
    first, last = int(np.ceil(_FEWEST * number / longer)), int(min(_MOST / longer, 1 / _LEAST_SIDE) * number)
    best = first + int(both[first : last + 1].argmax())
    if both[best] < _ALIGNED:
        return None
    cells = PixelCells(_ruler(across, best / number), _ruler(down, best / number), exact=False)
    many = all(_borders(edges, ruler) >= _BORDERS for edges, ruler in ((across, cells.across), (down, cells.down)))
    return cells if many and _are_kept(picture, cells) else None


def _edges(picture: NDArray[np.uint8], axis: int) -> NDArray[np.float64]:
    """float [n - 1]: the strength of all edges between a column (axis 1) or row (axis 0) and the next."""
    stride = max(1, picture.shape[1 - axis] // _LINES)
    lines = picture[::stride] if axis == 1 else picture[:, ::stride]
    step = np.abs(np.diff(lines.astype(np.int16), axis=axis)).max(axis=2)
    step = np.where(step < _EDGE, 0, np.minimum(step, _CLEAR))
    return np.asarray(step.sum(axis=1 - axis), np.float64)


def _agreement(edges: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """For each frequency, in periods over `number` pixels, how far the edges agree on a phase, 0 to 1."""
    return np.asarray(np.abs(np.fft.rfft(edges, number)) / max(float(edges.sum()), 1.0))


def _ruler(edges: NDArray[np.float64], about: float) -> CellRuler:
    """The cells along one side, whose frequency is known about."""
    at = np.arange(1, len(edges) + 1)
    frequencies = about + np.linspace(-0.25, 0.25, 41) / len(edges)
    sums = np.exp(2j * np.pi * np.outer(frequencies, at)) @ edges
    best = int(np.abs(sums).argmax())
    side = 1 / float(frequencies[best])
    return CellRuler(side, float(np.angle(sums[best]) / (2 * np.pi) * side % side))


def _borders(edges: NDArray[np.float64], ruler: CellRuler) -> int:
    """Between how many neighbouring cells there are edges."""
    at = np.rint((np.arange(1, len(edges) + 1) - ruler.begin) / ruler.side).astype(np.int64)
    strength = np.bincount(at - at.min(), weights=edges)
    return int((strength > _SHARE * strength.max(initial=1)).sum())


def _are_kept(picture: NDArray[np.uint8], cells: PixelCells) -> bool:
    """Whether the picture stays what it is when each cell has the colour of its middle."""
    height, width = picture.shape[:2]
    colours = cells.sampled(picture).astype(np.int16)
    kept = np.abs(np.diff(colours, axis=1)).sum() * cells.down.side
    kept += np.abs(np.diff(colours, axis=0)).sum() * cells.across.side
    seen = picture.astype(np.int16)
    whole = sum(int(np.abs(np.diff(seen, axis=axis)).sum()) for axis in (0, 1))
    near = np.ix_(_is_middle(cells.down, height), _is_middle(cells.across, width))
    rows, columns = cells.down.of(height)[near[0].ravel()], cells.across.of(width)[near[1].ravel()]
    within = float(np.abs(colours[np.ix_(rows, columns)] - seen[near]).mean())
    return _LEAST_KEPT < kept / max(whole, 1) < _MOST_KEPT and within < _WITHIN


def _is_middle(ruler: CellRuler, length: int) -> NDArray[np.int64]:
    """The pixels that lie near the middle of their cells."""
    at = (np.arange(length) + 0.5 - ruler.begin) / ruler.side % 1
    return np.flatnonzero(np.abs(at - 0.5) < _MIDDLE)
