"""Pages: balloons are things of their own, what they say comes with the ink, and panels come one after the other."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.request import Corrections, Method

BLUE = (180, 215, 240)
PANELS = ((20, 20, 480, 200), (20, 240, 480, 200), (20, 460, 480, 200))


def page() -> Pixels:
    """Three panels with balls, and in the second one a caption without a line, of the colour of the third's balls."""
    picture = np.full((680, 520, 3), 255, np.uint8)
    for number, (x, y, width, height) in enumerate(PANELS):
        cv2.rectangle(picture, (x, y), (x + width, y + height), (150, 110, 90), -1)
        for step in range(3):
            place, colour = (x + 70 + 60 * step, y + 70 + 30 * step), BLUE if number == 2 else (220, 120, 90)
            cv2.circle(picture, place, 34, colour, -1, cv2.LINE_AA)
            cv2.circle(picture, place, 34, (15, 15, 20), 4, cv2.LINE_AA)
        cv2.rectangle(picture, (x, y), (x + width, y + height), (15, 15, 20), 4)
    cv2.rectangle(picture, (290, 280), (480, 400), BLUE, -1)
    for words, y in (("Tell me", 315), ("no more", 350), ("stories", 385)):
        cv2.putText(picture, words, (310, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (15, 15, 20), 2, cv2.LINE_AA)
    return picture


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return page()


def test_a_balloon_is_a_region_of_its_own_and_none_goes_across_panels(picture: Pixels) -> None:
    found = read(picture)
    assert len(found.panels) == 3
    (caption,) = [region for region in found.regions if region.part is Part.TEXT]
    assert abs(caption.box.width * found.scale - 190) < 8
    assert caption.area * found.scale**2 > 0.95 * 190 * 120
    names = [region.name for region in found.regions]
    assert len(set(names)) == len(names)
    assert sorted({cel.region for cel in found.cels if cel.step == 0}) == list(range(len(found.regions)))
    for region in found.regions:
        inside = [region.box.shared(box) > 0.02 * region.box.area for box in found.panels]
        assert sum(inside) <= 1 or region.part is Part.PAPER or region.box.height > 0.9 * found.shape[0]
    assert replace(caption).called == "balloon"


def test_letters_stand_with_the_ink_and_flats_come_panel_by_panel(picture: Pixels) -> None:
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    inked = document.render(max(op.index for op in document.operations if op.phase is Phase.LINE) + 1)
    text = np.s_[290:392, 305:450]
    dark = picture[text].max(axis=2) < 60
    assert (inked[text][..., :3].max(axis=2) < 120)[dark].mean() > 0.9
    # The caption is a closed outline on bare paper.
    assert np.median(inked[text][..., :3]) > 240
    sides = [inked[276:285, 300:470], inked[396:405, 300:470], inked[290:390, 286:295].swapaxes(0, 1)]
    assert all((side[..., :3].min(axis=2) < 235).any(axis=0).mean() > 0.9 for side in sides)
    balls = [op for op in document.operations if op.phase is Phase.FLATS and op.bounds[3] < 150]
    rows = [op.bounds[1] // 220 for op in balls if "balloon" not in op.label]
    assert rows == sorted(rows)
    assert np.array_equal(document.render(document.count), picture)


def test_lines_come_panel_by_panel(picture: Pixels) -> None:
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    lines = [op for op in document.operations if op.phase is Phase.LINE and "lettering" not in op.label]
    middles = [op.bounds[1] + op.bounds[3] / 2 for op in lines if op.bounds[3] < 200]
    panels = [int(middle // 220) for middle in middles]
    assert panels == sorted(panels)
