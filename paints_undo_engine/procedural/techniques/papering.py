"""The bare sheet: one even colour, or paper with its grain, stains and shades as seen where nobody has drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.model import Paper, Pixels
from paints_undo_engine.procedural.reading.beside_sheet import beside
from paints_undo_engine.procedural.reading.channels import difference, greatest
from paints_undo_engine.procedural.reading.model import PaperSheet, PictureKind
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import wide_blur
from paints_undo_engine.procedural.techniques.graining import grain_like
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
_SURE = 1e-3
"""Beside the share of bare paper: far from all of it the light alone is known."""
_EDGE = 100.0
"""The diagonal divided by it: how broad the edge of a sheet on a table is."""
_ENTERING = 0.05
"""Of the diagonal: what comes in from beyond the border and ends before that was not drawn."""
_HALF = 127
"""Of 255: where more lies beside a sheet, all of the picture is seen."""
_INTO = 250.0
"""The diagonal divided by it: the sigma with which the picture's own paper goes over into what was made anew."""
_ROWS = 512
_FAINTEST, _BROADLY, _LEAST_BROADLY = 3.0, 75.0, 10.0
"""Levels by which the palest tone of a pencil is darker than its paper; the diagonal divided by the sigma with which it
is looked at, and the least of it, in pixels."""
_FINER, _FORMED, _OPEN, _STRAYING = 3.0, 2.0, 50.0, 25.0
"""How many times finer forms are looked at, and levels by which they stray; the diagonal divided by it: how broad bare
paper around a drawing is; and the sigma of what paper strays from one light."""
_MOTTLED, _INK_ALONE = 1.2, 3.0
"""Levels by which half of a sheet strays from one light that is evenly lit; how many times as dark as a pencil's palest
tones a pen's are."""
_SAMPLES, _FITS, _PAPER = 4000, 6, 0.7
"""Places of bare paper that tell its light, and how often it is fitted to those of them that are no darker; of them, at
most so many are kept each time."""
_WHITE, _CORNER, _LIGHTER = 250, 0.02, 12
"""Levels: paper whose channels all are lighter is white, whatever ink is near it; of the picture, so much lies beside
it at least; by so many levels is a border beside a sheet lighter than that, and not only in more light."""
_PALEST, _SEEN, _SOFT, _FADING = 4, 200.0, 150.0, 0.4
"""Levels by which the palest wash is darker in a channel than its paper, or than in another channel; the diagonal
divided by the sigma with which washes are looked at, and by that with which the paper's own shades end beside them,
where less is bare."""


def sheet_of(source: Source) -> Paper:
    """The blank sheet: a colour where paper is even, white or not seen, else uint8 [H, W, 3] on the canvas.

    Where the picture shows its paper it is the picture itself, and so it is beside the sheet; below what is drawn the
    light on it goes on, with a grain like its own.
    """
    paper = source.paper
    washed = source.reading.kind is PictureKind.WATERCOLOUR or source.options.method is Method.WATERCOLOUR
    in_pencil = source.reading.kind is PictureKind.PENCIL or source.options.method is Method.PENCIL
    lit = _before_curves(source)
    if source.alpha is not None or (source.reading.medium.paper is None and not (washed and lit is not None)):
        return paper
    light = np.full(source.small.shape, paper, np.float32) if lit is None else lit.light
    away = _beside(source, lit)
    if lit is not None and lit.grained:
        away |= _along_the_border(source, light)
    if min(paper) > _WHITE and float(away.mean()) < _CORNER:
        return paper
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
    bare, lit_evenly = _below_lines(source, bare, away, palest=1.0 if in_pencil else _INK_ALONE)
    return _textured(source, bare, lit_evenly, away) if bare.any() else _shaded(source, light)


def _below_lines(
    source: Source, bare: NDArray[np.bool_], away: NDArray[np.bool_], palest: float
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Of what seems bare, bool [h, w], what surely is, around the drawing, and the paper's light without forms:
    float32 [h, w, 3]. `palest`: how many times as dark as a pencil's the palest tones are.

    The palest tones are hardly darker than paper, and have no border: what lies below a surface of low order through
    the lightest of it has been drawn on, and so has what has forms, or is enclosed.
    """
    sigma = max(source.diagonal / _BROADLY, _LEAST_BROADLY)
    known = bare.astype(np.float32)
    mass = np.maximum(wide_blur(known, sigma), np.float32(_SURE))
    seen = wide_blur(source.small * known[..., None], sigma) / mass[..., None]
    light = _in_one_light(seen.mean(axis=2), bare)[..., None]
    paper = light * np.median(seen[bare] / np.maximum(light[bare], 1), axis=0).astype(np.float32)
    stray = np.abs((paper - seen).mean(axis=2))
    # A photographed sheet is mottled by its own light: what strays no more than most of it is paper.
    mottled = max(palest, float(np.median(stray[bare])) / _MOTTLED)
    drawn = bare & (stray > mottled * _FAINTEST)
    fine = wide_blur(source.small * known[..., None], sigma / _FINER)
    fine /= np.maximum(wide_blur(known, sigma / _FINER), np.float32(_SURE))[..., None]
    drawn |= bare & (greatest(np.abs(fine - seen)) > mottled * _FORMED)
    reach = 2 * max(1, round(source.diagonal / _AROUND / 2)) + 1
    open_ = bare & (cv2.dilate(drawn.astype(np.uint8), np.ones((reach, reach), np.uint8)) == 0)
    bare = _around(open_, away, source.diagonal)
    # What it strays from one light it strays softly.
    sigma = source.diagonal / _STRAYING
    mass = wide_blur(bare.astype(np.float32), sigma)[..., None]
    own = wide_blur(np.where(bare[..., None], source.small - paper, 0).astype(np.float32), sigma)
    return bare, np.asarray(paper + own / np.maximum(mass, np.float32(_FADING)), np.float32)


def _around(bare: NDArray[np.bool_], away: NDArray[np.bool_], diagonal: float) -> NDArray[np.bool_]:
    """What of the bare paper, bool [h, w], lies around a drawing: broad, and open to the picture's border or to what
    lies `away` from the sheet. What lies within a drawing may have been drawn on, however palely.
    """
    side = 2 * max(1, round(diagonal / _OPEN / 2)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    padded = np.pad(bare | away, side, mode="edge").astype(np.uint8)
    wide = cv2.morphologyEx(padded, cv2.MORPH_OPEN, disk)[side:-side, side:-side] > 0
    return bare & _at_the_border(np.asarray(wide | away, bool))


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
    lighter = bare & (greatest(paper - seen) < -_LIGHTER)
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
        if max(bowl[3], bowl[5]) > 0:
            # No light is fainter in the middle than on all sides: that is what pale tones leave.
            bowl = np.zeros_like(bowl)
            bowl[:3] = np.linalg.lstsq(known[kept, :3], light[kept], rcond=None)[0]
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


def _along_the_border(source: Source, light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """What comes into a photograph from beyond its border and ends soon, bool [h, w]: a finger, a strip of table.
    What is as thin as a stroke is drawn, and so is what reaches farther in. `light` float32 [h, w, 3] is bare paper's.
    """
    darker = (greatest(light - source.small) > _DRAWN).astype(np.uint8)
    side = 2 * max(1, round(source.diagonal / _EDGE / 2)) + 1
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # Beyond the picture's border each thing goes on.
    wide = cv2.copyMakeBorder(darker, side, side, side, side, cv2.BORDER_REPLICATE)
    other = np.ascontiguousarray(cv2.morphologyEx(wide, cv2.MORPH_OPEN, disk)[side:-side, side:-side])
    pieces = np.asarray(cv2.connectedComponents(darker, connectivity=8)[1])
    far = max(1, round(_ENTERING * source.diagonal))
    reaching = np.unique(pieces[far:-far, far:-far])
    found = _at_the_border((other > 0) & ~np.isin(pieces, reaching)).astype(np.uint8)
    return np.asarray(cv2.dilate(found, disk) > 0)


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
    sheet = np.clip(even + grain_like(source.pixels, known, source.chance("grain")), 0, 255).astype(np.uint8)
    # Where paper begins to be bare its grain goes over into the picture's own.
    near = wide_blur(bare.astype(np.float32), source.diagonal / _INTO)
    sure = cv2.resize(np.clip(2 * near - 1, 0, 1), (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        own_grain = source.pixels[rows].astype(np.float32) - seen[rows] + even[rows] - sheet[rows]
        sheet[rows] = np.rint(np.clip(sheet[rows] + sure[rows] * own_grain, 0, 255)).astype(np.uint8)
    if away.any():
        beyond = cv2.resize(away.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.copyTo(source.pixels, (beyond > _HALF).astype(np.uint8), sheet)
    return sheet
