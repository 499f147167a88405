"""What a photograph or a scan shows about a sheet or a board is painted by nobody, and read as no part of it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from procedural import pictures
from procedural.composite import composite

from paints_undo_engine.procedural import Options, make_document, make_split
from paints_undo_engine.procedural.mount import mounted
from paints_undo_engine.procedural.options import Options as Wanted
from paints_undo_engine.procedural.reading.model import Pixels
from paints_undo_engine.procedural.redo.making import finished_picture, make_branch
from paints_undo_engine.request import Branch, Method

SIDE = 480


def painting(height: int, width: int) -> Pixels:
    """Many round dabs of colour on blue."""
    chance = np.random.default_rng(5)
    pixels = np.full((height, width, 3), (60, 110, 150), np.uint8)
    for x, y, radius in zip(*chance.uniform(0, 1, (2, 400)), chance.uniform(4, 16, 400), strict=True):
        colour = tuple(float(value) for value in chance.uniform(30, 215, 3))
        cv2.circle(pixels, (int(x * width), int(y * height)), int(radius), colour, -1, cv2.LINE_AA)
    return pixels


def on_table(board: Pixels, turned: float = 2.0) -> Pixels:
    """A picture, uint8 [h, w, 3], a little turned, on a brown table with a grain."""
    chance = np.random.default_rng(6)
    grain = cv2.GaussianBlur(chance.normal(0, 30, (SIDE, SIDE)).astype(np.float32), (0, 0), 3)
    table = np.clip(np.array((96, 66, 44), np.float32) + grain[..., None], 0, 255)
    height, width = board.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turned, 1.0)
    turn[:, 2] += (SIDE - width) / 2, (SIDE - height) / 2
    cover = cv2.warpAffine(np.ones((height, width), np.float32), turn, (SIDE, SIDE))[..., None]
    laid = cv2.warpAffine(board, turn, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.rint(table * (1 - cover) + laid * cover).astype(np.uint8)


@pytest.fixture(scope="module")
def photograph() -> Pixels:
    """A painted board on a table."""
    return on_table(painting(390, 340))


def test_surroundings_stand_as_they_are_from_the_blank_canvas_on(photograph: Pixels) -> None:
    document = make_document(photograph, Options(method=Method.PAINTER))
    outside = mounted(photograph).outside
    assert 0.3 < outside.mean() < 0.5
    for share in (0.0, 0.01, 0.2, 0.5, 0.8, 1.0):
        state = document.render(document.count * share)
        np.testing.assert_array_equal(state[outside], photograph[outside])
    blank = document.render(0)[~outside]
    assert (blank == 255).all(axis=1).mean() > 0.95
    np.testing.assert_array_equal(document.render(document.count), photograph)
    top, left = (int(np.flatnonzero((~outside).any(axis=axis))[0]) for axis in (1, 0))
    assert min(operation.bounds[0] for operation in document.operations) >= left
    assert min(operation.bounds[1] for operation in document.operations) >= top


def test_the_same_board_is_found_at_any_size(photograph: Pixels) -> None:
    sides = mounted(photograph).sides
    assert len(sides) == 4
    for size in (640, 1000, 1900):
        larger = cv2.resize(photograph, (size, size), interpolation=cv2.INTER_CUBIC)
        found = mounted(np.asarray(larger, np.uint8)).sides
        for one, other in zip(sides, found, strict=True):
            assert one.across == pytest.approx(other.across, abs=0.006)
            assert one.offset == pytest.approx(other.offset, abs=0.005)


def test_black_bars_are_no_part_of_a_picture() -> None:
    inside = pictures.cartoon()
    height, width = inside.shape[:2]
    barred = np.zeros((height, width + 2 * (width // 5), 3), np.uint8)
    begin = width // 5
    barred[:, begin : begin + width] = inside
    made, alone = make_document(barred), make_document(inside)
    assert (made.kind, made.method) == (alone.kind, alone.method)
    for share in (0.0, 0.1, 0.5, 0.9):
        state = made.render(made.count * share)
        assert not state[:, : begin - 1].any()
        assert not state[:, begin + width + 1 :].any()


def test_a_pen_drawing_on_a_table_is_read_as_it_is_alone() -> None:
    sheet = np.full((400, 320, 3), 248, np.uint8)
    for at in range(40, 280, 24):
        cv2.ellipse(sheet, (160, 200), (at // 2, at * 2 // 3), at, 0, 300, (25, 25, 25), 2, cv2.LINE_AA)
    document = make_document(on_table(sheet, turned=3.0))
    assert document.method == Method.OUTLINE
    assert len(mounted(on_table(sheet, turned=3.0)).sides) == 4


def framed_by_a_line() -> Pixels:
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    cv2.rectangle(pixels, (40, 30), (440, 450), (20, 20, 20), 4)
    cv2.circle(pixels, (240, 240), 90, (200, 80, 70), -1, cv2.LINE_AA)
    return pixels


def reaching_over_its_border() -> Pixels:
    """A figure that stands before a coloured card, and reaches beyond all of its sides."""
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    cv2.rectangle(pixels, (70, 70), (410, 410), (120, 170, 210), -1)
    for x, y in ((240, 60), (240, 420), (60, 240), (420, 240)):
        cv2.circle(pixels, (x, y), 75, (190, 60, 60), -1, cv2.LINE_AA)
    return pixels


def crossing_its_border() -> Pixels:
    """A painting in a white border, over which a few bars reach: a little of each side."""
    pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
    pixels[50:-50, 50:-50] = painting(SIDE - 100, SIDE - 100)
    for begin, end in (((240, 20), (250, 120)), ((15, 300), (120, 290)), ((350, 380), (470, 400))):
        cv2.line(pixels, begin, end, (170, 30, 60), 22, cv2.LINE_AA)
    return pixels


def room() -> Pixels:
    """A wall with a window and a floor."""
    pixels = np.full((SIDE, SIDE, 3), (170, 150, 120), np.uint8)
    pixels[360:] = (90, 60, 40)
    pixels[60:240, 60:200] = (150, 200, 240)
    return pixels


def with_margin(paper: tuple[int, int, int]) -> Pixels:
    """A painting with a margin; of the paper below it three places were left white."""
    pixels = painting(SIDE, SIDE)
    for x, y in ((120, 130), (300, 200), (200, 350)):
        cv2.circle(pixels, (x, y), 30, (250, 247, 240), -1, cv2.LINE_AA)
    sheet = np.full_like(pixels, paper)
    sheet[24:-24, 24:-24] = pixels[24:-24, 24:-24]
    return sheet


def taped() -> Pixels:
    return with_margin((250, 247, 240))


def test_a_margin_of_other_white_than_the_paper_within_lies_about_it() -> None:
    assert len(mounted(with_margin((255, 255, 255))).sides) == 4


@pytest.mark.parametrize(
    "picture",
    [framed_by_a_line, reaching_over_its_border, crossing_its_border, room, lambda: painting(SIDE, SIDE), taped],
)
def test_what_belongs_to_a_picture_is_no_surroundings(picture: Callable[[], Pixels]) -> None:
    pixels = picture()
    mount = mounted(pixels)
    assert not mount.sides
    assert mount.inside is pixels


def test_the_layer_split_shows_surroundings_above_all(photograph: Pixels) -> None:
    layers = list(make_split(photograph, Options(method=Method.LINELESS)))
    assert layers[-1].name == "Surroundings"
    shown = composite(layers)
    np.testing.assert_array_equal(shown[..., :3], photograph)


def test_a_branch_changes_what_was_made_alone(photograph: Pixels) -> None:
    branches = [Branch(500, 1), Branch(200, 4)]
    outside = mounted(photograph).outside
    made = make_branch(photograph, Wanted(method=Method.LINELESS), branches)
    np.testing.assert_array_equal(made.picture, finished_picture(photograph, 0, branches))
    for share in (0.3, 0.7, 1.0):
        np.testing.assert_array_equal(made.render(made.count * share)[outside], photograph[outside])
    assert np.abs(made.picture[~outside].astype(int) - photograph[~outside]).mean() > 10


def test_a_glimpse_lies_in_its_surroundings(photograph: Pixels) -> None:
    mount = mounted(photograph)
    glimpse = mount.glimpsed(np.full((240, 210, 3), 255, np.uint8))
    assert glimpse.shape == (240, 240, 3)
    outside = cv2.resize(mount.outside.astype(np.uint8), (240, 240), interpolation=cv2.INTER_NEAREST) > 0
    far = cv2.erode(outside.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert glimpse[far].max() < 200
    assert (glimpse[~outside] > 250).mean() > 0.97


def cut(pixels: Pixels, *, soft: int = 0) -> Pixels:
    """A picture, uint8 [h, w, 3], cut to a hexagon; its border fades over so many pixels, or is antialiased."""
    height, width = pixels.shape[:2]
    corners = np.array([(0, 0.5), (0.25, 0.02), (0.75, 0.02), (1, 0.5), (0.75, 0.98), (0.25, 0.98)])
    alpha = np.zeros((height, width), np.uint8)
    cv2.fillPoly(alpha, [np.rint(corners * (width - 1, height - 1)).astype(np.int32)], 255, cv2.LINE_AA)
    if soft:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), soft), np.uint8)
    return np.dstack([pixels, alpha])


def test_a_cut_sheet_is_canvas_from_the_first_frame_on_and_nothing_else_ever_is() -> None:
    sheet = cut(painting(170, 200))
    document = make_document(sheet, Options(method=Method.PAINTER))
    assert mounted(sheet).inside.shape[2] == 3
    blank = document.render(0)
    assert (blank[sheet[..., 3] == 255, :3].min(axis=1) > 230).all()
    before = blank
    for number in range(1, document.count + 1):
        state = document.render(number)
        np.testing.assert_array_equal(state[..., 3], sheet[..., 3])
        assert (state != before).any()
        before = state
    np.testing.assert_array_equal(before, sheet)


def test_a_cut_sheet_is_read_as_what_is_on_it() -> None:
    sheet = np.full((300, 400, 3), 250, np.uint8)
    for at in range(60, 240, 24):
        cv2.ellipse(sheet, (200, 150), (at // 2, at // 3), at, 0, 300, (25, 25, 25), 2, cv2.LINE_AA)
    made, alone = make_document(cut(sheet)), make_document(sheet)
    assert (made.kind, made.method) == (alone.kind, alone.method)


def figure_on_nothing() -> Pixels:
    """A head on shoulders."""
    pixels = np.zeros((300, 240, 4), np.uint8)
    cv2.circle(pixels, (120, 100), 70, (220, 170, 140, 255), -1, cv2.LINE_AA)
    cv2.ellipse(pixels, (120, 300), (110, 130), 0, 180, 360, (90, 60, 130, 255), -1, cv2.LINE_AA)
    return pixels


def box_on_nothing() -> Pixels:
    """A plain box with a mark on it."""
    pixels = np.full((200, 240, 3), (200, 90, 60), np.uint8)
    cv2.circle(pixels, (120, 100), 40, (70, 120, 200), -1, cv2.LINE_AA)
    return cut(pixels)


@pytest.mark.parametrize("picture", [figure_on_nothing, box_on_nothing, lambda: cut(painting(170, 200), soft=9)])
def test_a_figure_on_nothing_is_no_cut_sheet(picture: Callable[[], Pixels]) -> None:
    pixels = picture()
    assert mounted(pixels).inside is pixels


def test_the_layer_split_of_a_cut_sheet_is_exact() -> None:
    sheet = cut(painting(170, 200))
    shown = composite(list(make_split(sheet, Options(method=Method.LINELESS))))
    np.testing.assert_array_equal(shown[..., 3], sheet[..., 3])
    seen = sheet[..., 3] > 0
    np.testing.assert_array_equal(shown[seen], sheet[seen])


def in_spiral_book(drawing: Pixels, turns: int = 0) -> Pixels:
    """A drawing, uint8 [h, w, 3], on a page whose upper side is bound with rings."""
    page = np.rot90(drawing, turns).copy()
    for at in range(12, page.shape[1], 24):
        cv2.rectangle(page, (at - 4, 2), (at + 4, 14), (40, 38, 36), -1)
    return np.ascontiguousarray(np.rot90(page, -turns))


@pytest.mark.parametrize("turns", range(4))
def test_the_binding_of_a_book_stands_from_the_first_frame_on(turns: int) -> None:
    drawing = np.clip(np.random.default_rng(3).normal(232, 2, (420, 420, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    for at in range(60, 240, 24):
        cv2.ellipse(drawing, (210, 210), (at // 2, at // 3), at, 0, 300, (70, 70, 70), 2, cv2.LINE_AA)
    page = in_spiral_book(drawing, turns)
    outside = mounted(page).outside
    assert outside[page[..., 0] < 55].all()
    assert outside.mean() < 0.08
    assert not mounted(drawing).sides


def test_a_pattern_along_a_side_is_no_binding() -> None:
    pixels = painting(SIDE, SIDE)
    for at in range(0, SIDE, 24):
        cv2.line(pixels, (at, 0), (at, SIDE), (30, 30, 30), 6)
    assert not mounted(pixels).sides
