"""What is seen of a shape at first."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.techniques.silhouettes import inner_lines, silhouette_lines


def test_an_outline_ends_at_the_border_and_a_frame_is_none() -> None:
    bust, framed = np.zeros((160, 120), np.uint8), np.zeros((160, 120), np.uint8)
    cv2.ellipse(bust, (60, 170), (40, 130), 0, 0, 360, 255, -1)
    cv2.rectangle(framed, (6, 6), (113, 153), 255, -1)
    (line,) = silhouette_lines(bust)
    assert line[:, 1].max() < 158
    assert min(line[0, 1], line[-1, 1]) > 150
    assert silhouette_lines(framed) == []


def test_inner_lines_lie_within_a_shape_and_not_along_its_outline() -> None:
    shape = np.zeros((160, 120), np.uint8)
    cv2.rectangle(shape, (20, 20), (99, 139), 255, -1)
    across = np.stack([np.arange(0, 120), np.full(120, 80)], axis=1).astype(np.float32)
    beside = np.stack([np.full(100, 21), np.arange(30, 130)], axis=1).astype(np.float32)
    (line,) = inner_lines([beside, across], shape)
    assert line[:, 0].min() > 20
    assert line[:, 0].max() < 99
    assert float(np.ptp(line[:, 0])) > 60
