"""The zip, imported as an artist does into an empty profile, sets everything up without a terminal, works, is repaired
and taken away again.

Needs the package index: *Set up* installs the locked packages for real.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from file_server import FileServer
from krita_harness import enable, import_archive, run, warm_profile

from krita_plugin.packer import build

pytestmark = [pytest.mark.krita, pytest.mark.slow]


def test_set_up_from_an_empty_profile(tmp_path: Path, small_picture: Path) -> None:
    archive = build(tmp_path / "dist")
    profile = warm_profile(tmp_path / "profile")
    import_archive(archive, profile)
    assert (profile.krita / "pykrita" / "undo_painting.desktop").is_file()
    assert (profile.krita / "actions" / "undo_painting.action").is_file()
    enable(profile.settings, "undo_painting")
    profile.environment["PATH"] = "/usr/bin:/bin"
    try:
        with FileServer(b"another file") as server:
            profile.environment |= {"PAINTS_UNDO_FIGURES_URL": server.url, "HF_HUB_OFFLINE": "0"}
            found = run(profile, "set_up.py", small_picture, seconds=1200, screen="1280x800")
    finally:
        profile.stop_daemon()
    assert found["before"][1] == "Set up"
    assert found["steps"][-1].startswith("Set up. Press the big button. Fetching a small model failed: ")
    assert server.asked[0] == "/mirror/selfie_segmentation.tflite"
    assert found["to a played result"] == ["Set up", "Undo Painting"], "two clicks after the restart"
    usual = ["Redo from here", "Variants", "Layers", "Animation", "Video …", "Undo Painting"]
    assert found["in sight"] == usual, "in Krita's own layout on a small screen"
    assert found["large"] == [True, True], "the window fits on the screen, and plays"
    assert found["to a video"] == [["Video …", "Save …", "Save"], [".mp4"]], "three more"
    assert found["program"] == [str(profile.home / "environment" / "bin" / "paints-undo")]
    assert (found["state"], found["frames"]) == ("finished", 106)
    assert found["offered"] == ["Repair", True, "Add the Paints-Undo models"]
    assert "GB of models" in found["sizes"]
    assert "free on the disk" in found["sizes"]
    assert found["cancelled"] == ["Cancelled. Press the button again to go on.", False, True, True]
    assert found["repaired"] == [False, True]
    assert "environment" not in found["left"]
    assert "installer" not in found["left"]
    assert {"krita", "store"} <= set(found["left"])
    assert found["after"][1] == "Set up"
    assert str(profile.home) in found["after"][2]
