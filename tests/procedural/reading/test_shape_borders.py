"""A scene falls into its large masses, and only what says something is sketched within them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading.edges import Edge
from paints_undo_engine.procedural.reading.figure import find_figure
from paints_undo_engine.procedural.reading.main_edges import find_edges
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.reading.shape_borders import find_borders

WIDTH, HEIGHT = 480, 360
HOUSE = np.array([(200, 250), (200, 150), (250, 100), (300, 150), (300, 250)], np.int32)


def scene() -> Pixels:
    """A house on a meadow full of leaves, under an even sky: uint8 [h, w, 3]."""
    chance = np.random.default_rng(3)
    picture = np.full((HEIGHT, WIDTH, 3), (150, 190, 230), np.uint8)
    picture[220:] = (110, 150, 70)
    for x, y, turn in chance.uniform((0, 226, 0), (WIDTH, HEIGHT, 180), (700, 3)).tolist():
        colour = (90, 130, 55) if turn > 90 else (125, 165, 85)
        cv2.ellipse(picture, (int(x), int(y)), (9, 3), turn, 0, 360, colour, -1)
    cv2.fillPoly(picture, [HOUSE], (170, 60, 50))
    return picture


def drawn(lines: tuple[Edge, ...], width: int) -> NDArray[np.bool_]:
    where = np.zeros((HEIGHT, WIDTH), np.uint8)
    for line in lines:
        cv2.polylines(where, [np.rint(line.points).astype(np.int32)], False, 1, width)
    return where > 0


def test_a_scene_is_laid_out_in_its_masses_without_its_leaves() -> None:
    picture = scene()
    edges = find_edges(picture, find_figure(picture, None, ()))
    outline = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.polylines(outline, [HOUSE], True, 1)
    horizon = np.zeros((HEIGHT, WIDTH), np.uint8)
    horizon[220, 30:190] = horizon[220, 310:450] = 1
    laid = drawn((*edges.masses, *edges.telling), 13)
    assert laid[outline > 0].mean() > 0.9
    assert laid[horizon > 0].mean() > 0.9
    meadow = np.s_[265:345, 15:465]
    assert drawn((*edges.masses, *edges.telling), 1)[meadow].sum() < 60


def test_borders_part_as_many_shapes_as_are_asked_for() -> None:
    shapes = np.zeros((120, 160, 3), np.float32)
    shapes[:, 80:] = 3
    shapes[30:60, 20:50] = 1
    strength = np.asarray(cv2.morphologyEx(shapes[..., 0], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.float32)
    two, three = find_borders(shapes, strength, ((2, 0.0), (3, 0.0)))
    assert two[:, 77:83].any(axis=1).all()
    assert not two[25:65, 15:55].any()
    assert three[25:65, 15:55].sum() > 60
    even = np.zeros((9, 9), np.float32)
    assert not find_borders(np.zeros((9, 9, 3), np.float32), even, ((16, 0.0),))[0].any()
