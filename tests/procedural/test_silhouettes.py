"""What is seen of a shape at first."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.techniques.silhouettes import mass_lines, silhouette_lines


def test_an_outline_ends_at_the_border_and_a_frame_is_none() -> None:
    bust, framed = np.zeros((160, 120), np.uint8), np.zeros((160, 120), np.uint8)
    cv2.ellipse(bust, (60, 170), (40, 130), 0, 0, 360, 255, -1)
    cv2.rectangle(framed, (6, 6), (113, 153), 255, -1)
    (line,) = silhouette_lines(bust)
    assert line[:, 1].max() < 158
    assert min(line[0, 1], line[-1, 1]) > 150
    assert silhouette_lines(framed) == []


def test_masses_meet_in_lines_and_grain_has_none() -> None:
    picture = np.full((320, 240, 3), (200, 180, 150), np.uint8)
    picture[:, 120:] = (60, 70, 110)
    grain = np.random.Generator(np.random.PCG64(4)).normal(0, 6, picture.shape)
    everywhere = np.full((160, 120), 255, np.uint8)
    lines = mass_lines(np.clip(picture + grain, 0, 255).astype(np.uint8), everywhere, 2)
    assert lines
    assert all(float(np.abs(line[:, 0] - 59.5).max()) < 5 for line in lines)
