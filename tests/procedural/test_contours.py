"""What a drawing parts and what it keeps together: contours, flats and their sides."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import contours
from paints_undo_engine.procedural.techniques.shades import find_shades


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def test_lights_on_a_thing_have_no_outline_and_what_meets_it_has() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 40), (240, 170), (158, 62, 42), -1)
    cv2.rectangle(picture, (60, 170), (240, 290), (90, 70, 170), -1)
    lights = np.zeros((320, 300), np.uint8)
    for x, y in ((100, 80), (150, 110), (200, 75), (110, 135), (195, 130)):
        cv2.ellipse(lights, (x, y), (5, 3), 20, 0, 360, 1, -1)
    picture[lights > 0] = (226, 130, 96)
    source = source_of(picture)
    found = contours(source, [region.label for region in source.reading.regions if min(region.colour) < 240])
    drawn = np.zeros(lights.shape, np.uint8)
    for path in found:
        cv2.polylines(drawn, [np.rint(path.points * source.reading.scale).astype(np.int32)], False, 1, 3)
    assert not drawn[60:155, 75:225].any()
    assert drawn[165:176, 80:220].any(axis=0).mean() > 0.8


def test_what_is_grey_within_another_grey_thing_is_no_side_of_it() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    cv2.ellipse(picture, (150, 160), (110, 125), 0, 0, 360, (58, 58, 66), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (150, 180), (60, 75), 0, 0, 360, (134, 130, 138), -1, cv2.LINE_AA)
    source = source_of(picture)
    labels = source.reading.labels
    hood, hair = (int(labels[round(y / source.reading.scale), labels.shape[1] // 2]) for y in (60, 180))
    assert hood != hair
    shades = find_shades(source, [region.label for region in source.reading.regions])
    assert shades.get(hair, hair) != shades.get(hood, hood)
