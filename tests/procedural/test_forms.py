"""What is drawn as a form of its own: the sheet's grain, small dark forms, thick lines, and what shines through."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from procedural import pictures

from paints_undo_engine.procedural.build import make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels, Tool
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.script import ScriptStep, scheduled
from paints_undo_engine.request import Corrections, Method


def options(method: Method = Method.AUTO) -> Options:
    """Without mistakes, which would stand in the way of what is looked for."""
    return Options(seed=2, method=method, corrections=Corrections.NONE)


def test_the_grain_of_paper_is_there_before_the_first_stroke() -> None:
    noise = np.random.Generator(np.random.PCG64(5)).normal(0, 5, (160, 140, 1))
    picture = np.clip(np.array([238.0, 232.0, 218.0]) + noise, 0, 255).astype(np.uint8)
    cv2.ellipse(picture, (70, 85), (42, 55), 0, 0, 360, (70, 66, 62), 2, cv2.LINE_AA)
    document = make_document(picture, options(Method.PENCIL))
    blank, half = document.render(0), document.render(document.count / 2)
    far = np.s_[:20, :]
    assert np.array_equal(blank[far], picture[far])
    assert np.array_equal(half[far], picture[far])
    line = np.s_[83:87, 26:30]
    assert int(blank[line].min()) > 190  # the drawing itself is not


def test_no_wash_is_on_the_sheet_before_the_first_stroke() -> None:
    """Flowers on pale washes, which are hardly darker than the paper where they fade."""
    with Image.open(Path(__file__).parents[2] / "assets" / "watercolour.png") as picture:
        flowers = np.asarray(picture.convert("RGB").resize((260, 256), Image.Resampling.LANCZOS))
    blank = make_document(flowers, options()).render(0)[..., :3].astype(int).mean(axis=2)
    assert float(np.ptp(blank)) < 10


@pytest.mark.parametrize("seed", range(3))
def test_the_ground_is_not_brushed_over_the_figure(seed: int) -> None:
    """Orange cloth before a dark blue night never gets a stroke of the night."""
    with Image.open(Path(__file__).parents[2] / "assets" / "figure.png") as picture:
        figure = np.asarray(picture.convert("RGB").resize((364, 512), Image.Resampling.LANCZOS))
    document = make_document(figure, replace(options(Method.LINE), seed=seed))
    chest = np.s_[380:500, 110:270]
    for share in np.linspace(0.25, 0.7, 24):  # the sketch is blue
        state = document.render(share * document.count)[chest].astype(int)
        blue = (state[..., 2] > state[..., 0] + 15) & (state.min(axis=2) < 200)
        assert float(blue.mean()) < 0.03, share  # of lines there is a little


def face_with_two_dots() -> Pixels:
    """A large skin-coloured shape with an outline and two small dark dots, shaded softly from one side."""
    height, width = 300, 260
    picture = np.full((height, width, 3), 255, np.uint8)
    shade = np.linspace(0, 50, width)[None, :, None]
    skin = np.clip(np.array([238.0, 200.0, 170.0]) - shade, 0, 255) * np.ones((height, 1, 1))
    inside = np.zeros((height, width), np.uint8)
    cv2.ellipse(inside, (130, 150), (100, 125), 0, 0, 360, 1, -1)
    picture[inside > 0] = skin.astype(np.uint8)[inside > 0]
    cv2.ellipse(picture, (130, 150), (100, 125), 0, 0, 360, (30, 24, 24), 3, cv2.LINE_AA)
    for x in (95, 165):
        cv2.circle(picture, (x, 140), 8, (36, 40, 120), -1, cv2.LINE_AA)
    return picture


def test_nothing_dark_spreads_around_a_small_dark_form() -> None:
    picture = face_with_two_dots()
    document = make_document(picture, options(Method.LINE))
    ring = np.zeros(picture.shape[:2], np.uint8)
    for x in (95, 165):
        cv2.circle(ring, (x, 140), 24, 1, -1)
        cv2.circle(ring, (x, 140), 12, 0, -1)
    for share in np.linspace(0.5, 0.97, 12):
        state = document.render(share * document.count)[ring > 0].astype(int)
        darker = (picture[ring > 0].astype(int) - state).max(axis=1)
        assert float((darker > 40).mean()) < 0.03, share


def test_the_outline_of_what_has_no_line_stands_on_its_flats_until_it_is_painted_over() -> None:
    """Two softly shaded shapes that only meet, on white: their border is drawn, and does not vanish with the bucket."""
    picture = np.full((300, 260, 3), 255, np.uint8)
    shade = np.linspace(30, -30, 300)[:, None, None]
    for box, colour in ((np.s_[40:150, 50:210], (196, 120, 110)), (np.s_[150:270, 50:210], (110, 130, 190))):
        picture[box] = np.clip(np.array(colour) + shade, 0, 255).astype(np.uint8)[box[0]]
    cv2.line(picture, (60, 30), (200, 30), (30, 24, 24), 3, cv2.LINE_AA)
    document = make_document(picture, options(Method.LINE))
    phases = [operation.phase for operation in document.operations]
    flats = len(phases) - 1 - phases[::-1].index(Phase.FLATS)
    after, end = document.render(flats + 1), document.render(document.count)
    border, below = np.s_[146:155, 70:190], np.s_[170:190, 70:190]
    assert float(np.median(after[border].mean(axis=-1).min(axis=0))) < float(after[below].mean()) - 20
    assert np.array_equal(end, picture)


def test_a_thick_black_line_is_drawn_as_one_and_before_the_flats() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(picture, (150, 150), 100, (120, 60, 160), -1, cv2.LINE_AA)
    cv2.circle(picture, (150, 150), 100, (0, 0, 0), 8, cv2.LINE_AA)
    cv2.circle(picture, (150, 150), 30, (230, 210, 60), -1, cv2.LINE_AA)
    document = make_document(picture, options(Method.LINE))
    thick = [operation.index for operation in document.operations if operation.label.endswith("thick line")]
    flats = [operation.index for operation in document.operations if operation.phase is Phase.FLATS]
    assert thick
    assert max(thick) < min(flats)
    drawn = document.render(max(thick) + 1)
    rim = np.zeros((300, 300), np.uint8)
    cv2.circle(rim, (150, 150), 100, 1, 5)
    assert float((drawn[rim > 0].max(axis=1) < 60).mean()) > 0.9


def test_solid_black_is_outlined_among_the_lines_and_filled_at_once() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.ellipse(picture, (150, 170), (95, 125), 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    solid = np.zeros(picture.shape[:2], np.uint8)
    cv2.ellipse(solid, (150, 90), (80, 36), 0, 0, 360, 1, -1)
    cv2.rectangle(solid, (105, 210), (195, 224), 1, -1)
    picture[solid > 0] = 8
    for x in range(90, 220, 22):  # light in the hair
        cv2.line(picture, (x, 66), (x - 5, 92), (255, 255, 255), 2, cv2.LINE_AA)
    document = make_document(picture, options(Method.OUTLINE))
    lines = [operation.index for operation in document.operations if operation.phase is Phase.LINE]
    fills = [operation.index for operation in document.operations if operation.phase is Phase.FLATS]
    # The hair is filled before the rest is drawn.
    assert min(fills) < max(lines)
    begin, end = min(fills), next(at for at in range(min(fills), document.count) if at not in fills)
    inner = cv2.erode(solid, np.ones((9, 9), np.uint8)) > 0
    black = inner & (picture.max(axis=2) < 40)
    rim = (solid > 0) & ~(cv2.erode(solid, np.ones((3, 3), np.uint8)) > 0)
    shapes = cv2.connectedComponents(solid)[1]
    drawn, filled, whole = document.render(begin), document.render(end), document.render(max(*fills, *lines) + 1)
    hollow = [number for number in (1, 2) if float((filled[black & (shapes == number)] < 128).mean()) < 0.9]
    assert len(hollow) < 2
    own = shapes == 3 - max(hollow, default=2)
    assert float((drawn[black & own].max(axis=1) < 128).mean()) < 0.15
    assert float((drawn[rim & own].max(axis=1) < 128).mean()) > 0.8
    assert float((whole[black].max(axis=1) < 128).mean()) > 0.97


def test_a_black_coat_before_a_black_sky_is_filled_by_itself_and_the_sky_at_once() -> None:
    picture = np.full((420, 400, 3), 255, np.uint8)
    picture[:230] = 0
    coat = np.zeros((420, 400), np.uint8)
    cv2.fillConvexPoly(coat, np.array([[150, 170], [250, 170], [290, 380], [110, 380]]), 1)
    cv2.circle(picture, (200, 120), 50, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(picture, (200, 120), 50, (0, 0, 0), 3, cv2.LINE_AA)
    for x in (180, 220):
        cv2.circle(picture, (x, 115), 6, (0, 0, 0), -1, cv2.LINE_AA)
    cv2.line(picture, (185, 145), (215, 145), (0, 0, 0), 3, cv2.LINE_AA)
    picture[coat > 0] = 0
    reading = read(picture)
    whole = np.zeros((420, 400), np.uint8)
    cv2.circle(whole, (200, 120), 51, 255, -1)
    whole[coat > 0] = 255
    cover = np.asarray(cv2.resize(whole, reading.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    figured = replace(reading, figure=replace(reading.figure, cover=cover))
    document = make_document(picture, options(Method.OUTLINE), lambda _: figured)
    inner = cv2.erode(coat, np.ones((25, 25), np.uint8)) > 0
    sky = np.zeros(coat.shape, bool)
    sky[20:150, 20:110] = True
    partly = set()
    for operation in document.operations:
        state = document.render(operation.index + 1)
        black = float((state[sky].max(axis=1) < 128).mean())
        assert black < 0.1 or black > 0.9
        dressed = float((state[inner].max(axis=1) < 128).mean()) > 0.9
        partly |= {(black > 0.9, dressed)}
    assert len(partly) == 3


def test_line_art_that_is_cut_out_is_drawn_with_lines_whatever_its_file_hides() -> None:
    lines = 255 - pictures.outlines(420, 340)[..., 0]
    alpha = np.asarray(cv2.dilate(lines, np.ones((5, 5), np.uint8)), np.uint8)
    document = make_document(np.dstack([np.zeros((340, 420, 3), np.uint8), alpha]), options(Method.OUTLINE))
    at = {phase: [op.index / document.count for op in document.operations if op.phase is phase] for phase in Phase}
    assert max(at[Phase.SKETCH]) < 0.6
    assert len(at[Phase.LINE]) > 0.2 * document.count


_TONES = ("line", "screentone", "hatching")


def test_screentone_is_laid_after_the_blacks_and_before_details() -> None:
    picture = np.full((300, 280, 3), 255, np.uint8)
    cv2.ellipse(picture, (140, 150), (110, 130), 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    for y in range(140, 220, 3):
        for x in range(80, 200, 3):
            picture[y, x] = 40
    document = make_document(picture, options(Method.OUTLINE))
    where = np.s_[150:210, 90:190]
    toned = max(operation.index for operation in document.operations if operation.label == "screentone")
    details = [operation.index for operation in document.operations if operation.phase is Phase.DETAILS]
    lines = max(operation.index for operation in document.operations if operation.phase is Phase.LINE)
    assert lines < toned < min(details, default=document.count)
    drawn = document.render(toned + 1)
    assert abs(float(drawn[where].mean()) - float(picture[where].mean())) < 12


def test_screentone_does_not_wait_for_hatching() -> None:
    picture = np.full((400, 380, 3), 255, np.uint8)
    cv2.ellipse(picture, (190, 200), (150, 180), 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    for y in range(230, 320, 3):
        for x in range(120, 260, 3):
            picture[y, x] = 40
    for x in range(110, 260, 5):
        cv2.line(picture, (x, 90), (x, 140), (0, 0, 0), 1)
    reading = replace(read(picture), kind=PictureKind.LINE_ART)
    document = make_document(picture, options(Method.OUTLINE), lambda _: reading)
    at = {label: [op.index for op in document.operations if op.label.endswith(label)] for label in _TONES}
    assert max(at["line"]) < min(at["screentone"]) <= max(at["screentone"]) < min(at["hatching"])
    assert max(at["screentone"]) < 0.8 * document.count


def test_the_lit_side_of_a_thing_comes_as_a_tone_on_its_flat() -> None:
    """A jug: without its handle it would be a sheet on white."""
    picture = np.full((300, 260, 3), 255, np.uint8)
    cv2.ellipse(picture, (50, 140), (34, 50), 0, 90, 270, (24, 22, 30), 25, cv2.LINE_AA)
    cv2.ellipse(picture, (50, 140), (34, 50), 0, 90, 270, (70, 92, 150), 19, cv2.LINE_AA)
    cv2.rectangle(picture, (50, 40), (210, 260), (70, 92, 150), -1)
    cv2.rectangle(picture, (150, 40), (210, 260), (120, 150, 214), -1)
    cv2.rectangle(picture, (50, 40), (210, 260), (24, 22, 30), 3, cv2.LINE_AA)
    document = make_document(picture, options(Method.LINE))
    flats = max(operation.index for operation in document.operations if operation.phase is Phase.FLATS)
    flat = document.render(flats + 1)
    dark, light = flat[150, 100].astype(int), flat[150, 185].astype(int)
    assert int(np.abs(dark - light).max()) < 6
    shaded = max(operation.index for operation in document.operations if operation.phase is Phase.SHADING)
    assert int(np.abs(document.render(shaded + 1)[150, 185].astype(int) - picture[150, 185]).max()) < 20


def test_a_shape_that_blends_from_one_paint_into_another_is_filled_whole_and_airbrushed_up_to_its_border() -> None:
    picture = np.full((520, 420, 3), 255, np.uint8)
    cloth = np.zeros((520, 420), np.uint8)
    cv2.ellipse(cloth, (210, 260), (150, 200), 0, 0, 360, 1, -1)
    along = np.clip((np.arange(520) - 260) / 220 + 0.5, 0, 1)[:, None, None]
    paints = (1 - along) * np.array((190, 186, 224)) + along * np.array((110, 100, 190))
    picture[cloth > 0] = np.broadcast_to(paints, picture.shape)[cloth > 0]
    document = make_document(picture, options(Method.LINE))
    last = {operation.phase: operation.index for operation in document.operations}
    depth = cv2.distanceTransform(cloth, cv2.DIST_L2, 5)
    assert np.ptp(document.render(last[Phase.FLATS] + 1)[depth > 8].astype(np.int64), axis=0).max() < 6
    shaded = document.render(last[Phase.SOFT_SHADING] + 1).astype(np.int64)
    away = np.abs(shaded - picture).max(axis=2)
    assert np.percentile(away[(depth > 1) & (depth < 6)], 95) < 15


def test_coloured_pencils_go_over_an_area_in_layers_of_strokes() -> None:
    noise = np.random.Generator(np.random.PCG64(3)).normal(0, 14, (260, 260, 1))
    picture = np.full((260, 260, 3), 255.0)
    inside = np.zeros((260, 260), np.uint8)
    cv2.circle(inside, (130, 130), 95, 1, -1)
    picture[inside > 0] = (np.array([60.0, 130.0, 190.0]) + noise)[inside > 0]
    drawing = np.clip(picture, 0, 255).astype(np.uint8)
    document = make_document(drawing, options(Method.PENCIL))
    assert not {Tool.BUCKET, Tool.AIRBRUSH, Tool.LASSO} & {operation.tool for operation in document.operations}
    light = [operation.index for operation in document.operations if operation.label.endswith("light hatching")]
    middle = np.s_[90:170, 90:170]
    first = document.render(max(light) + 1)[middle].astype(int)
    # Paper between the strokes, and no stroke is as strong as the drawing.
    assert 0.1 < float((first[..., 0] > 235).mean()) < 0.9
    assert float(first[..., 0].mean()) > drawing[middle][..., 0].mean() + 40


def test_what_shines_through_is_painted_in_its_own_colour() -> None:
    picture = np.zeros((240, 240, 4), np.uint8)
    cv2.circle(picture, (120, 120), 100, (40, 60, 70, 255), -1)
    cv2.rectangle(picture, (70, 80), (170, 160), (200, 20, 20, 110), -1)
    document = make_document(picture, options(Method.LINE))
    state = document.render(0.9 * document.count)[100:140, 90:150].astype(int)
    assert np.abs(state[..., :3] - picture[100:140, 90:150, :3].astype(int)).max() < 40


def test_a_phase_with_little_to_do_leaves_no_other_much_more_than_its_share() -> None:
    def step(phase: Phase, most: float) -> ScriptStep:
        return ScriptStep(phase, Tool.BRUSH, phase.value, (0, 0, 10, 10), 1.0, lambda *_: None, most=most)

    steps = [step(Phase.SKETCH, 50.0) for _ in range(20)] + [step(Phase.DETAILS, 0.5) for _ in range(20)]
    steps += [step(Phase.LINE, 50.0) for _ in range(20)]
    shares = {Phase.SKETCH: 0.3, Phase.LINE: 0.4, Phase.DETAILS: 0.3}
    timeline = scheduled(steps, shares, (10, 10))
    sketch = sum(operation.phase is Phase.SKETCH for operation in timeline.operations)
    line = sum(operation.phase is Phase.LINE for operation in timeline.operations)
    assert timeline.total < 900
    assert sketch < line


def test_small_brushes_do_not_fray_a_clear_edge() -> None:
    """A dark hill before a light sky, both mottled: small brushes leave neither jutting far into the other."""
    rows, columns = np.mgrid[0:240, 0:320]
    edge = 120 + 30 * np.sin(columns / 50)
    mottled = cv2.GaussianBlur(np.random.Generator(np.random.PCG64(1)).normal(0, 60, (240, 320)), (0, 0), 3)
    light = np.where(rows > edge, 70, 190)[..., None] + mottled[..., None] + [0, 8, 20]
    picture: Pixels = np.clip(light, 0, 255).astype(np.uint8)
    astray = []
    for seed in range(3):
        document = make_document(picture, replace(options(Method.PAINTER), seed=seed))
        away = np.abs(document.render(0.4 * document.count).astype(int) - picture).max(axis=2)
        astray.append(float((away > 60)[np.abs(rows - edge) < 6].mean()))
    assert float(np.mean(astray)) < 0.28, astray
