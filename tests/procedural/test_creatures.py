"""Animals, and whoever shows no face: a ball for the head, eggs for the trunk, nothing that people alone have."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import GROUND, SHIRT, face_at

from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.figure import made
from paints_undo_engine.procedural.reading.model import Box, FaceSource, FigureSource, Reading
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil

HEAD = Box(110, 40, 80, 80)


def sitting() -> tuple[np.ndarray, Reading]:
    """A round head on a pear: an animal that sits."""
    picture = np.full((400, 300, 3), GROUND, np.uint8)
    cv2.ellipse(picture, (150, 80), (40, 40), 0, 0, 360, SHIRT, -1)
    cv2.ellipse(picture, (150, 230), (70, 125), 0, 0, 360, SHIRT, -1)
    cover = np.where((picture == SHIRT).all(axis=2), np.uint8(255), np.uint8(0))
    figure = made(cover, FigureSource.PLAIN_GROUND, "")
    return picture, replace(read_picture(picture), figure=figure, faces=(), poses=(), heads=(HEAD,), faceless=True)


def lines(picture: np.ndarray, reading: Reading, seed: int = 0) -> dict[str, Points]:
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, reading, table, Options(seed=seed))
    pencil = Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), "")
    steps = constructed(source, pencil)
    return {step.label: points for step, (points, _) in zip(steps, pencil._lines, strict=True)}


@pytest.mark.parametrize("seed", range(4))
def test_a_head_in_which_no_finder_sees_a_face_has_nothing_of_people(seed: int) -> None:
    drawn = lines(*sitting(), seed)
    assert not [label for label in drawn if any(part in label for part in ("face", "jaw", "rib", "shoulder"))]
    ball = drawn["figure, head ball"]
    assert np.abs(ball.mean(axis=0) - HEAD.centre).max() < 8
    eggs = np.concatenate([points for label, points in drawn.items() if "egg" in label])
    assert 105 < eggs[:, 1].min() < 150
    assert 330 < eggs[:, 1].max() < 375
    assert 70 < eggs[:, 0].min() < 230


def test_without_the_network_for_heads_a_head_is_a_persons() -> None:
    picture, reading = sitting()
    drawn = lines(picture, replace(reading, faceless=False))
    assert "face, eye line" in drawn


def test_a_face_that_one_finder_hardly_sees_has_no_ribs() -> None:
    picture, reading = sitting()
    sure = replace(face_at(120, 50, 60), source=FaceSource.BLAZEFACE, confidence=0.95)
    unsure = replace(sure, confidence=0.75)
    bodies = [lines(picture, replace(reading, heads=(), faces=(face,))) for face in (sure, unsure)]
    people = [any("rib" in label or "shoulder" in label for label in drawn) for drawn in bodies]
    assert people == [True, False]
    assert any("egg" in label for label in bodies[1])
