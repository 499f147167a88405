"""What becomes of the artist's documents, and of hasty clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import Profile, run

pytestmark = pytest.mark.krita


def test_an_import_goes_into_the_copy_in_front(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "copies.py", small_picture)
    assert found["same root"], "Krita's copy keeps the ids of the nodes, which so tell no documents apart"
    assert found["after the job"] == ["finished", False, True], (
        "the result is kept in a document that counts as unchanged"
    )
    assert found["tops"] == [1, 2]
    assert found["originals"] == [False, 1]
    assert found["back"]


def test_a_quick_cancel_and_a_double_click(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "hasty.py", small_picture)
    assert found["cancelled"] == [["cancelled", "Undo Painting", False]] * 7
    assert found["after a double click"] == ["finished", 1]
    assert found["listed"] <= 8


def test_the_process_on_the_canvas_touches_nothing(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "canvas.py", small_picture)
    for zoom, lightness, width, colours in found["seen"]:
        assert lightness < 220, "an early frame is a toned ground, the document's middle is nearly white"
        assert width == round(320 * zoom)
        assert colours == ["#fafaf0"] * 2, "where it lies, Krita itself shows the same place of the document"
    assert found["on"] == [True, True]
    assert found["turned"], "over a turned canvas nothing is shown"
    assert found["same"]
    assert found["modified"][1], "undo knows nothing of it"
    assert "undo_painting_docker" in found["dockers"], "the docker's first place is beside the layers"


def test_a_split_keeps_groups_blending_and_clipping(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "clipping.py", small_picture)
    assert found["left"] == [128, 0, 0, 255], "the shade darkens the flat, and nothing beside it"
    assert found["right"] == [255, 128, 128, 255], "the light brightens the other flat alone"
    paper, figure, other, hidden = found["tree"]
    assert [each[0] for each in (paper, figure, other, hidden)] == ["paper", "figure", "other flat", "hidden"]
    assert figure[3] == [["flat", "normal", False, []], ["shade", "multiply", True, []]]
    assert other[3] == [["other flat", "normal", False, []], ["light", "screen", True, []]]


def test_a_large_canvas_is_read_in_slices_as_it_was_at_one_moment(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "large_canvas.py", small_picture)
    assert found["pieces"] == 6, "a click never reads more than a million pixels at once"
    assert found["quiet"] == [[10], 2 * 6 - 2, True]
    assert found["painted meanwhile"] == [[40], True], "what was painted meanwhile is in the whole picture"
    assert found["painted for ever"] == [1]
    assert found["at once"] == ["preparing", True], "the click starts one job, before the canvas is read"
    assert found["cancelled"] == ["cancelled", ""]
    assert found["blank"] == [True, 1, True], "what turns out blank was never a job, and what was shown is shown"
    assert found["described"] == ["finished", True]
    assert found["selected"] == [5, [0, 255, 255, 0, 0], 2000, 3000], "as it was selected at the click"
    assert found["resized"] == "The picture was given another size while it was read. Start once more."
    assert "ERROR" not in profile.log()
