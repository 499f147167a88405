"""Gradients: a ground whose paints go over into each other is one flat, over which a wide gradient is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.shades import Shades

_SOFTLY, _ALONG = 0.45, 0.12
"""Of the border of two paints: where less is crisp they go over into each other; of the shorter one's whole border, how
much they share at least.
"""
_LEAST, _SEEN, _CURVE = 0.04, 3, 3
"""Of the picture, the smallest gradient; levels that are seen; the degree of the curve that each channel follows.
"""
_FAINT, _EXPLAINED = 5.0, 0.83
"""Levels by which colours stray from their median at least; of that, what is gone beside a gradient, or there is none.
"""
_TURNS = 8.0
"""Operations that a gradient over the whole picture takes at most."""


def blends(labels: Labels, regions: Collection[int], crisp: NDArray[np.bool_], area: NDArray[np.int64]) -> Shades:
    """Which of some regions, in a map int32 [h, w], go over into others: for the label of each the largest one's.

    `crisp` bool [h, w]: where the picture changes at once; `area` int64 [n] the pixels of each label.
    """
    count = len(area)
    listed = np.zeros(count + 1, bool)
    listed[list(regions)] = True
    hard, whole = np.zeros((2, count, count))
    for first, second in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        one, other = labels[first], labels[second]
        meet = (one != other) & listed[one] & listed[other] & (one >= 0) & (other >= 0)
        pair = one[meet].astype(np.int64) * count + other[meet]
        whole += np.bincount(pair, minlength=count * count).reshape(count, count)
        sharp = (crisp[first] | crisp[second])[meet]
        hard += np.bincount(pair[sharp], minlength=count * count).reshape(count, count)
    whole, hard = whole + whole.T, hard + hard.T
    length = np.maximum(whole.sum(axis=1), 1)
    shared = whole / np.minimum(length[:, None], length[None, :])
    soft = (whole > 0) & (hard < _SOFTLY * whole) & (shared > _ALONG)
    ordered = sorted(regions, key=lambda label: (-int(area[label]), label))
    chief = {label: label for label in ordered}
    for label in ordered:
        for beside in (at for at in ordered if soft[label, at]):
            base, side = sorted((chief[label], chief[beside]), key=ordered.index)
            chief = {at: base if root == side else root for at, root in chief.items()}
    return {label: root for label, root in chief.items() if root != label}


@dataclass(frozen=True, slots=True, eq=False)
class Gradient:
    """One gradient: the places `x`, `y` [n] that it covers, their `share` of its way, and their colours, [n, 3]."""

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    share: NDArray[np.float32]
    colours: Pixels


def find_gradients(
    source: Source, flats: Labels, bases: Collection[int], sides: Shades, mask: NDArray[np.bool_]
) -> dict[int, Gradient]:
    """By their labels, those of flats int32 [h, w] within a mask bool [h, w], the `bases`, that are a gradient with
    their `sides`, and nothing else: clouds, forms and folds are none.
    """
    found = {}
    for base in sorted(label for label in bases if label not in sides):
        own = [base, *(label for label, root in sides.items() if root == base)]
        y, x = np.nonzero(np.isin(flats, own) & mask)
        if len(x) < _LEAST * flats.size:
            continue
        colours = source.small_clean[y, x]
        share = _along(x, y, colours.mean(axis=1, dtype=np.float32))
        curve = _curved(share, colours)
        even = np.median(colours, axis=0, keepdims=True).astype(np.uint8)
        strays = _straying(colours, even)
        if strays > _FAINT**2 and _straying(colours, curve) < (1 - _EXPLAINED) * strays:
            found[base] = Gradient(x, y, share, curve)
    return found


def drawn_gradients(
    source: Source, found: Mapping[int, Gradient], standing: Pixels, group: tuple[str, ...]
) -> tuple[PlannedWork, Pixels]:
    """How gradients are drawn over what is `standing`, and what stands then: uint8 [h, w, 3] each."""
    come = np.full(standing.shape[:2], NEVER, np.uint16)
    target = standing.copy()
    for one in found.values():
        target[one.y, one.x] = one.colours
    steps = [_step(source, base, one, come) for base, one in found.items()]
    seen = np.where(difference(target, standing) > _SEEN, 255, 0).astype(np.uint8)

    def layers() -> list[Layer]:
        return [Arrival("Background gradient", target, come, cover=source.alpha, ramp=UNIT, group=group, seen=seen)]

    return PlannedWork(steps, layers if steps else list), target


def _straying(colours: Pixels, other: Pixels) -> float:
    """How far colours [n, 3] are from others, squared, on the mean."""
    return float(((colours.astype(np.float32) - other) ** 2).mean())


def _along(x: NDArray[np.int64], y: NDArray[np.int64], light: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far places [n] lie along the way in which the `light` [n] changes, 0 to 1: float32 [n]."""
    places = np.stack([x - x.mean(), y - y.mean()], axis=1).astype(np.float32)
    way, *_ = np.linalg.lstsq(places, light - light.mean(), rcond=None)
    along = places @ way if float(np.hypot(*way)) > 0 else places[:, 1]
    return np.asarray((along - along.min()) / max(float(np.ptp(along)), 1e-6), np.float32)


def _curved(share: NDArray[np.float32], colours: Pixels) -> Pixels:
    """The curve that comes nearest to colours [n, 3] at their `share` of the way: uint8 [n, 3]."""
    curve = np.polynomial.polynomial
    wide = share.astype(np.float64)
    fitted = curve.polyval(wide, curve.polyfit(wide, colours.astype(np.float64), _CURVE)).T
    return np.asarray(np.rint(np.clip(fitted, *np.percentile(colours, (2, 98), axis=0))), np.uint8)


def _step(source: Source, base: int, one: Gradient, come: NDArray[np.uint16]) -> ScriptStep:
    """One gradient, drawn along the way in which it changes."""

    def when(begin: int, end: int) -> None:
        come[one.y, one.x] = begin + one.share * max(0, end - begin - 1)

    x, y = one.x, one.y
    bounds = source.bounds(np.array([[x.min(), y.min()], [x.max(), y.max()]], np.float32))
    label = f"{source.reading.regions[base].called}, gradient"
    part = len(x) / come.size
    return ScriptStep(Phase.BACKGROUND, Tool.AIRBRUSH, label, bounds, part, when, most=1 + _TURNS * part, region=base)
