"""The size of exported frames: restored to the painting's by default."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from export.sources import deep_process

from paints_undo_engine.export import Aspect, ExportFormat, ExportOptions, FrameSize, LayerContent, export
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting, decode, resize
from paints_undo_engine.picture import Picture
from paints_undo_engine.provenance import Provenance


def process() -> ProcessSource:
    """Three small frames of a striped painting of 150 x 120; the second is painted but for one corner."""
    picture = np.full((120, 150, 3), 230, np.uint8)
    for x in range(0, 150, 10):
        cv2.line(picture, (x, 0), (x + 30, 120), (30, 60, 120), 1, cv2.LINE_AA)
    painting = Painting(picture)
    state = picture.copy()
    state[60:, :75] = 255

    def small(pixels: np.ndarray) -> Still:
        made = Picture(resize(pixels, 50, 40), painting.placement)
        return Still(0.0 if pixels is picture else 100.0, lambda: made)

    frames = [small(np.full_like(picture, 255)), small(state), Still(0.0, painting.picture)]
    return ProcessSource(painting, Provenance("procedural", 1, "1"), frames)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (150, 120)),
        ({"size": FrameSize.MODEL}, (50, 40)),
        ({"max_side": 100}, (100, 80)),
        ({"max_side": 300}, (300, 240)),
    ],
)
def test_frames_have_the_size_that_is_asked_for(tmp_path: Path, options: dict, size: tuple[int, int]) -> None:
    for _ in export(process(), tmp_path / "out", ExportOptions(format=ExportFormat.PNG_SEQUENCE, **options)):
        pass
    timing = json.loads((tmp_path / "out" / "timing.json").read_text())
    assert (timing["width"], timing["height"]) == size
    assert decode(tmp_path / "out" / "0001.png").pixels.shape[:2] == (size[1], size[0])


def test_lines_are_sharp_where_they_are_drawn_and_absent_where_not(tmp_path: Path) -> None:
    source = process()
    for _ in export(source, tmp_path / "out", ExportOptions(format=ExportFormat.PNG_SEQUENCE)):
        pass
    made = decode(tmp_path / "out" / "0001.png").pixels.astype(int)
    drawn, empty = np.s_[:50, 20:], np.s_[70:, :60]
    plain = resize(source.frames[1].read().pixels, 150, 120).astype(int)
    truth = source.painting.pixels.astype(int)
    assert np.abs(made[drawn] - truth[drawn]).mean() < 0.6 * np.abs(plain[drawn] - truth[drawn]).mean()
    assert np.abs(made[empty] - 255).mean() < 1


def sequence(source: ProcessSource, folder: Path, **options: object) -> list[np.ndarray]:
    for _ in export(source, folder, ExportOptions(format=ExportFormat.PNG_SEQUENCE, **options)):  # type: ignore[arg-type]
        pass
    return [decode(path).pixels for path in sorted(folder.glob("0*.png"))]


@pytest.mark.parametrize("channels", [3, 4])
def test_a_sequence_of_a_16_bit_painting_keeps_its_depth_and_alpha(tmp_path: Path, channels: int) -> None:
    source = deep_process(channels)
    restored, half, whole = sequence(source, tmp_path / "out")
    assert restored.dtype == half.dtype == whole.dtype == np.uint16
    assert np.array_equal(whole, source.painting.pixels)
    assert np.array_equal(half[:60], source.painting.pixels[:60])
    assert (half[60:] == 65_535).all()
    assert restored.shape == whole.shape
    assert np.abs(restored[5:-5, 5:-40].astype(int) - whole[5:-5, 5:-40]).max() < 300


def test_the_engines_own_size_and_a_shorter_side_have_8_and_16_bits(tmp_path: Path) -> None:
    source = deep_process(3)
    assert {made.dtype for made in sequence(source, tmp_path / "own", size=FrameSize.MODEL)} == {np.dtype(np.uint8)}
    shorter = sequence(source, tmp_path / "shorter", max_side=80, aspect=Aspect.SQUARE)
    assert {(made.dtype, made.shape) for made in shorter} == {(np.dtype(np.uint16), (80, 80, 3))}
    wanted = resize(source.painting.pixels, 80, 60)
    assert np.array_equal(shorter[-1][10:70], wanted)


def test_the_states_of_an_openraster_file_keep_the_depth(tmp_path: Path) -> None:
    source = deep_process(4)
    path = tmp_path / "layers.ora"
    for _ in export(source, path, ExportOptions(format=ExportFormat.ORA, layer_content=LayerContent.FRAMES)):
        pass
    with zipfile.ZipFile(path) as archive:
        last = decode(archive.read("data/layer002.png")).pixels
        assert decode(archive.read("mergedimage.png")).pixels.dtype == np.uint8
    assert np.array_equal(last, source.painting.pixels)
