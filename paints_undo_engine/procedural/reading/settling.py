"""The kind of a picture of which nothing is certain, by the traces that its tool has left in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from paints_undo_engine.procedural.reading.dry_media import grain_of
from paints_undo_engine.procedural.reading.kind import Measures
from paints_undo_engine.procedural.reading.model import Figure, FigureSource, Ink, PictureKind, Pixels
from paints_undo_engine.procedural.reading.streaks import is_in_streaks
from paints_undo_engine.procedural.reading.view import on_measure
from paints_undo_engine.procedural.reading.wash_network import is_brushed, is_hardly_in_washes, is_in_washes
from paints_undo_engine.request import Method

_CERTAIN = (PictureKind.PIXEL, PictureKind.COMIC, PictureKind.FLAT, PictureKind.LINE_ART)
"""Kinds that are told by squares, panels, signs and white paper, and not by traces."""
_WASHED = 0.8
"""How sure washes are that fade into their paper, or have its grain."""
_PROGRAM = 0.85
"""How likely a program's lines and shapes are together where washes on paper are not believed, however sure: .6 at most
in nineteen, .85 in two of 182 by others; in two that only looked like washes .91 and .98.
"""
_WET = 0.7
"""How likely washes are at least of what seems painted: an oil as washes looks worse than washes as an oil."""
_BETWEEN_LINES, _HARDLY_FLAT = 0.5, 0.2
"""The same where a pen's lines border colour on white paper of which hardly any is flat: so much at most."""
_NEARLY = 0.97
"""Times as sure as such washes: the pen, whose lines come first."""
_PENNED = 0.6
"""How likely a pen is at least of what seems drawn with a pencil, or seems painted, without colour."""
_BY_HAND = 0.3
"""How likely all tools but a program's are at least where the network is asked about what seems inked."""
_TRACED = 0.6
"""Of a figure's edges: where lines explain fewer a picture is painted, however crisply."""
_NO_TRACE = 0.02
"""How likely a method is of which no trace is seen."""
_CLEARLY, _RATHER = 1.5, 0.5
"""Times as likely as lines, and how likely in all: shapes without lines in a picture that has some."""
_BRUSHED = (PictureKind.PAINTED, PictureKind.PHOTO)
_ON_PAPER: Mapping[Method, PictureKind] = {
    Method.OUTLINE: PictureKind.LINE_ART,
    Method.PENCIL: PictureKind.PENCIL,
    Method.WATERCOLOUR: PictureKind.WATERCOLOUR,
}


def settled(
    kind: PictureKind,
    scores: Mapping[PictureKind, float],
    made_by: Mapping[Method, float],
    seen: Measures,
    ink: Ink,
    figure: Figure,
    *,
    faced: bool,
    pixels: Pixels | None = None,
) -> tuple[PictureKind, Mapping[PictureKind, float]]:
    """The kind and the scores, 0 to 1, of a picture that is taken for `kind`; `made_by`: how likely each method is.

    Figures without a known face (`faced`) are small, or lie in the dark: what seems painted is not inked for them. What
    seems inked is in washes only if its colour, in `pixels` uint8 [h, w, 3], is hardly anywhere flat, and is painted
    if the network sees a brush in it; what seems painted is in washes if the network and the traces say so together,
    and what seems to be is none if they do not. What seems painted or washed was drawn with pencils, which leave no
    paper bare, if it is all fine strokes.
    """
    found, known = _by_tools(kind, scores, made_by, seen, ink, figure, faced=faced, pixels=pixels)
    opaque = None if figure.source is FigureSource.ALPHA or not made_by or seen.means is not None else pixels
    if opaque is None or found not in (*_BRUSHED, PictureKind.WATERCOLOUR) or not is_in_streaks(on_measure(opaque)):
        return found, known
    return PictureKind.PENCIL, {**known, PictureKind.PENCIL: known[found], found: known[PictureKind.PENCIL]}


def _by_tools(
    kind: PictureKind,
    scores: Mapping[PictureKind, float],
    made_by: Mapping[Method, float],
    seen: Measures,
    ink: Ink,
    figure: Figure,
    *,
    faced: bool,
    pixels: Pixels | None,
) -> tuple[PictureKind, Mapping[PictureKind, float]]:
    """The same without looking for strokes."""
    program = made_by.get(Method.LINE, 0.0) + made_by.get(Method.LINELESS, 0.0)
    unwashed = kind is PictureKind.WATERCOLOUR and program > _PROGRAM
    asked = None if figure.source is FigureSource.ALPHA or seen.uncoloured or not made_by else pixels
    odds = _odds_of_washes(made_by)
    if kind is PictureKind.WATERCOLOUR and asked is not None and is_hardly_in_washes(asked, odds):
        return PictureKind.PAINTED, {**scores, PictureKind.PAINTED: scores[kind], kind: scores[PictureKind.PAINTED]}
    washed = kind is PictureKind.WATERCOLOUR and scores[kind] > _WASHED and not unwashed
    if not made_by or washed or kind in _CERTAIN or seen.means is not None or seen.rubbed:
        return kind, scores
    shown = unwashed or (faced and figure.source is not FigureSource.NONE)
    drawn = kind is PictureKind.INKED or (shown and ink.explained > _TRACED)
    if _is_washed_ink(kind, made_by, pixels):
        return PictureKind.WATERCOLOUR, {**scores, PictureKind.WATERCOLOUR: scores[kind], kind: _NEARLY * scores[kind]}
    found = _kind_of(kind, made_by, seen, drawn)
    if asked is not None:
        if found is PictureKind.INKED and program < 1 - _BY_HAND and is_brushed(asked):
            found = PictureKind.PAINTED
        if found in _BRUSHED and is_in_washes(asked, odds):
            found = PictureKind.WATERCOLOUR
    return found, {**scores, found: scores[kind], kind: scores[found]}


def are_shapes(made_by: Mapping[Method, float]) -> bool:
    """Whether shapes without lines are likely even in a picture that has some; `made_by`: how likely each method is."""
    return made_by.get(Method.LINELESS, 0.0) >= max(_RATHER, _CLEARLY * made_by.get(Method.LINE, 0.0))


def are_between_lines(scores: Mapping[PictureKind, float]) -> bool:
    """Whether what is in washes is as surely drawn with a pen; `scores`: how sure each kind is, 0 to 1."""
    return scores.get(PictureKind.INKED, 0.0) >= _NEARLY * scores.get(PictureKind.WATERCOLOUR, 1.0)


def _odds_of_washes(made_by: Mapping[Method, float]) -> float:
    """How much likelier washes are than a painter's brush, a logarithm."""
    wet, dry = (made_by.get(method, 0.0) + _NO_TRACE for method in (Method.WATERCOLOUR, Method.PAINTER))
    return float(np.log(wet / dry))


def _is_washed_ink(kind: PictureKind, made_by: Mapping[Method, float], pixels: Pixels | None) -> bool:
    """Whether colours between a pen's lines are washes on white paper."""
    likely = kind is PictureKind.INKED and made_by.get(Method.WATERCOLOUR, 0.0) > _BETWEEN_LINES
    return likely and pixels is not None and grain_of(on_measure(pixels))[1] < _HARDLY_FLAT


def _kind_of(kind: PictureKind, made_by: Mapping[Method, float], seen: Measures, drawn: bool) -> PictureKind:
    """The kind by the likeliest method that the picture allows; `drawn`: whether it has lines that may be a pen's."""
    for method in sorted(made_by, key=lambda method: -made_by[method]):
        if method in _ON_PAPER:
            # What lies on paper is told by the paper, but for a pen's lines and for washes, which may fill it.
            penned = method is Method.OUTLINE and seen.uncoloured and made_by[method] > _PENNED
            wet = method is Method.WATERCOLOUR and kind in _BRUSHED and made_by[method] > _WET
            if penned or wet or _ON_PAPER[method] is kind:
                return _ON_PAPER[method]
        elif method is Method.LINE:
            return PictureKind.INKED if drawn else PictureKind.PAINTED
        else:
            lines = method is Method.LINELESS and not are_shapes(made_by)
            kept = kind is PictureKind.PHOTO or (kind is PictureKind.INKED and lines)
            return kind if kept else PictureKind.PAINTED
    return kind
