"""Simple forms about the parts that are seen, where no figure's construction holds them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural import Options
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.part_masks import SeenParts
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.part_forms import part_forms
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil

SIDE = 240


@pytest.fixture(scope="module")
def source() -> Source:
    picture = np.full((SIDE, SIDE, 3), 250, np.uint8)
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options(3))


def mask(*shapes: NDArray[np.int32] | tuple[int, int, int]) -> NDArray[np.float32]:
    """Polygons [n, 2] and circles, x, y and radius, as one part."""
    drawn = np.full((SIDE, SIDE), -8, np.float32)
    for shape in shapes:
        if isinstance(shape, tuple):
            cv2.circle(drawn, shape[:2], shape[2], 8, -1)
        else:
            cv2.fillPoly(drawn, [shape], 8)
    return drawn


def built(source: Source, masks: list[NDArray[np.float32]], held: list[NDArray[np.float32]] | None = None,
          parents: list[int] | None = None) -> tuple[list[str], list[NDArray[np.float32]]]:  # fmt: skip
    """The names of the lines that are drawn, and the lines, in the picture's pixels."""
    scale = np.float32(source.reading.shape[0] / SIDE)
    parts = SeenParts(np.stack(masks), np.array(parents or [-1] * len(masks)))
    seen = replace(source, reading=replace(source.reading, seen_parts=parts))
    pencil = Pencil(seen, Hand((80, 90, 200), 0.002, 0.001, 1.0), "construction")
    steps = part_forms(seen, pencil, [scale * points for points in held or []], np.random.default_rng(2))
    return [step.label for step in steps], [points / scale for points, _ in pencil._lines]


SQUARE = np.array([(60, 60), (150, 60), (150, 170), (60, 170)], np.int32)


def test_what_is_round_gets_a_ball_and_what_is_not_straight_strokes(source: Source) -> None:
    names, (ring,) = built(source, [mask((120, 110, 40))])
    assert names == ["form, ball"]
    assert np.abs(np.hypot(*(ring - (120, 110)).T) - 40).max() < 6
    names, lines = built(source, [mask(SQUARE)])
    assert names == ["form, side"] * 4
    for line in lines:
        along = np.ptp(line, axis=0)
        assert along.min() < 8
        assert along.max() > 90


def test_no_stroke_runs_along_the_pictures_border(source: Source) -> None:
    corner = np.array([(0, 0), (90, 0), (90, 120), (0, 120)], np.int32)
    assert len(built(source, [mask(corner)])[0]) == 2


def test_what_is_built_already_is_not_built_again(source: Source) -> None:
    figure = np.array([(50, 50), (160, 50), (160, 180), (50, 180)], np.float32)
    assert built(source, [mask(SQUARE)], [figure])[0] == []
    assert built(source, [mask((210, 210, 18))], [figure])[0] == ["form, ball"]


def test_what_consists_of_parts_is_built_by_them(source: Source) -> None:
    head, body = (120, 60, 30), (120, 140, 48)
    names, _ = built(source, [mask(head, body), mask(body), mask(head)], parents=[-1, 0, 0])
    assert names == ["form, ball", "form, ball"]
    names, _ = built(source, [mask(head, body), mask((120, 60, 12))], parents=[-1, 0])
    assert set(names) == {"form, side"}


def test_without_seen_parts_nothing_is_built(source: Source) -> None:
    pencil = Pencil(source, Hand((80, 90, 200), 0.002, 0.001, 1.0), "construction")
    assert part_forms(source, pencil, [], np.random.default_rng(2)) == []
