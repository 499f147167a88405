"""Where an artist looks first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.model import Face, InkPath, Point, Reading
from paints_undo_engine.procedural.source import Source

_EYE = 1.7, 2.2
"""In an eye's radii: how far around its middle its lashes and its brow are."""

_ALONG, _IN = 0.006, 0.7
"""Of the diagonal: how far beyond a panel its own lines lie; of a line, what lies in its panel."""
_CHEEK, _BESIDE, _LONG, _MOSTLY = 0.5, 0.25, 0.2, 0.6
"""Of a face's width, how far its cheeks lie from its middle; of the way to its outline, how far a stroke lies beside
that; how long one is by the face's width; how much of it lies there.
"""


def focus_of(source: Source) -> tuple[float, float]:
    """The place on the grid that matters most: between the eyes, else a head, a figure's upper part, the middle."""
    reading = source.reading
    if reading.faces:
        left, right = (eye.centre for eye in reading.faces[0].eyes)
        return (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    if reading.heads:
        return reading.heads[0].centre
    if reading.figure.boxes:
        box = reading.figure.boxes[0]
        return box.x + box.width / 2, box.y + 0.2 * box.height
    height, width = reading.shape
    return width / 2, height * 0.45


def panel_at(reading: Reading, place: Point) -> int:
    """In which panel of a page a place lies, from 1; what lies in none comes after all."""
    held = (number for number, box in enumerate(reading.panels, 1) if box.holds(place))
    return next(held, len(reading.panels) + 1)


def panel_along(reading: Reading, path: InkPath) -> int:
    """In which panel, as above, most of a line lies, or along whose border it runs."""
    if not reading.panels:
        return 1
    reach = _ALONG * float(np.hypot(*reading.shape))
    shares = []
    for box in reading.panels:
        away = np.abs(path.points - np.array(box.centre, np.float32)) - (box.width / 2 + reach, box.height / 2 + reach)
        shares.append(float((away < 0).all(axis=1).mean()))
    return int(np.argmax(shares)) + 1 if max(shares) > _IN else len(shares) + 1


def eyes_together(
    source: Source, middles: NDArray[np.floating], order: Sequence[int], paths: Sequence[InkPath] = ()
) -> list[int]:
    """An order of strokes whose middles are [n, 2] on the grid, changed so that both eyes of a face come together, and
    of `paths` right after the face's outline: eyes alone on an empty sheet are in no place.
    """
    order = list(order)
    for face in source.reading.faces:
        eyes: list[list[int]] = []
        for eye in face.eyes:
            away = np.abs(middles[order] - eye.centre) / np.maximum(eye.radius, 1)
            near = np.flatnonzero((away < _EYE).all(axis=1)) if order else ()
            eyes.append([order[at] for at in near])
        first = [order.index(own[0]) for own in eyes if own]
        if len(first) == len(eyes):
            both = list(dict.fromkeys(at for _, own in sorted(zip(first, eyes, strict=True)) for at in own))
            jaw = [at for at in order if paths and at not in both and _is_outline(paths[at], face)]
            begin = min([*first, *(order.index(at) for at in jaw)])
            rest = [at for at in order[begin:] if at not in both and at not in jaw]
            order = [*order[:begin], *jaw, *both, *rest]
    return order


def _is_outline(path: InkPath, face: Face) -> bool:
    """Whether most of a stroke runs along cheeks and chin: about an oval from the eyes down to the chin."""
    left, right = (np.array(eye.centre) for eye in face.eyes)
    across = (right - left) / max(float(np.hypot(*(right - left))), 1e-6)
    down = np.array([-across[1], across[0]])
    from_eyes = path.points.astype(np.float64) - (left + right) / 2
    tall = max(float((np.array(face.chin) - (left + right) / 2) @ down), 1.0)
    aside, below = from_eyes @ across / (_CHEEK * face.box.width), from_eyes @ down / tall
    along = (np.abs(np.hypot(aside, below) - 1) < _BESIDE) & (below > 0)
    return path.length > _LONG * face.box.width and float(along.mean()) > _MOSTLY
