"""The measures tell painting from its cheap fakes, and do their sums right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import cv2
import numpy as np
import pytest
from quality.bands import broken_bands, broken_operations
from quality.colour import mean_chroma, oklab
from quality.labels import Kind
from quality.measures import (
    Frame,
    change_between,
    diversity,
    edge_f,
    measure,
    operation_shares,
)
from quality.sheet import contact_sheet

SIZE = 200
TILE = 20


def drawing() -> tuple[Frame, Frame]:
    """A line drawing (ink alone), and the same drawing coloured: boxes with black outlines."""
    colours = np.random.default_rng(5).integers(60, 230, (100, 3))
    painting = np.full((SIZE, SIZE, 3), 255, np.uint8)
    ink = painting.copy()
    for index, colour in enumerate(colours):
        x, y = index % 10 * TILE, index // 10 * TILE
        cv2.rectangle(painting, (x, y), (x + TILE - 1, y + TILE - 1), colour.tolist(), -1)
        for canvas in (painting, ink):
            cv2.rectangle(canvas, (x, y), (x + TILE - 1, y + TILE - 1), (0, 0, 0), 2)
    return ink, painting


def box_by_box(ink: Frame, painting: Frame) -> Iterator[Frame]:
    """Ink first, then colour, a few neighbouring boxes at a time, in an order that an artist could have chosen."""
    canvas = np.full_like(painting, 255)
    spots = [(y, x) for y in range(0, SIZE, 2 * TILE) for x in range(0, SIZE, 2 * TILE)]
    order = [spots[i * 7 % 25] for i in range(25)]
    for source, parts in ((ink, 2), (painting, 2)):
        for y, x in order:
            for part in range(parts):
                rows = slice(y + part * TILE, y + (part + 1) * TILE)
                canvas[rows, x : x + 2 * TILE] = source[rows, x : x + 2 * TILE]
                yield canvas.copy()


def test_a_process_drawn_box_by_box_passes() -> None:
    ink, painting = drawing()
    found = measure(box_by_box(ink, painting), painting, 0.5)
    assert broken_bands(asdict(found), Kind.INKED) == []
    assert found.ink_chroma < 1e-3
    assert found.ink_edge_f > 0.75


def test_no_change_is_no_pass() -> None:
    _, painting = drawing()
    found = measure([np.full_like(painting, 255)] * 5, painting, 0.3)
    assert {"changed_median", "extent", "centroid_jump"} <= set(broken_bands(asdict(found), Kind.LANDSCAPE))


def test_change_between_sees_share_extent_and_place() -> None:
    before = np.full((30, 40, 3), 255, np.uint8)
    after = before.copy()
    after[10:20, 20:30] = 0
    after[0, 0] = 253  # two levels: not visible
    change = change_between(before, after)
    assert change.share == pytest.approx(100 / 1200)
    assert change.centroid == pytest.approx((24.5 / 50, 14.5 / 50))
    assert change.extent == pytest.approx(np.hypot(9, 9) / 50, rel=0.15)
    assert change_between(before, before).extent is None


def test_error_rise_adds_up_every_step_away_from_the_painting() -> None:
    painting = np.full((8, 8, 3), 155, np.uint8)
    grey = [np.full_like(painting, level) for level in (205, 235, 155)]
    assert measure(grey, painting, 0.5).error_rise == pytest.approx((80**2 - 50**2) / 100**2)


def test_edge_f_forgives_a_pixel_and_punishes_noise() -> None:
    ink, painting = drawing()
    assert edge_f(painting, painting) == pytest.approx(1.0)
    assert edge_f(np.roll(ink, 1, axis=1), painting) > 0.75
    assert edge_f(np.full_like(painting, 255), painting) == 0.0


def test_operation_shares_counts_empty_and_finds_the_largest() -> None:
    states = [np.full((10, 10, 3), 255, np.uint8) for _ in range(6)]
    for later in states[2:]:
        later[:3] = 0  # the second operation draws three rows, the first and third nothing
    for later in states[4:]:
        later[3:] = 90  # the fourth is a bucket fill
    states[5][:] = 40  # the fifth changes everything, but is a curve
    phases = ["ink", "flats", "flats", "flats", "adjustments"]
    labels = ["ink stroke", "hair, flat", "hair, flat", "sky, bucket fill", "curve"]
    shares = operation_shares(states, phases, labels)
    assert (shares.count, shares.empty, shares.largest_index) == (5, {"ink": 1, "flats": 1}, 1)
    assert (shares.largest, shares.largest_fill) == pytest.approx((0.3, 0.7))
    assert broken_operations(shares) == [
        "1 empty operations in ink",
        "1 empty operations in flats",
        "operation 1 changes 30% of the canvas",
        "a fill changes 70% of the canvas",
    ]


def test_diversity_is_nought_for_equal_and_one_for_black_against_white() -> None:
    white, black = np.full((4, 4, 3), 255, np.uint8), np.zeros((4, 4, 3), np.uint8)
    assert diversity([[white, black], [white, white]]) == pytest.approx([0.0, 1.0], abs=1e-4)


def test_oklab_of_known_colours() -> None:
    red = oklab(np.array([[[255, 0, 0]]], np.uint8))[0, 0]
    np.testing.assert_allclose(red, (0.62796, 0.22486, 0.12585), atol=1e-4)
    assert mean_chroma(np.array([[[255, 0, 255]]], np.uint8)) == pytest.approx(1.0, abs=1e-3)
    assert mean_chroma(np.full((2, 2, 3), 128, np.uint8)) < 1e-3


def test_contact_sheet_holds_all_states() -> None:
    _, painting = drawing()
    sheet = contact_sheet([painting] * 16, [str(i) for i in range(16)], tile=50)
    assert sheet.size == (8 * 56 + 6, 2 * 70 + 6)
