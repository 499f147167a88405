"""Light and shade of one cloth have no contour between them where the picture shows its lines."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import contours
from paints_undo_engine.procedural.techniques.light_and_shade import parts_light_and_shade


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def test_light_and_shade_of_one_cloth_have_a_contour_only_where_lines_are_not_to_be_seen() -> None:
    for explained, outlined in ((0.6, True), (0.9, False)):
        picture = np.full((320, 300, 3), 255, np.uint8)
        cv2.rectangle(picture, (60, 40), (240, 290), (196, 190, 222), -1)
        cv2.rectangle(picture, (60, 40), (240, 165), (240, 236, 248), -1)
        source = source_of(picture)
        ink = replace(source.reading.ink, explained=explained)
        regions = [replace(region, part=Part.CLOTH) for region in source.reading.regions]
        source = replace(source, reading=replace(source.reading, ink=ink, regions=tuple(regions)))
        figure = [region.label for region in regions if min(region.colour) < 250]
        drawn = np.zeros((320, 300), np.uint8)
        for path in contours(source, figure):
            cv2.polylines(drawn, [np.rint(path.points * source.reading.scale).astype(np.int32)], False, 1, 3)
        assert (drawn[158:173, 80:220].any(axis=0).mean() > 0.5) == outlined
        assert drawn[284:296, 80:220].any(axis=0).mean() > 0.8


def test_what_is_darker_than_light_and_shade_between_them_is_a_line() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (20, 30), (280, 305), (196, 190, 222), -1)
    cv2.rectangle(picture, (20, 30), (280, 165), (240, 236, 248), -1)
    plain = picture.copy()
    cv2.line(picture, (20, 165), (280, 165), (170, 164, 196), 2)
    for one, shading in ((plain, True), (picture, False)):
        source = source_of(np.asarray(cv2.GaussianBlur(one, (0, 0), 0.8), np.uint8))
        scale = source.reading.scale
        border = np.linspace((60 / scale, 165.5 / scale), (240 / scale, 165.5 / scale), 200, dtype=np.float32)
        assert parts_light_and_shade(source, border) is shading
