"""The outlines of a picture's large shapes as long loose curves: figures, their hair and clothes, what is large."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.crowns import PARTED
from paints_undo_engine.procedural.reading.model import Cover, FigureSource, Part, Region
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.silhouettes import is_frame, off_border, ring_runs
from paints_undo_engine.procedural.techniques.underdrawing import has_lines, is_drawn_small

_SIDE = 400
"""Pixels of the longer side of the grid on which shapes are outlined."""
_SOFT = 0.005
"""Of that side: what is smaller of an outline, a loose curve leaves out."""
_LEAST, _OF_FIGURES, _FILLS = 0.012, 0.025, 0.7
"""Of the picture: the smallest shape; of all figures: the smallest of theirs; of the picture: what fills it."""
_BESIDE, _ACROSS = 0.012, 3
"""Of the side: what runs so near to an outline is that outline. Pixels: so far to each side colours are compared."""
_SEEN, _OF_CONTRAST, _BRIDGED = 14.0, 0.7, 0.03
"""In Lab, and by the contrast of the picture's light, how unlike both sides of an edge are at least; by the side, the
longest gap over which a hand goes on.
"""
_SHORT, _PIECE = 0.5, 0.06
"""Of what a line of construction is long at least, such an outline's; of a shape: smaller pieces and holes are none."""
_TOGETHER = (Part.HAIR, Part.SKIN)
"""What is one shape, however many flats it has."""
_NONE = (Part.PAPER, Part.TEXT, Part.EYES, Part.MOUTH)


def large_shapes(source: Source) -> list[tuple[str, Points]]:
    """Name and outline of each large shape, float32 [n, 2] on the grid, large to small; closed, but where its colour is
    that of what lies beside it, at the picture's border, and along what is outlined already. A figure's own is whole.
    """
    height, width = source.reading.shape
    scale = max(1.0, max(height, width) / _SIDE)
    size = (max(2, round(width / scale)), max(2, round(height / scale)))
    small = cv2.resize(source.on_white, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), (0, 0), 1.0), np.float32)
    seen = min(_SEEN, _OF_CONTRAST * float(lab[..., 0].std()))
    free = np.ones((size[1], size[0]), np.uint8)
    found: list[tuple[str, Points]] = []
    for name, mask, whole in _shapes(source):
        loose = cv2.GaussianBlur(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), (0, 0), _SOFT * _SIDE)
        for line in _outlined(np.asarray(loose > 127, np.uint8), free, None if whole else lab, seen):
            cv2.polylines(free, [np.rint(line).astype(np.int32)], False, 0, 2 * round(_BESIDE * _SIDE) + 1)
            found.append((name, np.asarray((line + 0.5) * scale - 0.5, np.float32)))
    return found


def _shapes(source: Source) -> Iterator[tuple[str, Cover, bool]]:
    """Name and cover, uint8 [h, w], of figures, and then of shapes from large to small; and whether it is whole.

    Of what is drawn small its lines say more. In paint without lines flats end where strokes do: of its ground, and of
    what fills the picture, none is outlined.
    """
    reading, figure = source.reading, source.reading.figure
    if figure.source in PARTED:
        yield "figure", figure.cover, True
    if is_drawn_small(source):
        return
    own = float((figure.cover > 127).sum())
    least = min(_OF_FIGURES * own, _LEAST * reading.labels.size)
    # Where a network has seen figures, what surrounds them is left to a few edges.
    drawn, parted = has_lines(source), own < _FILLS * reading.labels.size
    about = drawn and figure.source is not FigureSource.NETWORK
    together: dict[tuple[object, ...], list[Region]] = {}
    for region in reading.regions:
        joined, inside = region.part in _TOGETHER, region.figure is not None
        if region.part not in _NONE and (about or (inside and (drawn or joined or parted))):
            one = (region.part, region.figure) if joined else (region.label,)
            together.setdefault(one, []).append(region)
    for some in sorted(together.values(), key=lambda some: -sum(region.area for region in some)):
        smallest = _LEAST * reading.labels.size if some[0].figure is None else least
        if sum(region.area for region in some) > smallest:
            shape = np.isin(reading.labels, [region.label for region in some])
            yield some[0].called, np.where(shape, np.uint8(255), np.uint8(0)), False


def _outlined(mask: Cover, free: Cover, lab: NDArray[np.float32] | None, seen: float) -> list[Points]:
    """The outlines of a small mask where they are free and, by colours float32 [h, w, 3], so much is seen of them."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    lines: list[Points] = []
    least = _PIECE * float(mask.sum())
    for outline in sorted(outlines, key=len, reverse=True):
        places = outline[:, 0]
        if cv2.contourArea(outline) < least or is_frame(np.asarray(outline, np.int32), mask.shape):
            continue
        kept = values_along(free, places.astype(np.float32)) > 0
        if lab is not None:
            kept &= _bridged(_contrast(lab, places.astype(np.float32)) > seen, round(_BRIDGED * _SIDE))
        lines += ring_runs(places, kept & off_border(places, mask.shape), round(_SIDE * _SHORT))
    return lines


def _contrast(lab: NDArray[np.float32], ring: Points) -> NDArray[np.float64]:
    """How unlike both sides of each place [n, 2] of a ring are, in Lab: [n]."""
    along = np.roll(ring, -3, axis=0) - np.roll(ring, 3, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    one, other = (values_along(lab, (ring + way * across).astype(np.float32)) for way in (-_ACROSS, _ACROSS))
    return np.asarray(np.linalg.norm(one - other, axis=1), np.float64)


def _bridged(seen: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """What is seen of a ring, bool [n], without short gaps, and then without scraps as short."""
    row = np.tile(seen.astype(np.uint8), 3)[None]
    brush = np.ones((1, 2 * (gap // 2) + 1), np.uint8)
    calm = cv2.morphologyEx(cv2.morphologyEx(row, cv2.MORPH_CLOSE, brush), cv2.MORPH_OPEN, brush)
    return np.asarray(calm[0, len(seen) : 2 * len(seen)] > 0, bool)
