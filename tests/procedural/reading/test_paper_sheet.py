"""Drawings on paper that a lens has seen: tinted, unevenly lit, on a table."""

from __future__ import annotations

import numpy as np
import pytest
from procedural.pictures import Pixels, cartoon, graphite, photo, photographed, posters

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.paper_sheet import find_sheet, on_white_paper
from paints_undo_engine.procedural.reading.view import view_of
from paints_undo_engine.request import Corrections, Method


def test_paper_is_told_from_its_light_and_from_the_table() -> None:
    drawing = graphite()
    picture = photographed(drawing)
    sheet = find_sheet(picture)
    assert sheet is not None
    bare = photographed(np.full_like(drawing, 255)).astype(np.float32)
    table = sheet.beside(picture)
    assert np.abs(np.log(sheet.light / bare))[~table].mean() < 0.03
    assert table[-6:, :10].all()
    assert not table[40:200, 40:320].any()
    even = sheet.evened(picture).astype(int)
    assert np.abs(even - drawing)[~table].mean() < 9
    assert even[table].min() > 240


@pytest.mark.parametrize("picture", [photo(), posters(), cartoon()])
def test_other_pictures_are_seen_as_they_are(picture: Pixels) -> None:
    view = view_of(picture, None)
    assert on_white_paper(view) is view


def test_a_photographed_pencil_drawing_is_drawn_on_its_paper() -> None:
    drawing = graphite()
    picture = photographed(drawing)
    found = read(picture)
    assert found.kind is PictureKind.PENCIL
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method is Method.PENCIL
    # The paper with its light, and the table, are there before anything is drawn.
    blank = document.render(0)[..., :3].astype(int)
    bare = photographed(np.full_like(drawing, 255)).astype(int)
    assert np.abs(blank - bare).mean() < 4
    shading = [op for op in document.operations if op.phase is Phase.SHADING]
    before, after = (
        np.abs(document.render(at)[..., :3].astype(int) - picture).mean()
        for at in (shading[0].index, shading[-1].index + 1)
    )
    assert after < 0.4 * before
    assert "darkest" in shading[-1].label
