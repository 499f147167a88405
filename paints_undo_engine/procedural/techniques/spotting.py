"""Small forms that stand out, as eyes of faces that nobody has found: tones and airbrush would smear them.

They are drawn with a small brush once the flats stand, and nothing else goes over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.script import PlannedWork, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.shades import Shades

_APART = 50
"""Levels: what differs so much from flats, tones and lines stands out."""
_LEAST, _LARGEST = 1 / 25000, 1 / 300
"""Of the picture: a smaller form is a detail; a larger one is an area."""
_MOST = 24
"""Forms: where there are more, they are a pattern or a texture, and the chief ones are drawn."""
_AROUND = 220.0
"""The diagonal divided by it: how far around a form the brush goes."""
_WEIGHT, _LONGEST, _LOOKED_AT = 0.05, 7.0, 6.0
"""Of one form beside tones, operations that a run of strokes on it takes at most, and how many times as long as others
for what it changes."""
_DIVISOR = 420.0


def spots(source: Source, standing: Pixels, within: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where small forms differ from `standing` uint8 [h, w, 3] on the grid, lines included: bool [h, w]."""
    apart = ((difference(standing, source.small) > _APART) & within).astype(np.uint8)
    solid = cv2.morphologyEx(apart, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    joined = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA] / within.size
    filled = area * within.size / np.maximum(stats[:, cv2.CC_STAT_WIDTH] * stats[:, cv2.CC_STAT_HEIGHT], 1)
    compact = filled > 0.35
    listed = [n for n in range(1, count) if _LEAST < area[n] < _LARGEST and compact[n]]
    chosen = np.zeros(count, bool)
    chosen[sorted(listed, key=lambda n: -float(area[n]))[:_MOST]] = True
    reach = 2 * max(1, round(source.diagonal / _AROUND / 2)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray((cv2.dilate(chosen[labels].astype(np.uint8), disk) > 0) & within)


def eyes_of(source: Source) -> NDArray[np.bool_]:
    """The eyes of the found faces, and what was read as eyes: bool [h, w]."""
    reading = source.reading
    eyes = [region.label for region in reading.regions if region.part is Part.EYES]
    where: NDArray[np.uint8] = np.isin(reading.labels, eyes).astype(np.uint8)
    for face in reading.faces:
        for eye in face.eyes:
            middle, radius = ((round(pair[0]), round(pair[1])) for pair in (eye.centre, eye.radius))
            cv2.ellipse(where, middle, radius, float(np.degrees(face.tilt)), 0, 360, 1, -1)
    return where > 0


def after_flat(source: Source, flats: Sequence[int], looks: NDArray[np.bool_], shades: Shades) -> int:
    """The number, among flats of some regions, of that after which eyes, bool [h, w], get their colours: the last of
    eyes, else of skin, else that in which they lie."""
    parts = [source.reading.regions[label].part for label in flats]
    for part in (Part.EYES, Part.SKIN):
        if part in parts:
            return len(parts) - 1 - parts[::-1].index(part)
    under = source.reading.labels[looks]
    label = int(np.bincount(under[under >= 0]).argmax()) if (under >= 0).any() else -1
    label = shades.get(label, label)
    return list(flats).index(label) if label in flats else len(flats) - 1


def spotted(
    source: Source, standing: Pixels, where: NDArray[np.bool_], group: tuple[str, ...], name: str = "Small forms"
) -> PlannedWork:
    """The small forms with fine strokes."""
    if not where.any():
        return PlannedWork([], list)
    work = refined(
        source,
        standing,
        source.small,
        source.pixels,
        where,
        source.alpha,
        name=name,
        divisor=_DIVISOR,
        group=group,
        phase=Phase.SHADING,
        what=name.lower(),
    )
    forms = cv2.connectedComponents(where.astype(np.uint8))[0] - 1
    steps = [replace(step, most=min(_LONGEST, max(1.0, _LOOKED_AT * step.most))) for step in work.steps]
    return PlannedWork(weighing(steps, _WEIGHT * forms), work.layers)
