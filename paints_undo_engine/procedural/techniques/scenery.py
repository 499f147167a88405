"""The ground's shapes: what somebody fills who lays in what is behind a figure, and the lines that are drawn of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.along import pixels_along
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.script import PlannedWork
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.gradients import blends, drawn_gradients, find_gradients
from paints_undo_engine.procedural.techniques.lassoing import merged, unragged
from paints_undo_engine.procedural.techniques.lining import Stroke
from paints_undo_engine.procedural.techniques.shades import Shades, find_shades
from paints_undo_engine.procedural.techniques.sketching import Pencil

_FLAT, _TONE = 0.002, 0.0007
"""Of the picture: a smaller piece of a flat lies in its neighbour's; a smaller one of a tone is left to the brush."""
_LEAVES = 220.0
"""The diagonal divided by it: how far a hand passes over a ragged border."""
_CRISP = 0.5
"""Of a tone's border: one that is less crisp is a gradient, for the airbrush."""
_MOSTLY = 0.5
"""Of a stroke: with so much of it beside a figure it is the figure's."""
_ALIKE = 8
"""Levels: a tone so near to what it lies on is none."""
_MOST_LINES, _MOST_CONTOURS = 160, 60
"""Lines and contours of a ground, the longest: nobody draws every leaf."""
_SHORT, _SHORT_CONTOUR = 0.01, 0.035
"""Of the diagonal: shorter lines and contours of a ground are left out."""
_LINED, _HARD, _MANY = 0.5, 0.8, 1.0
"""Of a ground's contours' length: one with fewer lines of its own was painted without lines, and gets none, unless more
of its contours are crisp, and so many diagonals of them.
"""
_BESIDE = 7
"""Pixels: the side of the square in which what is beside a figure is its own contour."""
_PALER = 0.4
"""How much paler than a figure's a ground's contours are."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """`flats` int32 [h, w], the regions' labels, the ground's in simple shapes; those of one thing in `shades`.

    Over those that go over into each other a `gradient` is drawn. `tones` int32 [h, w]: the labels of the ground's hard
    tones, -1 elsewhere. `standing` uint8 [h, w, 3]: the ground with all that. `crisp` bool [h, w]: where the picture
    changes at once.
    """

    flats: Labels
    tones: Labels
    shades: Shades
    gradient: PlannedWork
    standing: Pixels
    crisp: NDArray[np.bool_]


def scenery_of(
    source: Source, ground: Collection[int], mask: NDArray[np.bool_], group: tuple[str, ...] = ()
) -> Scenery:
    """The shapes of the ground's regions, which lie in a mask bool [h, w]; a `group` of layers has its gradients."""
    reading = source.reading
    simple = unragged(reading.labels, mask, source.diagonal / _LEAVES)
    flats = merged(np.where(mask, simple, reading.labels), mask, round(_FLAT * mask.size))
    shades = find_shades(source, ground)
    area = np.array([region.area for region in reading.regions])
    bases = [label for label in ground if label not in shades]
    soft = blends(flats, bases, source.crisp | reading.walls, area)
    found = find_gradients(source, flats, bases, soft, mask)
    soft = {label: root for label, root in soft.items() if root in found}
    shades = {**soft, **{label: soft.get(root, root) for label, root in shades.items()}}
    base = np.arange(len(reading.regions))
    base[list(shades.keys())] = list(shades.values())
    crisp = source.crisp
    colours = np.array([source.colour(region.colour) for region in reading.regions], np.uint8)
    gradient, below = drawn_gradients(source, found, colours[base[flats]], group)
    tones = _tones(source, mask, crisp, below)
    paints = np.array([*(source.colour(cel.colour) for cel in reading.cels), (0, 0, 0)], np.uint8)
    standing = np.where((tones >= 0)[..., None], paints[tones], below)
    return Scenery(flats, tones, shades, gradient, np.where(mask[..., None], standing, np.uint8(255)), crisp)


def _tones(source: Source, mask: NDArray[np.bool_], crisp: NDArray[np.bool_], below: Pixels) -> Labels:
    """The labels of the tones that are drawn on flats of colours uint8 [h, w, 3]: -1 where there is none."""
    reading, count = source.reading, len(source.reading.cels)
    if not count:
        return np.full(mask.shape, -1, np.int32)
    labels = np.where(mask, reading.cel_labels, -1).astype(np.int32)
    large = merged(labels, mask, round(_TONE * mask.size))
    labels = np.where(labels == large, labels, -1).astype(np.int32)
    paints = np.array([*(source.colour(cel.colour) for cel in reading.cels), (0, 0, 0)], np.uint8)
    labels[difference(paints[labels], below) < _ALIKE] = -1
    kept = np.append(_sharpness(labels, crisp, count, mask) > _CRISP, False)
    return np.where(kept[labels], labels, -1).astype(np.int32)


def _sharpness(labels: Labels, crisp: NDArray[np.bool_], count: int, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of each label's border within a mask is crisp, 0 to 1: float64 [count]."""
    whole, sharp = np.zeros((2, count + 1))
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meet = (labels[first] != labels[second]) & mask[first] & mask[second]
        clear = crisp[first][meet]
        for own in (labels[first][meet], labels[second][meet]):
            whole += np.bincount(own + 1, minlength=count + 1)
            sharp += np.bincount(own + 1, clear, count + 1)
    return (sharp / np.maximum(whole, 1))[1:]


def lighter(source: Source, pen: Pencil) -> Pencil:
    """The pen of a ground's contours, paler than that of a figure's."""
    red, green, blue = (round(level + _PALER * (255 - level)) for level in pen.hand.colour)
    return Pencil(source, replace(pen.hand, colour=(red, green, blue)), "Background contours", pen.group)


def ground_strokes(
    source: Source,
    strokes: Sequence[Stroke],
    figure: NDArray[np.bool_],
    crisp: NDArray[np.bool_],
    pens: tuple[Pencil, Pencil],
) -> list[Stroke]:
    """Strokes in their order without those of the ground that nobody draws: what is short or one of very many, and
    contours that are not `crisp` bool [h, w]. What the first pen would draw of it is the second one's.

    `figure` bool [h, w]: what lies on it or beside it is the figure's. A ground with hardly a line of its own gets no
    contours, unless it is all crisp shapes, and many, or somebody saw them.
    """
    near = cv2.dilate(figure.astype(np.uint8), np.ones((_BESIDE, _BESIDE), np.uint8)) > 0
    kept: dict[int, Stroke] = {}
    lines: list[tuple[float, int, Stroke]] = []
    outlines: list[tuple[float, int, Stroke]] = []
    soft = 0.0
    for number, stroke in enumerate(strokes):
        y, x = pixels_along(stroke.path.points, near.shape)
        length = stroke.path.length / source.diagonal
        if float(near[y, x].mean()) > _MOSTLY:
            kept[number] = stroke
        elif stroke.pen is None and length > _SHORT:
            lines.append((-length, number, stroke))
        elif stroke.pen is not None and length > _SHORT_CONTOUR:
            if float(crisp[y, x].mean()) > _CRISP:
                pen = pens[1] if stroke.pen is pens[0] else stroke.pen
                outlines.append((-length, number, replace(stroke, pen=pen)))
            else:
                soft += length
    kept |= {number: stroke for _, number, stroke in sorted(lines)[:_MOST_LINES]}
    own, hard = (-sum(length for length, _, _ in some) for some in (lines, outlines))
    seen = source.reading.seen_lines is not None
    if seen or own >= _LINED * hard or hard > max(_MANY, _HARD * (hard + soft)):
        kept |= {number: stroke for _, number, stroke in sorted(outlines)[:_MOST_CONTOURS]}
    return [kept[number] for number in sorted(kept)]
