"""What every plan promises: exact ends, no empty operation, the same bytes however it is asked."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from procedural import pictures

from paints_undo_engine.procedural import Plan, ProceduralOptions, make_plan
from paints_undo_engine.procedural.kind import kind_of
from paints_undo_engine.request import OrderTemplate, PaintingMode

KINDS = {
    "line": pictures.cartoon(),
    "flat": pictures.posters(),
    "paint": pictures.photo(),
    "pixel": pictures.sprite(),
    "alpha": pictures.sticker(),
}
ILLUSTRATION = Path(__file__).parents[2] / "assets" / "illustration.png"
PLANS: dict[str, Plan] = {}


@pytest.fixture(params=KINDS)
def plan(request: pytest.FixtureRequest) -> Plan:
    if request.param not in PLANS:
        PLANS[request.param] = make_plan(KINDS[request.param], ProceduralOptions(seed=3))
    return PLANS[request.param]


def on_white(canvas: np.ndarray) -> np.ndarray:
    if canvas.shape[2] == 3:
        return canvas
    alpha = canvas[..., 3:].astype(np.float64) / 255
    return np.round(canvas[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def test_finished_is_the_picture_byte_for_byte(plan: Plan) -> None:
    assert np.array_equal(plan.render_at_step(0), plan.picture)
    assert np.array_equal(plan.render(plan.count), plan.picture)


def test_step_999_is_a_visible_stroke_on_white_and_1000_is_blank(plan: Plan) -> None:
    assert (on_white(plan.render_at_step(1000)) == 255).all()
    first = on_white(plan.render_at_step(999))
    drawn = (first < 250).any(axis=2)
    assert 0 < drawn.sum() < 0.1 * drawn.size


def test_every_operation_changes_the_canvas(plan: Plan) -> None:
    before = on_white(plan.render(0))
    empty = []
    for number in range(1, plan.count + 1):
        after = on_white(plan.render(number))
        if np.array_equal(before, after):
            empty.append(number)
        before = after
    assert not empty


def test_only_adjustments_change_more_than_a_quarter(plan: Plan) -> None:
    before = on_white(plan.render(0))
    for operation in plan.operations:
        after = on_white(plan.render(operation.index + 1))
        share = (cv2.absdiff(before, after).max(axis=2) > 8).mean()
        assert operation.phase == "adjustments" or operation.kind == "layer opacity" or share <= 0.25, operation.label
        before = after


def test_operations_are_numbered_and_phases_end_in_order(plan: Plan) -> None:
    assert [operation.index for operation in plan.operations] == list(range(plan.count))
    assert max(plan.phase_ends.values()) == plan.count
    assert all(operation.begin < operation.end for operation in plan.operations)


def test_random_access_gives_the_same_as_in_order(plan: Plan) -> None:
    counts = [plan.count * share for share in (0.03, 0.21, 0.47, 0.4703, 0.71, 0.93, 0.999)]
    in_order = [plan.render(count).copy() for count in counts]
    for place in (5, 0, 6, 3, 2, 4, 1, 1):
        assert np.array_equal(plan.render(counts[place]), in_order[place])


@pytest.mark.parametrize("name", KINDS)
def test_a_plan_made_again_with_other_threads_gives_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        monkeypatch.setattr("os.cpu_count", lambda: 1)
        one = make_plan(KINDS[name], ProceduralOptions(seed=9))
        cv2.setNumThreads(4)
        monkeypatch.setattr("os.cpu_count", lambda: 4)
        other = make_plan(KINDS[name], ProceduralOptions(seed=9))
        assert one.operations == other.operations
        for share in (0.1, 0.35, 0.6, 0.9):
            assert np.array_equal(one.render(one.count * share), other.render(other.count * share))
    finally:
        cv2.setNumThreads(threads)


def test_seeds_and_orders_differ() -> None:
    def middle(seed: int, order: OrderTemplate) -> np.ndarray:
        made = make_plan(KINDS["flat"], ProceduralOptions(seed, PaintingMode.FLAT, order))
        return made.render(made.phase_ends["flats"] * 0.8)

    first = middle(1, OrderTemplate.FACE_FIRST)
    assert not np.array_equal(first, middle(1, OrderTemplate.BACKGROUND_FIRST))
    assert not np.array_equal(first, middle(2, OrderTemplate.FACE_FIRST))


@pytest.mark.parametrize("scale", [1, 8])
def test_pixel_art_is_recognised_and_stays_crisp(scale: int) -> None:
    art = pictures.sprite(scale)
    made = make_plan(art, ProceduralOptions(seed=1))
    assert made.mode is PaintingMode.PIXEL
    end = made.render(made.phase_ends["flats"])
    blocks = end.reshape(24, scale, 24, scale, 3)
    assert np.array_equal(blocks, np.broadcast_to(blocks[:, :1, :, :1], blocks.shape))


@pytest.mark.parametrize("name", ["line", "paint"])
def test_the_mode_does_not_depend_on_the_resolution(name: str) -> None:
    small = KINDS[name]
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    assert kind_of(large) is kind_of(small)


def test_grain_and_flat_art_are_told_apart() -> None:
    assert kind_of(KINDS["paint"]) is PaintingMode.PAINT
    assert kind_of(pictures.posters(640, 480)) is PaintingMode.FLAT
    haze = np.linspace(90, 140, 448)[:, None, None] + np.random.default_rng(1).normal(0, 2.5, (448, 448, 1))
    assert kind_of(np.repeat(haze, 3, axis=2).astype(np.uint8)) is PaintingMode.PAINT


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
def test_an_outlined_illustration_is_line_art_at_any_size(scale: float) -> None:
    illustration = cv2.cvtColor(cv2.imread(str(ILLUSTRATION)), cv2.COLOR_BGR2RGB)
    assert (
        kind_of(cv2.resize(illustration, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)) is PaintingMode.LINE
    )


def test_artists_take_their_time_for_different_things() -> None:
    ends = [make_plan(KINDS["line"], ProceduralOptions(seed, PaintingMode.LINE)).phase_ends for seed in range(4)]
    drawing = [end["ink"] / end["adjustments"] for end in ends]
    assert max(drawing) - min(drawing) > 0.1


def test_no_colour_before_the_flats() -> None:
    made = make_plan(KINDS["line"], ProceduralOptions(seed=3, mode=PaintingMode.LINE))
    inked = made.render(made.phase_ends["ink"]).astype(int)
    assert (inked.max(axis=2) - inked.min(axis=2)).mean() < 0.05 * 255


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 24), st.integers(1, 24), st.sampled_from([3, 4])),
        elements=st.sampled_from([0, 1, 127, 254, 255]),
    ),
    st.integers(0, 2**32 - 1),
    st.sampled_from(list(PaintingMode)),
)
def test_any_small_picture_in_any_mode(picture: np.ndarray, seed: int, mode: PaintingMode) -> None:
    made = make_plan(picture, ProceduralOptions(seed, mode))
    assert made.count >= 1
    assert np.array_equal(made.render_at_step(0), picture)
    for step in (1000, 999, 640.5, 300, 1):
        canvas = made.render_at_step(step)
        assert canvas.shape == picture.shape
        assert canvas.dtype == np.uint8
