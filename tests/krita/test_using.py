"""What an artist does at the docker beside making and importing, in a real Krita."""

from __future__ import annotations

from pathlib import Path

import pytest
from krita_harness import Profile, run

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_select_copy_compare_apply_and_crop(profile: Profile, small_picture: Path, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    found = run(profile, "using.py", small_picture, EXPORTS=str(exports))
    assert found["chip"] == [None, "⬚ 100 × 80", "Whole picture", "⬚ 100 × 80", None]
    picture = "Copy this picture"
    assert found["copied"] == [picture, picture, "Copy the file process.gif"]
    assert found["picture"] == [320, 200]
    assert found["file"]
    assert found["dragged"] == [True, False, True], "the frame, and the file once there is one"
    assert found["compared"] == [True, True]
    assert found["beside"] == [True, True]
    assert found["together"] == [True, True], "both follow one slider"
    assert found["closed"]
    assert found["not deleted"] == ["It could not be deleted", 2], "a deletion that fails is told, and nothing is lost"
    assert found["applied"] == ["Layers imported: 16. One undo takes them back.", 16]
    assert found["cropped"] == [
        "The picture was 320 × 200 and is 160 × 200 now. Where shall the frames go?",
        ["Into a new document"],
        1,
    ]
    assert found["elsewhere"] == ["Layers in a new document: 16.", 1]
    assert found["its size"] == [320, 200]
    assert "ERROR" not in profile.log()
