from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from export.sources import PROVENANCE, process
from hypothesis import example, given
from hypothesis import strategies as st

from paints_undo_engine.errors import ExportError, InvalidRequestError
from paints_undo_engine.export import Aspect, ExportFormat, ExportOptions, Pace, format_of
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.export.timeline import chosen_states, film_timeline, timeline

timings = st.fixed_dictionaries(
    {
        "hold_last_seconds": st.sampled_from([0, 0.5, 2, 60]),
        "result_first_seconds": st.sampled_from([0, 1, 3.25]),
        "reverse": st.booleans(),
        "ping_pong": st.booleans(),
        "pace": st.sampled_from(Pace),
        "omit_end_card": st.booleans(),
    }
)
speeds = st.one_of(
    st.fixed_dictionaries({"frames_per_second": st.sampled_from([0.1, 1, 7.5, 12, 24, 120])}),
    st.fixed_dictionaries({"duration_seconds": st.sampled_from([0.2, 15, 30, 60, 600])}),
)


@example(28, {"reverse": True, "pace": Pace.EASED}, {"frames_per_second": 120}, 10)
@given(count=st.integers(1, 400), timing=timings, speed=speeds, fastest=st.sampled_from([10, 50, 120]))
def test_a_timeline_has_the_length_that_was_asked_for(count, timing, speed, fastest):
    options = ExportOptions(**timing, **speed)
    plan = timeline(count, options, [f"phase {min(number, 99) // 7}" for number in range(count)], fastest=fastest)
    order = 2 * count - 1 if options.ping_pong else count
    around = options.hold_last_seconds + options.result_first_seconds + (0 if options.omit_end_card else 1.5)
    if options.duration_seconds:
        assert plan.seconds == Fraction(options.duration_seconds).limit_denominator(10_000)
        most = max(around, options.duration_seconds / 2)
        assert len(plan.shots) / plan.rate >= options.duration_seconds - most - 1e-6
    else:
        assert float(plan.seconds) == pytest.approx(order / options.frames_per_second + around, abs=1e-6)
    assert plan.rate <= fastest or len(plan.shots) - bool(options.result_first_seconds) <= 2
    assert all(0 <= shot.frame < count and shot.seconds > 0 for shot in plan.shots)
    assert any(shot.frame == count - 1 for shot in plan.shots)


@given(count=st.integers(1, 200), timing=timings, speed=speeds, per_second=st.sampled_from([100, 1000]))
def test_ticks_do_not_drift(count, timing, speed, per_second):
    plan = timeline(count, ExportOptions(**timing, **speed), fastest=50)
    ticks = plan.ticks(per_second)
    assert min(ticks) >= 1
    assert abs(sum(ticks) - float(plan.seconds * per_second)) <= 1


@given(count=st.integers(1, 400), seconds=st.sampled_from([0.5, 6, 15, 60, 600]), hold=st.sampled_from([0, 2]))
def test_a_steady_video_of_a_given_length_has_24_pictures_a_second_and_as_many_of_each_frame(count, seconds, hold):
    plan, rate = film_timeline(count, ExportOptions(duration_seconds=seconds, hold_last_seconds=hold))
    assert 24 <= rate <= 120
    ticks = plan.ticks(rate)[: len(plan.shots) - 1]
    assert max(ticks, default=1) == min(ticks, default=1)
    assert plan.seconds == Fraction(seconds).limit_denominator(10_000)


def test_a_rate_that_is_asked_for_is_kept():
    assert film_timeline(106, ExportOptions(frames_per_second=6))[1] == 6
    assert film_timeline(106, ExportOptions())[1] == 12


def frames(**values):
    return [shot.frame for shot in timeline(4, ExportOptions(hold_last_seconds=0, **values)).shots]


def seconds_of(phases, **values):
    options = ExportOptions(hold_last_seconds=0, omit_end_card=True, duration_seconds=12, **values)
    plan = timeline(len(phases), options, phases)
    return [float(shot.seconds) for shot in plan.shots]


def test_an_eased_pace_is_slow_at_both_ends_and_symmetric():
    seconds = seconds_of([""] * 24, pace=Pace.EASED)
    assert seconds == pytest.approx(seconds[::-1])
    assert seconds[:12] == sorted(seconds[:12], reverse=True)
    assert seconds[0] > 3 * seconds[12]
    assert seconds[12] == pytest.approx(12 / 24 / 1.5, rel=0.01)


def test_each_phase_takes_the_same_time():
    phases = ["sketch"] * 2 + ["line"] * 10 + ["sketch"] + ["shading"] * 3
    seconds = seconds_of(phases, pace=Pace.PHASES)
    for phase in set(phases):
        assert sum(time for time, own in zip(seconds, phases, strict=True) if own == phase) == pytest.approx(4)


def test_the_phase_is_the_first_word_of_a_label_and_blank_and_painting_have_none():
    def read():
        raise AssertionError

    painting = process().painting
    labels = ["blank canvas", "sketch, hair, rough", "line, hair, line", "line, face, line", "the painting"]
    stills = [Still(1000 - 250 * number, read, label) for number, label in enumerate(labels)]
    assert ProcessSource(painting, PROVENANCE, stills).phases == ["sketch", "sketch", "line", "line", "line"]
    bare = [Still(still.operation_step, read) for still in stills]
    assert len(set(ProcessSource(painting, PROVENANCE, bare).phases)) == 3


def test_orders():
    assert frames() == [0, 1, 2, 3]
    assert frames(reverse=True) == [3, 2, 1, 0]
    assert frames(ping_pong=True) == [0, 1, 2, 3, 2, 1, 0]
    assert frames(ping_pong=True, reverse=True) == [3, 2, 1, 0, 1, 2, 3]
    assert frames(result_first_seconds=1) == [3, 0, 1, 2, 3]


def test_operations_take_the_same_time_and_faces_more():
    labels = ["blank canvas", "flats, hair 1", "flats, hair 2", "flats, eyes", "flats, cloth 10", "the painting"]
    source = process(6)
    stills = [replace(still, label=label) for still, label in zip(source.frames, labels, strict=True)]
    operations = replace(source, frames=stills).operations
    assert operations[1:5] == ["flats, hair", "flats, hair", "flats, eyes", "flats, cloth"]
    given: dict[str, Any] = {"duration_seconds": 12, "hold_last_seconds": 0, "omit_end_card": True}
    even, faces = (
        [float(shot.seconds) for shot in timeline(6, ExportOptions(pace=pace, **given), (), operations).shots]
        for pace in (Pace.OPERATIONS, Pace.FACES)
    )
    assert sum(even[:3]) == pytest.approx(even[3]) == pytest.approx(sum(even[4:]))
    assert faces[3] == pytest.approx(3 * faces[1])
    assert sum(even) == pytest.approx(12) == pytest.approx(sum(faces))
    unnamed = timeline(5, ExportOptions(pace=Pace.FACES, **given), (), [""] * 5).shots
    assert len({round(float(shot.seconds), 6) for shot in unnamed}) == 1


@pytest.mark.parametrize(("order", "place"), [({}, 3), ({"reverse": True}, 0), ({"ping_pong": True}, 3)])
def test_the_hold_is_the_paintings(order, place):
    shots = timeline(4, ExportOptions(frames_per_second=4, hold_last_seconds=2, **order)).shots
    assert [shot.seconds for shot in shots] == [
        Fraction(9, 4) if position == place else Fraction(1, 4) for position in range(len(shots))
    ]


@pytest.mark.parametrize(
    ("values", "process", "hold", "card"),
    [
        ({"duration_seconds": 15}, 11.5, 2, 1.5),
        ({"duration_seconds": 15, "omit_end_card": True}, 13, 2, 0),
        ({"duration_seconds": 15, "format": "gif"}, 13, 2, 0),
        ({"duration_seconds": 3.5}, 1.75, 1, 0.75),
        ({"frames_per_second": 10}, 2, 2, 1.5),
    ],
)
def test_hold_and_card_are_a_part_of_the_target_length(values, process, hold, card):
    plan = timeline(20, ExportOptions(**values))
    assert [float(shot.seconds) for shot in plan.shots] == pytest.approx([process / 20] * 19 + [process / 20 + hold])
    assert float(sum(seconds for _, seconds in plan.endings)) == card


def test_chosen_states_hold_both_ends():
    chosen = list(chosen_states(106, 16))
    assert (chosen[0], chosen[-1], len(set(chosen))) == (0, 105, 16)
    assert list(chosen_states(5, 16)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"frames_per_second": 121}, "frames_per_second"),
        ({"frames_per_second": float("nan")}, "frames_per_second"),
        ({"duration_seconds": -1}, "duration_seconds"),
        ({"hold_last_seconds": 61}, "hold_last_seconds"),
        ({"max_side": 8}, "max_side"),
        ({"aspect": "3:2"}, "aspect"),
        ({"frames_per_second": 12, "duration_seconds": 15}, "frames_per_second"),
    ],
)
def test_options_out_of_range_are_refused_with_their_field(values, field):
    with pytest.raises(InvalidRequestError) as caught:
        ExportOptions(**values)
    assert caught.value.field == field


def test_the_file_name_decides_the_format(tmp_path):
    names = {"a.mp4": "mp4", "a.WEBM": "webm", "a.apng": "apng", "a.zip": "png-sequence", "frames": "png-sequence"}
    assert {name: str(format_of(tmp_path / name)) for name in names} == names
    assert format_of(tmp_path / "sheet.png") is ExportFormat.CONTACT_SHEET
    assert format_of(tmp_path) is ExportFormat.PNG_SEQUENCE
    with pytest.raises(ExportError, match="unknown ending"):
        format_of(tmp_path / "a.avi")


def test_aspects_have_ratios():
    assert [aspect.ratio for aspect in Aspect] == [None, 1.0, 0.8, 9 / 16, 16 / 9]
