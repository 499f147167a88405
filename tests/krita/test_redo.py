"""Redo from here, in a real Krita with the embedded engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import Profile, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_redo_from_here(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "redo.py", small_picture)
    assert found["buttons"] == ["Redo from here", "Variants"], "what the engine cannot do is not shown"
    sentence = "Go to a moment between the first stroke and the finished painting."
    assert found["at the end"] == [sentence, True, True]
    assert found["open"] == [True, 4, [True] * 4], "candidates do not stand in the history"
    assert found["different"] == 5, "each end differs from the others and from the painting"
    assert found["whole size"] == [[320, 200]] * 4
    assert found["leaves"]
    assert found["plays"]
    assert found["fewer"] == [2, 2]
    assert found["cancelled"], "nothing is left of a choice that was not made"
    assert found["remembered"] == 3
    branch = found["branch"]
    assert branch["state"] == "finished"
    assert [candidate for _, candidate, _ in branch["branches"]] == [2]
    assert branch["base"]
    assert branch["same before"]
    assert branch["other after"]
    assert branch["ends as shown"]
    assert branch["history"] == 2
    assert branch["buttons"] == ["Redo from here", "Variants", "New document"]
    assert branch["kept settings"] is None, "the next process is not a branch"
    assert found["layers"] == ["Layers imported: 16. One undo takes them back.", True]
    assert found["undone"] == ["Background"]
    assert found["animation"] == "Frames on the timeline: 106. One undo takes them back."
    assert found["16 bit"] == ["U16", True], "the branch ends in its own picture, not in the document's"
    assert found["elsewhere"] == ["Layers in a new document: 16.", 1]
    assert found["areas"] == [["⬚ 120 × 100", True], ["Whole picture", False], ["⬚ 120 × 100", True]]
    assert found["twice"] == ["finished", 2, 106]
    assert found["only within"] == [True, True], "outside of the selection the process goes on as before"
    assert "ERROR" not in profile.log()
