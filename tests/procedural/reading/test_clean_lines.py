"""Lines that a pen drew are told from creases of paint, and the figure that they draw from a painted ground."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from procedural import pictures
from procedural.reading.drawn import face_at

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.clean_lines import find_clean_lines
from paints_undo_engine.procedural.reading.figure import find_figure, whole
from paints_undo_engine.procedural.reading.lined_figure import among_others
from paints_undo_engine.procedural.reading.model import FigureSource, PictureKind, Pixels, Technique
from paints_undo_engine.procedural.reading.regions import find_regions
from paints_undo_engine.procedural.reading.view import view_of

WIDTH, HEIGHT = 720, 480
SHIRTS = ((206, 168, 120), (150, 190, 214), (214, 150, 160))


def painted_ground(seed: int = 3) -> Pixels:
    """Soft blots of many colours, with the grain of a brush."""
    chance = np.random.default_rng(seed)
    small = chance.integers(70, 200, (9, 13, 3)).astype(np.uint8)
    soft = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    grain = cv2.GaussianBlur(chance.normal(0, 26, (HEIGHT, WIDTH, 1)).astype(np.float32), (0, 0), 2.2)
    return np.clip(soft + grain[..., None], 0, 255).astype(np.uint8)


def curls(at: int) -> list[NDArray[np.int32]]:
    """Long curved strokes across a body, as folds and locks are drawn."""
    turn = np.linspace(0, 2.6, 60)
    return [
        np.stack([300 + 16 * k + 26 * np.sin(turn + at + k), 150 + 22 * turn * (at + 3)], axis=1).astype(np.int32)
        for k in range(0, 9, 2)
    ]


def drawn_on(ground: Pixels) -> tuple[Pixels, NDArray[np.bool_]]:
    """A figure of three even shapes with dark outlines and folds, and where it is."""
    picture, mask = ground.copy(), np.zeros(ground.shape[:2], np.uint8)
    shapes = [((360, 330), (120, 190)), ((350, 150), (95, 110)), ((430, 300), (70, 120))]
    for (middle, axes), colour in zip(shapes, SHIRTS, strict=True):
        cv2.ellipse(picture, middle, axes, 12, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(picture, middle, axes, 12, 0, 360, (40, 30, 36), 3, cv2.LINE_AA)
        cv2.ellipse(mask, middle, axes, 12, 0, 360, 1, -1)
    for at in range(3):
        cv2.polylines(picture, curls(at), False, (40, 30, 36), 2, cv2.LINE_AA)
    return picture, mask > 0


def test_a_lined_figure_before_a_painted_ground_is_inked_and_its_ground_painted() -> None:
    picture, where = drawn_on(painted_ground())
    found = read(picture)
    assert found.kind is PictureKind.INKED
    assert found.figure.source is FigureSource.LINES
    cover = cv2.resize(found.figure.cover, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) > 127
    assert float((cover & where).sum() / (cover | where).sum()) > 0.75
    ground = [region.technique for region in found.regions if region.figure is None]
    assert ground
    assert set(ground) <= {Technique.PAINTED, Technique.FLAT}


def test_what_is_only_painted_has_no_lines() -> None:
    picture, _ = drawn_on(painted_ground())
    soft = cv2.GaussianBlur(picture, (0, 0), 6)
    grain = np.random.default_rng(5).normal(0, 6, soft.shape)
    found = read(np.clip(soft + grain, 0, 255).astype(np.uint8))
    assert found.kind is not PictureKind.INKED
    assert found.figure.source is FigureSource.NONE


def test_even_shapes_that_meet_without_lines_are_no_drawing_with_outlines() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), (236, 228, 214), np.uint8)
    for number, colour in enumerate(((60, 90, 120), (190, 80, 70), (230, 180, 90), (90, 140, 110), (70, 60, 80))):
        cv2.ellipse(picture, (120 + 120 * number, 250), (70, 150), 20 * number, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(picture, (90 + 130 * number, 400), (60, 9), 15, 0, 360, (50, 44, 52), -1, cv2.LINE_AA)
    assert read(picture).kind is PictureKind.FLAT


def test_several_faces_among_lines_that_go_on_around_them_are_a_crowd() -> None:
    found = read(pictures.crowded())
    height, width = found.pixels.shape[:2]
    faces = tuple(face_at(x * width, 0.36 * height, 0.15 * width) for x in (0.02, 0.22, 0.42))
    figure = find_figure(found.pixels, None, faces)
    assert figure.source is FigureSource.FACE
    lines = find_clean_lines(found.pixels, found.ink, 1 / found.scale)
    assert among_others(figure, faces, lines).source is FigureSource.CROWD
    assert among_others(figure, faces[:2], lines) is figure
    assert among_others(figure, faces, replace(lines, edges=0.3)) is figure
    assert among_others(whole(found.pixels.shape, ""), faces, lines).source is FigureSource.CROWD


def test_a_crowd_has_as_many_flats_as_a_scene_that_is_drawn_all_over() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), (128, 112, 70), np.uint8)
    for number in range(32):
        at, own = (45 + 90 * (number % 8), 60 + 120 * (number // 8)), np.empty((1, 1, 3), np.uint8)
        own[0, 0] = (number * 180 // 32, 170, 210)
        paint = cv2.cvtColor(own, cv2.COLOR_HSV2RGB)[0, 0].tolist()
        cv2.circle(picture, at, 38, paint, -1, cv2.LINE_AA)
        cv2.circle(picture, at, 38, pictures.PEN, 2, cv2.LINE_AA)
    view, ink = view_of(picture, None), read(picture).ink
    techniques = (Technique.INKED, Technique.INKED)
    crowd = whole(view.pixels.shape, "")
    found = find_regions(view, view.pixels, ink.cover, crowd, (), techniques, drawn=True)
    assert len(found.regions) > 20
