"""Which frames an import takes, what it costs, and how the strip edits operation steps."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import choice, memory, mnemonics, presets, steps
from krita_plugin.undo_painting.core.choice import AnimationLayout, Choice, ImportTarget, Which
from krita_plugin.undo_painting.core.mapping import PaintingSource, Rect, frame_rect
from krita_plugin.undo_painting.core.parameters import STEPS, TAGS, Parameters
from paints_undo_engine.descriptions import ENGINES
from paints_undo_engine.process import frame_count
from paints_undo_engine.request import KeyframeParameters, ProcessRequest

STEP_SETS = st.sets(st.integers(0, 999), min_size=1, max_size=20).map(lambda found: tuple(sorted(found)))


@given(st.integers(1, 300), st.integers(1, 100))
def test_every_nth_frame_keeps_the_painting(count: int, nth: int) -> None:
    found = choice.frames(Choice(Which.NTH, nth=nth), count)
    assert found[-1] == count - 1
    assert all(later - earlier == nth for earlier, later in itertools.pairwise(found))


@given(st.integers(1, 300), st.integers(-5, 400), st.integers(-5, 400))
def test_a_range_stays_inside(count: int, first: int, last: int) -> None:
    found = choice.frames(Choice(Which.RANGE, first=first, last=last), count)
    assert found
    assert 0 <= found[0] <= found[-1] < count


def test_names() -> None:
    assert choice.layer_name(3, 106, 871.0, "line, hair, outline") == "003 · 13 % · Line art"
    assert choice.layer_name(105, 106, 0.0, "the painting") == "105 · Finished painting"


@given(st.integers(1, 300))
def test_sixteen_states_have_both_ends(count: int) -> None:
    found = choice.frames(Choice(Which.STATES), count)
    assert (found[0], found[-1]) == (0, count - 1)
    assert len(found) == min(count, choice.STATES)
    gaps = [later - earlier for earlier, later in itertools.pairwise(found)]
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_the_hold_lengthens_the_range() -> None:
    assert AnimationLayout(12, 2.0).end(106) == 105 + 24
    assert AnimationLayout(24, 0.0, start=10).end(1) == 10


@given(st.integers(1, 300), st.integers(1, 8000), st.integers(1, 8000), st.integers(10**6, 10**10))
def test_the_offered_stride_fits(count: int, width: int, height: int, limit: int) -> None:
    estimate = memory.layers(count, width, height, limit)
    if estimate.too_much and estimate.stride < count:
        assert not memory.layers(-(-count // estimate.stride), width, height, limit).too_much
    if not estimate.too_much:
        assert estimate.stride == 1


@given(STEP_SETS)
def test_adding_and_removing_steps_keeps_their_order(given_steps: tuple[int, ...]) -> None:
    added = steps.add(given_steps)
    assert list(added) == sorted(set(added))
    assert set(given_steps) <= set(added)
    new = set(added) - set(given_steps)
    for step in new:
        assert steps.remove(added, step) == given_steps


@given(STEP_SETS, st.integers(-100, 1200), st.data())
def test_moving_a_step_never_changes_the_order(given_steps: tuple[int, ...], target: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(given_steps) - 1))
    moved = steps.move(given_steps, given_steps[place], target)
    assert list(moved) == sorted(set(moved))
    assert all(0 <= step <= 999 for step in moved)
    assert moved[:place] + moved[place + 1 :] == given_steps[:place] + given_steps[place + 1 :]


@given(STEP_SETS)
def test_the_arithmetic_is_the_engines(given_steps: tuple[int, ...]) -> None:
    request = ProcessRequest(keyframes=KeyframeParameters(operation_steps=given_steps))
    assert Parameters().with_steps(given_steps).frame_count("procedural") == frame_count(request)


def test_the_defaults_are_the_engines() -> None:
    for engine in ENGINES:
        assert Parameters().steps_for(engine.name) == engine.operation_steps


def test_presets_are_in_range_and_keep_the_pictures_own() -> None:
    current = Parameters(own_keyframes=((1, "hash"),)).set({TAGS: "1girl", STEPS: (1, 2)})
    for _, preset in presets.built_in().values():
        assert preset.problem() == ""
        applied = presets.apply(preset, current)
        assert applied.tags == "1girl"
        assert applied.own_keyframes == ((1, "hash"),)


def test_steps_that_go_take_their_seeds_along() -> None:
    made = Parameters(keyframe_seeds=((1, 5), (2, 6)), own_keyframes=((1, "hash"),)).set({STEPS: (1, 2)})
    assert made.with_steps((2, 3)).keyframe_seeds == ((2, 6),)
    assert made.with_steps((2, 3)).own_keyframes == ()


@given(st.integers(1, 300), st.integers(1, 8000), st.integers(1, 8000), st.integers(10**6, 10**10))
def test_the_offered_size_fits(count: int, width: int, height: int, limit: int) -> None:
    estimate = memory.layers(count, width, height, limit)
    if not estimate.too_much:
        assert estimate.percent == 100
    elif estimate.percent:
        assert estimate.percent in memory.SMALLER
        assert not memory.layers(count, width, height, limit, estimate.percent).too_much
    else:
        assert memory.layers(count, width, height, limit, min(memory.SMALLER)).too_much


def test_what_is_offered_for_a_large_canvas() -> None:
    gb = 10**9
    large = memory.layers(106, 4096, 4096, 4 * gb)
    assert memory.words(large.needed) == "8.2 GB"
    assert (large.too_much, large.stride, large.percent) == (True, 3, 50)
    assert not memory.layers(len(choice.frames(Choice(Which.NTH, 3), 106)), 4096, 4096, 4 * gb).too_much
    small = memory.layers(106, 4096, 4096, 3 * gb // 10)
    assert (small.stride, small.percent) == (36, 0), "a quarter of the size would not fit either"
    assert not memory.layers(106, 4096, 4096, 9 * gb).too_much


def test_letters_are_free_and_used_once() -> None:
    made = mnemonics.assign(["Undo Painting", "As layers", "As animation", "Undo", "…"], "a")
    assert made == ["&Undo Painting", "As &layers", "A&s animation", "U&ndo", "…"]
    assert [mnemonics.letter(text) for text in made] == ["u", "l", "s", "n", ""]
    assert mnemonics.assign(["Salt & pepper"]) == ["&Salt && pepper"]
    assert mnemonics.letter("Salt && &pepper") == "p"


def test_a_smaller_size_goes_into_a_new_document() -> None:
    assert not ImportTarget().elsewhere
    assert ImportTarget(new_document=True).elsewhere
    assert ImportTarget(percent=50).elsewhere
    assert ImportTarget(percent=50).size(321, 200) == (160, 100)
    assert ImportTarget(percent=25).size(1, 1) == (1, 1)


@given(st.integers(16, 4000), st.integers(16, 4000), st.sampled_from(memory.SMALLER))
def test_frames_cover_a_smaller_document_whole(width: int, height: int, percent: int) -> None:
    source = PaintingSource("picture", Rect(0, 0, width, height), width, height)
    size = ImportTarget(percent=percent).size(width, height)
    rect = frame_rect(source, None, *size)
    assert rect == Rect(0, 0, *size)
