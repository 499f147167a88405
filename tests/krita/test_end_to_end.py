"""The plugin in a real Krita under Xvfb, against the real daemon, which the plugin starts itself."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from krita_harness import Profile, Served, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_menu_progress_layers_and_one_undo_step(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "layers.py", small_picture)
    assert found["state"] == "finished"
    assert found["frames"] == 106
    assert any("Painting" in text for text in found["progress"])
    assert found["cost told"] == [[False], True], "it is worked out when the job has ended"
    assert found["untouched"] == ["Background", "the artist's own"]
    assert len(found["names"]) == 106
    assert found["names"][0].startswith("000 · ")
    assert found["names"][-1] == "105 · Finished painting"
    assert found["visible"] == ["105 · Finished painting"]
    assert len(found["groups"]) >= 3, "the frames lie in groups, one for each phase"
    assert all(label for _, label in found["groups"])
    assert found["same"]
    assert found["last_is_painting"]
    assert found["first_opaque"]
    assert 0.3 < found["first_white"] < 1, "paper with the first strokes of the toned ground"
    assert found["active"][0] == found["active"][1], "the artist goes on painting on the same layer"
    assert found["after_undo"] == ["Background", "the artist's own"]
    assert found["after_redo"] == 106
    assert found["after_undo_twice"] == ["Background"]
    assert "ERROR" not in profile.log()


def test_the_active_layer_stays_active(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "active.py", small_picture)
    assert found["active"] == ["own", "own"]
    assert found["tops"] == ["Background", "own", "group"]


def test_animation_on_the_timeline(profile: Profile, small_picture: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.kra"
    found = run(profile, "animation.py", small_picture, SAVE_AS=str(saved))
    assert found["bytes_off"] == 0
    assert found["active"] == ["Background"] * 2
    assert found["rate"] == 12
    assert found["range"] == found["played"] == [0, 105 + 12]
    assert {12, 105 + 12} <= set(found["shown"]), "Krita's timeline shows rate and range"
    assert found["after_undo"] == ["Background"]
    assert found["stands"] == [105, 105], "one undo takes the layer, not the time first"
    assert found["after_redo"][0] == "Background"
    with zipfile.ZipFile(saved) as archive:
        name = next(item for item in archive.namelist() if item.endswith(".keyframes.xml"))
        keys = archive.read(name).decode()
        document = archive.read("maindoc.xml").decode()
        layer = name.removesuffix(".keyframes.xml")
        added = sum(each.compress_size for each in archive.infolist() if each.filename.startswith(layer))
    assert keys.count("<keyframe ") == 106
    assert 0.5 < found["told"] / added < 2, "what it adds to the file was told before"
    assert re.search(r'<framerate [^>]*value="12"', document)
    assert re.search(r'<range [^>]*to="117"', document)
    assert "ERROR" not in profile.log()


def test_layer_split_composes_to_the_original(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "split.py", small_picture)
    assert found["layers"] >= 3
    assert found["worst"] == 0


def test_cancel_half_way(profile: Profile, large_picture: Path) -> None:
    found = run(profile, "cancel.py", large_picture)
    assert (found["button"], found["button_after"]) == ("Cancel", "Undo Painting")
    assert found["state"] == "cancelled"
    assert 0 < found["frames"] < 106
    assert found["untouched"]


def test_daemon_killed_half_way(profile: Profile, large_picture: Path) -> None:
    found = run(profile, "killed.py", large_picture)
    assert found["frames_at_kill"] < 106
    assert found["pid_changed"]
    assert found["state"] == "finished"
    assert found["frames"] == list(range(106))
    assert found["connections"] >= 1, "the loss of the connection was noticed"


def test_krita_closed_half_way(profile: Profile, large_picture: Path, tmp_path: Path) -> None:
    saved = tmp_path / "kept.kra"
    left = run(profile, "begin_and_leave.py", large_picture, SAVE_AS=str(saved))
    assert left["state"] in ("queued", "running")
    assert left["frames"] < 106
    profile.stop_daemon()
    moved = saved.rename(tmp_path / "moved.kra")
    found = run(profile, "come_back.py", moved)
    assert found["opened"] == ["kept", False, "stopped", True], "opening changes nothing and starts no daemon"
    assert found["request"] == left["request"]
    assert found["state"] == "finished"
    assert found["children"] == 106
    assert found["repeated"] == ["finished", 31, 2]
    assert found["reopened"] == [[True], 1], "the deleted result is gone from the file, the repeated one is in it"
    assert found["again"] == 31


def test_wrong_token(profile: Profile, small_picture: Path, tmp_path: Path) -> None:
    with Served(tmp_path / "served", listen="127.0.0.1:0") as served:
        found = run(profile, "wrong_token.py", small_picture, ADDRESS=served.address, FINGERPRINT=served.fingerprint)
    assert found["problem"] == "token"
    assert "token" in found["words"]
    assert found["layers"] == 1


@pytest.mark.parametrize(
    ("space", "layers"),
    [
        ("RGBA|U16|sRGB-elle-V2-g10.icc", "RGBA/U16"),
        ("RGBA|U16|sRGB-elle-V2-srgbtrc.icc", "RGBA/U16"),
        ("LABA|U16|Lab identity built-in", "LABA/U16"),
        ("CMYKA|U8|Chemical proof", "CMYKA/U8"),
        ("GRAYA|U8|gray-D50-elle-V2-srgbtrc.icc", "GRAYA/U8"),
        ("RGBA|F32|sRGB-elle-V2-g10.icc", "RGBA/F32"),
    ],
)
def test_other_colour_models_keep_the_painting_exact(
    profile: Profile, small_picture: Path, space: str, layers: str
) -> None:
    found = run(profile, "colours.py", small_picture, SPACE=space)
    assert found["layers"] == 106
    assert found["spaces"] == sorted({layers, "RGBA/U8"})
    assert found["alone"] == 0
    assert found["composed"] == 0


def test_selection_lines_up(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "selection.py", small_picture)
    assert found["rect"] == [40, 30, 200, 120]
    assert found["bounds"] == [[40, 30, 200, 120]] * 2
    assert found["same"]
    assert found["animation"] == [40, 30, 200, 120]
