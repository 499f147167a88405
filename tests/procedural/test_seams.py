"""Faint and light lines of dark cloth, which no pen's ink shows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.model import Part
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.seams import narrow_lights, seams


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def test_a_faint_seam_of_dark_cloth_is_drawn() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 40), (240, 290), (30, 30, 34), -1)
    cv2.line(picture, (90, 80), (150, 250), (8, 8, 10), 1)
    source = source_of(picture)
    regions = tuple(
        replace(one, part=Part.CLOTH, figure=0) if max(one.colour) < 60 else one for one in source.reading.regions
    )
    source = replace(source, reading=replace(source.reading, regions=regions))
    seam = seams(source, [region.label for region in regions])
    assert seam[[round(y / source.reading.scale) for y in (120, 165, 210)]].any(axis=1).all()
    assert not seam[:, round(200 / source.reading.scale) :].any()


def test_a_light_line_on_a_dark_ground_is_one_line() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 40), (240, 290), (20, 26, 56), -1)
    cv2.line(picture, (90, 80), (150, 250), (20, 150, 190), 1)
    source = source_of(picture)
    found = seams(source, [region.label for region in source.reading.regions])
    pieces = [cv2.connectedComponents(row.astype(np.uint8)[None])[0] - 1 for row in found]
    rows = [round(y / source.reading.scale) for y in (120, 165, 210)]
    assert [pieces[row] for row in rows] == [1, 1, 1]
    assert not found[:, round(200 / source.reading.scale) :].any()


def test_narrow_lights_are_told_from_broad_ones() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (40, 40), (260, 290), (90, 60, 110), -1)
    cv2.line(picture, (100, 80), (100, 250), (190, 160, 210), 3)
    cv2.rectangle(picture, (150, 80), (220, 250), (190, 160, 210), -1)
    source = source_of(picture)
    regions = tuple(replace(one, part=Part.HAIR) if max(one.colour) < 150 else one for one in source.reading.regions)
    source = replace(source, reading=replace(source.reading, regions=regions))
    lights, sheens = narrow_lights(source)
    row = round(165 / source.reading.scale)
    narrow, broad, beside = (round(x / source.reading.scale) for x in (100, 185, 60))
    assert lights[row, narrow]
    assert sheens[row, narrow]
    assert not lights[row, broad]
    assert not lights[row, beside]
