"""Drawings in colour on paper that a lens has seen: with a pen, with pencils, with a brush."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural.pictures import Pixels, cartoon, outlines, photographed

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.clean_lines import find_clean_lines
from paints_undo_engine.procedural.reading.kind import find_kind, measure
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.paper_sheet import find_sheet
from paints_undo_engine.procedural.reading.sheet_drawing import Means, drawing_on_sheet
from paints_undo_engine.procedural.reading.view import view_of
from paints_undo_engine.request import Corrections, Method

KRAFT = (205, 168, 110)


def on_rough_paper(drawing: Pixels, tooth: float) -> Pixels:
    """A drawing on white as a scanner sees it, whose light falls on the tooth of the paper from one side."""
    noise = np.random.default_rng(6).normal(0, 1, drawing.shape[:2]).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.8), np.float32)
    light = 1 + tooth * (noise / noise.std())[..., None]
    return np.rint(drawing * light / 255.0 * (238, 233, 226)).clip(0, 255).astype(np.uint8)


def penned() -> Pixels:
    """Outlines and dense hatching in blue ink, on white."""
    drawing = outlines(480, 400).astype(np.float32)
    for start in range(150, 330, 6):
        cv2.line(drawing, (start, 120), (start - 60, 260), (20, 20, 20), 2, cv2.LINE_AA)
    share = (255 - drawing) / 235
    return np.rint(255 - share * (255 - np.array((20, 110, 180)))).clip(0, 255).astype(np.uint8)


def coloured(grain: float, thickness: float = 0.6) -> Pixels:
    """Three outlined eggs in colour on white, even or through the tooth of paper; with less `thickness` paler."""
    tooth = np.random.default_rng(3).normal(size=(400, 480)).astype(np.float32)
    tooth = np.asarray(cv2.GaussianBlur(tooth, (0, 0), 0.9), np.float32)
    picture = np.full((400, 480, 3), 255.0, np.float32)
    for x, colour in ((110, (40, 90, 170)), (240, (190, 70, 50)), (370, (80, 140, 60))):
        shape = np.zeros((400, 480), np.uint8)
        cv2.ellipse(shape, (x, 200), (48, 120), 0, 0, 360, 255, -1, cv2.LINE_AA)
        share = (np.clip(thickness + grain * tooth / tooth.std(), 0, 1) * (shape / 255))[..., None]
        picture = picture * (1 - share) + np.array(colour) * share
        cv2.ellipse(picture, (x, 200), (48, 120), 0, 0, 360, (60, 60, 60), 2, cv2.LINE_AA)
    return np.rint(picture).astype(np.uint8)


@pytest.mark.parametrize(
    ("drawing", "tint", "means"),
    [
        (penned(), (214, 206, 196), Means.PEN),
        (coloured(0.25), (214, 206, 196), Means.DRY),
        (coloured(0.0), (214, 206, 196), Means.WET),
        (coloured(0.0), KRAFT, Means.DRY),
    ],
)
def test_what_was_drawn_with_is_seen(drawing: Pixels, tint: tuple[int, int, int], means: Means) -> None:
    found = drawing_on_sheet(view_of(photographed(drawing, tint), None))
    assert found is not None
    assert found.means is means


def test_a_grain_that_bare_paper_has_as_well_was_not_rubbed_on() -> None:
    washes = drawing_on_sheet(view_of(on_rough_paper(coloured(0.0, 0.3), 0.04), None))
    pencils = drawing_on_sheet(view_of(on_rough_paper(coloured(0.25), 0.02), None))
    assert washes is not None
    assert washes.means is Means.WET
    assert pencils is not None
    assert pencils.means is Means.DRY
    # A sheet that is toned with a pencil nearly all over is no paper with so strong a tooth.
    toned = on_rough_paper(coloured(0.12), 0.06)
    toned[:, :30] = on_rough_paper(coloured(0.12), 0.01)[:, :30]
    found = drawing_on_sheet(view_of(toned, None))
    assert found is not None
    assert found.means is Means.DRY


@pytest.mark.parametrize("side", [480, 960, 1900])
def test_smooth_paper_is_seen_at_any_size(side: int) -> None:
    drawing = cv2.GaussianBlur(photographed(coloured(0.25), KRAFT), (0, 0), 0.7)
    scale = side / max(drawing.shape[:2])
    picture = np.asarray(cv2.resize(drawing, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    found = drawing_on_sheet(view_of(picture, None))
    assert found is not None
    assert found.means is Means.DRY


def washed() -> Pixels:
    """Washes of many colours all over a sheet but for a margin and a few gaps, on white."""
    chance = np.random.default_rng(5)
    coarse = chance.integers(30, 200, (7, 9, 3)).astype(np.uint8)
    drawing = cv2.resize(coarse, (480, 400), interpolation=cv2.INTER_CUBIC)
    drawing = cv2.medianBlur(drawing, 21)
    for x, y in chance.integers((60, 60), (420, 340), (14, 2)).tolist():
        cv2.ellipse(drawing, (x, y), (22, 9), x, 0, 360, (255,) * 3, -1, cv2.LINE_AA)
    for edge in (np.s_[:16], np.s_[-16:], np.s_[:, :16], np.s_[:, -16:]):
        drawing[edge] = 255
    return np.asarray(drawing, np.uint8)


def test_nothing_is_drawn_lighter_than_pale_paper() -> None:
    noise = np.random.default_rng(4).normal(0, 2, (400, 480, 1))
    picture = coloured(0.25) / 255.0 * (218, 214, 208) + noise
    found = drawing_on_sheet(view_of(np.rint(picture).clip(0, 255).astype(np.uint8), None))
    assert found is not None
    assert found.means is Means.DRY
    picture[8:72, 40:440] = (254, 253, 252)
    assert drawing_on_sheet(view_of(np.rint(picture).clip(0, 255).astype(np.uint8), None)) is None


def on_a_wall(drawing: Pixels, grain: float) -> Pixels:
    """The same photographed so near that nothing lies beside the sheet, or printed without any grain."""
    noise = cv2.GaussianBlur(np.random.default_rng(4).normal(0, 1, drawing.shape[:2]), (0, 0), 0.8)[..., None]
    light = np.linspace(1.0, 0.86, drawing.shape[1])[None, :, None] if grain else 1.0
    return np.rint(drawing / 255.0 * (214, 211, 212) * light + grain * noise).clip(0, 255).astype(np.uint8)


def test_a_soft_digital_picture_on_a_smooth_pale_ground_is_no_watercolour() -> None:
    soft = cv2.GaussianBlur(coloured(0.0), (0, 0), 0.6) / 255.0
    ground = np.linspace(1, 0.93, 400)[:, None, None] * (226, 224, 230)
    noise = np.random.default_rng(4).normal(0, 1.6, (400, 480, 1))
    # Compression leaves some places noisy; a lens sees grain everywhere.
    some = noise * (np.mgrid[:400, :480][1] % 100 < 40)[..., None]
    assert drawing_on_sheet(view_of(np.rint(soft * ground + some).astype(np.uint8), None)) is None
    seen = drawing_on_sheet(view_of(np.rint(soft * ground + noise).clip(0, 255).astype(np.uint8), None))
    assert seen is not None
    assert seen.means is Means.WET


def test_a_pen_fills_its_blacks() -> None:
    drawing = penned()
    cv2.ellipse(drawing, (350, 300), (100, 60), 0, 0, 360, (18, 18, 20), -1, cv2.LINE_AA)
    found = drawing_on_sheet(view_of(photographed(drawing, (214, 214, 214)), None))
    assert found is not None
    assert found.means is Means.PEN


def test_washes_all_over_a_sheet_with_a_margin_are_a_watercolour() -> None:
    picture = on_a_wall(washed(), 8.0)
    assert read(picture).kind is PictureKind.WATERCOLOUR
    assert read(on_a_wall(washed(), 0.0)).kind is not PictureKind.WATERCOLOUR
    # The margin is there from the first frame on.
    first = make_document(picture, Options(corrections=Corrections.NONE)).render(0)
    assert np.abs(first[4:10].astype(int) - picture[4:10]).mean() < 8


def test_the_palest_wash_is_not_on_the_sheet_from_the_first_frame_on() -> None:
    y, x = np.mgrid[:400, :480].astype(np.float32)
    pale = np.exp(-(((x - 240) / 60) ** 2 + ((y - 50) / 30) ** 2))[..., None]
    washes = coloured(0.0, 0.4) * (1 - pale * (0.0, 0.035, 0.035))
    picture = on_rough_paper(np.rint(washes).astype(np.uint8), 0.02)
    assert read(picture).kind is PictureKind.WATERCOLOUR
    first = make_document(picture, Options(corrections=Corrections.NONE)).render(0).astype(np.float32)
    middle, beside = (first[30:70, at - 30 : at + 30].mean(axis=(0, 1)) for at in (240, 60))
    assert np.abs((middle - middle.mean()) - (beside - beside.mean())).max() < 1
    last = picture[30:70, 210:270].mean(axis=(0, 1))
    assert last[0] - last[1] > 9


def test_ink_and_washes_leave_the_middle_of_a_photographed_sheet_no_paper() -> None:
    chance = np.random.default_rng(7)
    washes = cv2.resize(chance.integers(70, 230, (5, 6, 3)).astype(np.uint8), (480, 400), interpolation=cv2.INTER_CUBIC)
    drawing = np.asarray(cv2.medianBlur(washes, 21), np.uint8)
    for bare in (np.s_[300:], np.s_[:, :40], np.s_[230:, 440:], np.s_[:20, :200]):
        drawing[bare] = 255
    for _ in range(60):
        begin, end = chance.integers((40, 30), (440, 300), (2, 2)).tolist()
        cv2.line(drawing, begin, end, (25, 25, 25), 2, cv2.LINE_AA)
    assert find_sheet(on_a_wall(drawing, 6.0)) is not None
    grey = np.repeat(drawing.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert find_sheet(on_a_wall(grey, 6.0)) is None


def charcoal(grain: float) -> Pixels:
    """Tones all over a sheet, 0 to 255, smudged and drawn into, with the tooth of paper in them."""
    chance = np.random.default_rng(9)
    tones = cv2.resize(chance.uniform(30, 190, (6, 8)).astype(np.float32), (480, 400), interpolation=cv2.INTER_CUBIC)
    for _ in range(40):
        begin, end = chance.integers((0, 0), (480, 400), (2, 2)).tolist()
        cv2.line(tones, begin, end, 35, 3, cv2.LINE_AA)
    rough = tones + np.float32(grain) * chance.normal(0, 1, (400, 480)).astype(np.float32)
    return np.repeat(np.clip(rough, 12, 200)[..., None], 3, axis=2).astype(np.uint8)


def test_charcoal_all_over_a_sheet_in_tinted_light_is_no_painting() -> None:
    tint = np.array((0.86, 0.92, 1.1))
    picture = np.rint(charcoal(16.0) * tint).astype(np.uint8)
    assert read(picture).kind is PictureKind.PENCIL
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method is Method.PENCIL
    # It is drawn on a sheet as light as its lights are.
    assert np.percentile(picture, 90) < document.render(0).mean() < 230
    assert read(np.rint(charcoal(0.0) * tint).astype(np.uint8)).kind is not PictureKind.PENCIL
    coloured = picture.copy()
    coloured[:, :160] = np.rint(charcoal(16.0)[:, :160] * (1.1, 0.8, 0.6)).astype(np.uint8)
    assert read(coloured).kind is not PictureKind.PENCIL


def test_a_picture_that_reaches_one_side_has_no_margin() -> None:
    drawing = washed()
    drawing[-16:] = (60, 90, 130)
    assert read(on_a_wall(drawing, 8.0)).kind is not PictureKind.WATERCOLOUR


def test_a_coloured_shore_below_a_bright_sky_is_no_drawing() -> None:
    noise = np.random.default_rng(6).normal(0, 3, (240, 360, 1))
    picture = np.full((240, 360, 3), (226, 232, 238), np.float32)
    picture[200:] = (52, 96, 44)
    picture[90:210, 110:250] = (150, 60, 40)
    assert drawing_on_sheet(view_of(np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8), None)) is None


def test_what_is_lighter_than_an_even_ground_is_no_drawing_on_paper() -> None:
    grain = np.random.default_rng(5).normal(0, 3, (400, 480, 1))
    picture = np.full((400, 480, 3), (150, 146, 140), np.float32)
    cv2.ellipse(picture, (240, 220), (110, 150), 0, 0, 360, (232, 190, 160), -1)
    cv2.rectangle(picture, (150, 300), (330, 380), (60, 80, 150), -1)
    assert drawing_on_sheet(view_of(np.clip(np.rint(picture + grain), 0, 255).astype(np.uint8), None)) is None


def things() -> Pixels:
    """A bowl and a ball of one colour each, rounded by soft light, with a soft shadow below them, on white."""
    y, x = np.mgrid[:400, :480].astype(np.float32)
    shadow = np.exp(-(((x - 240) / 190) ** 2) - ((y - 300) / 26) ** 2)[..., None]
    picture = np.asarray(255 - 70 * shadow, np.float32)
    for middle, radius, colour in (((175, 210), 95, (150, 70, 60)), ((345, 245), 60, (60, 90, 160))):
        away = np.hypot(x - middle[0], y - middle[1])
        light = 0.75 + 0.35 * np.cos(np.hypot(x - middle[0] + 30, y - middle[1] + 40) / radius)
        share = np.clip(radius - away, 0, 1)[..., None]
        picture = picture * (1 - share) + light[..., None] * np.array(colour) * share
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def test_things_before_a_bright_wall_are_no_drawing() -> None:
    picture = photographed(things(), (214, 206, 196))
    assert drawing_on_sheet(view_of(picture, None)) is None
    assert read(picture).kind is not PictureKind.WATERCOLOUR


def brushed(grain: float) -> Pixels:
    """A cap above a cape in solid colours with the grain of a program's brush, in levels, on a pale mottled ground."""
    chance = np.random.default_rng(7)
    noise = cv2.GaussianBlur(chance.normal(size=(400, 480)).astype(np.float32), (0, 0), 0.8)[..., None]
    noise = noise / noise.std()
    mottle = cv2.resize(chance.normal(0, 3, (9, 11)).astype(np.float32), (480, 400), interpolation=cv2.INTER_CUBIC)
    picture = np.array((228, 216, 206), np.float32) + mottle[..., None] + 1.5 * noise
    for middle, axes, colour in (((240, 110), (70, 80), (96, 140, 118)), ((240, 260), (100, 110), (196, 104, 60))):
        shape = np.zeros((400, 480), np.float32)
        cv2.ellipse(shape, middle, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        picture = picture * (1 - shape[..., None]) + (np.array(colour) + grain * noise) * shape[..., None]
    return np.rint(picture).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("grain", [9.0, 12.0])
def test_solid_shapes_with_a_faint_grain_were_not_rubbed_on(grain: float) -> None:
    picture = brushed(grain)
    assert drawing_on_sheet(view_of(picture, None)) is None
    assert read(picture).kind is not PictureKind.PENCIL


def test_an_even_digital_ground_is_no_paper() -> None:
    assert drawing_on_sheet(view_of(cartoon(480, 360), None)) is None


def strokes() -> Pixels:
    """Short thick black strokes all over a white sheet."""
    chance = np.random.default_rng(8)
    drawing = np.full((400, 480, 3), 255, np.uint8)
    for x, y in chance.integers((20, 20), (460, 380), (200, 2)).tolist():
        way, length = chance.uniform(0, 3.1), chance.uniform(8, 26)
        end = (int(x + length * np.cos(way)), int(y + length * np.sin(way)))
        cv2.line(drawing, (x, y), end, (25, 25, 25), int(chance.integers(2, 9)), cv2.LINE_AA)
    return drawing


def test_a_dark_drawing_without_colour_on_a_sheet_is_not_painted() -> None:
    picture = photographed(strokes(), (220, 223, 230))
    found, sheet = read(picture), drawing_on_sheet(view_of(picture, None))
    assert sheet is not None
    lines = find_clean_lines(sheet.view.pixels, found.ink, 1 / sheet.view.scale)
    seen = measure(sheet.view, found.ink, sheet.means)
    dark = replace(seen, blank=0.32, dark=0.26, few=0.5, graphite=False)
    drawn = {PictureKind.PENCIL, PictureKind.LINE_ART}
    assert find_kind(dark, found.ink, lines, found.figure, False, 0, False)[0] in drawn
    unknown = replace(dark, means=None)
    assert find_kind(unknown, found.ink, lines, found.figure, False, 0, False)[0] is PictureKind.PAINTED


def test_what_lines_explain_nearly_all_of_was_drawn_and_coloured_and_not_painted() -> None:
    found = read(photographed(strokes(), (220, 223, 230)))
    view = view_of(photographed(strokes()), None)
    lines = find_clean_lines(view.pixels, found.ink, 1 / view.scale)
    full = replace(
        measure(view, found.ink), blank=0.01, coloured=0.5, even=0.05, few=0.3, rubbed=False, tone=None, modelled=False
    )

    def kind(explained: float, connected: float, even: float = 0.05) -> PictureKind:
        ink = replace(found.ink, explained=explained, connected=connected)
        return find_kind(replace(full, even=even), ink, lines, found.figure, False, 0, False)[0]

    assert kind(0.9, 0.4) is PictureKind.WATERCOLOUR
    # A brush leaves few long lines, paintings have other edges, and what is more even was made by a program.
    assert PictureKind.WATERCOLOUR not in {kind(0.9, 0.26), kind(0.8, 0.4), kind(0.9, 0.4, 0.25)}


@pytest.mark.parametrize(
    ("drawing", "kinds", "methods"),
    [
        (penned(), {PictureKind.LINE_ART, PictureKind.PENCIL}, {Method.OUTLINE, Method.PENCIL}),
        (coloured(0.25), {PictureKind.PENCIL}, {Method.PENCIL}),
        (coloured(0.0), {PictureKind.WATERCOLOUR}, {Method.WATERCOLOUR}),
    ],
)
def test_it_is_drawn_on_the_sheet(drawing: Pixels, kinds: set[PictureKind], methods: set[Method]) -> None:
    tint = (214, 206, 196)
    picture = photographed(drawing, tint)
    assert read(picture).kind in kinds
    document = make_document(picture, Options(corrections=Corrections.NONE))
    assert document.method in methods
    # Paper with its light is there from the first frame, and is never painted over.
    bare = photographed(np.full_like(drawing, 255), tint).astype(int)
    untouched = cv2.erode((drawing.min(axis=2) > 252).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    for share in (0.0, 0.3, 0.6, 0.9):
        state = document.render(share * document.count)[..., :3].astype(int)
        off = np.abs(state - bare).mean(axis=2)
        assert off[untouched].mean() < 6
    assert np.abs(document.render(0)[..., :3].astype(int) - bare).mean() < 6


@pytest.mark.parametrize(("fullness", "means"), [(1.0, Means.WET), (0.35, Means.DRY)])
def test_full_colours_with_a_faint_grain_were_brushed_on_and_dull_ones_rubbed(fullness: float, means: Means) -> None:
    """Washes settle in a paper's grain as pencils do, but these leave no full colours."""
    full = coloured(0.12).astype(np.float32)
    grey = full.mean(axis=2, keepdims=True)
    dull = grey + fullness * (full - grey)
    noise = np.random.default_rng(4).normal(0, 1, (400, 480, 1))
    picture = np.rint(dull / 255.0 * (218, 214, 208) + noise).clip(0, 255).astype(np.uint8)
    found = drawing_on_sheet(view_of(picture, None))
    assert found is not None
    assert found.means is means


def test_flat_colour_on_a_ground_as_white_as_programs_have_it_is_no_watercolour() -> None:
    chance = np.random.default_rng(4)
    mottle = cv2.resize(chance.normal(0, 2, (9, 11, 1)).astype(np.float32), (480, 400), interpolation=cv2.INTER_CUBIC)
    fading = np.clip((np.mgrid[:400, :480][0][..., None] - 320) / 80, 0, 1) * 30
    ground = np.array((244, 246, 250), np.float32) - fading + mottle[..., None] + chance.normal(0, 1.5, (400, 480, 1))
    flat = coloured(0.0).astype(np.float32)
    picture = np.where(flat < 250, flat, ground)
    assert drawing_on_sheet(view_of(np.rint(picture).clip(0, 255).astype(np.uint8), None)) is None
