"""Several processes in one picture."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from export.sources import process
from PIL import Image

from paints_undo_engine.errors import ExportError, ExportTooLargeError
from paints_undo_engine.export.options import ExportFormat, ExportOptions, Fill, options_for
from paints_undo_engine.export.process_grid import check_side_by_side
from paints_undo_engine.export.side_by_side import export_side_by_side, grid


def written(path: Path, *lengths: int, **given: object) -> list[tuple[int, int]]:
    sources = [process(frames=frames) for frames in lengths]
    return list(export_side_by_side(sources, path, options_for(path, **given)))


def test_a_grid_shows_all_processes_at_the_same_share_of_their_work():
    short, long = process(frames=5), process(frames=9)
    both = grid([short, long], ExportOptions(format=ExportFormat.MP4))
    assert len(both.states) == 9
    page = both.states[4].read().pixels
    tiles = np.argwhere((page == (250, 240, 220)).all(axis=2))
    halves = [tiles[tiles[:, 1] < page.shape[1] // 2], tiles[tiles[:, 1] >= page.shape[1] // 2]]
    assert len(halves[0])
    assert np.ptp(halves[0][:, 0]) == pytest.approx(np.ptp(halves[1][:, 0]), abs=6)


def test_a_grid_ends_in_the_paintings_pixel_for_pixel():
    one = process()
    both = grid([one, process(frames=4)], ExportOptions(format=ExportFormat.MP4))
    page = both.states[-1].read().pixels
    assert np.array_equal(page, both.painting.pixels)
    wanted = one.painting.rgb8()
    height, width = wanted.shape[:2]
    places = [
        (y, x)
        for y in range(page.shape[0] - height + 1)
        for x in range(page.shape[1] - width + 1)
        if np.array_equal(page[y, x : x + width], wanted[0])
        and np.array_equal(page[y : y + height, x : x + width], wanted)
    ]
    assert len(places) == 2


@pytest.mark.parametrize(("count", "columns"), [(2, 2), (4, 2), (6, 3)])
def test_a_grid_leaves_no_tile_empty(count: int, columns: int):
    both = grid([process(width=48, height=56)] * count, ExportOptions(format=ExportFormat.MP4))
    assert both.painting.width // (48 + 12) == columns


def test_a_video_of_several_processes_has_the_asked_size(tmp_path: Path):
    steps = written(tmp_path / "grid.mp4", 6, 9, 9, max_side=120, omit_end_card=True, fill=Fill.FOLLOW)
    assert steps[-1][0] == steps[-1][1]
    with av.open(str(tmp_path / "grid.mp4")) as container:
        stream = container.streams.video[0]
        assert 100 <= max(stream.width, stream.height) <= 120


def test_a_sheet_has_a_row_for_each_process(tmp_path: Path):
    written(tmp_path / "one.png", 9, 9, max_side=40)
    written(tmp_path / "two.png", 9, 9, 9, 9, max_side=40)
    one, two = Image.open(tmp_path / "one.png"), Image.open(tmp_path / "two.png")
    assert one.width == two.width
    assert two.height > 1.8 * one.height
    assert "generated" in two.info["Comment"]


@pytest.mark.parametrize(("name", "count"), [("layers.ora", 2), ("layers.psd", 2), ("grid.mp4", 1), ("grid.mp4", 9)])
def test_what_cannot_be_side_by_side_is_refused_and_leaves_nothing(tmp_path: Path, name: str, count: int):
    with pytest.raises(ExportError):
        written(tmp_path / name, *[4] * count)
    assert not list(tmp_path.iterdir())


def test_a_grid_that_is_too_small_for_its_tiles_is_refused(tmp_path: Path):
    with pytest.raises(ExportError, match="do not fit"):
        written(tmp_path / "grid.gif", *[4] * 8, max_side=32)


@pytest.mark.parametrize("side", [4000, 16_384])
def test_rows_that_are_too_large_fit_at_the_size_that_is_named(side: int):
    def check(longer: int) -> None:
        check_side_by_side(2, 1000, 800, 106, ExportOptions(format=ExportFormat.CONTACT_SHEET, max_side=longer))

    with pytest.raises(ExportError, match=r"longer side of (\d+) pixels") as caught:
        check(side)
    fits = int(str(caught.value).split("longer side of ")[1].split()[0])
    check(fits)
    with pytest.raises(ExportError):
        check(fits + 2)


@pytest.mark.parametrize(("count", "width", "height"), [(8, 9000, 9000), (5, 6000, 8000), (3, 5000, 12000)])
@pytest.mark.parametrize("kind", [ExportFormat.MP4, ExportFormat.GIF])
def test_a_grid_that_is_too_large_fits_at_the_size_that_is_named(
    kind: ExportFormat, count: int, width: int, height: int
):
    def check(longer: int) -> None:
        check_side_by_side(count, width, height, 106, ExportOptions(format=kind, max_side=longer))

    with pytest.raises(ExportTooLargeError) as caught:
        check(16_384)
    check(caught.value.fits)
    with pytest.raises(ExportTooLargeError):
        check(round(1.01 * caught.value.fits))
    assert f"longer side of {caught.value.fits} pixels" in str(caught.value)
