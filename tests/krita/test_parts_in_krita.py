"""Parts of a process in a real Krita: which frames an import takes, the strip of keyframes, imports that fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import Profile, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_keyframes_every_nth_and_a_range(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "parts.py", small_picture)
    for name, count, last in (
        ("states", 16, "105 · Finished painting"),
        ("keyframes", 8, "7 · Finished painting"),
        ("nth", 6, "105 · Finished painting"),
        ("range", 10, ""),
    ):
        taken = found[name]
        assert len(taken["names"]) == count
        assert taken["visible"] == [taken["names"][-1]]
        assert all(" % · " in each for each in taken["names"][: -1 if last else None])
        assert not last or taken["names"][-1] == last
        assert taken["equal"], f"{name}: every layer has its picture"
        assert taken["undone"] == ["Background"]
    assert [each.split(" ")[0] for each in found["nth"]["names"]] == ["005", "025", "045", "065", "085", "105"]
    assert [each.split(" ")[0] for each in found["range"]["names"]] == [f"{index:03d}" for index in range(30, 40)]
    timeline = found["timeline"]
    assert (timeline["range"], timeline["rate"]) == ([0, 9 + 15], 10)
    assert timeline["off"] == 0, "backwards, and the last one stays"
    assert len(timeline["animated"]) == 1
    assert timeline["undone"] == ["Background"]
    assert found["failed layers"] == ["Half way. The document is as it was.", True, 0, True]
    assert found["failed animation"] == ["Krita could not read the frames. The document is as it was.", True, 0, True]
    letters = [text[text.index("&") + 1].lower() for text in found["buttons"]]
    assert len({*letters, *found["menus"]}) == len(letters) + len(set(found["menus"])), "no letter twice"
    assert found["by_keyboard"] == 10
    assert "ERROR" not in profile.log()


def test_the_strip_of_keyframes(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "strip.py", small_picture)
    steps = found["first"]["steps"]
    more = sorted({*steps, found["step"]})
    moved = sorted({*steps, found["step"] - 7})
    fewer = [step for step in moved if step != steps[1]]
    for name, expected, unchanged in (
        ("added", more, [0, *steps, 1000]),
        ("moved", moved, [0, *steps, 1000]),
        ("removed", fewer, [0, *(step for step in steps if step != steps[1]), 1000]),
    ):
        assert found[name]["steps"] == expected
        assert found[name]["equal"] == unchanged
        assert found[name]["base"], "the new job builds on the one before"
        assert found[name]["frames"] == [15 * (len(expected) + 1) + 1] * 2
    assert found["kept"] == [0, *fewer, 1000]
    assert not found["painted on"]["base"], "another painting is a new beginning"
    assert 0 not in found["painted on"]["equal"]
    assert "ERROR" not in profile.log()


def test_no_stroke_is_lost(profile: Profile, large_picture: Path) -> None:
    found = run(profile, "strokes.py", large_picture)
    waiting = ["Waiting for your stroke to end … 106/106", 0]
    assert found["while it runs"][0] == "running"
    assert found["prepared busy"], "the second stroke begins while the layers are being prepared"
    assert found["layers waits"] == found["animation waits"] == waiting
    states = [found["start"], found["while it runs"][1:], found["prepared"], found["layers"], found["animation"]]
    groups = [layers.count("Undo Painting") for _, layers, _ in states]
    assert groups == [0, 0, 1, 2, 3], (states, profile.log()[-2000:])
    assert [len(strokes) for strokes, _, _ in states] == [0, 1, 2, 3, 4], (states, profile.log()[-2000:])
    widths = [width for strokes, _, _ in states for width in strokes]
    assert max(widths) - min(widths) < 0.05 * max(widths), "every stroke has its whole length"
    assert [active for _, _, active in states] == ["mine"] * 5, "the artist's layer stays active"
    assert [step for step in found["undo"] if step != [4, 3]] == [[4, 2], [3, 2], [3, 1], [2, 1], [2, 0], [1, 0]]
    assert [step for step in found["redo"] if step != [1, 0]] == [[2, 0], [2, 1], [3, 1], [3, 2], [4, 2], [4, 3]]
    sentence = "Krita is still at work on this picture. Let it finish, then try again."
    assert found["a stroke without an end"] == [sentence, True]
    assert "ERROR" not in profile.log()
