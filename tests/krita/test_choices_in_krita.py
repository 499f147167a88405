"""What the artist may choose, in a real Krita: where an import goes, its size, its source."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from krita_harness import Profile, run
from PIL import Image

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
    assert "of the size" in found["asked"]
    assert found["offers"] == [True, True]
    assert found["smaller"] == {"size": [160, 100], "layers": 106, "box": [0, 0, 160, 100]}
    assert found["fewer"] == 27, "every fourth of 106 fits below the limit"
    assert "ERROR" not in profile.log()


def test_visible_layers(profile: Profile, small_picture: Path) -> None:
    found = run(profile, "visible.py", small_picture)
    assert found["rect"] == [60, 50, 160, 140]
    assert found["box"] == [60, 50, 160, 140]
    assert found["worst"] == 0
    assert "ERROR" not in profile.log()


def test_several_documents_and_their_histories(profile: Profile, large_picture: Path) -> None:
    found = run(profile, "several.py", large_picture)
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


def test_exports_open_elsewhere(profile: Profile, small_picture: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    found = run(profile, "exports.py", small_picture, EXPORTS=str(folder))
    names = ["first.mp4", "frames.zip", "layers.ora", "square.mp4", "there-and-back.gif"]
    assert found["left"] == names, "nothing half made is left"
    for name in names:
        assert found[name] == [f"Exported: {folder / name}", False]
    square = _probe(folder / "square.mp4")
    assert square["width"] == square["height"] == 200
    assert 14.5 <= float(square["duration"]) <= 15.5
    first = _probe(folder / "first.mp4")
    assert (first["width"], first["height"]) == (320, 200)
    assert 105 / 25 + 1.4 <= float(first["duration"]) <= 106 / 25 + 1.7
    with Image.open(folder / "there-and-back.gif") as gif:
        assert gif.size == (320, 200)
        count = gif.n_frames
        pictures = []
        for place in (10, count - 11):
            gif.seek(place)
            pictures.append(gif.convert("RGB").tobytes())
    assert count == 2 * 106 - 1
    assert pictures[0] == pictures[1], "the way back shows the same pictures"
    with zipfile.ZipFile(folder / "layers.ora") as archive:
        assert archive.read("mimetype") == b"image/openraster"
        assert sum(name.startswith("data/") for name in archive.namelist()) == 106
    with zipfile.ZipFile(folder / "frames.zip") as archive:
        assert archive.testzip() is None
        assert len([name for name in archive.namelist() if name.endswith(".png")]) >= 106


def _probe(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    streams = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    found: dict[str, Any] = streams[0]
    return found
