"""How a drawing in tones is drawn: contours in long strokes, then tone in passes over all of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import cv2
import numpy as np

from paints_undo_engine.procedural import Document, make_document
from paints_undo_engine.procedural.document.model import Phase, Pixels
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.fitting import fitted
from paints_undo_engine.procedural.reading.model import Box, Eye, Face, FaceSource
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.pencilling import contoured
from paints_undo_engine.procedural.techniques.stroke_ways import ways_of
from paints_undo_engine.request import Corrections, Method

ONE, OTHER = (110, 130), (270, 150)
"""The middles of the balls."""


@cache
def balls() -> Pixels:
    """Two balls in graphite on white, full of grain, without outlines, each from light grey to nearly black."""
    y, x = np.mgrid[:280, :380].astype(np.float32)
    noise = np.random.default_rng(7).normal(0, 1, (280, 380))
    grain = 34 * noise + 60 * cv2.GaussianBlur(noise, (0, 0), 1.0)
    light = np.full((280, 380), 255.0, np.float32)
    for (left, top), radius in ((ONE, 70), (OTHER, 75)):
        inside = np.hypot(x - left, y - top) < radius
        tone = np.clip(150 + 1.3 * (left - x) + 0.3 * grain, 20, 225)
        light[inside] = tone[inside]
    soft = np.rint(cv2.GaussianBlur(light, (0, 0), 0.5))
    return np.repeat(soft[..., None], 3, axis=2).astype(np.uint8)


@cache
def drawn() -> Document:
    return make_document(balls(), Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))


def after(phase: Phase) -> int:
    """The number of operations at the end of a phase."""
    return 1 + max(operation.index for operation in drawn().operations if operation.phase is phase)


def test_contours_are_long_strokes_and_grain_is_none() -> None:
    state = drawn().render(after(Phase.LINE))
    marks = (cv2.cvtColor(state, cv2.COLOR_RGB2GRAY) < 230).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(marks, np.ones((3, 3), np.uint8)))
    size = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    assert float(size[size > 25].sum()) > 0.8 * float(size.sum())
    inner = np.s_[ONE[1] - 35 : ONE[1] + 35, ONE[0] - 35 : ONE[0] + 35]
    assert float(marks[inner].mean()) < 0.04


def test_darks_stand_by_the_middle_of_the_tones() -> None:
    begin, end = after(Phase.LINE), after(Phase.SHADING)
    state = drawn().render((begin + end) / 2).astype(np.float32)
    for left, top in (ONE, OTHER):
        dark = np.s_[top - 15 : top + 15, left + 35 : left + 58]
        assert float(state[dark].mean()) < float(balls()[dark].mean()) + 60


def test_the_first_layer_is_made_of_strokes_with_bare_paper_between_them() -> None:
    light = [one.index for one in drawn().operations if "light hatching" in one.label]
    before, state = (drawn().render(at)[..., 0].astype(np.float32) for at in (min(light), max(light) + 1))
    inner = np.s_[ONE[1] - 40 : ONE[1] + 40, ONE[0] - 40 : ONE[0] + 40]
    darker = (before - state)[inner]
    assert 0.15 < float((darker > 20).mean()) < 0.8
    assert float((darker < 4).mean()) > 0.1
    # They are long: along their way tone changes less than across it.
    across, down = (cv2.Sobel(darker, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    first, second = np.linalg.eigvalsh(np.cov(across.ravel(), down.ravel()))
    assert second > 1.5 * first


def test_no_layer_of_strokes_makes_anything_lighter_before_the_last() -> None:
    begin = after(Phase.LINE)
    firm = [one for one in drawn().operations if "firm hatching" in one.label]
    here = [one.index for one in firm if one.bounds[0] < ONE[0] < one.bounds[0] + one.bounds[2]]
    inner = np.s_[ONE[1] - 40 : ONE[1] + 40, ONE[0] - 40 : ONE[0] + 40]
    tones = [float(drawn().render(at)[inner].mean()) for at in np.linspace(begin, max(here), 9)]
    assert all(later <= earlier + 0.5 for earlier, later in pairwise(tones))
    assert tones[-1] < 0.8 * tones[0]


def test_no_tone_is_darker_than_the_drawing_about_it() -> None:
    darkest = cv2.erode(balls(), np.ones((9, 9), np.uint8)).astype(np.int16)
    inner = np.s_[ONE[1] - 40 : ONE[1] + 40, ONE[0] - 40 : ONE[0] + 40]
    begin, end = after(Phase.LINE), after(Phase.SHADING)
    for share in (0.4, 0.6, 0.8):
        state = drawn().render(begin + share * (end - begin)).astype(np.int16)
        assert float((state < darkest - 12)[inner].mean()) < 0.02


def test_nothing_of_a_drawing_is_on_the_bare_sheet_however_pale_it_is() -> None:
    y, x = np.mgrid[:300, :400].astype(np.float64)
    noise = np.random.default_rng(3).normal(0, 1.2, (300, 400))
    light = 236 - 14 * x / 400 + noise
    pale = 14 * np.exp(-(((x - 200) / 60) ** 2 + ((y - 150) / 45) ** 2))
    shirt = np.rint(light - pale)
    picture = np.repeat(np.clip(shirt, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    cv2.ellipse(picture, (200, 150), (110, 100), 0, 0, 360, (80, 80, 80), 2, cv2.LINE_AA)
    blank = make_document(picture, Options(seed=2, method=Method.PENCIL)).render(0)[..., 0].astype(np.float32)
    away = cv2.GaussianBlur(blank - (light - noise).astype(np.float32), (0, 0), 8)
    assert float(np.abs(away[80:220, 100:300]).max()) < 4


def test_pale_folds_are_neither_seen_on_the_bare_sheet_nor_repeated() -> None:
    y, x = np.mgrid[:420, :560].astype(np.float64)
    noise = np.random.default_rng(3).normal(0, 1.2, (420, 560))
    paper = 226 - 10 * np.hypot((x - 280) / 280, (y - 210) / 210)
    inside = np.hypot((x - 280) / 190, (y - 210) / 150) < 1
    folds = np.where(inside, 2.4 * np.sin(x / 9 + y / 25), 0)
    picture = np.repeat(np.rint(paper + noise - folds)[..., None], 3, axis=2).astype(np.uint8)
    cv2.ellipse(picture, (280, 210), (190, 150), 0, 0, 360, (80, 80, 80), 2, cv2.LINE_AA)
    cv2.ellipse(picture, (280, 210), (60, 50), 0, 0, 360, (90, 90, 90), -1, cv2.LINE_AA)
    blank = make_document(picture, Options(seed=2, method=Method.PENCIL)).render(0)[..., 0].astype(np.float32)
    away = cv2.GaussianBlur(blank - paper.astype(np.float32), (0, 0), 3)
    shapes = away - cv2.GaussianBlur(away, (0, 0), 12)
    assert float(np.percentile(np.abs(shapes), 99.5)) < 1.1
    # The sheet has grain everywhere.
    rough = blank - cv2.GaussianBlur(blank, (0, 0), 3)
    assert 0.7 < float(rough[130:290, 190:370].std()) / float(rough[:40].std()) < 1.4


def test_colours_between_many_lines_come_in_passes_too() -> None:
    picture = np.full((300, 400, 3), 255, np.uint8)
    for left, colour in ((120, (60, 150, 70)), (280, (190, 90, 60))):
        inside = np.zeros((300, 400), np.uint8)
        cv2.ellipse(inside, (left, 150), (65, 110), 0, 0, 360, 1, -1)
        strokes = picture.copy()
        for foot in range(-300, 400, 9):
            cv2.line(strokes, (foot, 300), (foot + 300, 0), colour, 2, cv2.LINE_AA)
        picture[inside > 0] = strokes[inside > 0]
        cv2.ellipse(picture, (left, 150), (65, 110), 0, 0, 360, (30, 30, 30), 3, cv2.LINE_AA)
    document = make_document(picture, Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))
    second = max(operation.index for operation in document.operations if "second" in operation.label)
    state = document.render(second + 1)
    for left in (120, 280):
        at = np.s_[80:220, left - 40 : left + 40]
        goal, seen = (float(np.ptp(one[at].reshape(-1, 3).mean(axis=0))) for one in (picture, state))
        assert seen > 0.5 * goal


@cache
def locks() -> Pixels:
    """A head of hair in graphite: many grey strokes on white, with little tone between them."""
    chance = np.random.default_rng(5)
    picture = np.full((320, 320, 3), 244, np.uint8)
    cv2.ellipse(picture, (160, 170), (90, 120), 0, 0, 360, (110, 110, 110), 3, cv2.LINE_AA)
    for left in range(85, 236, 5):
        x, top = left + chance.integers(-3, 4), 70 + abs(left - 160) // 2
        for begin in range(top, 250, 40):
            grey = int(chance.integers(95, 165))
            cv2.line(picture, (int(x), begin), (int(x) + 3, begin + 32), (grey, grey, grey), 2, cv2.LINE_AA)
    return picture


def test_lines_of_graphite_are_drawn_as_contours_and_gone_over_by_tones() -> None:
    document = make_document(locks(), Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))
    shares: dict[Phase, list[float]] = {phase: [] for phase in Phase}
    for operation in document.operations:
        shares[operation.phase].append(operation.index / document.count)
    assert max(shares[Phase.LINE]) < 0.45
    assert min(shares[Phase.SHADING]) < 0.45
    assert any("second hatching" in operation.label for operation in document.operations)
    goal = float((244 - locks()[70:250, 90:230].astype(np.float32)).mean())
    seen = float((244 - document.render(0.65 * document.count)[70:250, 90:230].astype(np.float32)).mean())
    assert seen > 0.5 * goal


def test_a_drawing_made_again_gives_the_same_bytes() -> None:
    options = Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE)
    states = []
    for side in (200, 260):
        make_document(locks()[:side, :side].copy(), options)  # what comes now lies elsewhere in memory
        document = make_document(locks(), options)
        states.append(document.render(0.4 * document.count).tobytes())
    assert len(set(states)) == 1


def test_contours_are_no_darker_than_the_pictures_own_lines() -> None:
    picture = np.full((320, 320, 3), 244, np.uint8)
    cv2.circle(picture, (100, 160), 60, (200, 200, 200), 3, cv2.LINE_AA)
    cv2.circle(picture, (235, 160), 60, (60, 60, 60), 5, cv2.LINE_AA)
    document = make_document(picture, Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))
    last = max(operation.index for operation in document.operations if operation.phase is Phase.LINE)
    state = document.render(last + 1).astype(np.float32)[85:235].mean(axis=2)
    assert float(np.percentile(state[:, 30:165], 0.5)) > 165
    assert float(np.percentile(state[:, 170:305], 0.5)) < 165


def test_bits_of_ink_that_continue_nothing_are_no_lines() -> None:
    picture = np.full((320, 320, 3), 255, np.uint8)
    cv2.circle(picture, (160, 160), 110, (10, 10, 10), 3, cv2.LINE_AA)
    for left, top in ((120, 130), (160, 175), (200, 130)):
        cv2.line(picture, (left, top), (left + 5, top + 3), (10, 10, 10), 2, cv2.LINE_AA)
    document = make_document(picture, Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))
    lines = [operation.index for operation in document.operations if operation.phase is Phase.LINE]
    state = document.render(1 + max(lines))
    assert float(state[110:200, 100:220].min()) > 120
    assert float(state[40:280, 40:280].min()) < 60
    assert np.array_equal(document.render(document.count), picture)


def test_who_stays_on_paper_sketches_in_graphite() -> None:
    sketched = drawn().render(after(Phase.SKETCH)).astype(np.int16)
    marks = sketched[sketched.min(axis=2) < 225]
    assert len(marks) > 50
    assert int(np.ptp(marks, axis=1).max()) < 8


def test_a_sketch_has_the_hue_of_its_drawing() -> None:
    brown = np.rint(balls().astype(np.float32) / 255 * (np.array((225, 200, 170)) - (80, 50, 30)) + (80, 50, 30))
    document = make_document(
        brown.astype(np.uint8), Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE)
    )
    end = 1 + max(one.index for one in document.operations if one.phase is Phase.SKETCH)
    blank, state = (document.render(at).astype(np.int16) for at in (0, end))
    marks = state[(blank - state).max(axis=2) > 30]
    assert len(marks) > 50
    assert float((marks[:, 0] - marks[:, 2]).mean()) > 25


def test_the_border_of_a_shadow_within_a_face_is_no_contour() -> None:
    pixels = np.full((300, 300, 3), 240, np.uint8)
    cv2.circle(pixels, (150, 150), 120, (60, 60, 60), 2, cv2.LINE_AA)
    pixels[110:220, 150:200] = np.where(pixels[110:220, 150:200] > 200, 120, pixels[110:220, 150:200])
    reading = fitted(read(pixels), pixels, None)
    eye = Eye((120.0, 130.0), (8.0, 6.0), (60, 60, 60))
    box = Box(60, 60, 180, 180)
    face = Face(box, (eye, replace(eye, centre=(180.0, 130.0))), Box(130, 190, 40, 12), (150.0, 165.0), (150.0, 235.0),
                0.0, (240, 240, 240), (90, 90, 90), 0.9, FaceSource.MTCNN)  # fmt: skip
    straight = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    within = []
    for faces in ((), (face,)):
        source = Source(pixels, replace(reading, faces=faces), straight, Options(method=Method.PENCIL))
        paths = contoured(source, np.full_like(pixels, 240))[1]
        apart = [np.hypot(*(path.points - 150).T) for path in paths]
        within.append(sum(float((away < 80).mean()) > 0.5 for away in apart))
        assert any(float(away.min()) > 100 for away in apart)
    assert within[0] > within[1] == 0


def test_forms_beside_each_other_are_hatched_in_ways_of_their_own() -> None:
    chance = np.random.default_rng(8)
    light = np.full((320, 320), 250.0)
    squares = [np.s_[top : top + 120, left : left + 120] for top in (30, 170) for left in (30, 170)]
    for square, tone in zip(squares, (120, 165, 180, 135), strict=True):
        light[square] = tone + 12 * cv2.GaussianBlur(chance.normal(0, 1, (120, 120)), (0, 0), 1.0)
    picture = np.repeat(np.clip(np.rint(light + chance.normal(0, 5, light.shape)), 0, 255)[..., None], 3, axis=2)
    document = make_document(
        picture.astype(np.uint8), Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE)
    )
    layer = [one.index for one in document.operations if "light hatching" in one.label]
    state = cv2.cvtColor(document.render(max(layer) + 1), cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(state, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    turned = (across + 1j * down) ** 2
    ways = np.array([turned[square][20:-20, 20:-20].sum() for square in squares])
    # Of ways that agree the sum is as long as all of them.
    assert float(np.abs((ways / np.abs(ways)).sum())) < 0.95 * len(squares)


def test_hair_does_not_turn_the_strokes_of_the_face_within_it() -> None:
    chance = np.random.default_rng(8)
    strands = np.repeat(chance.normal(0, 1, (1, 400)), 400, axis=0)
    picture = 110 + 60 * cv2.GaussianBlur(strands, (0, 0), sigmaX=1.5, sigmaY=0.1)
    cv2.ellipse(picture, (200, 200), (55, 70), 0, 0, 360, 205, -1)
    pixels = np.repeat(np.clip(np.rint(picture), 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    eye = Eye((175.0, 190.0), (8.0, 6.0), (60, 60, 60))
    face = Face(Box(145, 130, 110, 140), (eye, replace(eye, centre=(225.0, 190.0))), Box(180, 230, 40, 12),
                (200.0, 210.0), (200.0, 268.0), 0.0, (205, 205, 205), (90, 90, 90), 0.9, FaceSource.MTCNN)  # fmt: skip
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    reading = fitted(read(pixels), pixels, None)
    turned = []
    for faces in ((face,), ()):
        seen = replace(reading, faces=faces, labels=np.zeros((400, 400), np.int16))
        broadly, texture = ways_of(Source(pixels, seen, unchanged, Options(seed=2)), 0.0)
        turned.append(float(np.abs(np.sin(broadly[180:220, 180:220])).mean()))
        assert float(np.abs(np.sin(texture[20:60, 20:380])).mean()) > 0.9
    assert turned[0] < 0.6 < 0.9 < turned[1]


def test_darks_end_as_softly_as_the_drawings_own() -> None:
    chance = np.random.default_rng(8)
    tone = np.repeat(np.linspace(225, 40, 440)[None], 260, axis=0) + chance.normal(0, 6, (260, 440))
    picture = np.full((300, 480), 250.0)
    picture[20:280, 20:460] = tone
    pixels = np.repeat(np.clip(np.rint(picture), 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    document = make_document(pixels, Options(seed=2, method=Method.PENCIL, corrections=Corrections.NONE))
    layer = [one.index for one in document.operations if "dark hatching" in one.label]
    before, after_it = (
        document.render(at)[60:240, 40:440, 0].astype(np.float32) for at in (min(layer), max(layer) + 1)
    )
    darker = cv2.GaussianBlur((before - after_it).mean(axis=0)[None], (0, 0), 6)[0]
    assert darker.max() > 40
    assert float(np.abs(darker[24:] - darker[:-24]).max()) < 0.5 * darker.max()
