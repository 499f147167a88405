"""Read a picture: what is known of it before a process is planned."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from paints_undo_engine.procedural.reading.faces import find_faces
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.flats import find_regions
from paints_undo_engine.procedural.reading.ink import assigned, find_ink
from paints_undo_engine.procedural.reading.kind import find_kind, find_medium, find_subject, pixel_grid
from paints_undo_engine.procedural.reading.lettering import find_text
from paints_undo_engine.procedural.reading.model import Cover, FigureSource, Kind, Pixels, Reading, Technique
from paints_undo_engine.procedural.reading.panels import find_panels
from paints_undo_engine.procedural.reading.perspective import find_perspective
from paints_undo_engine.procedural.reading.view import view_of


def read(pixels: Pixels, alpha: Cover | None = None) -> Reading:
    """Read uint8 [H, W, 3] with straight `alpha` uint8 [H, W] or None.

    The same picture gives the same answer at any size, and an opaque alpha is as none.

    Example: `read(painting.rgb8()).kind`
    """
    grid = pixel_grid(pixels)
    view = view_of(pixels, alpha, grid)
    faces = () if grid else find_faces(view.pixels)
    figure = find_figure(view.pixels, view.alpha, faces)
    ink, clean = find_ink(view.pixels, figure.cover)
    panels = find_panels(view.pixels)
    kind, scores = find_kind(view, ink, figure, len(panels), grid)
    technique = Technique.INKED if kind in (Kind.INKED, Kind.LINE_ART, Kind.COMIC) else Technique.PAINTED
    labels, regions, cel_labels, cels = find_regions(clean, ink.cover, figure, technique)
    if view.alpha is not None and figure.source is FigureSource.ALPHA:
        labels = np.where(view.alpha > 0, labels, -1).astype(np.int32)
        cel_labels = np.where(view.alpha > 0, cel_labels, -1).astype(np.int32)
    return Reading(
        size=view.size,
        scale=view.scale,
        pixels=view.pixels,
        alpha=view.alpha,
        kind=kind,
        scores=MappingProxyType(dict(scores)),
        subject=find_subject(figure, kind),
        medium=find_medium(view, grid),
        faces=faces,
        figure=figure,
        ink=replace(ink, paths=assigned(ink.paths, labels)),
        clean=clean,
        labels=labels,
        regions=regions,
        cel_labels=cel_labels,
        cels=cels,
        perspective=find_perspective(view.pixels),
        text=find_text(view.pixels),
        panels=panels,
    )
