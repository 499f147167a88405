"""Working sizes: the request's, or multiples of 64 that suit the painting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.diffusion.interpolation.conditions import BUCKETS
from paints_undo_engine.diffusion.sizes import PUBLISHED, keyframe_size, published_keyframe_size, trained_buckets
from paints_undo_engine.errors import CheckpointError
from paints_undo_engine.painting import Painting, from_raw
from paints_undo_engine.request import KeyframeParameters, ProcessRequest

AUTO = ProcessRequest(engine="diffusion")


def wanted(width: int = 0, height: int = 0) -> ProcessRequest:
    return ProcessRequest(engine="diffusion", keyframes=KeyframeParameters(width=width, height=height))


def painting(width: int, height: int) -> Painting:
    return from_raw(bytes(width * height * 3), width, height, 3)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(512, 640, (640, 512)), (640, 512, (512, 640)), (500, 500, (576, 576)), (1000, 100, (256, 1024))],
)
def test_automatic_sizes(width: int, height: int, expected: tuple[int, int]) -> None:
    assert keyframe_size(painting(width, height), AUTO) == expected


def test_given_sides_are_kept() -> None:
    assert keyframe_size(painting(200, 100), wanted(width=512, height=256)) == (256, 512)
    assert keyframe_size(painting(200, 100), wanted(width=512)) == (256, 512)
    assert keyframe_size(painting(200, 100), wanted(height=320)) == (320, 640)


@given(width=st.integers(1, 400), height=st.integers(1, 400))
def test_every_painting_has_a_size(width: int, height: int) -> None:
    for side in keyframe_size(painting(width, height), AUTO):
        assert 256 <= side <= 1024
        assert side % 64 == 0


@given(width=st.integers(250, 400), height=st.integers(250, 400))
def test_ordinary_paintings_keep_the_area_and_nearly_their_aspect(width: int, height: int) -> None:
    h, w = keyframe_size(painting(width, height), AUTO)
    assert 0.8 < h * w / (512 * 640) < 1.25
    assert abs(w / h / (width / height) - 1) < 0.07


def test_what_is_published_is_kept_under_reference() -> None:
    assert keyframe_size(painting(200, 100), replace(AUTO, reference=True)) == PUBLISHED
    assert keyframe_size(painting(200, 100), replace(wanted(width=256), reference=True)) == (640, 256)
    assert keyframe_size(painting(9, 8), replace(AUTO, reference=True), (64, 96)) == (64, 96)


def test_sizes_come_from_the_checkpoints(tmp_path: Path) -> None:
    single, multi = tmp_path / "single", tmp_path / "multi"
    assert (published_keyframe_size(single), trained_buckets(multi)) == (PUBLISHED, BUCKETS)
    for folder, text in ((single, '{"keyframes": [64, 96]}'), (multi, '{"buckets": [[64, 96], [96, 64]]}')):
        folder.mkdir()
        (folder / "sizes.json").write_text(text)
    assert published_keyframe_size(single) == (64, 96)
    assert trained_buckets(multi) == ((64, 96), (96, 64))


@pytest.mark.parametrize("text", ["{}", '{"buckets": []}', '{"buckets": [[1, 2]]}', '{"buckets": [[64]]}', "x"])
def test_damaged_sizes_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "sizes.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"sizes\.json"):
        trained_buckets(tmp_path)
    with pytest.raises(CheckpointError, match=r"sizes\.json"):
        published_keyframe_size(tmp_path)
