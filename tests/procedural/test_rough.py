"""The rough sketch: whole outlines of the large shapes, faces with both eyes, and strands in the hair."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.reading.face_lines import chin_in, face_lines
from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource, Pixels, TextLine
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.face_marks import eyes_seen, face_marks
from paints_undo_engine.procedural.techniques.roughing import rough_lines
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil

SKIN = (240, 205, 185)
EYES = (Eye((70.0, 90.0), (20.0, 16.0), (60, 60, 120)), Eye((130.0, 90.0), (20.0, 16.0), (60, 60, 120)))
FACE = Face(
    Box(40, 50, 120, 120), EYES, Box(85, 135, 30, 10), (100.0, 115.0), (100.0, 165.0), 0.0, SKIN, (60, 40, 30), 1.0,
    FaceSource.ANIMEFACE,
)  # fmt: skip


def portrait(left: str, right: str) -> Pixels:
    """Skin with two eyes, each "open", "closed" or "none": uint8 [200, 200, 3]."""
    picture = np.full((200, 200, 3), SKIN, np.uint8)
    for eye, state in zip(EYES, (left, right), strict=True):
        x, y = (round(at) for at in eye.centre)
        if state == "open":
            cv2.ellipse(picture, (x, y), (19, 15), 0, 0, 360, (250, 250, 250), -1)
            cv2.ellipse(picture, (x, y), (9, 13), 0, 0, 360, (50, 50, 110), -1)
            cv2.ellipse(picture, (x, y), (19, 15), 0, 180, 360, (30, 20, 20), 3)
        elif state == "closed":
            cv2.ellipse(picture, (x, y), (18, 8), 0, 10, 170, (30, 20, 20), 2)
    return picture


def within(points: NDArray[np.float32], eye: Eye) -> float:
    """The share of a stroke that lies in an eye."""
    away = (points - np.array(eye.centre)) / eye.radius
    return float((np.hypot(*away.T) < 1.2).mean())


@pytest.mark.parametrize(("left", "right"), [("open", "open"), ("closed", "open"), ("closed", "closed")])
def test_eyes_are_sketched_as_they_are_seen(left: str, right: str) -> None:
    picture = portrait(left, right)
    lines = [points for name, points in face_marks(FACE, picture) if name.startswith("eye")]
    for eye, state in zip(EYES, (left, right), strict=True):
        own = np.vstack([points for points in lines if within(points, eye) > 0.5])
        if state == "closed":
            along = own[np.abs(own[:, 0] - eye.centre[0]) < 8]
            assert np.abs(along[:, 1] - 98).max() < 4
        else:
            assert own[:, 1].min() < 84
            assert np.hypot(*(own - np.array(eye.centre)).T).min() < 12


def test_no_eye_is_sketched_that_is_covered_or_not_seen() -> None:
    covered = portrait("open", "open")
    covered[70:115, 95:200] = (60, 40, 30)
    for picture in (portrait("open", "none"), covered):
        marks = face_marks(FACE, picture)
        assert any(within(points, EYES[0]) > 0.5 for _, points in marks)
        assert not any(within(points, EYES[1]) > 0.5 for _, points in marks)
        assert eyes_seen(FACE, picture) == [EYES[0]]


def test_a_mouth_is_sketched_with_the_expression_that_it_has() -> None:
    closed, opened = portrait("open", "open"), portrait("open", "open")
    cv2.ellipse(closed, (100, 136), (16, 6), 0, 15, 165, (60, 20, 20), 2)
    cv2.ellipse(opened, (100, 140), (16, 12), 0, 0, 360, (60, 20, 20), 2)
    tall = {}
    for name, picture in (("closed", closed), ("opened", opened)):
        found = np.vstack([points for label, points in face_marks(FACE, picture) if label == "mouth"])
        assert np.abs(found - (100, 140)).max() < 22
        tall[name] = float(np.ptp(found[:, 1]))
    assert tall["opened"] > 18 > 10 > tall["closed"]


def test_a_chin_lies_on_the_line_of_the_jaw_where_that_is_seen() -> None:
    bare = portrait("open", "open")
    jawed = bare.copy()
    cv2.ellipse(jawed, (100, 100), (62, 57), 0, 20, 160, (60, 40, 40), 2)
    assert chin_in(FACE, face_lines(FACE, bare)) == FACE.chin
    x, y = chin_in(FACE, face_lines(FACE, jawed))
    assert abs(x - 100) < 4
    assert abs(y - 157) < 3


def test_the_large_shapes_of_a_figure_are_outlined_all_round() -> None:
    picture = np.zeros((240, 240, 4), np.uint8)
    body = np.array(cv2.ellipse2Poly((120, 130), (80, 95), 0, 0, 360, 5), np.int32)
    patch = np.array(cv2.ellipse2Poly((120, 160), (34, 30), 0, 0, 360, 5), np.int32)
    cv2.fillPoly(picture, [body], (200, 80, 60, 255))
    cv2.fillPoly(picture, [patch], (60, 90, 190, 255))
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    reading = read_picture(picture)
    lines = [line.points * reading.scale for line in rough_lines(Source(picture, reading, table, Options()))]
    for shape in (body, patch):
        near = np.ones((240, 240), np.uint8)
        for points in lines:
            cv2.polylines(near, [np.rint(points).astype(np.int32)], False, 0, 1)
        away = cv2.distanceTransform(near, cv2.DIST_L2, 5)
        x, y = shape.T
        assert float((away[y, x] < 6).mean()) > 0.97


@pytest.mark.parametrize(("lines", "letters", "ruled"), [(1, 7, 0), (2, 9, 0), (3, 4, 6), (1, 12, 2)])
def test_lines_are_ruled_for_sure_lettering_alone(lines: int, letters: int, ruled: int) -> None:
    picture = np.full((200, 200, 3), 255, np.uint8)
    reading = read_picture(picture)
    box = Box(10, 10, 8, 12)
    text = tuple(TextLine(box, 20.0 + 30 * at, 10.0 + 30 * at, (box,) * letters, (0, 0, 0)) for at in range(lines))
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, replace(reading, text=text), table, Options())
    steps = constructed(source, Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), "Construction"))
    assert sum(step.label.startswith("lettering") for step in steps) == ruled
