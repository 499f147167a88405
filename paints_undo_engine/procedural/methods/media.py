"""Pencil and watercolour: media in which light is the paper's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import fsum

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.document.layer import Layer
from paints_undo_engine.procedural.document.model import Paper, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.drawing import Fading, drawing
from paints_undo_engine.procedural.methods.late import finished
from paints_undo_engine.procedural.methods.method import Recipe
from paints_undo_engine.procedural.methods.standing import with_lines
from paints_undo_engine.procedural.reading.along import values_along
from paints_undo_engine.procedural.reading.channels import difference
from paints_undo_engine.procedural.reading.dry_media import OF_LINES, tone_of
from paints_undo_engine.procedural.reading.model import InkPath, PictureKind
from paints_undo_engine.procedural.reading.settling import are_between_lines
from paints_undo_engine.procedural.script import PlannedWork, ScriptStep, weighing
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.adjusting import Adjusting, Mirroring
from paints_undo_engine.procedural.techniques.contouring import contour_pen
from paints_undo_engine.procedural.techniques.features import (
    PENNED,
    covered,
    drawn_features,
    known_features,
    with_features,
)
from paints_undo_engine.procedural.techniques.hatching import drawn_on, hatched
from paints_undo_engine.procedural.techniques.line_colours import LineColours
from paints_undo_engine.procedural.techniques.lining import filled_soon, lined, ordered_strokes
from paints_undo_engine.procedural.techniques.papering import on_grid, sheet_of
from paints_undo_engine.procedural.techniques.pencilling import (
    broad_share,
    contoured,
    is_in_ink,
    is_in_lines,
    sketching_lead,
)
from paints_undo_engine.procedural.techniques.refining import refined
from paints_undo_engine.procedural.techniques.texture import along, brushed, forms, loose, penned
from paints_undo_engine.procedural.techniques.washing import washed, washes_of

PENCIL_SHARES = {
    Phase.CONSTRUCTION: 0.05,
    Phase.SKETCH: 0.14,
    Phase.LINE: 0.24,
    Phase.SHADING: 0.47,
    Phase.DETAILS: 0.1,
}
ENGRAVED_SHARES = {
    Phase.CONSTRUCTION: 0.05,
    Phase.SKETCH: 0.14,
    Phase.LINE: 0.2,
    Phase.SHADING: 0.52,
    Phase.DETAILS: 0.09,
}
HATCHED_SHARES = {
    Phase.CONSTRUCTION: 0.05,
    Phase.SKETCH: 0.14,
    Phase.LINE: 0.3,
    Phase.SHADING: 0.06,
    Phase.DETAILS: 0.45,
}
TONED_SHARES = {
    Phase.CONSTRUCTION: 0.05,
    Phase.SKETCH: 0.12,
    Phase.LINE: 0.16,
    Phase.SHADING: 0.59,
    Phase.DETAILS: 0.08,
}
WASH_SHARES = {
    Phase.CONSTRUCTION: 0.04,
    Phase.SKETCH: 0.12,
    Phase.PAINTING: 0.56,
    Phase.LINE: 0.1,
    Phase.DETAILS: 0.2,
}
_MARK, _HUE, _COLOURED = 24, 36, 0.2
"""Levels from the paper of what is drawn; levels between channels of what has a hue, and how much of it has one where a
drawing is coloured."""
_LINE_COLOURS = 0.05
"""Beside all washes, which weigh 1: the lines' colours."""
_ENGRAVED = 0.8
"""Of the length of all lines: where fewer of them are lighter to one side, an uncoloured drawing is made of lines."""
_LEFT = 0.3
"""Of what lies about a place: where so much lacks tone it is hatched."""
_INK, _CONNECTED, _OUTLINED, _INKED_LINE = 3.0, 0.42, 0.85, 0.24
"""Diagonals of line, the share of them in long ones, and of the edges the share along lines, with which a watercolour
was drawn in ink: with less what looks like a line is a narrow dark; the lines' share of the time then.
"""
_PENNED, _LEAST_PENNED = 0.4, 1.5
"""Of the length of a watercolour's lines, how much is a pen's, however they explain its edges; diagonals of them.
"""
_MOSTLY, _LONG = 0.5, 0.03
"""Of a line; of the diagonal: a line that a sketch repeats however dense it lies."""
_GRAVER, _ACROSS, _DARKER = 330.0, 300.0, 0.06
"""The diagonal divided by them: the radius of strokes where lines are dense, and how far about a line's middle is
looked; by how much of black the middle is darker.
"""
_FAINTLY, _DRYING = 0.5, 40
"""How much of the pencil is seen below the washes, and the operations until it is gone once they are dry."""
_LONGER, _BROAD = 0.15, 0.6
"""Of the time, what contours take more of where there is nothing else; of a drawing, broad tones that leave them their
usual share."""
_COVERING = 0.4
"""Of the operations of tone, in which it covers the sketch."""
_LIGHTLY = 0.5
"""How firmly a pencil states the features of faces at first."""
_PALELY, _DEEPENING = 0.75, 40
"""How firmly a brush of watercolour does, and the operations in which they get their darks."""
_NEAR = 180.0
"""The diagonal divided by it: what of the ink lies farther from every contour is hatched."""


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The lines of a drawing: their work, the path of each step, what stands on the grid with those that tones go over,
    uint8 [h, w, 3], and where tone is missing then, bool [h, w], or None for wherever something is drawn.
    """

    work: PlannedWork
    paths: list[InkPath]
    below: Pixels
    left: NDArray[np.bool_] | None
    loose: NDArray[np.bool_]
    """Which of the picture's lines are none of these: bool [h, w]."""
    over: bool
    """Whether the lines lie over the tones: they are the picture's own."""


def pencilled(source: Source) -> Recipe:
    """Construction, sketch, lines, then tone by hatching in passes over the whole drawing, and details."""
    sheet = sheet_of(source)
    bare = on_grid(source, sheet)
    coloured = _is_coloured(source, bare)
    # The picture's own hatching is drawn stroke by stroke.
    own = bool(source.hatching.any()) and not coloured
    every = frozenset(source.reading.ink.paths)
    shapes = every if own else forms(source, bare)
    # Ink is black all over; graphite has greys, however few, and is drawn as tones.
    inked = not coloured and is_in_ink(source, bare)
    # An engraving is nothing but lines, however dense.
    engraved = inked and _length(shapes) < _ENGRAVED * _length(every)
    if engraved and tone_of(_cover(source, bare))[1] > OF_LINES:
        return _engraved(source, sheet, shapes)
    drawn = drawing(source, most=150, among=shapes, lead=None if coloured else sketching_lead(source, bare))
    # Of what is coloured the ink between the colours is drawn with them.
    in_lines = not coloured and is_in_lines(source, bare, inked=inked)
    line = _own_lines(source, bare, shapes, own) if in_lines else _contours(source, bare)
    features = known_features(source, PENNED)
    faces = covered(features, source.reading.shape)
    below = None if line.over else line.below
    shade = hatched(source, source.pixels, bare, within=line.left, below=below, spared=faces)
    inky = (_cover(source, bare) > 0.5) & ~line.loose
    known = drawn_on(source, bare) if line.left is None else line.left | inky
    looks = drawn_features(source, features, Phase.LINE, Tool.PENCIL)
    standing = with_features(source, features, np.where(known[..., None], source.small, line.below))
    within = np.asarray(source.reading.labels >= 0, bool)
    details = refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details", divisor=300)
    contours = sum(step.phase is Phase.LINE for step in line.work.steps)
    first = filled_soon(
        line.work.steps[:contours], line.paths[:contours], faces.astype(np.uint16), {1: looks.steps}, {1}
    )
    late, touches = finished(source, [*shade.late, []], details.steps)
    tone = [*line.work.steps[contours:], *shade.broad, *late, *touches]
    drawn.fade(first, 0.6)
    drawn.fade(tone, 0.0, operations=max(40, len(tone) * _COVERING))
    pressed = Fading()
    if not line.over:
        # Before there is tone about them, eyes and mouth in full darkness would be holes.
        pressed.when(first, _LIGHTLY, operations=0)
        pressed.when(tone, 1.0, operations=len(tone) / 2)

    def layers() -> list[Layer]:
        work = [shade, line.work] if line.over else [line.work, shade]
        faces = looks.layers()
        for layer in faces:
            layer.opacity = pressed.keys()
        return [*drawn.layers(), *(layer for one in work for layer in one.layers()), *faces, *details.layers()]

    steps = [*drawn.steps, *first, *tone]
    shares = _toned_shares(source, bare)
    if line.over:
        # Hatching that is paler than lines is put in with fine strokes.
        shares = HATCHED_SHARES if own and not inked else PENCIL_SHARES
    return Recipe(steps, shares, layers, Adjusting(source).curves, Mirroring(source).view, sheet)


def _toned_shares(source: Source, bare: Pixels) -> Mapping[Phase, float]:
    """The shares of the time of a drawing in tones: contours take the longer the less of it is broad tone."""
    longer = _LONGER * max(0.0, 1 - broad_share(source, bare) / _BROAD)
    line, shading = TONED_SHARES[Phase.LINE] + longer, TONED_SHARES[Phase.SHADING] - longer
    return {**TONED_SHARES, Phase.LINE: line, Phase.SHADING: shading}


def _own_lines(source: Source, bare: Pixels, shapes: Collection[InkPath], own: bool) -> _Lines:
    """The picture's own lines, which stay. Bits that continue nothing come with the tones and details."""
    bits = loose(source, shapes)
    strokes = [stroke for stroke in ordered_strokes(source) if stroke.path in shapes and stroke.path not in bits]
    left_out = cv2.dilate(along(source, bits).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    reach = np.inf if own else source.diagonal / _NEAR
    work = lined(source, name="Pencil", strokes=strokes, reach=reach, within=~left_out)
    paths = [stroke.path for stroke in strokes]
    return _Lines(work, paths, bare, _left(source, bare) if own else None, left_out, True)


def _contours(source: Source, bare: Pixels) -> _Lines:
    """Contours of a drawing in tones, which are gone over."""
    work, paths, standing = contoured(source, bare)
    return _Lines(work, paths, standing, None, np.zeros(source.reading.shape, bool), False)


def _engraved(source: Source, sheet: Paper, contours: Collection[InkPath]) -> Recipe:
    """Construction, sketch, contours, then the other lines. Where they are too dense to be drawn one by one they come
    place by place along their own way, at first thin, and swell in a second round; the rest comes last.
    """
    bare = on_grid(source, sheet)
    dense = _left(source, bare) & (source.reading.labels >= 0)
    strokes = [stroke for stroke in ordered_strokes(source) if not _lies_in(dense, stroke.path)]
    strokes.sort(key=lambda stroke: stroke.path not in contours)
    long = [path for path in source.reading.ink.paths if path.length > _LONG * source.diagonal]
    drawn = drawing(source, most=150, among=frozenset([*long, *(stroke.path for stroke in strokes)]))
    line = lined(source, name="Pen", strokes=strokes, within=~dense)
    cores = dense & _cores(source, bare)
    lines = [
        refined(source, bare, source.small, source.pixels, where, source.alpha, name=name, divisor=_GRAVER,
                phase=Phase.SHADING, what=what)
        for name, where, what in (("Thin lines", cores, "thin lines"), ("Swelling", dense & ~cores, "lines swell"))
    ]  # fmt: skip
    standing = np.where(dense[..., None], source.small, with_lines(source, bare))
    within = np.asarray(source.reading.labels >= 0, bool)
    details = refined(source, standing, source.small, source.pixels, within, source.alpha, name="Details", divisor=300)
    late, touches = finished(source, [*(weighing(work.steps, 1.0) for work in lines), []], details.steps)
    tone = [*late, *touches]
    drawn.fade(line.steps, 0.6)
    drawn.fade(tone, 0.0, operations=40)

    def layers() -> list[Layer]:
        dark = [layer for work in lines for layer in work.layers()]
        return [*drawn.layers(), *line.layers(), *dark, *details.layers()]

    steps = [*drawn.steps, *line.steps, *tone]
    return Recipe(steps, ENGRAVED_SHARES, layers, Adjusting(source).curves, Mirroring(source).view, sheet)


def _cores(source: Source, sheet: Pixels) -> NDArray[np.bool_]:
    """The middles of dark lines, darker than what lies about them: bool [h, w]."""
    dark = _cover(source, sheet)
    return np.asarray(dark > cv2.GaussianBlur(dark, (0, 0), max(1.5, source.diagonal / _ACROSS)) + _DARKER)


def _lies_in(dense: NDArray[np.bool_], path: InkPath) -> bool:
    """Whether most of a line lies where lines are too dense to be drawn one by one."""
    return float(values_along(dense, path.points).mean()) > _MOSTLY


def _length(paths: Collection[InkPath]) -> float:
    return fsum(path.length for path in paths)


def _left(source: Source, sheet: Pixels) -> NDArray[np.bool_]:
    """Where a good part of the tone is missing once all lines are drawn on a sheet (of the grid): bool [h, w]."""
    missing = difference(with_lines(source, sheet), source.small) > _MARK
    side = 2 * round(source.diagonal / 120) + 1
    return np.asarray(cv2.blur(missing.astype(np.float32), (side, side)) > _LEFT)


def _is_coloured(source: Source, sheet: Pixels) -> bool:
    """Whether a good part of what is drawn on a sheet (of the grid) has a hue of its own, and not the paper's."""
    even = source.small.astype(np.float32) * 255 / np.maximum(sheet.astype(np.float32), 1)
    marks = np.abs(even - 255).max(axis=2) > _MARK
    return bool(marks.any()) and float((np.ptp(even[marks], axis=1) > _HUE).mean()) > _COLOURED


def _cover(source: Source, sheet: Pixels) -> NDArray[np.float32]:
    """How much darker the picture is than its sheet (of the grid), 0 to 1: float32 [h, w]."""
    light = np.maximum(sheet.astype(np.float32).mean(axis=2), 1)
    return np.asarray(np.clip(1 - source.small.astype(np.float32).mean(axis=2) / light, 0, 1), np.float32)


def _is_inked(source: Source) -> bool:
    """Whether a watercolour was drawn with a pen: as sure as in washes, in long lines that explain its edges, or in
    black ones.
    """
    ink = source.reading.ink
    if source.reading.kind is PictureKind.WATERCOLOUR and are_between_lines(source.reading.scores):
        return True
    length = _length(ink.paths)
    outlined = length > _INK * source.diagonal and ink.connected > _CONNECTED and ink.explained > _OUTLINED
    black = _length(penned(source))
    return outlined or (black > _PENNED * length and black > _LEAST_PENNED * source.diagonal)


def _penned(source: Source) -> tuple[PlannedWork, list[ScriptStep], NDArray[np.bool_]]:
    """The pen's lines of a watercolour, all in one ink, the steps in which washes give them their colours, and where
    what looks like one is paint: bool [h, w].
    """
    paint = brushed(source)
    strokes = [stroke for stroke in ordered_strokes(source) if stroke.path not in paint]
    pen = along(source, [stroke.path for stroke in strokes])
    painted = cv2.dilate(along(source, paint).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    painted &= ~pen
    work = lined(source, name="Line art", strokes=strokes, within=~painted, reach=source.diagonal / _NEAR)
    coloured = LineColours(source, [stroke.path for stroke in strokes], (), contour_pen(source).hand.colour)
    return coloured.inked(work), [replace(step, phase=Phase.PAINTING) for step in coloured.steps], painted


def in_washes(source: Source) -> Recipe:
    """A light drawing, washes from light to dark, lines where the picture has them, and details with a fine brush."""
    drawn = drawing(source, most=150)
    sheet = sheet_of(source)
    inked = _is_inked(source)
    unlined = PlannedWork([], list), list[ScriptStep](), np.ones(source.reading.shape, bool)
    line, colours, painted = _penned(source) if inked else unlined
    picture = np.where(painted[..., None], source.small, source.small_clean)
    washes = washes_of(source, on_grid(source, sheet), picture)
    laid = washed(source, washes)
    wash = laid.work
    within = np.asarray(source.reading.labels >= 0, bool)
    features = known_features(source)
    looks = drawn_features(source, features, Phase.PAINTING, Tool.BRUSH)
    dry = washes.states[-1]
    standing = np.where(painted[..., None], dry, with_lines(source, dry)) if inked else dry
    details = refined(
        source,
        with_features(source, features, standing),
        source.small,
        source.pixels,
        within,
        source.alpha,
        name="Details",
        divisor=260,
    )
    # Waterproof ink comes before the washes. Features are set into the pale ones.
    pale = 0 if inked else laid.pale
    early, late, darks = wash.steps[:pale], wash.steps[pale : laid.toned], wash.steps[laid.toned :]
    done, touches = finished(source, [darks, []], details.steps)
    last = [*done, *touches]
    pressed = Fading()
    if not inked and darks:
        pressed.when(looks.steps, _PALELY, operations=0)
        pressed.when(last, 1.0, operations=_DEEPENING)
    drawn.fade(line.steps or early or late or darks, _FAINTLY)
    drawn.fade(last, 0.0, operations=_DRYING)

    def layers() -> list[Layer]:
        faces = looks.layers()
        for layer in faces:
            layer.opacity = pressed.keys()
        return [*wash.layers(), *drawn.layers(), *line.layers(), *faces, *details.layers()]

    colours = weighing(colours, _LINE_COLOURS * sum(step.weight for step in wash.steps))
    steps = [*drawn.steps, *early, *line.steps, *looks.steps, *late, *colours, *last]
    shares = {**WASH_SHARES, Phase.LINE: _INKED_LINE if inked else WASH_SHARES[Phase.LINE]}
    return Recipe(steps, shares, layers, Adjusting(source).curves, Mirroring(source).view, sheet)
