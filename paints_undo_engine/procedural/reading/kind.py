"""What kind of picture this is, from measures at one fixed size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from paints_undo_engine.procedural.reading.model import (
    Figure,
    FigureSource,
    Ink,
    Kind,
    Medium,
    Pixels,
    Subject,
    Technique,
)
from paints_undo_engine.procedural.reading.squares import block_size, is_pixel_art
from paints_undo_engine.procedural.reading.view import View, resized


def pixel_grid(pixels: Pixels) -> int:
    """The side of pixel art's squares; 0 for what is not pixel art."""
    return block_size(pixels) if is_pixel_art(pixels) else 0


def find_kind(view: View, ink: Ink, figure: Figure, panels: int, grid: int) -> tuple[Kind, Mapping[Kind, float]]:
    """The kind, and how much speaks for each, 0 to 1."""
    small = resized(view.pixels, (max(1, view.pixels.shape[0] // 2), max(2, view.pixels.shape[1] // 2)))
    chroma = (small.max(axis=2).astype(np.int16) - small.min(axis=2)).astype(np.float32)
    blank = float((small.min(axis=2) > 232).mean())
    coloured = float((chroma > 30).mean())
    step = np.abs(np.diff(small.astype(np.int16), axis=1)).max(axis=2)
    even = float((step <= 1).mean())
    lined = ink.connected >= 0.6 and ink.length >= 2
    perhaps = 0.46 <= ink.connected < 0.6 and figure.source in (FigureSource.FACE, FigureSource.ALPHA)
    scores = dict.fromkeys(Kind, 0.0)
    scores[Kind.PIXEL] = 1.0 if grid else 0.0
    scores[Kind.INKED] = 0.8 if lined else 0.6 if perhaps else 0.0
    scores[Kind.LINE_ART] = 0.95 if lined and blank > 0.6 and coloured < 0.02 else 0.0
    scores[Kind.COMIC] = 0.9 if panels >= 2 and lined else 0.0
    scores[Kind.FLAT] = 0.7 if even > 0.7 else 0.0
    scores[Kind.PAINTED] = 0.5
    kind = max(scores, key=lambda key: scores[key])
    return kind, scores


def find_medium(view: View, grid: int) -> Medium:
    """Paper, hatching, washes, grain and glow."""
    light = view.pixels.min(axis=2) > 232
    paper = None
    if float(light.mean()) > 0.25:
        red, green, blue = (int(value) for value in np.median(view.pixels[light], axis=0))
        paper = (red, green, blue)
    return Medium(paper, 0.0, 0.0, 0.0, 0.0, max(grid, 1))


def find_subject(figure: Figure, kind: Kind) -> Subject:
    """What the picture shows."""
    if figure.source in (FigureSource.FACE, FigureSource.ALPHA):
        return Subject.FIGURE
    if figure.source is FigureSource.PLAIN_GROUND or kind is Kind.FLAT:
        return Subject.OBJECT
    return Subject.SCENE


def find_techniques(kind: Kind, figure: Figure, explained: float) -> tuple[Technique, Technique]:
    """How the ground and the figure are worked; `explained` is the share of the figure's edges along lines."""
    lined = kind in (Kind.INKED, Kind.LINE_ART, Kind.COMIC, Kind.PENCIL)
    whole = Technique.INKED if lined else Technique.FLAT if kind in (Kind.FLAT, Kind.PIXEL) else Technique.PAINTED
    if figure.source is FigureSource.FACE:
        drawn = Technique.INKED if explained >= 0.6 else Technique.PALE_LINE if explained >= 0.4 else Technique.PAINTED
        return Technique.PAINTED, drawn
    if figure.source is FigureSource.ALPHA and not lined:
        return whole, Technique.PALE_LINE if explained >= 0.5 else whole
    return whole, whole
