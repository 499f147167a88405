"""Parts are laid whole: skin, hair and each cloth in its own colour."""

from __future__ import annotations

import numpy as np
from procedural.reading.drawn import face_at

from paints_undo_engine.procedural.reading.flats import like_any
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.reading.parts import Flatwork, find_parts
from paints_undo_engine.procedural.reading.zones import Zone
from paints_undo_engine.procedural.techniques.hosting import bits_of, hosts_of


def nested() -> tuple[np.ndarray, np.ndarray]:
    """A large flat 0 with a smaller one 1 in it, and beside it one 2 open to it; no line runs anywhere."""
    labels = np.zeros((200, 200), np.int32)
    labels[60:75, 60:75] = 1
    labels[100:130, 180:200] = 2
    return labels, np.ones(labels.shape, bool)


def test_a_bucket_fills_hair_and_cloth_with_no_skin_but_cloth_with_cloth() -> None:
    labels, bare = nested()
    for other in (Part.HAIR, Part.CLOTH):
        assert 2 not in hosts_of(labels, [0, 1, 2], bare, kin={0: Part.SKIN, 1: other, 2: other})
    assert hosts_of(labels, [0, 1, 2], bare, kin={0: Part.SKIN, 1: Part.HAIR, 2: Part.SKIN}) == {2: 0}
    assert hosts_of(labels, [0, 1, 2], bare, kin=dict.fromkeys(range(3), Part.CLOTH)) == {1: 0, 2: 0}


def test_what_is_worn_in_hair_is_laid_with_it_and_skin_is_not() -> None:
    labels, bare = nested()
    assert 1 in hosts_of(labels, [0, 1, 2], bare, kin={0: Part.HAIR, 1: Part.PROP, 2: Part.HAIR})
    assert 1 not in hosts_of(labels, [0, 1, 2], bare, kin={0: Part.HAIR, 1: Part.SKIN, 2: Part.HAIR})


def test_no_bucket_flows_from_a_paint_into_an_unlike_one() -> None:
    labels, bare = nested()
    kin = dict.fromkeys(range(3), Part.OBJECT)
    assert 2 not in hosts_of(labels, [0, 1, 2], bare, kin=kin, unlike=lambda one, other: other == 2)


def test_a_small_bit_of_a_flat_is_filled_with_what_lies_round_it_where_no_line_parts_them() -> None:
    labels, bare = nested()
    labels[10:60, :] = 1
    labels[61:75, 60:75] = 1
    labels[60, 60:75] = 0
    labels[150:160, 20:30] = 1
    bare[148:162, 18:32] = False
    kin = {0: Part.CLOTH, 1: Part.PROP, 2: Part.CLOTH}
    numbered, bits = bits_of(labels, [0, 1, 2], bare, kin, 9)
    assert bits == {9: (1, 0)}
    assert (numbered == 9).sum() == 14 * 15
    assert (numbered[61:75, 60:75] == 9).all()
    assert bits_of(labels, [1, 2, 0], bare, kin, 9)[1] == {}, "what is filled later"
    for part in (Part.SKIN, Part.HAIR):
        assert bits_of(labels, [0, 1, 2], bare, kin | {0: part}, 9)[1] == {}


def test_greys_are_like_grey_skin_only_in_about_its_light() -> None:
    grey, brown = np.array([[55.0, 0.0, 0.0]]), np.array([[55.0, 16.0, 20.0]])
    assert like_any(np.array([[48.0, 0.0, 0.0], [25.0, 0.0, 0.0]]), grey).tolist() == [True, False]
    assert like_any(np.array([[30.0, 10.0, 12.0]]), brown).all()


def test_a_coat_that_reaches_about_the_head_is_no_hair_and_a_grey_shirt_no_pale_skin() -> None:
    labels = np.zeros((600, 600), np.int32)
    labels[120:600, 60:540] = 1  # a coat up to the ears
    labels[150:290, 240:360] = 2  # the face
    labels[90:150, 230:370] = 3  # hair
    labels[330:600, 240:360] = 4  # a shirt
    colour = np.array([[100, 0, 0], [30, 1, -4], [82, 5, 3], [60, 10, 30], [66, 1, -4]], float)
    area = np.bincount(labels.ravel())
    zone = np.array([Zone.GROUND, *[Zone.FIGURE] * 4])
    work = Flatwork(labels, colour, area, zone, np.zeros(5), np.zeros((5, 5)))
    parts = find_parts(work, (face_at(240.0, 160.0, 120.0),), person=True)
    assert parts[1:] == [Part.CLOTH, Part.SKIN, Part.HAIR, Part.CLOTH]
