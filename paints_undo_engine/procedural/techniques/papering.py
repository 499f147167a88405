"""The bare sheet: one even colour, or paper with its grain, stains and shades as seen where nobody has drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Paper, Pixels
from paints_undo_engine.procedural.reading.channels import difference, greatest
from paints_undo_engine.procedural.reading.model import PaperSheet, PictureKind
from paints_undo_engine.procedural.reading.paper_sheet import beside
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur
from paints_undo_engine.request import Method

_DRAWN = 16
"""Levels: what is farther from the paper's colour, looked at from afar, is drawn or painted."""
_TINT, _HUES = 0.03, 200.0
"""Between the channels, of the paper's light: what has another hue than the paper is painted, however pale. The
diagonal divided by the sigma with which hues are looked at."""
_FAINT, _STRAYS = 3.0, 5.0
"""Levels by which faint strokes are darker than what lies around, and how many times as far as half of the pixels."""
_STROKE = 60.0
"""The diagonal divided by it: the widest stroke."""
_INK = 30
"""Of 255: how much of a pixel lines cover where paper is no longer bare."""
_AROUND, _AFAR = 130.0, 600.0
"""The diagonal divided by them: how far from what is drawn paper is bare; how far from it a grain is not seen."""
_LEAST = 0.2
"""Of the picture: where less is bare the sheet is not known."""
_GRAIN, _SHADES = 1.0, 6.0
"""Levels: paper of which half strays less from what is around, and whose shades differ less, is even."""
_SHADE = 90.0
"""The diagonal divided by it: the sigma of what is shade, and not grain."""
_SHIFTS = ((0, 1), (1, 0), (1, 1), (-1, 1), (0, 2), (2, 0), (2, 1), (1, 2), (3, 1), (1, 3))
"""From where grain is taken for what is drawn on, in steps of a twelfth of the picture's sides."""
_GRAINS = 4.0
"""Times the usual grain: what strays more is a mark."""
_SURE = 1e-3
"""Beside the share of bare paper: far from all of it the light alone is known."""
_EDGE = 90.0
"""The diagonal divided by it: how broad the edge of a sheet on a table is."""
_HALF = 127
"""Of 255: where more lies beside a sheet, all of the picture is seen."""
_ROWS = 512
_FAINTEST, _BROADLY = 3.0, 75.0
"""Levels by which the palest tone of a pencil is darker than its paper; the diagonal divided by the sigma with which it
is looked at."""
_SAMPLES, _FITS, _PAPER = 4000, 6, 0.7
"""Places of bare paper that tell its light, and how often it is fitted to those of them that are no darker; of them, at
most so many are kept each time."""
_PALEST, _SEEN, _SOFT, _FADING = 4, 200.0, 150.0, 0.4
"""Levels by which the palest wash is darker in a channel than its paper, or than in another channel; the diagonal
divided by the sigma with which washes are looked at, and by that with which the paper's own shades end beside them,
where less is bare."""


def sheet_of(source: Source) -> Paper:
    """The blank sheet: a colour where paper is even, white or not seen, else uint8 [H, W, 3] on the canvas.

    Where the picture shows its paper it is the picture itself, and so it is beside the sheet; below what is drawn the
    light on it goes on, with the grain of another place.
    """
    paper = source.paper
    washed = source.reading.kind is PictureKind.WATERCOLOUR or source.options.method is Method.WATERCOLOUR
    in_pencil = source.reading.kind is PictureKind.PENCIL or source.options.method is Method.PENCIL
    lit = _before_curves(source)
    if source.alpha is not None or (source.reading.medium.paper is None and not (washed and lit is not None)):
        return paper
    light = np.full(source.small.shape, paper, np.float32) if lit is None else lit.light
    away = _beside(source, lit)
    grey = source.small.astype(np.float32).mean(axis=2)
    shade = _unmarked(grey, source.diagonal)
    bare = _bare(source, light, shade - grey) & ~away
    if float((bare | away).mean()) < _LEAST or not bare.any():
        # Between dense lines the light is known, though hardly any paper is bare.
        if lit is None or not lit.grained:
            return paper
        even = _in_one_light(light.mean(axis=2), np.ones_like(bare))[..., None]
        return _shaded(source, even if washed or in_pencil else light)
    if not away.any() and _is_even(shade[bare], (shade - grey)[bare]):
        return paper
    if washed:
        bare, lighter, lit_evenly, own = _below_washes(source, bare)
        return _textured(source, bare, lit_evenly, away | lighter, own) if bare.any() else _shaded(source, light)
    if in_pencil:
        bare, lit_evenly = _below_pencil(source, bare)
        return _textured(source, bare, lit_evenly, away) if bare.any() else _shaded(source, light)
    return _textured(source, bare, _shade(source, bare, light), away)


def _below_pencil(source: Source, bare: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Of what seems bare, bool [h, w], what surely is, and paper in a light that has no forms: float32 [h, w, 3].

    The palest tones are hardly darker than paper, and have no border: what lies below a surface of low order through
    the lightest of it has been drawn on.
    """
    sigma = source.diagonal / _BROADLY
    known = bare.astype(np.float32)
    seen = wide_blur(source.small * known[..., None], sigma)
    seen /= np.maximum(wide_blur(known, sigma), np.float32(_SURE))[..., None]
    light = _in_one_light(seen.mean(axis=2), bare)[..., None]
    paper = light * np.median(seen[bare] / np.maximum(light[bare], 1), axis=0).astype(np.float32)
    drawn = (bare & (np.abs((paper - seen).mean(axis=2)) > _FAINTEST)).astype(np.uint8)
    reach = 2 * max(1, round(source.diagonal / _AROUND / 2)) + 1
    return bare & (cv2.dilate(drawn, np.ones((reach, reach), np.uint8)) == 0), paper


def _below_washes(
    source: Source, bare: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float32], NDArray[np.float32]]:
    """Of what seems bare, bool [h, w], what is as light as the paper in all channels, and what is lighter, as a border
    beside it is; paper of one hue in one light, and how bare paper differs from that: float32 [h, w, 3].

    The palest washes are hardly darker than paper, and fade: only their hue tells them from shades.
    """
    seen = wide_blur(source.small.astype(np.float32), source.diagonal / _SEEN)
    light = _in_one_light(seen.mean(axis=2), bare)[..., None]
    share = seen[bare] / np.maximum(light[bare], 1)
    paper = light * np.median(share, axis=0).astype(np.float32)
    lighter = bare & (greatest(paper - seen) < -_PALEST)
    reach = 2 * max(1, round(source.diagonal / _AROUND / 2)) + 1
    beside_it = cv2.dilate(lighter.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    away = paper - seen
    bare = bare & (greatest(away) < _PALEST) & (greatest(away) + greatest(-away) < _PALEST) & ~beside_it
    sigma = source.diagonal / _SOFT
    own = wide_blur(np.where(bare[..., None], source.small - paper, 0).astype(np.float32), sigma)
    own /= np.maximum(wide_blur(bare.astype(np.float32), sigma), _FADING)[..., None]
    return bare, _at_the_border(lighter), paper, own


def _at_the_border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of bool [h, w] reaches the picture's border."""
    labels = np.asarray(cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[1])
    reaching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return mask & np.isin(labels, reaching)


def _in_one_light(seen: NDArray[np.float32], bare: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The lightness of a sheet in one light, which may fade to its corners, float32 [h, w]: a bowl through what seems
    bare of it, without what lies below that, as pale washes do.
    """
    height, width = seen.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    ways = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    places = np.flatnonzero(bare)[:: max(1, int(bare.sum()) // _SAMPLES)]
    known, light = ways.reshape(-1, ways.shape[-1])[places], seen.ravel()[places]
    kept = np.ones(len(places), bool)
    for _ in range(_FITS):
        bowl = np.linalg.lstsq(known[kept], light[kept], rcond=None)[0]
        away = light - known @ bowl
        kept = away >= max(-_PALEST, float(np.quantile(away, 1 - _PAPER)))
    return np.asarray(np.clip(ways @ bowl, light[kept].min(), light[kept].max()), np.float32)


def _before_curves(source: Source) -> PaperSheet | None:
    """The sheet that was read, in the colours from before the curves."""
    sheet = source.reading.sheet
    levels = np.arange(256)
    if sheet is None or (source.inverse == levels[:, None]).all():
        return sheet
    light = [np.interp(sheet.light[..., at], levels, source.inverse[:, at]) for at in range(3)]
    return replace(sheet, light=np.maximum(np.stack(light, axis=2), 1).astype(np.float32))


def _shaded(source: Source, light: NDArray[np.float32]) -> Pixels:
    """The paper's colour as bright as its light, float32 [h, w, 1 or 3]; on the canvas."""
    bright = light.mean(axis=2, keepdims=True)
    sheet = np.array(source.paper, np.float32) * bright / max(float(np.median(bright)), 1.0)
    return np.asarray(source.grid.whole(np.rint(np.clip(sheet, 0, 255)).astype(np.uint8)), np.uint8)


def _beside(source: Source, sheet: PaperSheet | None) -> NDArray[np.bool_]:
    """What lies beside the sheet, and the sheet's edge: bool [h, w]."""
    if sheet is None:
        return np.zeros(source.reading.shape, bool)
    reach = 2 * max(1, round(source.diagonal / _EDGE / 2)) + 1
    away = beside(source.small, sheet).astype(np.uint8)
    return np.asarray(cv2.dilate(away, np.ones((reach, reach), np.uint8)) > 0)


def on_grid(source: Source, sheet: Paper) -> Pixels:
    """A sheet on the reading's grid: uint8 [h, w, 3]."""
    height, width = source.reading.shape
    if isinstance(sheet, tuple):
        return np.full((height, width, 3), sheet, np.uint8)
    way = cv2.INTER_AREA if source.scale >= 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(sheet, (width, height), interpolation=way), np.uint8)


def _unmarked(light: NDArray[np.float32], diagonal: float) -> NDArray[np.float32]:
    """The lightness without strokes: a closing fills dark ones up from their sides. float32 [h, w]."""
    side = 2 * round(diagonal / _STROKE / 2) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return wide_blur(np.asarray(cv2.morphologyEx(light, cv2.MORPH_CLOSE, disk), np.float32), 0.5 * side)


def _strays(values: NDArray[np.float32]) -> float:
    """How far half of some values stray from their median."""
    return float(np.median(np.abs(values - np.median(values))))


def _is_even(shade: NDArray[np.float32], marks: NDArray[np.float32]) -> bool:
    """Whether bare paper has neither grain nor shades. Here and there a faint stroke is no grain."""
    dark, light = np.percentile(shade, (5, 95))
    return _strays(marks) < _GRAIN and light - dark < _SHADES


def _bare(source: Source, light: NDArray[np.float32], marks: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where nothing is drawn: bool [h, w]. `light` float32 [h, w, 3] is that of bare paper; `marks`: how much darker
    each pixel is than the shade around.
    """
    afar = np.rint(wide_blur(source.small, max(0.8, source.diagonal / _AFAR))).astype(np.uint8)
    faint = marks - np.median(marks) > max(_FAINT, _STRAYS * _strays(marks))
    away = difference(afar, np.rint(light).astype(np.uint8))
    tint = wide_blur((source.small / np.maximum(light, 1)).astype(np.float32), source.diagonal / _HUES)
    tinted = greatest(tint) + greatest(-tint) > _TINT
    drawn = (away > _DRAWN) | tinted | faint | (source.reading.ink.cover > _INK)
    reach = 2 * max(1, round(source.diagonal / _AROUND / 2)) + 1
    return np.asarray(cv2.dilate(drawn.astype(np.uint8), np.ones((reach, reach), np.uint8)) == 0)


def _shade(source: Source, bare: NDArray[np.bool_], lit: NDArray[np.float32]) -> NDArray[np.float32]:
    """The paper without its grain, carried on below what is drawn as its light has it: float32 [h, w, 3]."""
    known = bare.astype(np.float32)
    light = source.small / lit * known[..., None]
    shade: NDArray[np.float32] = np.ones_like(light)
    open_ = np.ones(bare.shape, bool)
    for wider in (1, 2, 4, 10):
        sigma = wider * source.diagonal / _SHADE
        mass = wide_blur(known, sigma)
        new = open_ & ((mass > 0.2) | (wider == 10))
        shade[new] = ((wide_blur(light, sigma) + _SURE) / (mass + np.float32(_SURE))[..., None])[new]
        open_ &= ~new
    return wide_blur(shade, 0.5 * source.diagonal / _SHADE) * lit


def _textured(
    source: Source,
    bare: NDArray[np.bool_],
    shade: NDArray[np.float32],
    away: NDArray[np.bool_],
    own: NDArray[np.float32] | None = None,
) -> Pixels:
    """The sheet on the canvas from its shade and the picture's own grain, with what lies beside it. `own`: how the
    picture's shade differs from that where it is bare.
    """
    height, width = source.size
    known = cv2.resize(bare.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    even = source.grid.whole(np.rint(np.clip(shade, 0, 255)).astype(np.uint8))
    seen = even if own is None else source.grid.whole(np.rint(np.clip(shade + own, 0, 255)).astype(np.uint8))
    grain = np.empty((height, width, 3), np.int16)
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        grain[rows] = source.pixels[rows].astype(np.int16) - seen[rows]
    most = round(_GRAINS * float(np.median(np.abs(grain[known])))) + 1
    grain[~known] = 0
    filled = known.copy()
    for down, across in _SHIFTS:
        move = (down * height // 12, across * width // 12)
        new = ~filled & np.roll(known, move, (0, 1))
        if new.any():
            # A stray mark is no grain, and would be seen twice.
            grain[new] = np.clip(np.roll(grain, move, (0, 1))[new], -most, most)
            filled |= new
    sheet = np.clip(even + grain, 0, 255).astype(np.uint8)
    if away.any():
        beyond = cv2.resize(away.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.copyTo(source.pixels, (beyond > _HALF).astype(np.uint8), sheet)
    return sheet
