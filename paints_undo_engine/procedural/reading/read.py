"""Read a picture: what is known of it before a process is planned."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from paints_undo_engine.procedural.reading.faces import find_faces
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.ink import explained, find_cover, line_colour, remove_lines
from paints_undo_engine.procedural.reading.kind import find_kind, find_medium, find_subject, find_techniques, measure
from paints_undo_engine.procedural.reading.lettering import find_text
from paints_undo_engine.procedural.reading.model import Cover, Ink, Pixels, Reading
from paints_undo_engine.procedural.reading.panels import find_panels
from paints_undo_engine.procedural.reading.perspective import find_perspective
from paints_undo_engine.procedural.reading.pixel_art import pixel_grid
from paints_undo_engine.procedural.reading.regions import find_regions
from paints_undo_engine.procedural.reading.strokes import assign, connection, find_strokes
from paints_undo_engine.procedural.reading.view import View, resized, view_of


def read(pixels: Pixels, alpha: Cover | None = None) -> Reading:
    """Read uint8 [H, W, 3] with straight `alpha` uint8 [H, W] or None.

    The same picture gives the same answer at any size, and an opaque alpha is as none.

    Example: `read(painting.rgb8()).kind`
    """
    grid = pixel_grid(pixels)
    view = view_of(pixels, alpha, grid)
    faces = () if grid else find_faces(view.pixels)
    figure = find_figure(view.pixels, view.alpha, faces)
    ink = _ink(view, figure.cover)
    seen = measure(view, ink)
    if seen.even > _SIMPLE and ink.explained < _THIN:
        felt = _ink(view, figure.cover, thick=True)
        if felt.explained > ink.explained + _GAIN:
            ink, seen = felt, measure(view, felt)
    clean = remove_lines(view.pixels, ink.cover)
    panels = find_panels(view.pixels)
    kind, scores = find_kind(seen, ink, figure, bool(faces), len(panels), grid)
    techniques = find_techniques(kind, figure, bool(faces), ink.explained)
    found = find_regions(view, clean, ink.cover, figure, faces, techniques)
    return Reading(
        size=view.size,
        scale=view.scale,
        pixels=view.pixels,
        alpha=view.alpha,
        kind=kind,
        scores=MappingProxyType(dict(scores)),
        subject=find_subject(figure, kind, bool(faces)),
        medium=find_medium(view, seen, kind, ink, grid),
        faces=faces,
        figure=figure,
        ink=replace(ink, paths=assign(ink.paths, found.labels, np.array([region.order for region in found.regions]))),
        clean=clean,
        labels=found.labels,
        regions=found.regions,
        cel_labels=found.cel_labels,
        cels=found.cels,
        perspective=find_perspective(view.pixels, figure.cover),
        text=find_text(view.pixels),
        panels=panels,
    )


_MEASURED_SIDE = 640
_SIMPLE, _THIN, _GAIN = 0.7, 0.6, 0.2
"""A picture this even whose thin lines explain less than this may be drawn with a felt pen, if that explains more."""


def _ink(view: View, inside: Cover, thick: bool = False) -> Ink:
    cover = find_cover(view.pixels, thick)
    colour = line_colour(view.pixels, cover)
    scale = _MEASURED_SIDE / max(view.pixels.shape[:2])
    height, width = (max(1, round(side * min(scale, 1.0))) for side in view.pixels.shape[:2])
    connected, length = connection(resized(view.pixels, (height, width)))
    share = explained(view.pixels, cover, inside)
    return Ink(cover, colour, find_strokes(cover, colour), share, connected, length)
