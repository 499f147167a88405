"""What the traces tell that tools have left, and what they may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from procedural import pictures

from paints_undo_engine.procedural.reading import settling
from paints_undo_engine.procedural.reading.kind import Measures, measure
from paints_undo_engine.procedural.reading.model import Figure, FigureSource, Ink, PictureKind, Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.settling import are_between_lines, settled
from paints_undo_engine.procedural.reading.sheet_drawing import Means
from paints_undo_engine.procedural.reading.traces import likely_methods, traces
from paints_undo_engine.procedural.reading.view import view_of
from paints_undo_engine.procedural.reading.wash_traces import wash_traces
from paints_undo_engine.request import Method

SCORES = dict.fromkeys(PictureKind, 0.0) | {PictureKind.PAINTED: 0.5, PictureKind.PENCIL: 0.2}
DRAWN = SCORES | {PictureKind.PENCIL: 0.9}


@pytest.mark.parametrize(
    ("draw", "method"),
    [
        (pictures.crowded, Method.LINE),
        (pictures.posters, Method.LINELESS),
        (pictures.photo, Method.PAINTER),
        (pictures.outlines, Method.OUTLINE),
        (pictures.graphite, Method.PENCIL),
    ],
)
def test_traces_tell_the_tool(draw: Callable[[int, int], Pixels], method: Method) -> None:
    likely = likely_methods(np.ascontiguousarray(draw(480, 360)[..., :3]), None)
    assert max(likely, key=lambda one: likely[one]) is method
    assert sum(likely.values()) == pytest.approx(1)


def test_nothing_is_measured_where_a_picture_is_transparent_or_empty() -> None:
    picture = np.ascontiguousarray(pictures.crowded(480, 360)[..., :3])
    alpha = np.zeros(picture.shape[:2], np.uint8)
    alpha[:, :200] = 255
    other = picture.copy()
    other[:, 230:] = 7
    assert np.allclose(traces(picture, alpha)[[0, 1, 3, 4, 5]], traces(other, alpha)[[0, 1, 3, 4, 5]])
    assert np.isfinite(traces(np.full((9, 9, 3), 255, np.uint8), None)).all()


def painting() -> tuple[Measures, Ink, Figure]:
    """The measures, the lines and the figure of some painting."""
    reading = read(pictures.photo(240, 180))
    view = view_of(reading.pixels, None)
    return (
        replace(measure(view, reading.ink), rubbed=False, means=None),
        reading.ink,
        replace(reading.figure, source=FigureSource.NETWORK),
    )


def test_traces_settle_only_what_is_not_certain() -> None:
    seen, ink, figure = painting()
    nobody = replace(figure, source=FigureSource.NONE)
    lined = replace(ink, explained=0.7)
    drawn = {Method.PAINTER: 0.2, Method.LINE: 0.7, Method.PENCIL: 0.1}
    assert settled(PictureKind.PAINTED, SCORES, drawn, seen, lined, figure, faced=True)[0] is PictureKind.INKED
    assert (
        settled(PictureKind.PAINTED, SCORES, drawn, seen, replace(ink, explained=0.2), figure, faced=True)[0]
        is PictureKind.PAINTED
    )
    assert settled(PictureKind.PAINTED, SCORES, drawn, seen, lined, nobody, faced=True)[0] is PictureKind.PAINTED
    assert settled(PictureKind.PAINTED, SCORES, drawn, seen, lined, figure, faced=False)[0] is PictureKind.PAINTED
    assert settled(PictureKind.COMIC, SCORES, drawn, seen, lined, figure, faced=True)[0] is PictureKind.COMIC
    assert (
        settled(PictureKind.PENCIL, SCORES, drawn, replace(seen, means=Means.DRY), lined, figure, faced=True)[0]
        is PictureKind.PENCIL
    )
    plain = replace(seen, coloured=0.0, pale=0.0)
    for likely, kind in ((0.7, PictureKind.LINE_ART), (0.5, PictureKind.PENCIL)):
        penned = {Method.OUTLINE: likely, Method.PENCIL: 1 - likely}
        found, scores = settled(PictureKind.PENCIL, DRAWN, penned, plain, ink, figure, faced=True)
        assert found is kind
        assert max(scores, key=lambda one: scores[one]) is kind
    assert (
        settled(PictureKind.PENCIL, DRAWN, {Method.OUTLINE: 1.0}, seen, ink, figure, faced=True)[0]
        is PictureKind.PENCIL
    )


def test_washes_are_told_by_their_traces_only_where_these_are_sure() -> None:
    seen, ink, figure = painting()
    for kind in (PictureKind.PAINTED, PictureKind.PHOTO):
        for likely, found in ((0.8, PictureKind.WATERCOLOUR), (0.6, kind)):
            wet = {Method.WATERCOLOUR: likely, Method.PAINTER: 1 - likely}
            assert settled(kind, SCORES | {kind: 0.5}, wet, seen, ink, figure, faced=True)[0] is found


def test_washes_on_paper_are_not_believed_where_the_traces_are_a_programs() -> None:
    seen, ink, figure = painting()
    scores = SCORES | {PictureKind.WATERCOLOUR: 0.95}
    for explained, likely, found in (
        (0.7, 0.7, PictureKind.WATERCOLOUR),
        (0.7, 0.9, PictureKind.INKED),
        (0.4, 0.9, PictureKind.PAINTED),
    ):
        lines = {Method.LINE: likely - 0.1, Method.LINELESS: 0.1, Method.PENCIL: 1 - likely}
        lined = replace(ink, explained=explained)
        kind, told = settled(PictureKind.WATERCOLOUR, scores, lines, seen, lined, figure, faced=False)
        assert kind is found
        assert max(told, key=lambda one: told[one]) is found


def test_colour_between_a_pens_lines_is_washed_only_where_it_is_hardly_anywhere_flat() -> None:
    seen, ink, figure = painting()
    wet = {Method.WATERCOLOUR: 0.6, Method.LINE: 0.4}
    picture = np.full((300, 400, 3), 252, np.uint8)
    picture[60:240, 60:340] = (150, 190, 90)
    noise = np.random.default_rng(2).normal(0, 14, (180, 280, 1))
    granulated = picture.copy()
    granulated[60:240, 60:340] = np.clip(picture[60:240, 60:340] + noise, 0, 255).astype(np.uint8)
    for pixels, found in ((picture, PictureKind.INKED), (granulated, PictureKind.WATERCOLOUR)):
        kind, scores = settled(
            PictureKind.INKED, SCORES | {PictureKind.INKED: 0.8}, wet, seen, ink, figure, faced=True, pixels=pixels
        )
        assert kind is found
        assert max(scores, key=lambda one: scores[one]) is found
        # The pen's lines come before such washes.
        assert are_between_lines(scores)
    assert not are_between_lines({PictureKind.INKED: 0.8, PictureKind.WATERCOLOUR: 0.92})


def test_lines_stay_where_shapes_without_any_are_not_likelier_than_all_else() -> None:
    seen, ink, figure = painting()
    scores = SCORES | {PictureKind.INKED: 0.8}
    for likely, kind in ((0.45, PictureKind.INKED), (0.6, PictureKind.PAINTED)):
        shapes = {Method.LINELESS: likely, Method.LINE: 0.2, Method.PAINTER: 0.8 - likely}
        assert settled(PictureKind.INKED, scores, shapes, seen, ink, figure, faced=True)[0] is kind


def test_lines_are_paint_where_a_brush_is_seen_and_the_traces_allow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, ink, figure = painting()
    scores = SCORES | {PictureKind.INKED: 0.8}
    pixels = np.full((300, 400, 3), 90, np.uint8)
    for brushed, likely, found in (
        (False, 0.6, PictureKind.INKED),
        (True, 0.6, PictureKind.PAINTED),
        (True, 0.8, PictureKind.INKED),
    ):
        monkeypatch.setattr(settling, "is_brushed", lambda pixels, brushed=brushed: brushed)
        lines = {Method.LINE: likely, Method.PAINTER: 1 - likely}
        kind, told = settled(PictureKind.INKED, scores, lines, seen, ink, figure, faced=True, pixels=pixels)
        assert kind is found
        assert max(told, key=lambda one: told[one]) is found


def test_what_seems_to_be_washes_is_paint_where_network_and_traces_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, ink, figure = painting()
    scores = SCORES | {PictureKind.WATERCOLOUR: 0.9}
    pixels = np.full((300, 400, 3), 90, np.uint8)
    asked: list[float] = []

    def hardly(_: np.ndarray, odds: float) -> bool:
        asked.append(odds)
        return odds < 0

    monkeypatch.setattr(settling, "is_hardly_in_washes", hardly)
    for wet, found in ((0.6, PictureKind.WATERCOLOUR), (0.2, PictureKind.PAINTED)):
        traces = {Method.WATERCOLOUR: wet, Method.PAINTER: 0.8 - wet}
        kind, told = settled(PictureKind.WATERCOLOUR, scores, traces, seen, ink, figure, faced=True, pixels=pixels)
        assert kind is found
        assert max(told, key=lambda one: told[one]) is found
    assert asked[0] > 1 > -1 > asked[1]


def test_a_dark_rim_tells_a_wash_from_a_patch_of_paint() -> None:
    y, x = np.mgrid[:400, :400]
    from_centre = np.hypot((x % 100) - 50, (y % 100) - 50)
    patch = from_centre < 35
    rim = patch & (from_centre > 31)
    plain, dried = (
        np.repeat(np.where(where, 130, np.where(patch, 160, 225)).astype(np.uint8)[..., None], 3, axis=2)
        for where in (np.zeros_like(rim), rim)
    )
    everywhere = np.ones((400, 400), bool)
    rims, evens = zip(*(wash_traces(picture, everywhere, everywhere)[:2] for picture in (plain, dried)), strict=True)
    assert rims[1] > rims[0] + 0.5
    assert evens[0] > evens[1]
