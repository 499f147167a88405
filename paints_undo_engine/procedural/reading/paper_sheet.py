"""The sheet of paper that a drawing was made on, as a lens has seen it: tinted, unevenly lit, on a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.beside_sheet import beside
from paints_undo_engine.procedural.reading.channels import greatest, largest, smallest, steps
from paints_undo_engine.procedural.reading.model import PaperSheet, Pixels
from paints_undo_engine.procedural.reading.view import on_measure

_SIDE = 160
"""Pixels of the longer side on which the light is looked for."""
_DARKEST = 84
"""Levels: what is darker than that is no sheet that a pencil is seen on."""
_BIN, _TURNS = 12, 8
"""Levels in which colours are counted; rounds in which paper and its light are told from each other."""
_FIRST, _NEAR = 0.16, 0.05
"""How far paper may be from its light, by the logarithm: at first, and in the end."""
_TINT = 0.05
"""Between the channels, by the logarithm: what is farther from the paper's hue is painted, however pale."""
_LEAST, _LEAST_GRAINED, _CELLS = 0.3, 0.2, 6
"""Of the picture, bare, and where paper has a grain; the picture's sides divided by it: places in most of which some
paper is bare."""
_FINE, _THIN, _DENSE = 3, 7, 1.05
"""How many times finer the picture is when lines so many pixels thick are filled up with paper, and how many times as
much paper there has to be then."""
_SPREAD, _SHOWN = 0.55, 0.06
"""Of the places, and of a place: bare."""
_SPREAD_AMONG, _HUED, _HUES, _RIMS, _REACH = 0.48, 0.2, 0.15, 0.2, 10
"""Of the places, bare among colours: between the channels by the logarithm, and of the picture, so much of it; of
bands along each side, bare, and the shorter side divided by their breadth: then a sketch leaves its middle no paper."""
_STEEP = 1.3
"""The light of one sheet changes by less than that, by the logarithm."""
_WHITE = 250
"""Levels that paper has once its light is even."""
_RIM, _STEPS, _SOFT = 0.24, 30, 2.5
"""Of the sides: how far shades reach in; how often paper is followed by a pixel; the sigma of its light, in pixels."""
_SMOOTH = 0.85
"""Of bare paper, like its neighbours: a ground that was filled has more."""
_SKY, _BLUE = 1.15, 1.4
"""Blue by red: an even blue with a slow shade is a sky, and no paper; and of blue paper at most."""
_PALE, _GREY, _BORDER, _ALL_PALE = 150, 32, 0.012, 0.95
"""Levels of a pale margin, and between its channels; of the longer side, how broad it is at least; of each of its
sides, how much is pale."""
_MARGIN_EVEN, _WITHIN = 0.56, 0.02
"""Of a margin, like its neighbours: one that was filled has more; of what lies within, bare paper at least."""
_BROWN, _BLOTCHED = 1.3, 3.0
"""Red by blue, of packing paper; how many times as far as other paper it may be from its light."""


def evened(pixels: Pixels, sheet: PaperSheet) -> Pixels:
    """uint8 [h, w, 3] as if it were drawn on white paper in even light, and lay on nothing else."""
    even = np.asarray(np.rint(np.clip(pixels.astype(np.float32) * (_WHITE / sheet.light), 0, 255)), np.uint8)
    even[beside(pixels, sheet)] = _WHITE
    return even


def find_sheet(pixels: Pixels) -> PaperSheet | None:
    """The sheet that uint8 [h, w, 3] was drawn on; None where no paper of one tint shows through it nearly everywhere.

    Its light is a smooth curved surface; what keeps to it is paper.
    """
    return _found(pixels, _reduced(pixels), 1.0)


def find_brown_sheet(pixels: Pixels) -> PaperSheet | None:
    """The same of brown paper, whose fibres and blotches stray farther: what else is brown may look like it."""
    small = _reduced(pixels)
    red, _, blue = _commonest(small)
    return _found(pixels, small, _BLOTCHED) if red >= _BROWN * blue else None


def find_blue_sheet(pixels: Pixels) -> PaperSheet | None:
    """The same of blue paper, which a sky looks like."""
    small = _reduced(pixels)
    red, _, blue = _commonest(small)
    return _found(pixels, small, 1.0, _BLUE) if _SKY * red < blue <= _BLUE * red else None


def _reduced(pixels: Pixels) -> Pixels:
    """uint8 [h, w, 3] on which the light is looked for."""
    scale = _SIDE / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _found(pixels: Pixels, small: Pixels, slack: float, bluest: float = _SKY) -> PaperSheet | None:
    """The sheet of uint8 [h, w, 3] and the same reduced; `slack`: how many times as far from its light paper may be;
    `bluest`: its blue by its red at most.
    """
    size = (small.shape[1], small.shape[0])
    found, filled = (_lit(one, slack, bluest) for one in (small, _between_lines(pixels, size)))
    if filled is not None and (found is None or filled.bare > _DENSE * found.bare):
        # The lightest of the grain is lighter than paper.
        near = filled.paper & (greatest(np.abs(filled.seen - _logarithm(small))) < _FIRST)
        grain = np.median((filled.seen - _logarithm(small))[near], axis=0) if near.any() else np.zeros(3)
        found = replace(filled, light=(filled.light - grain).astype(np.float32))
    if found is None or _spread(found.paper) < found.least_spread or float(np.ptp(found.light.mean(axis=2))) > _STEEP:
        return None
    fine = on_measure(pixels)
    there = cv2.resize(found.paper.astype(np.uint8), fine.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    grained = float((steps(fine)[there] <= 1).mean()) < _SMOOTH
    if found.bare < (_LEAST_GRAINED if grained else _LEAST):
        return None
    whole = cv2.resize(
        _with_shades(found.seen, found.light, found.paper, slack * _NEAR),
        pixels.shape[1::-1],
        interpolation=cv2.INTER_LINEAR,
    )
    return PaperSheet(np.clip(np.exp(whole), 1, 255).astype(np.float32), found.bare, grained)


def find_margin(pixels: Pixels, within: float = _WITHIN) -> PaperSheet | None:
    """The sheet of uint8 [h, w, 3] that is painted nearly all over, by its pale margin, which has a grain.
    None where there is no such margin, or less paper `within`, of what is not the margin.
    """
    fine = on_measure(pixels)
    pale = (smallest(fine) > _PALE) & (cv2.subtract(largest(fine), smallest(fine)) < _GREY)
    reach = max(3, round(_BORDER * max(pale.shape)))
    rim = np.ones(pale.shape, bool)
    rim[reach:-reach, reach:-reach] = False
    sides = (pale[:reach], pale[-reach:], pale[:, :reach], pale[:, -reach:])
    if min(float(side.mean()) for side in sides) < _ALL_PALE or float((steps(fine)[rim] <= 1).mean()) > _MARGIN_EVEN:
        return None
    small = _reduced(pixels)
    at = cv2.resize((rim & pale).astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    seen = _logarithm(small)
    light = _fitted(_terms(small.shape[0], small.shape[1]), seen, at)
    paper = greatest(np.abs(seen - light)) < _FIRST
    inner = paper[small.shape[0] // 6 : -(small.shape[0] // 6), small.shape[1] // 6 : -(small.shape[1] // 6)]
    if float(np.ptp(light.mean(axis=2))) > _STEEP or float(inner.mean()) < within:
        return None
    whole = cv2.resize(light, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return PaperSheet(np.clip(np.exp(whole), 1, 255).astype(np.float32), float(paper.mean()), True)


@dataclass(frozen=True, slots=True, eq=False)
class _Lit:
    """What is `seen` and the `light` of paper, logarithms float32 [h, w, 3]; bool [h, w] where there is `paper`."""

    seen: NDArray[np.float32]
    light: NDArray[np.float32]
    paper: NDArray[np.bool_]

    @property
    def bare(self) -> float:
        return float(self.paper.mean())

    @property
    def least_spread(self) -> float:
        """Of the places, in so many paper has to be bare: fewer in a coloured sketch with paper all around."""
        away = self.seen - self.light
        reach = max(1, min(self.paper.shape) // _REACH)
        bands = self.paper[:reach], self.paper[-reach:], self.paper[:, :reach], self.paper[:, -reach:]
        among = min(float(band.mean()) for band in bands) > _RIMS
        among &= float((greatest(away) + greatest(-away) > _HUED).mean()) > _HUES
        return _SPREAD_AMONG if among else _SPREAD


def _lit(small: Pixels, slack: float, bluest: float) -> _Lit | None:
    """The commonest colour of uint8 [h, w, 3] as paper, in its light; None where that is dark."""
    seen = _logarithm(small)
    terms = _terms(small.shape[0], small.shape[1])
    first = np.log(np.maximum(_commonest(small), 4.0)).astype(np.float32)
    red, _, blue = np.exp(first)
    if float(np.exp(first).mean()) < _DARKEST or blue > bluest * red:
        return None
    light = np.asarray(np.broadcast_to(first, seen.shape), np.float32)
    paper = np.zeros(small.shape[:2], bool)
    for turn in range(_TURNS):
        reach = _FIRST + (slack * _NEAR - _FIRST) * turn / (_TURNS - 1)
        away = seen - light
        paper = greatest(np.abs(away)) < reach
        paper &= greatest(away) + greatest(-away) < max(slack * _TINT, reach / 2)
        if int(paper.sum()) < 40:
            return None
        light = _fitted(terms[..., : 3 if turn < 2 else terms.shape[2]], seen, paper)
    return _Lit(seen, light, paper)


def _logarithm(pixels: Pixels) -> NDArray[np.float32]:
    return np.asarray(np.log(np.maximum(pixels.astype(np.float32), 4.0)), np.float32)


def _between_lines(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """uint8 [h, w, 3] at `size` (width, height), with paper in place of thin lines, however dense they are."""
    fine = (size[0] * _FINE, size[1] * _FINE)
    seen = cv2.resize(pixels, fine, interpolation=cv2.INTER_AREA)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_THIN, _THIN))
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, disk)
    return np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.uint8)


def _with_shades(
    seen: NDArray[np.float32], light: NDArray[np.float32], paper: NDArray[np.bool_], near: float
) -> NDArray[np.float32]:
    """The light with what shades the sheet softly from the picture's border: a lens, a hand. float32 [h, w, 3].

    Paper is followed outwards from where it is sure, as long as it darkens little by little and stays `near`.
    """
    height, width = paper.shape
    rim = np.ones(paper.shape, bool)
    rim[round(_RIM * height) : round((1 - _RIM) * height), round(_RIM * width) : round((1 - _RIM) * width)] = False
    away = seen - light
    followed = paper.copy()
    off = away
    for _ in range(_STEPS):
        weight = cv2.GaussianBlur(followed.astype(np.float32), (0, 0), _SOFT)
        off = cv2.GaussianBlur(away * followed[..., None], (0, 0), _SOFT) / (weight[..., None] + np.float32(1e-3))
        next_to = cv2.dilate(followed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        followed |= next_to & rim & (greatest(np.abs(away - off)) < near)
    share = np.clip(cv2.GaussianBlur(followed.astype(np.float32), (0, 0), _SOFT) * 4, 0, 1)[..., None]
    return np.asarray(light - _from_border(np.asarray(-off * share, np.float32)), np.float32)


def _from_border(shade: NDArray[np.float32]) -> NDArray[np.float32]:
    """What of a shade (float32 [h, w, 3], the greater the darker) deepens towards the picture's border: tone that is
    darkest elsewhere has been drawn, and is levelled. Reconstruction by dilation (Vincent 1993).
    """
    seen = shade.copy()
    seen[1:-1, 1:-1] = np.minimum(shade[1:-1, 1:-1], 0)
    for _ in range(sum(shade.shape[:2])):
        wider = np.minimum(cv2.dilate(seen, np.ones((3, 3), np.uint8)), shade)
        if np.array_equal(wider, seen):
            break
        seen = wider
    return seen


def _fitted(terms: NDArray[np.float32], seen: NDArray[np.float32], paper: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The surface through what is seen of the paper, by least squares: float32 [h, w, 3]."""
    some, values = terms[paper].astype(np.float64), seen[paper].astype(np.float64)
    weights = np.linalg.solve(some.T @ some + 1e-6 * np.eye(some.shape[1]), some.T @ values)
    return np.asarray(terms @ weights.astype(np.float32), np.float32)


def _terms(height: int, width: int) -> NDArray[np.float32]:
    """float32 [h, w, 6]: 1, x, y, and their products, about -1 to 1."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=2)


def _commonest(pixels: Pixels) -> NDArray[np.float32]:
    """The colour that most pixels have, about; among a few frequent ones the lightest. float32 [3]."""
    coarse = pixels.reshape(-1, 3).astype(np.int32) // _BIN
    number = (coarse[:, 0] << 16) | (coarse[:, 1] << 8) | coarse[:, 2]
    _, index, count = np.unique(number, return_inverse=True, return_counts=True)
    frequent = np.flatnonzero(count > 0.5 * count.max())
    colours = [pixels.reshape(-1, 3)[index.ravel() == one].mean(axis=0) for one in frequent]
    return np.asarray(max(colours, key=lambda colour: float(colour.sum())), np.float32)


def _spread(paper: NDArray[np.bool_]) -> float:
    """The share of the places in which some paper is bare."""
    places = cv2.resize(paper.astype(np.float32), (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    return float((places > _SHOWN).mean())
