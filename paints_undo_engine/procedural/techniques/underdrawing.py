"""Whether a picture was drawn before it was painted, and with what."""

from __future__ import annotations

from paints_undo_engine.procedural.reading.main_edges import SOMEBODY
from paints_undo_engine.procedural.reading.model import FaceSource, PictureKind
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.request import Method

_DRAWN, _CONNECTED, _EXPLAINED = (2.0, 14.0), 0.6, 0.5
"""Diagonals of line, the share of them in long ones, and the share of the edges along lines, with which a painting was
drawn in line first; more line is texture, and shorter lines are scraps that nobody inks before there is paint.
"""
_DRAWN_FACE, _FACE = 0.24, 0.38
"""The same share in paintings of drawn faces, and of faces that may be drawn or not; of those that people have, what is
seen of lines may be borders of light.
"""

_SMALL = 24.0
"""Diagonals of line: an inked picture that has more is drawn small, as a page of panels is."""


def is_drawn_first(source: Source) -> bool:
    """Whether a painting shows so much of its drawing that paint was laid below finished lines.

    Where a brush has left more traces than a pen, what looks like lines are crumbs of shadow.
    """
    ink, faces, made_by = source.reading.ink, source.reading.faces, source.reading.made_by
    if made_by.get(Method.LINE, 0.0) < made_by.get(Method.PAINTER, 0.0):
        return False
    length = sum(path.length for path in ink.paths) / source.diagonal
    people = all(face.source is FaceSource.MTCNN for face in faces)
    connected = _CONNECTED if people else _DRAWN_FACE if source.reading.has_drawn_face else _FACE
    return _DRAWN[0] < length < _DRAWN[1] and ink.connected > connected and ink.explained > _EXPLAINED


def has_lines(source: Source) -> bool:
    """Whether the picture's lines are those of a drawing; those of a painting are borders of light, and its texture."""
    return source.reading.kind not in (PictureKind.PAINTED, PictureKind.PHOTO) or is_drawn_first(source)


def is_drawn_small(source: Source) -> bool:
    """Whether a picture is drawn in many small lines, as pages of panels are: its large shapes say little."""
    reading = source.reading
    inked = reading.kind not in (PictureKind.PAINTED, PictureKind.PHOTO, PictureKind.PENCIL)
    return inked and (bool(reading.panels) or reading.ink.length > _SMALL)


def is_scene(source: Source) -> bool:
    """Whether a picture is laid out in masses: it has some, and nobody is known in it."""
    reading = source.reading
    if not reading.edges.masses or is_drawn_small(source) or reading.kind in (PictureKind.LINE_ART, PictureKind.PENCIL):
        return False
    return not (reading.faces or reading.heads or reading.poses or reading.figure.source in SOMEBODY)
