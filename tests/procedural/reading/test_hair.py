"""Hair that has nearly the skin's colour is told from it, and a bald head has none."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from procedural.reading.drawn import face_at

from paints_undo_engine.procedural.reading.hair import with_hair
from paints_undo_engine.procedural.reading.model import Face, Pixels
from paints_undo_engine.procedural.reading.zones import Zone

SKIN, PALE, SHIRT = (255, 236, 224), (216, 204, 178), (90, 110, 90)


def head(hair: tuple[int, int, int] | None) -> tuple[Pixels, np.ndarray, Face]:
    """A head on a shirt, its zones, and its face; with a cap of hair or bald and lit from above."""
    picture, zones = np.full((400, 400, 3), 255, np.uint8), np.full((400, 400), Zone.GROUND, np.int32)
    shapes = (((200, 390), (150, 110), SHIRT), ((200, 180), (70, 95), SKIN))
    for at, half, colour in shapes:
        cv2.ellipse(picture, at, half, 0, 0, 360, colour, -1)
        cv2.ellipse(zones, at, half, 0, 0, 360, int(Zone.FIGURE), -1)
    cv2.rectangle(picture, (180, 260), (220, 300), SKIN, -1)
    if hair is None:
        cv2.ellipse(picture, (190, 120), (40, 25), 0, 0, 360, (255, 246, 238), -1)
        cv2.ellipse(picture, (250, 160), (15, 60), 0, 0, 360, (236, 210, 196), -1)
    else:
        cv2.ellipse(picture, (200, 150), (76, 76), 0, 180, 360, hair, -1)
        cv2.ellipse(zones, (200, 150), (76, 76), 0, 180, 360, int(Zone.FIGURE), -1)
    return picture, zones, replace(face_at(140.0, 150.0, 120.0), skin=SKIN)


def test_pale_hair_is_a_zone_and_face_neck_and_shirt_are_none_of_it() -> None:
    picture, zones, face = head(PALE)
    found = with_hair(zones, picture, (face,)) == Zone.HAIR
    painted = (picture == PALE).all(axis=2)
    assert float(found[painted].mean()) > 0.9
    assert float(found[~painted].mean()) < 0.005


def test_a_bald_head_has_none_and_dark_hair_needs_none() -> None:
    for hair in (None, (60, 40, 34)):
        picture, zones, face = head(hair)
        assert not (with_hair(zones, picture, (face,)) == Zone.HAIR).any()


def test_a_mask_before_a_face_makes_no_hood_hair() -> None:
    picture, zones, face = head((44, 44, 58))
    assert not (with_hair(zones, picture, (replace(face, skin=(58, 37, 53)),)) == Zone.HAIR).any()


def test_long_hair_ends_where_it_ends_and_not_beside_the_face() -> None:
    picture, zones, face = head(PALE)
    for shape, colour in ((picture, PALE), (zones, int(Zone.FIGURE))):
        cv2.rectangle(shape, (250, 100), (380, 200), colour, -1)
    found = with_hair(zones, picture, (face,)) == Zone.HAIR
    assert found[110:190, 255:375].all()
