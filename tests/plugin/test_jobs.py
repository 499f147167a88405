"""A job follows its events: each once, none lost, whatever order progress comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core.jobs import Event, Job, JobState, Progress, StoredFrame, duration, shown_frames
from krita_plugin.undo_painting.core.mapping import PaintingSource, Placement, Rect
from krita_plugin.undo_painting.core.parameters import Parameters

SOURCE = PaintingSource("picture", Rect(0, 0, 10, 10), 10, 10)


def job(**values: object) -> Job:
    return Job("r", "d", "t", "procedural", Parameters(), SOURCE, **values)  # type: ignore[arg-type]


def picture(index: int, step: float = 0.0) -> StoredFrame:
    return StoredFrame(index, step, f"hash{index}", 10, 10, Placement(0, 0, 10, 10))


def test_a_job_from_its_first_event_to_its_last() -> None:
    made = job(units=3, frame_count=2)
    states = [made.state]
    assert made.apply(Event(1, "accepted"))
    assert [*states, made.state] == [JobState.PREPARING, JobState.QUEUED]
    made.apply(Event(2, "started"))
    made.apply(Event(3, "tags_stored", "1girl"))
    made.apply(Event(4, "unit_finished"))
    made.apply(Event(5, "frame_stored", picture=picture(0, 990.0)))
    made.advance(Progress("interpolation", 5, 10, "interval-0", 3.0))
    assert made.fraction == pytest.approx(0.5)
    assert made.words() == "Painting the frames, 3 s left"
    made.apply(Event(6, "finished"))
    assert (made.state, made.fraction, made.tags) == (JobState.FINISHED, 1.0, "1girl")
    made.advance(Progress("tags", 1, 1))
    assert made.progress is None


def test_whose_turn_it_is() -> None:
    waiting = [job(state=JobState.QUEUED, created=1.0), job(state=JobState.QUEUED, created=2.0)]
    for made, ahead in zip(waiting, (2, 1), strict=True):
        made.advance(Progress("", 0, 0, queue_position=ahead))
    working, sending = job(state=JobState.RUNNING, created=9.0), job(state=JobState.UPLOADING, created=0.0)
    listed = sorted([sending, *waiting, working], key=lambda each: each.turn)
    assert listed == [working, waiting[1], waiting[0], sending]


def test_an_event_is_taken_once_and_a_gap_is_noticed() -> None:
    made = job()
    assert made.apply(Event(1, "accepted"))
    assert not made.apply(Event(1, "failed", "no"))
    assert made.state is JobState.QUEUED
    with pytest.raises(ValueError, match="follows"):
        made.apply(Event(3, "finished"))


@given(st.lists(st.integers(1, 8), min_size=1, max_size=40))
def test_replayed_events_change_nothing(order: list[int]) -> None:
    made, taken = job(), 0
    for sequence in order:
        if sequence <= taken + 1:
            assert made.apply(Event(sequence, "warning", str(sequence))) == (sequence == taken + 1)
            taken = max(taken, sequence)
    assert made.warnings == [str(number) for number in range(1, taken + 1)]


def test_a_failure_says_why() -> None:
    made = job()
    made.apply(Event(1, "failed", "No room on the disk.", code="RESOURCE_EXHAUSTED"))
    assert made.state is JobState.FAILED
    assert made.words() == "No room on the disk."


def test_waiting_says_how_many_are_before() -> None:
    made = job()
    made.apply(Event(1, "accepted"))
    made.advance(Progress("tags", 0, 0, queue_position=2))
    assert made.words() == "Waiting; jobs before this one: 2"


def test_the_preview_is_replaced_frame_by_frame() -> None:
    main, preview = job(frame_count=5), job(frame_count=9, preview_for="r")
    for index in range(9):
        preview.frames[index] = picture(index)
    assert [owner is preview for owner, _ in shown_frames(main, preview)] == [True] * 5
    main.frames[1] = picture(1)
    assert [owner is preview for owner, _ in shown_frames(main, preview)] == [True, False, True, True, True]


def test_keyframes_are_shown_before_there_are_frames() -> None:
    main, preview = job(frame_count=5), job(frame_count=5, preview_for="r")
    assert shown_frames(main, preview) == []
    for index in range(3):
        preview.keyframes[index] = picture(index)
    assert [owner is preview for owner, _ in shown_frames(main, preview)] == [True] * 3
    main.keyframes[1] = picture(1)
    assert [owner is preview for owner, _ in shown_frames(main, preview)] == [True, False, True]
    assert shown_frames(main, None) == [(main, main.keyframes[1])]
    preview.frames[0] = picture(0)
    assert shown_frames(main, preview) == [(preview, preview.frames[0])]


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (-3, "0 s")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
