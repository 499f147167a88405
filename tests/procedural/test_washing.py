"""Watercolour is painted in washes: shapes with edges, of one tone each, that only grow darker on a bare sheet."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from paints_undo_engine.procedural.build import make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.washing import washes_of
from paints_undo_engine.request import Corrections, Method

OPTIONS = Options(seed=2, method=Method.WATERCOLOUR, corrections=Corrections.NONE)
UNCHANGED = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
TREE, MOON, SHEET = np.s_[195:245, 75:145], np.s_[70:90, 230:250], np.s_[8:20, 8:300]
"""Within the tree and the moon; a margin that stays paper."""


@pytest.fixture(scope="module")
def landscape() -> Pixels:
    """A pale sky that fades, a moon left white, and a round dark tree of many leaves, on a sheet with a margin."""
    picture = np.full((320, 320, 3), (250, 247, 240), np.uint8)
    y = np.linspace(0, 1, 264)[:, None, None]
    sky = np.array([140.0, 180, 225]) + y * np.array([80.0, 50, 15])
    picture[28:292, 28:292] = np.rint(np.broadcast_to(sky, (264, 264, 3)))
    cv2.circle(picture, (240, 80), 24, (250, 247, 240), -1, cv2.LINE_AA)
    leaves = np.random.Generator(np.random.PCG64(3)).normal(0, 22, (160, 160, 1)).repeat(2, 0).repeat(2, 1)
    foliage = np.clip(np.array([60.0, 95, 50]) + leaves, 0, 255)
    tree = np.zeros((320, 320), np.uint8)
    cv2.circle(tree, (110, 220), 62, 255, -1)
    picture[tree > 0] = foliage[tree > 0]
    return picture


@pytest.fixture(scope="module")
def document(landscape: Pixels) -> Document:
    return make_document(landscape, OPTIONS)


def _painting(document: Document) -> list[int]:
    return [operation.index for operation in document.operations if operation.phase is Phase.PAINTING]


def test_each_wash_is_nowhere_lighter_than_the_one_before(landscape: Pixels) -> None:
    source = Source(landscape, read(landscape), UNCHANGED, OPTIONS)
    sheet = np.full((*source.reading.shape, 3), (250, 247, 240), np.uint8)
    washes = washes_of(source, sheet, source.small)
    states = [sheet.astype(int), *(state.astype(int) for state in washes.states)]
    assert all((later <= earlier + 1).all() for earlier, later in pairwise(states))
    tones = [float(cv2.resize(state.astype(np.float32), (320, 320))[TREE].mean()) for state in states]
    assert all(earlier - later > 12 for earlier, later in pairwise(tones[:4]))


def test_a_wash_ends_in_an_edge_and_not_in_a_fog(document: Document, landscape: Pixels) -> None:
    """From the tree's first wash on, its border against the sky is as sharp as in the picture."""
    painting = _painting(document)
    edges = 0
    for at in painting[len(painting) // 3 :: 20]:
        column = document.render(at)[130:180, 110, :3].astype(float).mean(axis=1)
        height = float(column[:10].mean() - column[-10:].mean())
        if height > 20:
            edges += 1
            assert float(np.abs(column[3:] - column[:-3]).max()) > 0.6 * height, at
    assert edges > 3


def test_a_wash_has_the_tone_of_its_shape_and_not_its_leaves(document: Document, landscape: Pixels) -> None:
    """Looked at while the second wash is laid in the sky: the tree has its first then."""
    at = next(work.index for work in document.operations if work.label == "pale blue shape, second wash")
    first = document.render(at)[TREE][..., :3].astype(float).mean(axis=2)
    assert 100 < float(first.mean()) < 215
    assert float(first.std()) < 0.2 * float(landscape[TREE].astype(float).mean(axis=2).std())


def test_the_first_wash_leaves_whites_and_lies_in_pale_areas_with_edges(landscape: Pixels) -> None:
    """Sky and tree have pale colours of their own up to their border; the moon is paper."""
    source = Source(landscape, read(landscape), UNCHANGED, OPTIONS)
    sheet = np.full((*source.reading.shape, 3), (250, 247, 240), np.uint8)
    first = cv2.resize(washes_of(source, sheet, source.small).states[0], (320, 320)).astype(float)
    paint = np.array((250, 247, 240)) - first
    away = np.zeros((320, 320), np.uint8)
    cv2.rectangle(away, (36, 36), (283, 283), 255, -1)
    cv2.circle(away, (240, 80), 34, 0, -1)
    assert float((paint.max(axis=2) > 6)[away > 0].mean()) > 0.97
    assert paint[MOON].mean() < 3
    assert first[TREE].mean() > 0.5 * (247 + landscape[TREE].mean())
    down = first[135:180, 105:115].mean(axis=(1, 2))
    height = float(down[:10].mean() - down[-10:].mean())
    assert height > 15
    assert float(np.abs(down[4:] - down[:-4]).max()) > 0.6 * height


def test_the_first_wash_is_laid_area_by_area(document: Document) -> None:
    first = [work.label for work in document.operations if work.label.endswith("first wash")]
    assert len(set(first)) > 1
    assert sum(one != other for one, other in pairwise(first)) == len(set(first)) - 1


def test_a_wash_has_the_grain_of_the_pictures_paper_from_the_first_on(landscape: Pixels) -> None:
    noise = np.random.Generator(np.random.PCG64(6)).normal(0, 5, (320, 320, 1))
    rough = np.rint(landscape + noise).clip(0, 255).astype(np.uint8)
    grains = []
    for picture in (landscape, rough):
        source = Source(picture, read(picture), UNCHANGED, OPTIONS)
        sheet = np.full((*source.reading.shape, 3), (250, 247, 240), np.uint8)
        first = washes_of(source, sheet, source.small).states[0].astype(np.float32)
        sky = (first - cv2.GaussianBlur(first, (0, 0), 3))[200:240, 120:400]
        grains.append(float(sky.std()))
    assert grains[1] > grains[0] + 1


def test_paper_that_is_left_stays_paper_and_no_curves_are_moved(document: Document, landscape: Pixels) -> None:
    blank = document.render(0).astype(int)
    for share in (0.3, 0.5, 0.7, 0.9):
        state = document.render(share * document.count).astype(int)
        assert float(np.abs(state - blank)[SHEET].mean()) < 2
        assert float(np.abs(state - landscape)[MOON].mean()) < 8
    assert all(operation.phase is not Phase.ADJUSTMENT for operation in document.operations)
    assert np.array_equal(document.render(document.count), landscape)


def test_the_sheet_has_one_light_and_none_of_the_pictures_lights() -> None:
    """A photographed sheet that is darker in its corners; on it a berry, and a patch of white paint."""
    y, x = np.mgrid[-1:1:320j, -1:1:320j]
    light = 222 - 24 * (x * x + y * y) / 2
    noise = np.random.Generator(np.random.PCG64(4)).normal(0, 1.5, (320, 320))
    picture = np.repeat(np.rint(light + noise)[..., None], 3, axis=2).clip(0, 255).astype(np.uint8)
    cv2.circle(picture, (120, 170), 44, (90, 60, 120), -1, cv2.LINE_AA)
    cv2.circle(picture, (220, 150), 24, (236, 236, 236), -1, cv2.LINE_AA)
    blank = make_document(picture, OPTIONS).render(0)[..., :3].astype(float).mean(axis=2)
    away = np.abs(cv2.GaussianBlur(blank, (0, 0), 4) - light)
    assert float(away[20:-20, 20:-20].max()) < 6


def test_black_pen_lines_come_before_the_washes_however_little_they_explain() -> None:
    """Short strokes of a pen over washes whose own borders have none."""
    picture = np.full((360, 360, 3), (252, 250, 246), np.uint8)
    for (left, top), colour in (
        ((110, 120), (226, 160, 110)),
        ((245, 130), (150, 175, 200)),
        ((170, 260), (160, 185, 130)),
    ):
        cv2.circle(picture, (left, top), 62, colour, -1, cv2.LINE_AA)
    strokes = [(70 + 26 * (n % 9), 80 + 36 * (n // 9)) for n in range(54)]
    for x, y in strokes:
        cv2.line(picture, (x, y), (x + 12, y + 26), (18, 16, 20), 2, cv2.LINE_AA)
    document = make_document(picture, OPTIONS)
    lines = [operation.index for operation in document.operations if operation.phase is Phase.LINE]
    assert lines
    assert max(lines) < min(_painting(document))
    washed = document.render(1 + max(lines))[..., :3].astype(int)
    marks = picture.max(axis=2) < 60
    assert float((washed.max(axis=2) < 110)[marks].mean()) > 0.7


def test_a_pen_has_one_ink_and_its_lines_get_their_colours_with_the_washes() -> None:
    picture = np.full((360, 360, 3), (252, 250, 246), np.uint8)
    rings = np.zeros((360, 360), np.uint8)
    for (x, y), line in (((110, 110), (20, 18, 24)), ((250, 110), (20, 18, 24)), ((180, 250), (150, 40, 40))):
        cv2.circle(picture, (x, y), 58, (226, 190, 150), -1, cv2.LINE_AA)
        for radius in (58, 40, 22):
            cv2.circle(picture, (x, y), radius, line, 3, cv2.LINE_AA)
            if line[0] > 100:
                cv2.circle(rings, (x, y), radius, 1, 1)
    document = make_document(picture, OPTIONS)
    lines = [operation.index for operation in document.operations if operation.phase is Phase.LINE]
    inked, last = (document.render(at)[..., :3].astype(int)[rings > 0] for at in (1 + max(lines), document.count))
    assert np.median(inked.max(axis=1)) < 100
    assert np.median(np.ptp(inked, axis=1)) < 40 < 90 < np.median(np.ptp(last, axis=1))


def test_what_granulates_in_a_wash_is_not_inked() -> None:
    """Pen lines are black; in the grey wash pigment has settled in crumbs that are as narrow."""
    picture = np.full((480, 480, 3), (250, 248, 244), np.uint8)
    wash = np.s_[260:440, 250:440]
    noise = np.random.Generator(np.random.PCG64(5)).normal(0, 1, (480, 480)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 1.6)
    settled = np.asarray(blurred / np.std(blurred), np.float64)
    picture[wash] = np.rint(np.array((196, 202, 214)) - 22 * settled[wash][..., None])
    crumbs = np.zeros((480, 480), bool)
    crumbs[270:430, 260:430] = settled[270:430, 260:430] > 1.1
    picture[crumbs] = (120, 124, 136)
    lines = np.zeros((480, 480), np.uint8)
    for radius in range(20, 130, 12):
        cv2.ellipse(lines, (140, 150), (radius, radius + 8), 0, 20, 330, 255, 2, cv2.LINE_AA)
        cv2.ellipse(lines, (350, 130), (radius // 2, radius), 0, 20, 330, 255, 2, cv2.LINE_AA)
    picture = np.where(lines[..., None] > 127, np.uint8(18), picture)
    document = make_document(picture, OPTIONS)
    inked = [operation.index for operation in document.operations if operation.phase is Phase.LINE]
    canvas = document.render(inked[-1] + 1)[..., :3].astype(int)
    assert canvas[lines > 250].mean() < 60
    assert float((canvas[crumbs].min(axis=1) < 170).mean()) < 0.2
