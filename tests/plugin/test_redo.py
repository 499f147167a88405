"""Going on another way: where a process can be left, what its candidates are asked for, and what is kept of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import redo, translate
from krita_plugin.undo_painting.core.jobs import Job, StoredFrame
from krita_plugin.undo_painting.core.lines import in_lines
from krita_plugin.undo_painting.core.mapping import PaintingSource, Placement, Rect
from krita_plugin.undo_painting.core.parameters import STEPS, STOP_AFTER, Branch, Parameters, from_json
from krita_plugin.undo_painting.core.redo import Candidate, Redo
from krita_plugin.undo_painting.net import convert
from paints_undo_daemon.convert import request_from_proto
from paints_undo_engine.descriptions import ENGINES

HASH, MASK = "0" * 64, "1" * 64
SOURCE = PaintingSource("picture", Rect(0, 0, 10, 10), 10, 10)


def picture(step: float) -> StoredFrame:
    return StoredFrame(1, step, "state", 10, 10, Placement(0, 0, 10, 10))


def job(parameters: Parameters) -> Job:
    return Job("r", "d", "t", "procedural", parameters, SOURCE)


@pytest.mark.parametrize(("moment", "step"), [(1000.0, None), (999.6, None), (999.4, 999), (0.6, 1), (0.4, None)])
def test_a_process_is_left_between_its_ends(moment: float, step: int | None) -> None:
    assert redo.step_of(picture(moment)) == step


@given(st.integers(1, 999), st.integers(1, redo.MOST), st.sampled_from(["", MASK]))
def test_every_candidate_is_one_that_the_engine_takes(step: int, number: int, mask: str) -> None:
    wanted = redo.parameters_of(job(Parameters()), Branch(step, number, mask))
    assert wanted.engine == "procedural", "the way on is the same engine's, whatever is recommended now"
    message = convert.process_parameters(redo.shown_by(wanted, step, HASH), wanted.engine)
    assert list(message.keyframes.operation_steps) == [step]
    assert [(each.operation_step, each.picture_hash) for each in message.keyframes.own] == [(step, HASH)]
    assert request_from_proto(message).procedural.branches == ((step, number, mask),)
    assert wanted.pictures == ({mask} if mask else set()), "what must be sent for it"


def test_a_branch_of_a_branch_keeps_the_first_one() -> None:
    once = redo.parameters_of(job(Parameters("procedural").set({STEPS: (300, 700)})), Branch(500, 2, MASK))
    twice = redo.parameters_of(job(once), Branch(200, 1))
    assert twice.branches == (Branch(500, 2, MASK), Branch(200, 1))
    assert twice.operation_steps == (300, 700)
    assert twice.chosen(STOP_AFTER) is None
    with pytest.raises(ValueError, match="16"):
        redo.parameters_of(job(Parameters(branches=(Branch(9, 1),) * 16)), Branch(5, 1))


def test_more_candidates_are_made_beside_those_that_are_there() -> None:
    choice = Redo("r", 500, "state", (Candidate(1, "a"), Candidate(3, "c")))
    assert choice.missing(4) == [2, 4]
    assert choice.missing(99) == [2, 4, 5, 6, 7, 8]
    assert choice.without(Candidate(3, "c")).missing(2) == [2]


def test_branches_are_kept_with_the_parameters() -> None:
    wanted = Parameters("procedural", branches=(Branch(500, 2, MASK), Branch(200, 8)))
    assert from_json(json.loads(json.dumps(wanted.as_json()))) == wanted
    assert "branches" not in Parameters().as_json()


@pytest.mark.parametrize(
    "damaged", [[[0, 1]], [[1000, 1]], [[5, 0]], [[5, 9]], [["x", 1]], [5], "x", [[5]], [[5, 1, MASK, 2]]]
)
def test_a_damaged_branch_is_left_out(damaged: object) -> None:
    assert from_json({"branches": damaged}).branches == ()


def test_the_selection_bounds_what_may_change() -> None:
    here, there = Rect(10, 20, 200, 100), Rect(0, 0, 50, 40)
    everywhere, within = Redo("r", 500, "state"), Redo("r", 500, "state", area=here)
    assert redo.extent(everywhere, None) is None, "there is nothing to choose"
    offered = redo.extent(everywhere, here)
    assert offered is not None
    assert (offered.text, offered.selection) == ("Whole picture", True)
    for selected, takes in ((here, False), (None, False), (there, True)):
        shown = redo.extent(within, selected)
        assert shown is not None
        assert (shown.text, shown.selection) == ("⬚ 200 × 100", takes)


def test_a_candidate_is_called_as_its_engine_calls_it() -> None:
    assert redo.title(2, ("complementary palette", "dusk")) == "Dusk"
    assert redo.title(1, ("something new",)) == "something new"
    assert redo.title(3, ("complementary palette", "dusk")) == "3"


@pytest.mark.parametrize("code", translate.languages())
def test_the_name_of_a_candidate_fits_under_its_picture(code: str) -> None:
    """In two lines of the width of a picture in a docker of 250 pixels."""
    translate.choose(code)
    titles = [redo.title(number, ENGINES[0].candidates) for number in range(1, redo.MOST + 1)]
    translate.choose("en")
    lines = [in_lines(title, len, 13) for title in titles]
    assert max(len(line) for each in lines for line in each) <= 13, lines
    assert "complementary palette" not in titles


def test_words_stand_in_two_lines_only_where_one_is_too_narrow() -> None:
    assert in_lines("Flat tones", len, 10) == ["Flat tones"]
    assert in_lines("Three more colors", len, 10) == ["Three more", "colors"]
    assert in_lines("Unbreakable", len, 10) == ["Unbreakable"]


def test_of_an_engine_that_joins_key_states_all_that_decides_an_end_is_asked_for() -> None:
    """The key states that branches leave from, with their seeds and those that are the artist's own."""
    base = Parameters("diffusion", keyframe_seeds=((400, 7), (600, 8)), own_keyframes=((800, HASH),))
    once = redo.parameters_of(job(base.set({STEPS: (400, 600, 800)})), Branch(800, 1))
    wanted = redo.shown_by(redo.parameters_of(job(once), Branch(600, 2)), 600, "")
    message = convert.process_parameters(wanted, "diffusion")
    assert list(message.keyframes.operation_steps) == [600, 800]
    assert [(each.operation_step, each.seed) for each in message.keyframes.seeds] == [(600, 8)]
    assert [(each.operation_step, each.picture_hash) for each in message.keyframes.own] == [(800, HASH)]


def test_a_candidate_is_shown_by_the_state_that_is_left_and_its_end() -> None:
    made = job(Parameters())
    for index, step in enumerate((1000.0, 800.0, 600.0, 0.0)):
        made.keyframes[index] = StoredFrame(index, step, str(step), 10, 10, Placement(0, 0, 10, 10))
    assert redo.pictures(made, 600) == ["600.0", "0.0"]
