"""Faces that stand on their heads or lie on their sides."""

from __future__ import annotations

import numpy as np
import pytest
from procedural.reading.drawn import portrait

from paints_undo_engine.procedural.reading.animeface import is_installed
from paints_undo_engine.procedural.reading.model import Box
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.turned_faces import find_turned_faces
from paints_undo_engine.procedural.techniques.skulls import measure_head

needs_finder = pytest.mark.skipif(not is_installed(), reason="the finder of drawn faces is not installed")


@needs_finder
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_that_is_turned_has_its_eyes_and_its_chin_where_they_are(turns: int) -> None:
    picture = np.ascontiguousarray(np.rot90(portrait(480), -turns))
    (face,) = find_turned_faces(picture, Box(0, 0, 480, 480))
    upright = np.array([(0.38 * 480, 0.57 * 480), (0.62 * 480, 0.57 * 480)])
    turned = [upright, np.stack([479 - upright[:, 1], upright[:, 0]], axis=1), 479 - upright]
    wanted = [turned[1], turned[2], np.stack([upright[:, 1], 479 - upright[:, 0]], axis=1)][turns - 1]
    assert np.allclose([eye.centre for eye in face.eyes], wanted, atol=16)
    down = [(-1, 0), (0, -1), (1, 0)][turns - 1]
    assert np.allclose(measure_head(face).down, down, atol=0.2)
    assert abs(float(np.angle(np.exp(1j * (face.tilt - turns * np.pi / 2))))) < 0.2


@needs_finder
def test_a_picture_whose_figure_falls_has_its_face() -> None:
    picture = np.ascontiguousarray(np.rot90(portrait(480), 2))
    reading = read(picture)
    if reading.figure.boxes:
        assert len(reading.faces) == 1
