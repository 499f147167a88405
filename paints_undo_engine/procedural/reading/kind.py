"""What kind of picture this is, from measures at one fixed size, and how its ground and figure are worked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.borders import is_modelled
from paints_undo_engine.procedural.reading.cell_grid import PixelCells
from paints_undo_engine.procedural.reading.channels import difference, greatest, largest, smallest, steps
from paints_undo_engine.procedural.reading.clean_lines import CleanLines
from paints_undo_engine.procedural.reading.dry_media import is_graphite, is_nowhere_flat, is_rubbed
from paints_undo_engine.procedural.reading.lighting import glow_of
from paints_undo_engine.procedural.reading.model import (
    Colour,
    Figure,
    FigureSource,
    Ink,
    Medium,
    PictureKind,
    Pixels,
    Subject,
    Technique,
)
from paints_undo_engine.procedural.reading.sheet_drawing import Means
from paints_undo_engine.procedural.reading.tone import Tone, by_tone, made_of
from paints_undo_engine.procedural.reading.view import ReducedPicture, on_measure

_PAPER = 228
_PLAIN = 0.04
"""Of the picture: with less that is clearly not grey, a drawing is without colour."""
_PALE, _LEAST_PALE = 12, 0.05
"""Levels that pale colour has more in one channel than in another, beside the paper; of the picture, so much of it that
a drawing is coloured, however little is clearly not grey."""
_ON_PAPER = 0.3
"""Of the picture, white: a drawing without colour lies on paper."""
_LINE_WIDTH = 9
"""Pixels: what is thinner is a line, whose own colour colours no drawing."""
_WASHED = 0.6
"""Of the band beside bare paper: with so much that is hardly darker, colour fades into the paper."""
_TWO_TONES = 0.88
"""Of the picture in two colours."""
_PENNED = 8.0
"""Diagonals of lines."""
_LONG = 0.03
"""Of the diagonal: a long line."""
_NEARLY_ALL, _DRAWN_EVEN = 0.84, 0.15
"""Of the edges, along lines; of a drawing's pixels, like their neighbours: in photographs and paintings fewer are."""
_LEAST_PAPER, _MOST_PAPER = 0.38, 0.45
"""Of a line drawing, bare: where lines explain nearly all, the paper may be grey or much of it hatched."""
_HATCHED, _MANY = 0.4, 8.0
"""Where so little of so many diagonals of lines lies in long ones, tone is made of strokes."""
_PENNED_ALONE = 0.42
"""Of the lines' length, in long ones: a coloured pen's drawing without much hatching."""
_DRAWN_ON_SHEET = 0.8
"""Of the edges: where lines without colour on a sheet explain so many, it was neither painted nor photographed."""
_ON_SHEET = 0.92
"""How sure colour by brush or marker on a sheet is: no figure is cut out there, and its ground is bare."""
_ROUGH, _DRAWN_THROUGH, _FILLED = 0.15, 0.31, 0.56
"""Of the pixels, like their neighbours; of the lines' length, in long ones, where lines explain nearly all: a brush
leaves fewer, and a program more even pixels. How sure a drawing is that is coloured up to its sheet's edges.
"""
_SIGN = 0.85
"""How sure letters and signs are."""
_SIMPLE = 0.72
"""Of the pixels, like their neighbours: with more a picture may be simple."""
_MOSTLY_BARE, _FEWER, _UNPENNED, _ALONE = 0.66, 0.5, 0.3, 0.86
"""Of the pixels, like their neighbours, and in eight colours: colour alone on even paper leaves so many; of the lines'
length, clean: with less no pen went around it; how sure it is that this was painted in washes."""
_FLAT_PAPER = 0.7
"""Of the pixels, like their neighbours: what has fewer lies on paper with grain."""
_LITTLE_WHITE = 0.3
"""Of the picture: clip art has more."""
_SOME_PAPER, _FEW_BLACKS = 0.12, 0.1
"""Of the picture: bare sheet and blacks of a drawing that is toned nearly everywhere; photographs have more black."""

_RATHER_CLEAN, _MANY_CLEAN, _JOINED = 0.2, 3.5, 0.48
"""Of the lines' length, clean; diagonals of clean lines; of the lines' length in long ones: a drawing, however rough
its colours are. Without so many, its colours are even here and there."""
_SOMEWHAT_EVEN = 0.1
COLOURS = 0.6
"""Of the picture in eight colours: a drawing on a tinted sheet has more, and is told by other measures."""
_UNCLEAN, _HARDLY_ANY = 0.13, 0.1
"""Of the lines' length, and diagonals: with less nothing was drawn with a pen, unless a drawn face was found."""
_FEW, _EVEN_SHAPES, _WHOLE, _UNLINED = 0.65, 0.35, 0.42, 0.385
"""Shapes without lines: eight colours and even pixels have at least so much of the picture, long lines of all lines,
clean lines less of its edges."""

_FEW_CUT, _NO_BLACK, _CUT_OUT, _DRAWN_WITHIN = 0.7, 0.06, 0.25, 0.3
"""The same, where lines were drawn within shapes: eight colours have more of the picture, dark has less, clean lines
have less of its edges, and so much of all lines is clean."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares of what is not transparent, 0 to 1, on the analysis grid.

    `blank` near white, `coloured` clearly not grey, `even` like the pixels above and at the left, `few` in the eight
    most frequent colours, `two` in the two most frequent, `middle` neither blank nor line nor black, `dark` below a
    quarter of the light, `grain` mean difference from the median of the neighbourhood in levels. `light` 0 to 255 is
    the median. `washed`: of what lies a few pixels beside bare paper, the share that is hardly darker than it. `pale`:
    areas, not lines, that have at least a little colour beside their paper. `rubbed`: see `is_rubbed`; `graphite`, of
    a drawing on a sheet that was scanned or photographed: see `is_graphite`; `grained`: see `is_nowhere_flat`;
    `modelled`, of a picture that fills its canvas, its ground not white: see `is_modelled`; `tone`: see `made_of`.
    """

    blank: float
    coloured: float
    even: float
    few: float
    two: float
    middle: float
    dark: float
    grain: float
    light: float
    washed: float
    pale: float
    rubbed: bool
    graphite: bool
    grained: bool
    modelled: bool
    means: Means | None
    tone: Tone | None = None

    @property
    def uncoloured(self) -> bool:
        """Whether neither clear colour nor areas of pale colour are worth a brush, or all colour is a pen's."""
        return self.plain and (self.means is not None or self.pale < _LEAST_PALE)

    @property
    def plain(self) -> bool:
        """Whether there is no clear colour, or lines have it alone."""
        return self.coloured < _PLAIN or self.means is Means.PEN


def measure(view: ReducedPicture, ink: Ink, means: Means | None = None) -> Measures:
    """The measures of a picture with its line art. `means`: of a drawing on paper that has been made white."""
    pixels = view.pixels
    shown = _shown(view)
    least, most = smallest(pixels)[shown].astype(np.int16), largest(pixels)[shown].astype(np.int16)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    step = steps(pixels)
    red, green, blue = (np.asarray(channel[shown], np.int32) >> 4 for channel in cv2.split(pixels))
    codes = (red << 8) + (green << 4) + blue
    common = np.sort(np.bincount(codes.ravel(), minlength=4096))[-8:]
    line = cv2.dilate(ink.cover, np.ones((5, 5), np.uint8))[shown] > 40
    light = grey[shown]
    rough = cv2.absdiff(grey, cv2.medianBlur(grey, 5))[shown]
    blank = float((least > _PAPER).mean())
    even = float((step[shown] <= 1).mean())
    coloured = float((most - least > 28).mean())
    on_paper = view.alpha is None and coloured < _PLAIN and (means is Means.GREYS or blank > _ON_PAPER)
    return Measures(
        blank=blank,
        coloured=coloured,
        even=even,
        few=float(common.sum() / codes.size),
        two=float(common[-2:].sum() / codes.size),
        middle=float(((light < 225) & (light > 40) & ~line).mean()),
        dark=float((light < 64).mean()),
        grain=float(rough.mean()),
        light=float(np.median(light)),
        washed=_washed(pixels) if view.alpha is None else 0.0,
        pale=float(_is_pale(pixels)[shown].mean()),
        modelled=view.alpha is None and blank < _LITTLE_WHITE and is_modelled(pixels),
        graphite=means is Means.GREYS and is_graphite(pixels),
        grained=view.alpha is None and even > _MOSTLY_BARE and is_nowhere_flat(on_measure(pixels)),
        rubbed=means is Means.DRY or (view.alpha is None and is_rubbed(on_measure(pixels))),
        means=means,
        tone=made_of(on_measure(pixels)) if on_paper else None,
    )


def _shown(view: ReducedPicture) -> tuple[slice, slice] | NDArray[np.bool_]:
    """The index of what is not transparent; everything, at no cost, where nothing is, or all."""
    if view.alpha is None:
        return np.s_[:, :]
    shown = view.alpha > 127
    return shown if shown.any() else np.s_[:, :]


def _washed(pixels: Pixels) -> float:
    """How soft the border of bare paper is: 1 where all colour fades into it, 0 where there is none."""
    light = smallest(pixels) > _PAPER
    if float(light.mean()) < 0.05:
        return 0.0
    paper = np.array(_median_colour(pixels, light), np.uint8)
    away = difference(pixels, np.full_like(pixels, paper))
    bare = cv2.morphologyEx((away < 14).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    near, far = (cv2.dilate(bare, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) for side in (11, 15))
    band = (far > 0) & (near == 0)
    return float((away[band] < 60).mean()) if band.any() else 0.0


def _is_pale(pixels: Pixels) -> NDArray[np.bool_]:
    """bool [h, w]: areas whose colour, not only light, differs from bare paper; none where no paper is bare."""
    light = smallest(pixels) > _PAPER
    if float(light.mean()) < 0.05:
        return np.zeros(light.shape, bool)
    away = cv2.medianBlur(pixels, _LINE_WIDTH).astype(np.int16) - np.array(_median_colour(pixels, light), np.int16)
    return np.asarray(greatest(away) + greatest(-away) > _PALE, bool)


def _median_colour(pixels: Pixels, where: NDArray[np.bool_]) -> Colour:
    """The median of each channel where a mask is set, in whole levels; counted, which is faster than sorting."""
    red, green, blue = (_median(np.bincount(channel[where], minlength=256)) for channel in cv2.split(pixels))
    return red, green, blue


def _median(counts: NDArray[np.int64]) -> int:
    """The median of levels of which `counts` says how often each occurs; between two levels the lower."""
    up_to = np.cumsum(counts)
    low, high = np.searchsorted(up_to, ((up_to[-1] - 1) // 2, up_to[-1] // 2), side="right")
    return int(low + high) // 2


def find_kind(
    seen: Measures,
    ink: Ink,
    lines: CleanLines,
    figure: Figure,
    face: bool,
    panels: int,
    grid: bool,
    headed: bool = False,
    captioned: bool = False,
) -> tuple[PictureKind, Mapping[PictureKind, float]]:
    """The kind, and how much speaks for each, 0 to 1.

    `face`: whether a drawn one was found; `headed`: whether there are heads or faces at all; `captioned`: whether the
    panels lie between strips of lettering.

    Drawn lines are long and connected, whatever their darkness: at least .60 of their length lies in long ones. Between
    .46 and .60 a face, alpha or plain ground decides.
    """
    cut_out = figure.source in (FigureSource.ALPHA, FigureSource.PLAIN_GROUND)
    lined = ink.connected >= 0.6 and ink.length >= 2 and ink.explained >= 0.5
    perhaps = cut_out and ink.connected >= 0.46 and ink.length >= 2 and ink.explained >= 0.6
    simple = seen.even > _SIMPLE and seen.few > 0.5
    lengths = np.array([path.length for path in ink.paths])
    diagonal = float(np.hypot(*ink.cover.shape))
    strokes = float(lengths.sum()) / diagonal
    # Even shading within outlines on nothing or on plain ground: clip art with gradients, a drawing on a sheet.
    long = float(lengths[lengths > _LONG * diagonal].sum()) / max(float(lengths.sum()), 1.0)
    shaded = seen.even > 0.5 and seen.few < 0.85
    outlined = cut_out and shaded and long > 0.7 and ink.explained >= 0.6 and strokes >= 1 and ink.connected > 0.2
    drawn = simple and ink.explained >= 0.6 and strokes >= 1 and seen.few > 0.6
    # Clip art that has been enlarged is less even, but its outlines still explain nearly all.
    drawn |= seen.few > 0.7 and ink.explained >= 0.8 and strokes >= 1
    plain = seen.plain
    scores = dict.fromkeys(PictureKind, 0.0)
    scores[PictureKind.PIXEL] = 1.0 if grid else 0.0
    # Without an outline of its own a figure has to be drawn with lines: what looks like a face may be none.
    # Lines that explain nearly all are a drawing's, however many short ones there are among them.
    traced = ink.explained >= _NEARLY_ALL and ink.connected >= 0.36 and long > 0.72 and strokes >= 6
    traced &= seen.even > _DRAWN_EVEN
    faced = face and ink.explained >= (
        0.45 if figure.source in (FigureSource.FACE, FigureSource.NETWORK, FigureSource.CROWD) else 0.38
    )
    scores[PictureKind.INKED] = 0.8 if lined or drawn else 0.75 if faced else 0.72 if outlined else 0.2
    scores[PictureKind.INKED] = max(scores[PictureKind.INKED], 0.68 if traced else 0.6 if perhaps else 0.0)
    paper = _LEAST_PAPER if ink.explained > 0.9 else _MOST_PAPER
    if seen.uncoloured and seen.middle < 0.1 and seen.blank > paper and (lined or drawn or ink.explained > 0.7):
        scores[PictureKind.LINE_ART] = 0.95
    if plain and seen.blank > 0.35 and ink.connected < _HATCHED and ink.length > _MANY:
        scores[PictureKind.PENCIL] = 0.96
    if (
        plain
        and seen.blank > _SOME_PAPER
        and seen.dark < _FEW_BLACKS
        and ink.connected < _HATCHED
        and ink.length > _MANY
    ):
        # Tone all over a sheet, made of short strokes.
        scores[PictureKind.PENCIL] = max(scores[PictureKind.PENCIL], 0.9)
    if plain and seen.blank > 0.25 and seen.middle >= 0.1 and seen.even < 0.7 and seen.grain > 1.2:
        scores[PictureKind.PENCIL] = 0.85
    if seen.graphite and seen.uncoloured and seen.even < _FLAT_PAPER:
        scores[PictureKind.PENCIL] = 0.96
    if seen.rubbed:
        scores[PictureKind.PENCIL] = 0.97
    if seen.means is Means.GREYS and ink.explained > _DRAWN_ON_SHEET:
        # Charcoal or a brush pen, however much of the sheet is black.
        scores[PictureKind.PENCIL] = max(scores[PictureKind.PENCIL], 0.62)
    if seen.means is Means.TONED:
        scores[PictureKind.PENCIL] = 0.96
    if seen.means is Means.PEN:
        scores[PictureKind.LINE_ART if ink.connected >= _PENNED_ALONE else PictureKind.PENCIL] = 0.97
    if seen.means is Means.WET:
        scores[PictureKind.WATERCOLOUR] = _ON_SHEET
    # Captions tell a page, however little of its lines is seen in the dark.
    scores[PictureKind.COMIC] = 0.9 if panels >= 2 and (captioned or lined or ink.explained > 0.7) else 0.0
    scores[PictureKind.FLAT] = 0.7 if simple and not seen.grained else 0.3 * seen.even
    if seen.two > _TWO_TONES and seen.blank < 0.6 and ink.explained < 0.75 and not plain:
        # Letters and signs: what looks like a line between two colours is their border.
        scores[PictureKind.FLAT] = _SIGN
    bright = seen.blank > 0.12 and seen.light > 165 and seen.dark < 0.06 and seen.coloured > 0.06
    # A light picture full of long lines is a coloured drawing, however soft its colours are.
    penned = bright and long > 0.7 and ink.explained > 0.66 and strokes > _PENNED
    if penned:
        scores[PictureKind.INKED] = max(scores[PictureKind.INKED], 0.7)
    if bright and not penned and not cut_out and not face and seen.even < 0.5:
        scores[PictureKind.WATERCOLOUR] = max(scores[PictureKind.WATERCOLOUR], 0.65)
    washed = seen.washed > _WASHED and figure.source is not FigureSource.ALPHA
    if bright and not penned and not face and washed:
        scores[PictureKind.WATERCOLOUR] = max(scores[PictureKind.WATERCOLOUR], 0.85)
    if seen.grained and seen.few > _FEWER and not face and lines.share < _UNPENNED:
        # Colour with grain all over, alone on bare paper, and no pen's lines around it.
        scores[PictureKind.WATERCOLOUR] = max(scores[PictureKind.WATERCOLOUR], _ALONE)
    scores[PictureKind.PHOTO] = (
        0.55 if ink.connected < 0.25 and ink.length > 14 and not cut_out and seen.few < 0.5 else 0.1
    )
    scores[PictureKind.PAINTED] = 0.5
    if not face:
        scores |= _by_clean_lines(scores, seen, ink, lines, figure, headed)
    scores |= by_tone(scores, seen.tone, seen.dark, seen.middle)
    if seen.modelled and scores[PictureKind.FLAT] < _SIGN:
        # A dark or soft portrait has few colours, and so much of one that it looks even.
        scores[PictureKind.FLAT] = min(scores[PictureKind.FLAT], 0.3)
    through = ink.explained > _NEARLY_ALL and ink.connected > _DRAWN_THROUGH and not (face or cut_out)
    if through and seen.even < _ROUGH and not seen.plain:
        scores[PictureKind.WATERCOLOUR] = max(scores[PictureKind.WATERCOLOUR], _FILLED)
    kind = max(scores, key=lambda key: scores[key])
    return kind, scores


def _by_clean_lines(
    scores: Mapping[PictureKind, float], seen: Measures, ink: Ink, lines: CleanLines, figure: Figure, headed: bool
) -> Mapping[PictureKind, float]:
    """The scores that clean lines change: they make a drawing; without them there is none, however long lines are."""
    inked = scores[PictureKind.INKED]
    if lines.share < _UNCLEAN or (lines.length < _HARDLY_ANY and figure.source is FigureSource.NONE):
        return {PictureKind.INKED: min(inked, 0.2)}
    unlined = inked > scores[PictureKind.PAINTED] and not headed and _is_unlined(seen, ink, lines)
    if unlined or _is_cut_out(seen, lines):
        return {PictureKind.FLAT: 0.82}
    many = (
        lines.share > _RATHER_CLEAN and lines.length > _MANY_CLEAN and ink.connected > _JOINED and ink.explained > 0.8
    )
    drawn = many or (lines.are_drawn and seen.even > _SOMEWHAT_EVEN)
    return {PictureKind.INKED: max(inked, 0.7) if drawn and seen.few < COLOURS and not seen.uncoloured else inked}


def _is_unlined(seen: Measures, ink: Ink, lines: CleanLines) -> bool:
    """Whether shapes of few even colours meet without lines: what looks like a line is a thin shape."""
    shapes = seen.few > _FEW and seen.even > _EVEN_SHAPES and ink.connected > _WHOLE and not seen.uncoloured
    return shapes and not lines.are_drawn and lines.edges < _UNLINED


def _is_cut_out(seen: Measures, lines: CleanLines) -> bool:
    """Whether shapes without any black meet mostly without lines, though lines were drawn within them."""
    even = seen.few > _FEW_CUT and seen.even > _EVEN_SHAPES and not seen.uncoloured
    return even and seen.dark < _NO_BLACK and lines.edges < _CUT_OUT and lines.share > _DRAWN_WITHIN


def find_medium(
    view: ReducedPicture, paper: ReducedPicture, seen: Measures, kind: PictureKind, ink: Ink, cells: PixelCells | None
) -> Medium:
    """Paper, hatching, washes, grain and glow; `paper` is the view as if its paper were white."""
    light = smallest(paper.pixels) > _PAPER
    least = 0.0 if seen.means is Means.TONED else 0.15
    sheet = _median_colour(view.pixels, light) if float(light.mean()) > least else None
    hatching = float(np.clip(ink.length / 25, 0, 1)) if kind is PictureKind.PENCIL else 0.0
    washes = float(np.clip(seen.light / 255, 0, 1)) if kind is PictureKind.WATERCOLOUR else 0.0
    return Medium(sheet, hatching, washes, float(np.clip(seen.grain / 8, 0, 1)), glow_of(view.pixels), cells)


def find_subject(figure: Figure, kind: PictureKind, face: bool) -> Subject:
    """What the picture shows."""
    if face or figure.source is FigureSource.NETWORK:
        return Subject.FIGURE
    if figure.source is FigureSource.NONE:
        return Subject.OBJECT if kind in (PictureKind.FLAT, PictureKind.PIXEL) else Subject.SCENE
    return Subject.OBJECT if kind in (PictureKind.FLAT, PictureKind.LINE_ART) else Subject.FIGURE


def find_techniques(kind: PictureKind, figure: Figure, face: bool, explained: float) -> tuple[Technique, Technique]:
    """How the ground and the figure are worked; `explained` is the share of the figure's edges along lines."""
    lined = kind in (PictureKind.INKED, PictureKind.LINE_ART, PictureKind.COMIC, PictureKind.PENCIL)
    whole = (
        Technique.INKED
        if lined
        else Technique.FLAT
        if kind in (PictureKind.FLAT, PictureKind.PIXEL)
        else Technique.PAINTED
    )
    drawn = whole
    if face or lined:
        drawn = Technique.INKED if explained >= 0.6 else Technique.PALE_LINE if explained >= 0.38 else Technique.PAINTED
    if figure.source in (FigureSource.FACE, FigureSource.NETWORK, FigureSource.LINES) and kind is PictureKind.INKED:
        return Technique.PAINTED, drawn
    return whole, drawn
