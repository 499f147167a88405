"""Soft shading: which dabs of an airbrush lead from the flats to the picture's soft light.

Within each area the difference between the picture and what stands so far is taken apart by matching pursuit: again and
again the Gaussian that explains most of what is left, in the logarithm of light, where dabs multiply. What the picture
shows bounds their sum at each place, so that a dab has the shape of its form and no colour goes beyond the picture's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.dabs import Dab, Dabs, Seams, finished_light
from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Blending, Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.model import Labels
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, visible
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur
from paints_undo_engine.procedural.techniques.lassoing import spread

_SIDE = 240
"""The longer side of the grid on which dabs are found: they are large and soft."""
_SIGMAS = (60, 30, 14, 7)
"""A dab's sigma, as the picture's diagonal divided by these."""
_EACH, _MORE = 7, 40
"""Dabs for each area and kind, and more for one that fills the picture: the rest is not soft."""
_PASS = 5.0
"""Levels that one operation of a dab changes where it changes much."""
_LEAST = 0.022
"""In e-folds: about five levels of a middle tone; a weaker dab would not be seen."""
_SEEN = 2.0
"""Levels: where little light is left to give or to take, a dab must still change so much to be seen."""

_LINE = 90
"""Of 255: lines that cover so much of a pixel of the dabs' grid part two pieces of an area."""
_FIRM, _HUE = 1.3, 2.0
"""Of the strength that fits best: what is too much is bounded; how many times the channels' mean one of them may be."""
_SOFTLY = 0.6
"""How many times as much time as for a hard change: on a whole figure soft light of few levels is hardly seen."""
_PIECE = 24
"""Pixels of the dabs' grid: a smaller piece of an area gets none."""
_CORE, _WITHIN = 0.7, 0.8
"""Of a dab's strength: where it is more, the dab is meant for what is there; of the most that a place there takes."""
_CLEAR = 0.9
"""What lines leave free at least of a pixel in which a dab is seen to grow."""
_TEXTURE = 5
"""Pixels of the grid: what is narrower than half of it is texture, and bounds no dab."""
_KNOWN, _BROAD, _FAR = 0.5, 0.6, 1e3
"""A pixel of which lines cover more is not known; what is narrower to each side than so much of the smallest sigma is
left to pens and details."""
_BESIDE = 7
"""Pixels of the grid: the side of a square about what is thin."""
_EVEN = 0.006
"""In e-folds of one kind, on the mean over an area: what is so near to its flat and tones needs no airbrush."""
_LOGARITHMS = np.log(np.arange(256, dtype=np.float32) + 4)
"""Of each 8-bit level, four levels above black, so that black is not infinitely dark."""


@dataclass(slots=True)
class _Found:
    x: float
    y: float
    sigma: float
    strength: tuple[float, float, float]
    levels: float
    """That it changes where it changes much."""
    change: float
    """Levels, on the mean over the canvas."""
    label: int = -1
    piece: int = -1
    darker: bool = True
    begin: int = 0
    end: int = 0


def airbrushed(
    source: Source,
    regions: Collection[int],
    standing: Pixels,
    goal: Pixels,
    within: NDArray[np.bool_],
    group: tuple[str, ...] = (),
) -> tuple[PlannedWork, Pixels]:
    """Dabs from `standing` to `goal`, both uint8 [h, w, 3] on the grid, within each of some regions, as far as they lie
    in a mask bool [h, w].

    The second is what they make of `standing`, uint8 [h, w, 3].
    """
    height, width = source.reading.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    labels = np.asarray(cv2.resize(source.reading.labels, size, interpolation=cv2.INTER_NEAREST), np.int32)
    # Where lines run, the picture is not known well.
    lines = cv2.resize(source.reading.ink.cover, size, interpolation=cv2.INTER_AREA)
    weight = 1 - lines.astype(np.float32) / np.float32(255)
    found: list[_Found] = []
    diagonal = float(np.hypot(*size))
    pieces, listed = _pieces(labels, lines > _LINE, regions)
    free = cv2.resize(within.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    below, wanting = _wanting(standing, goal, *_unknown(source), scale, size)
    bounds = {dark: np.zeros_like(rest) for dark, rest in wanting.items()}
    for piece, label in listed:
        inside = pieces == piece
        for dark, rest in wanting.items():
            room = below if dark else 255 - below
            for touch in _pursued(rest, room, inside, inside & free, weight, diagonal, bounds[dark]):
                found.append(replace(touch, label=label, piece=piece, darker=dark))
    if not found:
        return PlannedWork([], list), standing
    steps = [_step(source, dab, scale) for dab in _ordered(source, found)]

    def layers() -> list[Layer]:
        owners = source.regions.labels
        seams = Seams(labels, owners)
        return [
            Dabs(name, pieces, owners, dabs, blending, bound=bounds[dark], group=group, seams=seams)
            for name, blending, dark in _KINDS
            if (dabs := _dabs(found, dark))
        ]

    return PlannedWork(steps, layers), _shaded(standing, pieces, found, bounds)


def _pieces(
    labels: NDArray[np.int32], lines: NDArray[np.bool_], regions: Collection[int]
) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
    """The pieces of some regions that lines do not part, numbered from 0 (-1 elsewhere), int32 [h, w]; the number and
    the region of each that is large enough for an airbrush.
    """
    pieces = np.full(labels.shape, -1, np.int32)
    listed: list[tuple[int, int]] = []
    for label in sorted(regions):
        count, parts, stats, _ = cv2.connectedComponentsWithStats(
            ((labels == label) & ~lines).astype(np.uint8), connectivity=4
        )
        first = len(listed) - 1
        large = [part for part in range(1, count) if stats[part, cv2.CC_STAT_AREA] >= _PIECE]
        table = np.full(count, -1, np.int32)
        table[large] = first + 1 + np.arange(len(large))
        pieces = np.where(parts > 0, table[parts], pieces)
        listed += [(int(table[part]), label) for part in large]
    return _under_lines(pieces, labels), listed


def _under_lines(pieces: NDArray[np.int32], labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Pieces carried on below the lines, as far as their region goes."""
    known = pieces >= 0
    if not known.any():
        return pieces
    _, nearest = cv2.distanceTransformWithLabels(
        np.where(known, 0, 1).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    piece, region = np.zeros((2, int(nearest.max()) + 1), np.int32)
    piece[nearest[known]], region[nearest[known]] = pieces[known], labels[known]
    return np.where(known, pieces, np.where(region[nearest] == labels, piece[nearest], -1)).astype(np.int32)


_KINDS = (("Soft shadow", Blending.MULTIPLY, True), ("Soft light", Blending.SCREEN, False))


def _dabs(found: list[_Found], darker: bool) -> list[Dab]:
    return [
        Dab(dab.x, dab.y, dab.sigma, dab.strength, dab.piece, dab.begin, dab.end)
        for dab in found
        if dab.darker is darker
    ]


def _shaded(
    standing: Pixels, labels: NDArray[np.int32], found: list[_Found], bounds: Mapping[bool, NDArray[np.float32]]
) -> Pixels:
    """What dabs make of a picture."""
    shaded, shape = standing, (standing.shape[0], standing.shape[1])
    for _, blending, dark in _KINDS:
        light = cv2.resize(finished_light(labels, _dabs(found, dark), blending, bounds[dark]), shape[::-1])
        if blending is Blending.MULTIPLY:
            shaded = np.asarray(cv2.multiply(shaded, light, scale=1 / 255), np.uint8)
        else:
            shaded = np.asarray(cv2.add(shaded, cv2.multiply(light, cv2.bitwise_not(shaded), scale=1 / 255)), np.uint8)
    return shaded


def _unknown(source: Source) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where lines hide what is shaded, or the border of two broad areas mixes them, bool [h, w]; and what else lies
    about thin areas, which no light may reach.
    """
    labels = source.reading.labels
    mixed = _beside_borders(labels, 5)
    broad = spread(labels, ~mixed)
    hidden = _beside_borders(broad, 5) | (source.reading.ink.cover > round(255 * (1 - _KNOWN)))
    thin = cv2.dilate((mixed & (broad != labels)).astype(np.uint8), np.ones((_BESIDE,) * 2, np.uint8)) > 0
    return hidden, np.asarray(thin & ~hidden, bool)


def _beside_borders(labels: Labels, side: int) -> NDArray[np.bool_]:
    """What is in a square of some side about a border of labels int32 [h, w]: bool [h, w]."""
    border = np.zeros(labels.shape, np.uint8)
    border[:, 1:] = labels[:, 1:] != labels[:, :-1]
    border[1:] |= labels[1:] != labels[:-1]
    return np.asarray(cv2.dilate(border, np.ones((side, side), np.uint8)) > 0, bool)


def _wanting(
    standing: Pixels,
    goal: Pixels,
    unknown: NDArray[np.bool_],
    thin: NDArray[np.bool_],
    scale: float,
    size: tuple[int, int],
) -> tuple[NDArray[np.float32], dict[bool, NDArray[np.float32]]]:
    """Two pictures of the grid on that of dabs, `size` wide and high: the first, float32 [h, w, 3] in levels, and how
    much darker (True) and lighter the second is, in e-folds. What that is differs within a pixel: the least counts; of
    what is `unknown`, bool [h, w], as much as beside it, and about what is `thin` the least of a wider place.
    """
    calm = cv2.medianBlur(goal, _TEXTURE)
    brush = np.ones((2 * round(0.5 / scale) + 1,) * 2, np.uint8)
    found = {}
    for dark, logarithms in ((True, _LOGARITHMS), (False, _LOGARITHMS[::-1].copy())):
        more = np.maximum(cv2.subtract(cv2.LUT(standing, logarithms), cv2.LUT(calm, logarithms)), 0)
        more = np.where(thin[..., None], cv2.erode(more, brush), more)
        rest = np.where(unknown[..., None], np.float32(_FAR), more)
        least = cv2.erode(rest, brush)
        known = least < _FAR
        share = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        least = cv2.resize(np.where(known, least, np.float32(0)), size, interpolation=cv2.INTER_AREA)
        least = np.asarray(least / np.maximum(share, np.float32(1e-3)), np.float32)
        found[dark] = np.where(share > 0, least, cv2.dilate(least, np.ones((3, 3), np.uint8)))
    return cv2.resize(standing, size, interpolation=cv2.INTER_AREA).astype(np.float32), found


def _pursued(
    rest: NDArray[np.float32],
    room: NDArray[np.float32],
    area: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    weight: NDArray[np.float32],
    diagonal: float,
    bound: NDArray[np.float32],
) -> list[_Found]:
    """Dabs `inside` an area, both bool [h, w], that explain `rest` >= 0, in e-folds; `room` are the levels that an
    e-fold is of. What bounds them is written into `bound`. The others are float32 [h, w, 3].
    """
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return []
    top, left = max(0, rows[0] - 2), max(0, columns[0] - 2)
    place = np.s_[top : rows[-1] + 3, left : columns[-1] + 3]
    seen = inside[place] * weight[place]
    broad = _broad(rest[place], seen > _KNOWN, diagonal)
    bound[place][area[place]] = (broad * inside[place][..., None])[area[place]]
    left_over = broad * seen[..., None]
    if float(left_over.mean(axis=2).sum()) < _EVEN * float(seen.sum()):
        return []
    found: list[_Found] = []
    sigmas = [diagonal / divisor for divisor in _SIGMAS]
    masses = [wide_blur(seen, sigma / 1.414) for sigma in sigmas]
    # A dab's gain is (the channels' sum of means) squared, times its mass and its size.
    factors = [
        inside[place] * mass * np.float32(sigma**2) / np.maximum(mass, 0.05) ** 2
        for sigma, mass in zip(sigmas, masses, strict=True)
    ]
    gains = [np.inf] * len(sigmas)
    for _ in range(_EACH + round(_MORE * float(inside.mean()))):
        # What is left over only shrinks, and with it every gain: a size that was worth less needs no look.
        best, dab = 0.0, None
        for size in sorted(range(len(sigmas)), key=lambda size: -gains[size]):
            if gains[size] <= best:
                break
            gains[size], place_of = _best_place(left_over, sigmas[size], factors[size])
            if gains[size] > best:
                best, dab = gains[size], (*place_of, sigmas[size])
        if dab is None:
            break
        column, row, sigma = dab
        down, across = np.arange(seen.shape[0]) - row, np.arange(seen.shape[1]) - column
        shape = np.outer(np.exp(-0.5 * (down / sigma) ** 2), np.exp(-0.5 * (across / sigma) ** 2)) * (seen > 0)
        shape = shape.astype(np.float32)
        total_light = np.tensordot(shape.ravel(), left_over.reshape(-1, 3), 1)
        wanted = _FIRM * total_light / max(float((seen * shape * shape).sum()), 1e-6)
        # Light that lacks in one channel and is too much in another is a hue, which would go astray on the way.
        strength = np.clip(wanted, 0, min(1.2, max(0.0, _HUE * float(wanted.mean()))))
        # No more than some place still takes: the last of a dab is seen as well.
        core = (shape > _CORE) & (seen > _CLEAR)
        strength = np.minimum(strength, _WITHIN * (left_over[core] / shape[core, None]).max(axis=0, initial=0.0))
        taken = np.minimum(shape[..., None] * strength.astype(np.float32), left_over)
        shown = np.asarray((taken * room[place]).max(axis=2) * (seen > _CLEAR), np.float32)
        changed = float(np.partition(shown.ravel(), -_PIECE)[-_PIECE]) if shown.size >= _PIECE else 0.0
        if strength.max() < _LEAST or changed < _SEEN:
            break
        left_over = left_over - taken
        levels = (float(strength[0]), float(strength[1]), float(strength[2]))
        change = float(shown.sum()) / inside.size
        found.append(_Found(column + left, row + top, sigma, levels, changed, change))
    return found


def _best_place(
    left_over: NDArray[np.float32], sigma: float, factor: NDArray[np.float32]
) -> tuple[float, tuple[int, int]]:
    """The most that a dab of this size gains, and its x and y."""
    red, green, blue = cv2.split(np.maximum(wide_blur(left_over, sigma / 1.414), 0))
    total = cv2.add(cv2.add(red, green), blue)
    gain = total * total * factor
    y, x = divmod(int(gain.argmax()), gain.shape[1])
    return float(gain[y, x]), (x, y)


def _broad(rest: NDArray[np.float32], known: NDArray[np.bool_], diagonal: float) -> NDArray[np.float32]:
    """What of `rest` float32 [h, w, 3] is at least as broad as a dab: eyes, moles and buttons are no soft shading."""
    side = 2 * round(_BROAD * diagonal / _SIGMAS[0]) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    low = cv2.erode(np.where(known[..., None], rest, _FAR).astype(np.float32), disk)
    low = np.where(low < _FAR / 2, low, 0).astype(np.float32)
    return np.asarray(np.minimum(rest, cv2.dilate(low, disk)), np.float32)


def _ordered(source: Source, found: list[_Found]) -> list[_Found]:
    """Area by area as the regions are ordered; within one the shadows first, large to small."""
    names = {
        region.label: (region.figure is None, region.part.value, region.label) for region in source.reading.regions
    }
    return sorted(found, key=lambda dab: (names[dab.label], not dab.darker, -dab.sigma))


def _step(source: Source, dab: _Found, scale: float) -> ScriptStep:
    def when(begin: int, end: int) -> None:
        dab.begin, dab.end = begin, end

    region = source.reading.regions[dab.label]
    grid = source.scale / scale
    reach = 2.2 * dab.sigma * grid
    box = region.box.scaled(source.scale)
    left, top = max(dab.x * grid - reach, box.x), max(dab.y * grid - reach, box.y)
    right, bottom = min(dab.x * grid + reach, box.x + box.width), min(dab.y * grid + reach, box.y + box.height)
    bounds = (left, top, max(1.0, right - left), max(1.0, bottom - top))
    label = f"{region.called}, soft {'shadow' if dab.darker else 'light'}"
    # A large dab changes much at once and is built up in several passes.
    weight = dab.sigma**0.5 * max(dab.strength) ** 0.5
    # In every operation of it the light must change visibly.
    most = min(9.0, max(1.0, dab.levels / _PASS), visible(_SOFTLY * dab.change))
    return ScriptStep(Phase.SOFT_SHADING, Tool.AIRBRUSH, label, bounds, weight, when, most=most, region=dab.label)
