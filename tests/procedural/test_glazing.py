"""How a painting gets its depth: darks with the masses, lights at last, and not all at once."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.techniques.brush_view import hatched
from paints_undo_engine.request import Corrections, Method

SIDE = 320


def landscape() -> Pixels:
    """A sky with clouds, dark hills with trees and a brown field, all of rough paint."""
    chance = np.random.default_rng(5)
    picture = np.full((SIDE, SIDE, 3), (90, 130, 190), np.uint8)
    for x, y in chance.uniform((20, 20), (300, 100), (24, 2)).astype(int):
        cv2.ellipse(picture, (int(x), int(y)), (26, 12), 0, 0, 360, (225, 225, 220), -1)
    hills = [(0, 150), (90, 120), (180, 160), (SIDE, 110), (SIDE, 230), (0, 230)]
    cv2.fillPoly(picture, [np.array(hills, np.int32)], (35, 45, 40))
    picture[230:] = (120, 90, 60)
    for x, y in chance.uniform((0, 140), (SIDE, 228), (80, 2)).astype(int):
        cv2.circle(picture, (int(x), int(y)), 5, (25, 60, 30), -1)
    rough = cv2.GaussianBlur(chance.normal(0, 30, (SIDE, SIDE)).astype(np.float32), (0, 0), 2)
    return np.clip(picture + rough[..., None], 0, 255).astype(np.uint8)


def painted() -> tuple[Document, Pixels]:
    picture = landscape()
    return make_document(picture, Options(method=Method.PAINTER, corrections=Corrections.NONE)), picture


def test_darks_have_their_depth_with_the_masses_and_lights_get_theirs_later() -> None:
    document, picture = painted()
    masses = [op.index for op in document.operations if op.phase is Phase.BLOCK_IN]
    dark, light = (place[..., :3].mean(axis=2) for place in (picture[170:220, 20:300], picture[10:90, 20:300]))

    def lacking(at: int) -> tuple[float, float]:
        state = document.render(at)[..., :3].mean(axis=2)
        bright = light > 200
        return float((state[170:220, 20:300] - dark).mean()), float((light - state[10:90, 20:300])[bright].mean())

    toned, laid_in, nearly = (lacking(at) for at in (masses[0], masses[-1] + 1, document.count - 20))
    assert laid_in[0] < 0.15 * toned[0]
    assert laid_in[1] - nearly[1] > 8
    assert abs(nearly[1]) < 4


def test_a_painting_goes_on_changing_until_its_details() -> None:
    document, _ = painted()
    states = [document.render(document.count * tenth / 10)[..., :3].astype(int) for tenth in range(11)]
    changed = [float((np.abs(late - early).max(axis=2) > 10).mean()) for early, late in pairwise(states)]
    assert min(changed[5:9]) > 0.25 * float(np.mean(changed[2:]))


def test_no_curves_are_moved_on_paint_whose_grain_is_seen_all_over() -> None:
    assert all(operation.phase is not Phase.ADJUSTMENT for operation in painted()[0].operations)


def test_long_masses_are_hatched_along_their_length_and_others_each_in_its_way() -> None:
    masses = np.full((SIDE, SIDE), -2, np.int32)
    masses[140:180] = 1
    masses[180:, : SIDE // 2], masses[180:, SIDE // 2 :] = 2, 3
    ways = [hatched(masses, np.random.default_rng(seed)) for seed in range(8)]
    assert max(abs(float(way[160, 160])) for way in ways) < 0.6
    assert sum(abs(float(way[250, 40] - way[250, 280])) > 0.1 for way in ways) >= 6
