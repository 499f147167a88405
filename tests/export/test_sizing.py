"""The size of exported frames: restored to the painting's by default."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from paints_undo_engine import png
from paints_undo_engine.export import ExportFormat, ExportOptions, FrameSize, export
from paints_undo_engine.export.source import ProcessSource, Still
from paints_undo_engine.painting import Painting, resize
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
    assert png.decode((tmp_path / "out" / "0001.png").read_bytes()).shape[:2] == (size[1], size[0])


def test_lines_are_sharp_where_they_are_drawn_and_absent_where_not(tmp_path: Path) -> None:
    source = process()
    for _ in export(source, tmp_path / "out", ExportOptions(format=ExportFormat.PNG_SEQUENCE)):
        pass
    made = png.decode((tmp_path / "out" / "0001.png").read_bytes()).astype(int)
    drawn, empty = np.s_[:50, 20:], np.s_[70:, :60]
    plain = resize(source.frames[1].read().pixels, 150, 120).astype(int)
    truth = source.painting.pixels.astype(int)
    assert np.abs(made[drawn] - truth[drawn]).mean() < 0.6 * np.abs(plain[drawn] - truth[drawn]).mean()
    assert np.abs(made[empty] - 255).mean() < 1
