"""Contours as who draws with a pencil makes them: long strokes around the forms, and no piece of texture among them.

A drawing in tones shows its lines only here and there, and its grain looks like many short ones. What is drawn first is
where a hand would put lines: the picture's own lines, linked to long strokes, and the borders of its broad tones. The
tones go over them later.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Colour, Phase, Pixels
from paints_undo_engine.procedural.reading.along import label_along, values_along
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.reading.tone import unlined
from paints_undo_engine.procedural.reading.tracing import link, smooth, trace
from paints_undo_engine.procedural.script import PlannedWork
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.contouring import runs_of
from paints_undo_engine.procedural.techniques.lining import Stroke, in_order, named
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil
from paints_undo_engine.procedural.techniques.texture import beside, forms

_GAP, _SHORTEST = 0.022, 0.022
"""Of the diagonal: ends of the picture's own lines that are nearer are joined; what is shorter then is texture."""
_BROAD, _EDGES = 85.0, (45, 130)
"""The diagonal divided by it: tones that are smaller have no contour; how clear their border is, for the edge
detector."""
_CONTOUR, _JOIN = 0.045, 0.016
"""The same two of borders, of the diagonal."""
_BESIDE = 0.011
"""Of the diagonal: a border so near to a line is that line's."""
_ASIDE = 0.004
"""Of the diagonal: how far from a line's rim its sides are looked at."""
_FACE, _MOSTLY, _STEP = (0.47, 0.5), 0.5, 0.75
"""Of a face's box, half of what is modelled in it; of a line, so much lies there; of its own darkness, what its darker
side has less of: others are borders of light.
"""
_MOST = 420
"""So many strokes at most, the longest."""
_WIDTH, _PRESSURE = 0.0017, 0.85
_LEAD, _PALER, _LIGHTLY, _MARK = 0.25, 0.2, 0.3, 24
"""Of what is drawn, so much is darker than the lead; how much paler than that a contour is, and a sketch than that;
levels of what is drawn.
"""
_FIRM = {0.3: "Faint contours", 0.55: "Light contours", 0.8: "Contours", 1.0: "Firm contours"}
"""How firmly contours are drawn, and the layers of each."""
_IN_LINES, _ALL_LINES = 0.62, 0.8
"""Of all darkness: where so much lies on lines, a drawing is one of lines; the same of one in pencil."""
_INKED, _GREY, _CORE = 0.6, 0.2, 5
"""Of the way from paper to black, how dark ink
is; of what is drawn, so much is paler in a pen's drawing at most; pixels about a place whose darkest is looked at."""


def is_in_ink(source: Source, bare: Pixels) -> bool:
    """Whether a drawing on a bare sheet (uint8 [h, w, 3]) was made with a pen: all over nearly black, with hardly any
    greys but the rims of its lines.
    """
    paper, grey = _greys(source, bare)
    depth = cv2.subtract(paper, grey)
    drawn = depth > _MARK
    core = cv2.dilate(depth, np.ones((_CORE, _CORE), np.uint8)).astype(np.float32)
    return bool(drawn.any()) and float((core < _INKED * paper)[drawn].mean()) < _GREY


def is_in_lines(source: Source, bare: Pixels, *, inked: bool) -> bool:
    """Whether a drawing on a bare sheet (uint8 [h, w, 3]) consists of lines, and not of tones: of a pencil's, which are
    not `inked`, hardly anything is left beside them then.
    """
    return broad_share(source, bare) < 1 - (_IN_LINES if inked else _ALL_LINES)


def broad_share(source: Source, bare: Pixels) -> float:
    """How much of a drawing's darkness on a bare sheet (uint8 [h, w, 3]) lies in tones broader than lines, 0 to 1."""
    paper, grey = _greys(source, bare)
    whole, left = (cv2.subtract(paper, one) for one in (grey, unlined(grey)))
    drawn, broad = (float(one[one > _MARK].sum(dtype=np.int64)) for one in (whole, left))
    return min(broad / max(drawn, 1.0), 1.0)


def _greys(source: Source, bare: Pixels) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """How light a bare sheet is and the picture on it: uint8 [h, w] each."""
    paper, grey = (np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.uint8) for one in (bare, source.small))
    return paper, grey


def contoured(source: Source, bare: Pixels) -> tuple[PlannedWork, list[InkPath], Pixels]:
    """The contours of a drawing in tones on a bare sheet, the path of each step, and the sheet with them: uint8
    [h, w, 3].
    """
    paths = [stroke.path for stroke in in_order(source, [Stroke(path) for path in _contours(source, bare)])]
    paper, lead = np.median(bare.reshape(-1, 3), axis=0), _lead(source, bare)
    leads = {firm: _mixed(lead, paper, 1 - firm) for firm in _FIRM}
    pens = {
        firm: Pencil(source, Hand(leads[firm], _WIDTH, 0.0, 1, _PRESSURE, taper=0.45), name)
        for firm, name in _FIRM.items()
    }
    dark = cv2.blur(source.small, (3, 3)).mean(axis=2)
    depth = (float(paper.mean()) - dark) / max(float(paper.mean()) - float(np.mean(lead)), 1.0)
    firmness = [_firmness(depth, path) for path in paths]
    steps = []
    for path, firm in zip(paths, firmness, strict=True):
        step = pens[firm].line(path.points, Phase.LINE, f"{named(source, path.region)}, line")
        steps.append(replace(step, region=path.region, most=3 + 20 * path.length / source.diagonal))
    standing = bare.copy()
    thick = max(1, round(_WIDTH * source.diagonal))
    for path, firm in sorted(zip(paths, firmness, strict=True), key=lambda one: one[1]):
        cv2.polylines(standing, [np.rint(path.points).astype(np.int32)], False, leads[firm], thick, cv2.LINE_AA)

    def layers() -> list[Layer]:
        return [pen.layer() for pen in pens.values() if not pen.empty]

    return PlannedWork(steps, layers), paths, standing


def _contours(source: Source, bare: Pixels) -> list[InkPath]:
    diagonal = source.diagonal
    shapes = forms(source, bare)
    # In the order in which they were found: a set of lines has another one each time.
    lines = [path.points for path in source.reading.ink.paths if path in shapes and not _is_modelling(source, path)]
    own = [smooth(points, 2.0) for points in link(lines, _GAP * diagonal)]
    own = [points for points in own if _length(points) > _SHORTEST * diagonal]
    near = np.zeros(source.reading.shape, np.uint8)
    for points in own:
        cv2.polylines(near, [np.rint(points).astype(np.int32)], False, 1, 2 * round(_BESIDE * diagonal) + 1)
    borders = [piece for border in _borders(source) for piece in _apart(border, near > 0, _CONTOUR * diagonal)]
    borders = [piece for piece in borders if not _is_within_a_face(source, piece)]
    longest = sorted([*own, *borders], key=_length, reverse=True)[:_MOST]
    return [_path(source, points) for points in longest]


def _is_modelling(source: Source, path: InkPath) -> bool:
    """Whether a line within a face is the border of a light or a shadow, which is hatched and never drawn, or a crumb
    of that.
    """
    crumb = path.length < _SHORTEST * source.diagonal
    return _is_within_a_face(source, path.points) and (crumb or _darker_side(source, path) > _STEP)


def _is_within_a_face(source: Source, points: Points) -> bool:
    """Whether most of a line lies where a face is modelled."""
    for face in source.reading.faces:
        away = (points - face.box.centre) / (_FACE[0] * face.box.width, _FACE[1] * face.box.height)
        if float(((away * away).sum(axis=1) < 1).mean()) > _MOSTLY:
            return True
    return False


def _darker_side(source: Source, path: InkPath) -> float:
    """How much of a line's darkness lies beside it, on its darker side."""
    depth = np.asarray(255 - cv2.cvtColor(source.small, cv2.COLOR_RGB2GRAY), np.float32)
    own = float(values_along(depth, path.points).mean())
    sides = [float(values_along(depth, points).mean()) for points in beside(path, _ASIDE * source.diagonal)]
    light = min(sides)
    return (max(sides) - light) / max(own - light, 1.0)


def _borders(source: Source) -> list[Points]:
    """The borders of broad tones, as long as they go on."""
    grey = cv2.cvtColor(source.small, cv2.COLOR_RGB2GRAY)
    side = min(31, 2 * round(source.diagonal / _BROAD / 2) + 1)
    calm = cv2.GaussianBlur(cv2.medianBlur(grey, side), (0, 0), 1.2)
    edges = (cv2.Canny(calm, *_EDGES) > 0).astype(np.uint8)
    edges[source.reading.labels < 0] = 0
    traced = link(trace(edges, max(3.0, 0.008 * source.diagonal)), _JOIN * source.diagonal)
    return [smooth(points, 3.0) for points in traced]


def _apart(points: Points, near: NDArray[np.bool_], least: float) -> list[Points]:
    """The pieces of a border beside which no line runs, as far as they are long."""
    free = ~values_along(near, points)
    return [points[begin:end] for begin, end in runs_of(free) if _length(points[begin:end]) > least]


def _path(source: Source, points: Points) -> InkPath:
    region = label_along(source.reading.labels, points)
    return InkPath(points, np.full(len(points), 1.0, np.float32), _length(points), region, (0, 0, 0))


def _firmness(depth: NDArray[np.floating], path: InkPath) -> float:
    """How firmly a contour is drawn where the picture is so dark, 1 as the lead: no tone has to hide it."""
    dark = float(np.median(values_along(depth, path.points)))
    return min(_FIRM, key=lambda firm: abs(firm - dark))


def _mixed(lead: Colour | NDArray[np.float32], paper: NDArray[np.float64], share: float) -> Colour:
    """A lead's colour with so much of the paper's in it."""
    red, green, blue = (round(float(one)) for one in np.asarray(lead) + share * (paper - np.asarray(lead)))
    return red, green, blue


def _lead(source: Source, bare: Pixels) -> Colour:
    """The colour of contours: about that of the drawing's darker marks."""
    drawn = difference(source.small, bare) > _MARK
    if not drawn.any():
        return 90, 90, 90
    marks = source.small[drawn].astype(np.float32)
    light = marks.mean(axis=1)
    dark = marks[light <= np.quantile(light, _LEAD)].mean(axis=0)
    return _mixed(dark, np.median(bare.reshape(-1, 3), axis=0), _PALER)


def sketching_lead(source: Source, bare: Pixels) -> Colour:
    """The colour of an uncoloured drawing's sketch: its own lead, held lightly."""
    return _mixed(_lead(source, bare), np.median(bare.reshape(-1, 3), axis=0), _LIGHTLY)


def _length(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
