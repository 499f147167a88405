"""The document file with the animated layer holds every pixel where it belongs."""

import random
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krita_plugin.undo_painting.core.animation_file import TILE, AnimationFile, tiles


def read(data: bytes, width: int, height: int) -> bytes:
    """The pixels back from the tiles."""
    head = re.match(rb"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 4\nDATA (\d+)\n", data)
    assert head
    canvas = bytearray(width * height * 4)
    place = head.end()
    for _ in range(int(head[1])):
        line = re.compile(rb"(\d+),(\d+),LZF,(\d+)\n").match(data, place)
        assert line
        left, top, size = (int(group) for group in line.groups())
        tile = data[line.end() : line.end() + size]
        assert tile[0] == 0
        assert len(tile) == 1 + TILE * TILE * 4
        for row in range(min(TILE, height - top)):
            count = min(TILE, width - left) * 4
            start = ((top + row) * width + left) * 4
            canvas[start : start + count] = tile[1 + row * TILE * 4 :][:count]
        place = line.end() + size
    assert place == len(data)
    return bytes(canvas)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 150), st.integers(1, 150), st.integers(0, 2**32))
def test_pixels_survive(width: int, height: int, seed: int) -> None:
    pixels = random.Random(seed).randbytes(width * height * 4)
    assert read(tiles(pixels, width, height), width, height) == pixels


def test_transparent_tiles_are_left_out() -> None:
    assert tiles(bytes(200 * 200 * 4), 200, 200).endswith(b"DATA 0\n")


def test_pixels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        tiles(b"123", 1, 1)


def test_the_file_names_every_keyframe(tmp_path: Path) -> None:
    path = tmp_path / "a.kra"
    with AnimationFile(path, 10, 5, "a profile", 'a "name" & more', 2) as file:
        for time in range(3):
            file.add(time, tiles(bytes([time, 0, 0, 255]) * 50, 10, 5), 4, 2)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()[0] == "mimetype"
        assert archive.read("mimetype") == b"application/x-krita"
        keys = ElementTree.fromstring(archive.read("process/layers/layer2.keyframes.xml"))
        document = ElementTree.fromstring(archive.read("maindoc.xml"))
        names = [key.get("frame") for key in keys.iter() if key.tag.endswith("keyframe")]
        assert names == ["layer2", "layer2.f1", "layer2.f2"]
        assert all(f"process/layers/{name}" in archive.namelist() for name in names)
        offsets = [(item.get("x"), item.get("y")) for item in keys.iter() if item.tag.endswith("offset")]
        assert offsets == [("4", "2")] * 3
    layer = next(item for item in document.iter() if item.tag.endswith("layer"))
    assert layer.get("name") == 'a "name" & more'


def test_a_later_start_leaves_the_time_before_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.kra"
    with AnimationFile(path, 2, 2, "p", "n", 1) as file:
        file.add(7, tiles(bytes(16), 2, 2), 0, 0)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("process/layers/layer2.keyframes.xml").decode()
    assert re.findall(r'time="(\d+)"', text) == ["0", "7"]
