"""Line art as a pen draws it: in one colour, from end to end, and each line once."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.methods.outlines import Contours
from paints_undo_engine.procedural.reading.model import Cel, InkPath
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.carrying_on import whole_strokes
from paints_undo_engine.procedural.techniques.contouring import contours
from paints_undo_engine.procedural.techniques.lining import Stroke
from paints_undo_engine.request import Corrections, Method

DARK, RED = (24, 20, 30), (190, 40, 40)


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def chroma(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.ptp(pixels[..., :3].astype(np.int64), axis=-1)


def test_lines_are_inked_in_one_colour_and_get_their_own_with_the_paint() -> None:
    picture = np.full((320, 320, 3), 255, np.uint8)
    rings = np.zeros((320, 320), np.uint8)
    for x, y, colour in ((90, 90, DARK), (230, 90, RED), (90, 230, RED), (230, 230, DARK)):
        cv2.circle(picture, (x, y), 58, (230, 214, 170), -1, cv2.LINE_AA)
        for radius in (58, 36, 16):
            cv2.circle(picture, (x, y), radius, colour, 4, cv2.LINE_AA)
            if colour == RED:
                cv2.circle(rings, (x, y), radius, 1, 1)
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    inked = document.render(max(op.index for op in document.operations if op.phase is Phase.LINE) + 1)
    seen = (inked[..., :3].max(axis=2) < 150) & (rings > 0)
    assert seen.sum() > 0.8 * (rings > 0).sum()
    assert np.median(chroma(inked)[seen]) < 40
    coloured = document.render(max(op.index for op in document.operations if op.phase is Phase.EFFECTS) + 1)
    assert np.median(chroma(coloured)[rings > 0]) > 110


def test_a_line_goes_on_along_an_edge_to_the_next_one_and_nowhere_else() -> None:
    lines = [((40, 150), (142, 150)), ((158, 150), (260, 150))]
    for edge in (True, False):
        picture = np.full((300, 300, 3), 230, np.uint8)
        if edge:
            picture[150:] = (150, 160, 210)
        source = source_of(np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8))
        none = replace(source.reading.ink, cover=np.zeros(source.reading.shape, np.uint8), paths=())
        source = replace(source, reading=replace(source.reading, ink=none))
        scale = source.reading.scale
        strokes = []
        for begin, end in lines:
            points = np.linspace(np.array(begin) / scale, np.array(end) / scale, 40).astype(np.float32)
            length = float(np.hypot(*(points[-1] - points[0])))
            strokes.append(Stroke(InkPath(points, np.full(40, 2, np.float32), length, -1, DARK)))
        found = whole_strokes(source, strokes, Contours(source).pen)
        more = [stroke.path.points * scale for stroke in found if stroke not in strokes]
        between = [points for points in more if points[:, 0].min() > 130 and points[:, 0].max() < 170]
        assert len(between) == int(edge)
        for points in between:
            assert np.abs(points[:, 1] - 150).max() < 6
            assert np.ptp(points[:, 0]) > 12


def test_the_inner_side_of_a_thick_dark_outline_is_no_fold() -> None:
    for rim, lines in ((14, 1), (60, 2)):
        picture = np.full((640, 640, 3), 255, np.uint8)
        picture[:, 200:], picture[:, 200 + rim :] = (14, 14, 16), (64, 60, 66)
        source = source_of(np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8))
        none = replace(source.reading.ink, cover=np.zeros(source.reading.shape, np.uint8), paths=())
        source = replace(source, reading=replace(source.reading, ink=none))
        drawn = np.zeros((640, 640), np.uint8)
        paper, cloth = int(source.reading.labels[300, 10]), int(source.reading.labels[300, -10])
        tones = [Cel(0, cloth, -1, (14, 14, 16), 9000), Cel(1, cloth, 0, (64, 60, 66), 90000)]
        place = (np.arange(source.reading.shape[1]) >= (200 + rim) / source.reading.scale).astype(np.int32)
        labels = np.where(source.reading.labels == paper, -1, place[None]).astype(np.int32)
        whole = np.where(labels < 0, paper, cloth).astype(np.int32)
        read_so = replace(source.reading, cel_labels=labels, cels=tuple(tones), labels=whole)
        for path in contours(replace(source, reading=read_so), [cloth]):
            cv2.polylines(drawn, [np.rint(path.points * source.reading.scale).astype(np.int32)], False, 1, 2)
        crossed = [np.count_nonzero(np.diff(drawn[y].astype(int), prepend=0) > 0) for y in range(220, 420, 20)]
        assert np.median(crossed) == lines


def test_a_line_that_ends_beside_another_one_does_not_double_it() -> None:
    picture = np.full((300, 300, 3), 230, np.uint8)
    picture[150:] = (150, 160, 210)
    source = source_of(np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8))
    none = replace(source.reading.ink, cover=np.zeros(source.reading.shape, np.uint8), paths=())
    source = replace(source, reading=replace(source.reading, ink=none))
    scale = source.reading.scale
    strokes = []
    for begin, end in (((40, 150), (142, 150)), ((100, 146.5), (190, 146.5)), ((180, 150), (260, 150))):
        points = np.linspace(np.array(begin) / scale, np.array(end) / scale, 90).astype(np.float32)
        length = float(np.hypot(*(points[-1] - points[0])))
        strokes.append(Stroke(InkPath(points, np.full(90, 2, np.float32), length, -1, DARK)))
    found = whole_strokes(source, strokes, Contours(source).pen)
    more = [stroke.path.points * scale for stroke in found if stroke not in strokes]
    assert not [points for points in more if 140 < points[:, 0].mean() < 180 and np.ptp(points[:, 0]) > 20]
