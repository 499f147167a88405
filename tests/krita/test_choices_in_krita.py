"""What the artist may choose, in a real Krita: where an import goes, its size, its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import Profile, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_a_new_document_backwards_and_less_memory(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "elsewhere.py", small_picture)
    animation = found["animation"]
    assert animation["size"] == [320, 200]
    assert (animation["rate"], animation["range"]) == (8, [0, 7 + 4])
    assert len(animation["animated"]) == 1
    assert animation["frames"] == 8
    assert animation["bytes_off"] == 0
    assert "31 MB" in found["cost"]
    assert "at most 8 MB" in found["asked"]
    assert found["offers"] == ["One frame in 4", "All at 50 %, in a new document"]
    assert found["smaller"] == {"size": [160, 100], "layers": 106, "box": [0, 0, 160, 100]}
    assert found["fewer"] == 27, "every fourth of 106 fits below the limit"
    group = earlier = "Undo Painting: small"
    note = "Layers imported: 3. One undo takes them back."
    gone = [False, 3, 2]
    placed = found["placed"]
    assert placed["above the active"] == [["Background", group, "mine", earlier], ["sketch", "ink"], note, gone]
    assert placed["above"] == [["Background", "mine", earlier], ["sketch", group, "ink"], note, gone]
    assert placed["inside"] == [["Background", "mine", earlier], ["sketch", "ink", group], note, gone]
    assert placed["gone"] == [["Background", "mine", earlier, group], ["sketch", "ink"], note, gone]
    assert found["from here"] == {"inside": 2, "keys": [0, 40, 41, 42], "rate": 24, "range": [0, 100], "time": 42}
    assert "ERROR" not in profile.log()


def test_a_layer_is_chosen_by_a_click_and_the_time_by_the_timeline(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "placing.py", small_picture)
    group = "Undo Painting: small"
    assert found["above sketch"] == [["Background", ["mine", "sketch", group, "ink"], "top"], "sketch"]
    assert found["inside sketch"] == found["above sketch"], "what is no group takes nothing in"
    assert found["inside mine"] == [["Background", ["mine", "sketch", "ink", group], "top"], "mine"]
    assert found["above mine"] == [["Background", ["mine", "sketch", "ink"], group, "top"], "mine"]
    assert found["top ink"] == [["Background", ["mine", "sketch", "ink"], "top", group], "ink"]
    assert found["from here"] == {
        "layers": ["Background", ["mine", "sketch", "ink", group], "top"],
        "keys": [0, 37, 38, 39],
        "range": [0, 87],
        "as before": [True, False],
    }
    assert "ERROR" not in profile.log()


def test_visible_layers(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "visible.py", small_picture)
    assert found["rect"] == [60, 50, 160, 140]
    assert found["box"] == [60, 50, 160, 140]
    assert found["worst"] == 0
    assert "ERROR" not in profile.log()


def test_several_documents_and_their_histories(profile: Profile, large_picture: Path) -> None:
    found = run(profile, "several.py", large_picture)
    assert found["blank"] == [True, [], True, True], "what is blank is told, and no job is begun"
    assert found["no longer blank"] == [True, ""]
    assert found["both"] == [True, True]
    assert found["states"] == ["finished", "finished"]
    assert found["sizes"] == [[1000, 1000], [160, 128]]
    assert found["shown"] == [106, 106]
    assert found["tops"] == [2, 1], "the import goes into the first document alone"
    assert found["repeated"] == ["finished", 46, [300, 600]]
    assert found["listed"] == 2
    assert found["back"]
    assert found["held"] == [True, True], "the pictures of the shown result alone are held"
    assert found["again"] == 106
    assert found["left"] == [True]
    assert found["listed_after"] == 1
    assert found["kept"] == [True, False]
    assert found["other"] == 1
    assert found["at_the_daemon"] == "NOT_FOUND"
    assert "ERROR" not in profile.log()
