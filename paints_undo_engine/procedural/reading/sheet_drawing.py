"""Drawings on a sheet that a lens or a scanner has seen, and what they were made with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.beside_sheet import beside
from paints_undo_engine.procedural.reading.channels import largest, smallest
from paints_undo_engine.procedural.reading.dry_media import (
    grain_of,
    has_relief,
    is_blended_graphite,
    is_grain_of_its_own,
    is_graphite,
    is_hatched_all_over,
    is_rubbed,
    is_seen_by_a_lens,
    is_toned_all_over,
    is_toned_sheet,
)
from paints_undo_engine.procedural.reading.model import PaperSheet, Pixels
from paints_undo_engine.procedural.reading.paper_sheet import (
    evened,
    find_blue_sheet,
    find_brown_sheet,
    find_margin,
    find_sheet,
)
from paints_undo_engine.procedural.reading.view import ReducedPicture, on_measure

_IS_WHITE = 228
"""Levels from which on paper is white as it is."""
_PLAIN, _HUE = 0.04, 28
"""Of the picture, and levels between channels: with less that has a hue a drawing is without colour."""
_MARK = 200
"""Levels: on white paper what is darker in a channel was drawn."""
_PEN, _LINES, _FILLED = 85.0, 0.36, 0.2
"""The diagonal divided by it: what a pen's line is thinner than; of what is drawn, and of the picture: where less is
left once lines are filled up with paper, it was drawn with a pen."""
_SOLID, _OUTLINE, _OUTLINED = 0.95, 25, 0.4
"""Of what is drawn: where more is left once lines are filled up, it has no loose lines and no paper between strokes;
levels by which a line around it is darker; of its rim, so much that has one: with less it is a thing before a wall."""
_TINTED = 1.28
"""The greatest channel of paper by the least: who draws on such a sheet has no use for washes."""
_STRONG, _FAINT, _COARSE = (0.09, 0.2), (0.055, 0.06), 0.55
"""The grain of dry colour as in `dry_media`: its least contrast and the most that is flat, where it is strong, and
where it is faint, between loose strokes alone; its greatest correlation."""
_DULL, _PALEST, _HUED, _ROUGH = 40, 225, 90, 0.19
"""Levels between the channels of the fullest colours that pencils reach on paper, of what is darker in a channel than
so many, the percentile of it that counts; a grain so strong that only a dry tool leaves it, however full its colours.
"""
_NO_WASH, _DIGITAL = 0.36, 245
"""Of the colour, flat, on paper of at least so many levels, as programs have it and no lens: where more is, nothing
was painted on paper."""
_LEAST_INK, _HATCHED, _HIGHLIGHTS, _AREAS = 0.03, 0.5, 0.1, 0.28
"""Of a picture in ink on brown paper: what is dark at least; of that, what remains at most once lines are filled up; of
the picture, what is lighter than the paper at most, and what is broader than lines in any channel: with more, colour
was brushed on."""
_SOLID_BLACK = 110
"""Levels: what is darker in all channels between lines was filled with the pen."""
_WASHES = 0.15
"""Of a sheet with a margin, in colour."""
_LIGHTER, _MOST_LIGHTER = 1.07, 0.03
"""Times the paper's light, and of the picture: where more is as light without grain, the even ground is no paper."""
_PALE = 200
"""Levels: on paper that is lighter in all channels nobody draws with chalk, so that nothing is lighter than it."""
_PENNED_OVER = 0.3
"""Of the picture, bare at most, where a pen's strokes lie nearly all over its sheet."""
_LIGHTS = 96
"""Percent: on a sheet that is toned all over what is lighter is bare."""
_FROM_AFAR, _PAPER_AFAR, _RELIEF = 580.0, 5, 9.0
"""The diagonal divided by the sigma with which rough paper is looked at; levels by which paper that has been made white
is darker than white; by how many levels more half of the bare paper is then, at least.
"""
_BARE, _BAND, _AT_SIDES = 236, 0.1, 0.05
"""Levels of paper that has been made white; of the sides, how deep a band along the border is; of it, bare."""


class Means(StrEnum):
    """What a drawing on a sheet was made with."""

    GREYS = "greys"
    """Anything without colour."""
    TONED = "toned"
    """Charcoal, graphite or a pen's hatching nearly all over."""
    PEN = "pen"
    """Lines of coloured ink, and hardly anything between them."""
    DRY = "dry"
    """Coloured pencils, crayons, chalk."""
    WET = "wet"
    """Colour by brush or marker."""


@dataclass(frozen=True, slots=True, eq=False)
class SheetDrawing:
    """`view`: the picture as if it were drawn on white paper in even light, and lay on nothing else; its `sheet`."""

    view: ReducedPicture
    means: Means
    sheet: PaperSheet


def drawing_on_sheet(view: ReducedPicture) -> SheetDrawing | None:
    """The drawing on a tinted or unevenly lit sheet; None where a picture is none, or its paper white already."""
    return drawing_on(view, sheet_in(view))


def sheet_in(view: ReducedPicture) -> PaperSheet | None:
    """The sheet that an opaque picture was drawn on, if it shows."""
    return None if view.alpha is not None else find_sheet(view.pixels)


def drawing_on(view: ReducedPicture, sheet: PaperSheet | None) -> SheetDrawing | None:
    """As `drawing_on_sheet`, on a sheet that has been looked for already.

    In colours it counts where its paper has a grain, and is lighter than what was drawn or rubbed on.
    """
    if sheet is None:
        others = (_on_brown, _on_blue, _within_margin, _hatched, _toned)
        return None if view.alpha is not None else next((one for look in others if (one := look(view))), None)
    white = float(sheet.light.min()) > _IS_WHITE
    if white and not _is_scanned(sheet):
        return None
    even = evened(view.pixels, sheet)
    small = on_measure(even)
    spread = cv2.subtract(largest(even), smallest(even))
    if float((spread > _HUE).mean()) < _PLAIN:
        means: Means | None = Means.GREYS
    elif sheet.grained and _lies_within(small):
        means = _means(view.pixels, sheet, small)
    else:
        means = Means.DRY if is_rubbed(small) else None
    if white and means is not Means.WET:
        # What else is drawn on white paper is read as it is.
        return None
    return None if means is None else SheetDrawing(replace(view, pixels=even), means, sheet)


def on_white_paper(view: ReducedPicture) -> ReducedPicture:
    """A drawing on a tinted or unevenly lit sheet as it would be on a white one; any other picture as it is."""
    drawing = drawing_on_sheet(view)
    return view if drawing is None else drawing.view


def _is_scanned(sheet: PaperSheet) -> bool:
    """Whether white paper is darker than a program's, and has a grain."""
    return sheet.grained and float(np.median(sheet.light, axis=(0, 1)).max()) <= _DIGITAL


def without_relief(drawing: SheetDrawing) -> ReducedPicture:
    """A drawing in washes without the shadows of rough paper in slanting light, which are no lines; any other as it is.

    What lies where it is darker from afar was drawn.
    """
    even = drawing.view.pixels
    if drawing.means is not Means.WET:
        return drawing.view
    sigma = float(np.hypot(*even.shape[:2])) / _FROM_AFAR
    dark: NDArray[np.float32] = cv2.GaussianBlur(255 - smallest(even), (0, 0), sigma).astype(np.float32) - _PAPER_AFAR
    usual = float(np.quantile(dark[::2, ::2], drawing.sheet.bare / 2))
    if usual < _RELIEF:
        return drawing.view
    drawn = np.clip(dark / np.float32(usual) - 2, 0, 1)[..., None]
    return replace(drawing.view, pixels=np.rint(255 - (255 - even.astype(np.float32)) * drawn).astype(np.uint8))


def _on_brown(view: ReducedPicture) -> SheetDrawing | None:
    """A drawing in dark lines and hatching on brown paper that is too blotched for any other."""
    sheet = find_brown_sheet(view.pixels)
    if sheet is None or not sheet.grained or float(beside(view.pixels, sheet).mean()) > sheet.bare:
        return None
    even = evened(view.pixels, sheet)
    small = on_measure(even)
    # Ink is dark in all channels, what the paper has itself in one.
    marks, filled = _filled(np.repeat(largest(small)[..., None], 3, axis=2))
    if marks < _LEAST_INK or filled > _HATCHED * marks or not _lies_within(small):
        return None
    if _lighter(view.pixels, sheet) > _HIGHLIGHTS or _filled(small)[1] > _AREAS:
        return None
    return SheetDrawing(replace(view, pixels=even), Means.PEN, sheet)


def _on_blue(view: ReducedPicture) -> SheetDrawing | None:
    """A drawing in graphite on blue paper; before a sky there are colours, or it has no grain."""
    sheet = find_blue_sheet(view.pixels)
    if sheet is None or not sheet.grained:
        return None
    even = evened(view.pixels, sheet)
    if float((cv2.subtract(largest(even), smallest(even)) > _HUE).mean()) >= _PLAIN or not is_graphite(even):
        return None
    return SheetDrawing(replace(view, pixels=even), Means.GREYS, sheet)


def _within_margin(view: ReducedPicture) -> SheetDrawing | None:
    """Washes all over a sheet of which hardly more than its margin is bare."""
    sheet = find_margin(view.pixels)
    if sheet is None or float(sheet.light.min()) > _IS_WHITE:
        return None
    even = evened(view.pixels, sheet)
    coloured = float((cv2.subtract(largest(even), smallest(even)) > _HUE).mean())
    if coloured < _WASHES or _lighter(view.pixels, sheet) > _HIGHLIGHTS:
        return None
    return SheetDrawing(replace(view, pixels=even), Means.WET, sheet)


def _hatched(view: ReducedPicture) -> SheetDrawing | None:
    """A pen's drawing that leaves of its sheet hardly more than the margin, and gaps between its strokes."""
    sheet = find_margin(view.pixels, within=0.0)
    if sheet is None or sheet.bare > _PENNED_OVER or not is_hatched_all_over(on_measure(view.pixels)):
        return None
    return SheetDrawing(replace(view, pixels=evened(view.pixels, sheet)), Means.TONED, sheet)


def _toned(view: ReducedPicture) -> SheetDrawing | None:
    """A drawing in charcoal or graphite that hides its sheet, whose lights are the paper."""
    small = on_measure(view.pixels)
    if not (is_toned_all_over(small) or is_blended_graphite(small)):
        return None
    lights = np.maximum(np.percentile(view.pixels.reshape(-1, 3), _LIGHTS, axis=0), 1).astype(np.float32)
    sheet = PaperSheet(np.full(view.pixels.shape, lights, np.float32), 1 - _LIGHTS / 100, grained=False)
    grey = evened(view.pixels, sheet).mean(axis=2, keepdims=True).astype(np.uint8)
    return SheetDrawing(replace(view, pixels=np.repeat(grey, 3, axis=2)), Means.TONED, sheet)


def _means(pixels: Pixels, sheet: PaperSheet, even: Pixels) -> Means | None:
    """What coloured marks on a sheet were made with: of uint8 [h, w, 3], and of the same on white paper, reduced."""
    marks, filled = _filled(even)
    if filled < _FILLED and filled - _blacks(even) < _LINES * marks:
        return Means.PEN
    contrast, flat, correlation = grain_of(even)
    paper = np.median(sheet.light, axis=(0, 1))
    solid = filled > _SOLID * marks
    # Solid shapes with as faint a grain as a brush of a program leaves were not rubbed on.
    grains = (_STRONG,) if solid else (_STRONG, _FAINT)
    lighter = _lighter(pixels, sheet)
    if lighter > _MOST_LIGHTER and float(paper.min()) > _PALE:
        return None
    settled = correlation < _COARSE and any(contrast > least and flat < most for least, most in grains)
    # Pencils and paint both settle in the tooth of paper, but pencils leave no full colours.
    settled &= is_grain_of_its_own(even)
    dry = settled and not has_relief(even) and (contrast > _ROUGH or _fullest(even) < _DULL or is_toned_sheet(even))
    if not settled and ((solid and not _is_outlined(even)) or lighter > _MOST_LIGHTER):
        return None
    if dry or float(paper.max()) > _TINTED * float(paper.min()):
        return Means.DRY
    if flat > _NO_WASH and (float(paper.max()) > _DIGITAL or float(paper.min()) > _IS_WHITE):
        return None
    return Means.WET if settled or is_seen_by_a_lens(even) else None


def _fullest(even: Pixels) -> float:
    """Levels between the channels of the fullest colours that were drawn or painted, away from grain."""
    calm = np.asarray(cv2.blur(even, (5, 5)), np.uint8)
    drawn = smallest(calm) < _PALEST
    return float(np.percentile(cv2.subtract(largest(calm), smallest(calm))[drawn], _HUED)) if drawn.any() else 0.0


def _lies_within(even: Pixels) -> bool:
    """Whether paper, or what lies beside it, is seen at all four sides: a sky is not."""
    paper = smallest(even) > _BARE
    side = max(1, round(_BAND * min(paper.shape)))
    bands = (paper[:side], paper[-side:], paper[:, :side], paper[:, -side:])
    return min(float(band.mean()) for band in bands) > _AT_SIDES


def _filled(even: Pixels) -> tuple[float, float]:
    """Of the picture, what is drawn, and what of it is broader than lines."""
    drawn, broad = (smallest(one) < _MARK for one in (even, _without_lines(even)))
    return float(drawn.mean()), float(broad.mean())


def _blacks(even: Pixels) -> float:
    """Of the picture, what is black and broader than lines."""
    return float((largest(_without_lines(even)) < _SOLID_BLACK).mean())


def _without_lines(even: Pixels) -> Pixels:
    return np.asarray(cv2.morphologyEx(even, cv2.MORPH_CLOSE, _as_broad_as_a_line(even)), np.uint8)


def _is_outlined(even: Pixels) -> bool:
    """Whether the rim of what is drawn in uint8 [h, w, 3] is mostly darker than what lies just within."""
    disk = _as_broad_as_a_line(even)
    drawn = (smallest(even) < _MARK).astype(np.uint8)
    tone = even.mean(axis=2).astype(np.uint8)
    core = cv2.erode(drawn, disk)
    within = cv2.dilate(tone * core, disk)
    rim = (drawn > core) & (within > 0)
    return bool(rim.any()) and float((cv2.subtract(within, tone)[rim] > _OUTLINE).mean()) > _OUTLINED


def _as_broad_as_a_line(even: Pixels) -> NDArray[np.uint8]:
    side = 2 * round(float(np.hypot(*even.shape[:2])) / _PEN / 2) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _lighter(pixels: Pixels, sheet: PaperSheet) -> float:
    """Of the picture, what is clearly lighter than its paper."""
    bright: NDArray[np.float32] = pixels.mean(axis=2, dtype=np.float32) / sheet.light.mean(axis=2)
    return float(((cv2.blur(bright, (5, 5)) > _LIGHTER) & ~beside(pixels, sheet)).mean())
