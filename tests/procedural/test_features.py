"""Eyes, brows, mouth and the nose's shadow of painted faces: placed with the masses, and not painted over again."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import person

from paints_undo_engine.procedural import Document, Options, make_document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.methods.grounds import split
from paints_undo_engine.procedural.reading.faces import find_faces
from paints_undo_engine.procedural.reading.model import Box, Figure, FigureSource, Part, Region, Technique
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.features import (
    PENNED,
    below,
    drawn_in,
    features_of,
    known_features,
    likely_features,
)
from paints_undo_engine.procedural.techniques.filling import Filling
from paints_undo_engine.procedural.techniques.loosening import with_sockets
from paints_undo_engine.procedural.techniques.shades import find_shades
from paints_undo_engine.request import Corrections, Method

SIDE = 500
UNCHANGED = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
EYES, MOUTH, CHEEKS, BROWS = ((209, 221), (291, 221)), ((250, 313),), ((188, 271), (312, 271)), ((209, 196), (291, 196))


@pytest.mark.parametrize("degrees", [0, 20])
def test_features_are_what_is_dark_in_a_face(degrees: int) -> None:
    picture = person(SIDE, degrees)
    (face,) = find_faces(picture)
    where = features_of(face, picture).cover > 0
    turn = np.radians(degrees)
    way = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def is_marked(place: tuple[int, int]) -> bool:
        x, y = np.rint(way @ (np.array(place) - SIDE / 2) + SIDE / 2).astype(int)
        return bool(where[y - 3 : y + 4, x - 3 : x + 4].any())

    assert all(is_marked(place) for place in (*EYES, *MOUTH, *BROWS))
    assert not any(is_marked(place) for place in CHEEKS)
    assert where.mean() < 0.05


def test_a_raised_brow_is_a_feature_of_its_face_and_a_lock_of_hair_is_none() -> None:
    picture = person(SIDE)
    (face,) = find_faces(picture)
    # The brow lies across the upper border of where features are looked for first, as in a face that frowns.
    apart = face.eyes[1].centre[0] - face.eyes[0].centre[0]
    x, y = (round(value) for value in face.eyes[0].centre)
    top = round(y - 0.5 * apart)
    cv2.rectangle(picture, (x - 40, top - 24), (x + 40, y - 12), face.skin, -1)
    cv2.line(picture, (x - 18, top - 6), (x + 20, top + 6), (40, 26, 24), 5)
    where = features_of(face, picture, PENNED).cover > 0
    assert where[top - 3 : top + 4, x - 2 : x + 4].any()
    cv2.rectangle(picture, (x - 40, top - 24), (x + 40, top + 14), (110, 70, 60), -1)
    cv2.line(picture, (x - 18, top - 6), (x + 20, top + 6), (40, 26, 24), 5)
    assert not features_of(face, picture, PENNED).cover[top - 3 : top + 4, x - 2 : x + 4].any()


def test_no_brush_aims_at_a_face_without_features_that_stand() -> None:
    picture = person(SIDE)
    (face,) = find_faces(picture)
    features = [features_of(face, picture)]
    empty = np.full_like(picture, face.skin)
    aim = drawn_in(features, empty, picture)
    for x, y in (*EYES, *MOUTH):
        assert (aim[y - 1 : y + 2, x - 1 : x + 2] == picture[y - 1 : y + 2, x - 1 : x + 2]).all()
    assert all((aim[y, x] == face.skin).all() for x, y in CHEEKS)


def test_the_masses_of_a_face_have_broad_shadows_where_its_features_will_be() -> None:
    picture = person(SIDE)
    (face,) = find_faces(picture)
    aim = with_sockets([features_of(face, picture)], np.full_like(picture, face.skin), picture).mean(axis=2)
    skin = float(np.mean(face.skin))
    for x, y in EYES:
        assert 12 < skin - float(aim[y - 8 : y + 9, x - 8 : x + 9].mean()) < 0.8 * (skin - 40)
    assert all(skin - float(aim[y, x]) < 6 for x, y in CHEEKS)


def test_a_likely_face_has_features_without_its_eyes_being_found() -> None:
    where = likely_features(Box(156, 104, 188, 260), person(SIDE)).cover > 0
    assert all(where[y - 3 : y + 4, x - 3 : x + 4].any() for x, y in (*EYES, *MOUTH))
    assert not any(where[y - 3 : y + 4, x - 3 : x + 4].any() for x, y in CHEEKS)


def test_a_face_in_one_colour_and_one_beyond_the_border_have_none() -> None:
    (face,) = find_faces(person(SIDE))
    assert not features_of(face, np.full((SIDE, SIDE, 3), 180, np.uint8)).cover.any()
    assert not likely_features(Box(900, 900, 50, 50), person(SIDE)).cover.any()


def portrait(method: Method) -> Document:
    """A small figure: its eyes are smaller than the brushes that form the rest. What shows paper has a light one."""
    ground = (150, 110, 80) if method is Method.PAINTER else (244, 240, 232)
    picture = np.full((900, 900, 3), ground, np.uint8)
    picture[300:700, 200:600] = person(400)
    if method is Method.PAINTER:
        picture[:300] = np.linspace(60, 150, 300, dtype=np.uint8)[:, None, None]
    return make_document(picture, Options(method=method, corrections=Corrections.NONE))


def _contrast(document: Document, at: int) -> float:
    """By how many levels the darker of the eyes and the mouth is darker than the cheeks after an operation."""
    state = document.render(at)[..., :3].astype(float).mean(axis=2)
    scale = len(state) / 900

    def level(places: tuple[tuple[int, int], ...]) -> list[float]:
        made = []
        for place in places:
            x, y = np.rint((np.array(place) * 0.8 + (200, 300)) * scale).astype(int)
            made.append(float(state[y - 3 : y + 4, x - 4 : x + 5].mean()))
        return made

    return float(np.mean(level(CHEEKS))) - max(level(EYES) + level(MOUTH))


def test_eyes_and_mouth_are_placed_with_the_masses_and_stay() -> None:
    document = portrait(Method.PAINTER)
    masses = [op.index for op in document.operations if op.phase is Phase.BLOCK_IN]
    wanted = _contrast(document, len(document.operations))
    placed = _contrast(document, masses[-1] + 1)
    later = [_contrast(document, at) for at in range(masses[-1] + 1, len(document.operations), 12)]
    assert masses[-1] < 0.35 * len(document.operations)
    assert wanted > 30
    assert placed > 0.6 * wanted
    assert min(later) > 0.6 * wanted


def test_features_are_placed_loosely_before_they_are_drawn_sharply() -> None:
    document = portrait(Method.PAINTER)
    features = [op for op in document.operations if op.label == "face, features"]
    placed, drawn = ([op.index for op in features if op.phase is phase] for phase in (Phase.BLOCK_IN, Phase.PAINTING))
    count = len(document.operations)
    finished = document.render(count)[..., :3].astype(float)

    def away(at: int) -> float:
        """Levels that the parts about the eyes are away from the finished ones."""
        state = document.render(at)[..., :3].astype(float)
        scale = len(state) / 900
        around = [np.rint((np.array(place) * 0.8 + (200, 300)) * scale).astype(int) for place in EYES]
        half = round(16 * scale)
        parts = [np.s_[y - half : y + half, x - half : x + half] for x, y in around]
        return float(np.mean([np.abs(state[part] - finished[part]).mean() for part in parts]))

    assert 0.2 * count < placed[0] < placed[-1] < 0.35 * count < 0.45 * count < drawn[0] < drawn[-1] < 0.7 * count
    assert away(placed[0]) > 1.2 * away(placed[-1] + 1) > 1.44 * away(drawn[-1] + 1)


@pytest.mark.parametrize(
    "method",
    [Method.LINE, Method.PARTS, Method.PENCIL, Method.WATERCOLOUR, Method.VALUES, Method.FLAT, Method.LINELESS],
)
def test_eyes_and_mouth_are_there_by_the_middle_whatever_the_method(method: Method) -> None:
    document = portrait(method)
    count = len(document.operations)
    wanted = _contrast(document, count)
    # Without lines a simple picture has its first flat late.
    begin = round((0.55 if method in (Method.LINELESS, Method.FLAT) else 0.45) * count)
    assert min(_contrast(document, at) for at in range(begin, count, 40)) > 0.6 * wanted


def test_what_lies_before_a_face_is_none_of_its_features() -> None:
    picture = person(SIDE)
    cv2.ellipse(picture, (250, 322), (70, 34), 0, 0, 360, (40, 120, 50), -1)
    for x in range(190, 311, 12):
        cv2.line(picture, (x, 290), (x + 6, 352), (20, 70, 30), 3)
    (face,) = find_faces(person(SIDE))
    where = features_of(face, picture).cover > 0
    assert not where[305:335, 200:300].any()
    assert all(where[y - 3 : y + 4, x - 3 : x + 4].any() for x, y in EYES)


def test_a_face_is_no_lit_side_of_hair_that_is_nearly_as_pale() -> None:
    picture = person(SIDE)
    reading = read(picture)
    labels = np.zeros(reading.shape, np.int32)
    scale = len(labels) / SIDE
    colours = ((120, 120, 120), (222, 190, 176), (248, 226, 212), (200, 166, 152))
    for label, (x, y, a, b) in enumerate(((250, 230, 130, 190), (250, 250, 90, 110), (250, 80, 60, 20)), 1):
        middle, axes = (round(x * scale), round(y * scale)), (round(a * scale), round(b * scale))
        cv2.ellipse(labels, middle, axes, 0, 0, 360, label, -1)
    regions = tuple(
        Region(label, "hair", Part.HAIR, Technique.FLAT, colour, int((labels == label).sum()), Box(0, 0, 9, 9), (0, 0),
               0, label, 0.0)
        for label, colour in enumerate(colours)
    )  # fmt: skip
    bare = replace(reading.ink, cover=np.zeros_like(reading.ink.cover))
    source = Source(picture, replace(reading, labels=labels, regions=regions, ink=bare), UNCHANGED, Options())
    assert find_shades(source, [1, 2, 3]) == {3: 1}
    # Where all was taken for skin, it is the other way round: the face has the flat, and the rest are its sides.
    skin = tuple(replace(region, name="skin", part=Part.SKIN) for region in regions)
    faces = tuple(replace(face, skin=colours[2]) for face in reading.faces)
    source = Source(picture, replace(source.reading, regions=skin, faces=faces), UNCHANGED, Options())
    assert 2 not in find_shades(source, [1, 2, 3])


def test_the_flat_of_a_face_is_filled_first_whatever_it_was_taken_for() -> None:
    picture = person(SIDE)
    reading = read(picture)
    things = tuple(replace(region, part=Part.OBJECT) for region in reading.regions)
    source = Source(picture, replace(reading, regions=things), UNCHANGED, Options())
    faces = below(known_features(source), source.reading)
    filling = Filling(source, range(len(things)), (), Phase.FLATS, faces=faces)
    x, y = (round(at * len(reading.labels) / SIDE) for at in CHEEKS[0])
    assert faces == {int(reading.labels[y, x])}
    assert filling.in_order()[0].label in faces


def test_a_large_ground_is_filled_before_the_things_that_stand_in_it() -> None:
    picture = person(SIDE)
    reading = read(picture)
    labels = np.zeros(reading.shape, np.int32)
    labels[: len(labels) // 3], labels[20:60, 20:40] = 1, 2
    parts = (Part.BACKGROUND, Part.OBJECT, Part.CLOTH)
    regions = tuple(
        Region(label, "thing", part, Technique.FLAT, (90, 80 * label, 60), int((labels == label).sum()),
               Box(0, 0, 9, 9), (0, 0), None, label, 0.0)
        for label, part in enumerate(parts)
    )  # fmt: skip
    source = Source(picture, replace(reading, labels=labels, regions=regions), UNCHANGED, Options())
    order = Filling(source, range(len(regions)), (), Phase.BACKGROUND, labels=labels).in_order()
    assert [region.label for region in order] == [0, 1, 2]


def test_faces_whose_figures_are_not_known_are_no_figures_themselves() -> None:
    picture = person(SIDE)
    reading = read(picture)
    none = Figure(np.zeros(reading.shape, np.uint8), (), FigureSource.NONE, "")
    source = Source(picture, replace(reading, figure=none), UNCHANGED, Options())
    figure, ground = split(source)
    assert any(region.figure is not None for region in reading.regions)
    assert (len(figure), ground) == (len(reading.regions), [])
