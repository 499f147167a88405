"""What a drawing parts and what it keeps together: contours, flats and their sides, the two eyes of a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from procedural.reading.drawn import face_at, portrait

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import UNIT, Phase, Pixels, Tool
from paints_undo_engine.procedural.methods.outlines import Contours
from paints_undo_engine.procedural.reading.model import Colour, FigureSource, InkPath, Labels, Part
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.contouring import contours
from paints_undo_engine.procedural.techniques.hosting import hosts_of
from paints_undo_engine.procedural.techniques.lining import Stroke, in_order, ordered_strokes
from paints_undo_engine.procedural.techniques.roughing import rough_lines
from paints_undo_engine.procedural.techniques.scenery import ground_strokes
from paints_undo_engine.procedural.techniques.shades import find_shades
from paints_undo_engine.request import Corrections, Method

EYES = ((130, 110), (170, 110))


def source_of(picture: Pixels) -> Source:
    return Source(picture, read(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), Options())


def test_lights_on_a_thing_have_no_outline_and_what_meets_it_has() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 40), (240, 170), (158, 62, 42), -1)
    cv2.rectangle(picture, (60, 170), (240, 290), (90, 70, 170), -1)
    lights = np.zeros((320, 300), np.uint8)
    for x, y in ((100, 80), (150, 110), (200, 75), (110, 135), (195, 130)):
        cv2.ellipse(lights, (x, y), (5, 3), 20, 0, 360, 1, -1)
    picture[lights > 0] = (226, 130, 96)
    source = source_of(picture)
    found = contours(source, [region.label for region in source.reading.regions if min(region.colour) < 240])
    drawn = np.zeros(lights.shape, np.uint8)
    for path in found:
        cv2.polylines(drawn, [np.rint(path.points * source.reading.scale).astype(np.int32)], False, 1, 3)
    assert not drawn[60:155, 75:225].any()
    assert drawn[165:176, 80:220].any(axis=0).mean() > 0.8


def test_an_edge_that_goes_through_one_flat_of_a_figure_is_inked_and_none_where_none_is_known() -> None:
    picture = np.full((320, 300, 3), 255, np.uint8)
    cv2.rectangle(picture, (60, 40), (240, 290), (150, 130, 120), -1)
    cv2.rectangle(picture, (60, 40), (150, 290), (90, 60, 50), -1)
    source = source_of(picture)
    reading = source.reading
    labels = np.where(reading.figure.cover > 127, 0, 1).astype(np.int32)
    body, ground = replace(reading.regions[0], label=0, figure=0), replace(reading.regions[0], label=1, figure=None)
    none = replace(reading.ink, cover=np.zeros_like(reading.ink.cover), paths=())
    middle = [round(150 / reading.scale) + by for by in range(-4, 5)]
    for known in (True, False):
        figure = replace(reading.figure, source=FigureSource.NETWORK if known else FigureSource.NONE)
        one = replace(reading, labels=labels, regions=(body, ground), ink=none, figure=figure)
        drawn = np.zeros(labels.shape, np.uint8)
        for path in contours(replace(source, reading=one), [0, 1]):
            cv2.polylines(drawn, [np.rint(path.points).astype(np.int32)], False, 1, 1)
        within = drawn[round(70 / reading.scale) : round(260 / reading.scale), middle]
        assert (within.any(axis=1).mean() > 0.9) == known


def test_great_contours_are_inked_first_and_scraps_last() -> None:
    source = source_of(np.full((320, 300, 3), 255, np.uint8))
    lines = [ink((10, 10), (12, 10)), ink((10, 20), (40, 20)), ink((10, 30), (200, 30)), ink((10, 40), (280, 40))]
    order = [stroke.path for stroke in in_order(source, [Stroke(line) for line in lines])]
    assert [lines.index(path) for path in order] == [3, 2, 1, 0]


def test_a_figure_is_outlined_whole_however_dark_its_ground_is() -> None:
    picture = np.full((320, 300, 3), (64, 58, 72), np.uint8)
    cv2.ellipse(picture, (150, 160), (80, 110), 0, 0, 360, (150, 60, 50), -1)
    source = source_of(picture)
    reading = source.reading
    body = int(reading.labels[reading.shape[0] // 2, reading.shape[1] // 2])
    alike = tuple(
        replace(region, colour=(70, 60, 66), figure=0 if region.label == body else None) for region in reading.regions
    )
    for known in (True, False):
        figure = replace(reading.figure, source=FigureSource.NETWORK if known else FigureSource.NONE)
        looked = replace(source, reading=replace(reading, regions=alike, figure=figure))
        found = contours(looked, [region.label for region in alike])
        length = sum(path.length for path in found) * reading.scale
        assert (length > 0.9 * 2 * np.pi * 95) == known


def test_what_is_grey_within_another_grey_thing_is_no_side_of_it() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    cv2.ellipse(picture, (150, 160), (110, 125), 0, 0, 360, (58, 58, 66), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (150, 180), (60, 75), 0, 0, 360, (134, 130, 138), -1, cv2.LINE_AA)
    source = source_of(picture)
    labels = source.reading.labels
    hood, hair = (int(labels[round(y / source.reading.scale), labels.shape[1] // 2]) for y in (60, 180))
    assert hood != hair
    shades = find_shades(source, [region.label for region in source.reading.regions])
    assert shades.get(hair, hair) != shades.get(hood, hood)


COLOURS = np.array([(200, 80, 70), (70, 150, 90), (60, 80, 170)], np.uint8)


def shaped(shapes: Labels) -> tuple[Source, list[int], Labels]:
    """The picture of shapes int32 [640, 640] of three numbers, without ink, its regions for them, and the shapes with
    these.
    """
    # Soft borders: with hard ones it would be pixel art.
    source = source_of(np.asarray(cv2.GaussianBlur(COLOURS[shapes], (0, 0), 1.0), np.uint8))
    none = replace(source.reading.ink, cover=np.zeros(shapes.shape, np.uint8), paths=())
    source = replace(source, reading=replace(source.reading, ink=none))
    known = np.array([region.colour for region in source.reading.regions], np.int64)
    own = [int(np.abs(known - colour).sum(axis=1).argmin()) for colour in COLOURS.astype(np.int64)]
    return source, own, np.array(own, np.int32)[shapes]


def drawn(paths: Sequence[InkPath], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Where lines are: bool [h, w]."""
    mask = np.zeros(shape, np.uint8)
    for path in paths:
        cv2.polylines(mask, [np.rint(path.points).astype(np.int32)], False, 1)
    return mask > 0


def test_of_two_borders_beside_each_other_one_gets_a_line() -> None:
    for strip, lines in ((3, 1), (24, 2)):
        shapes = np.zeros((640, 640), np.int32)
        shapes[:, 320:], shapes[500:] = 1, 2
        shapes[:500, 320 : 320 + strip] = 2
        source, own, labels = shaped(shapes)
        mask = drawn(contours(source, own, labels=labels), shapes.shape)
        crossed = [np.count_nonzero(np.diff(row.astype(int), prepend=0) > 0) for row in mask[60:440:40]]
        assert crossed == [lines] * len(crossed)


def test_a_ragged_border_on_a_cheek_is_shading() -> None:
    shapes = np.zeros((640, 640), np.int32)
    shapes[:, 560:] = 2
    teeth = [(x, 370 + 12 * (number % 2)) for number, x in enumerate(range(-20, 561, 9))]
    cv2.fillPoly(shapes, [np.array([*teeth, (559, 639), (-20, 639)], np.int32)], 1)
    source, own, labels = shaped(shapes)
    faced = replace(source, reading=replace(source.reading, faces=(face_at(60, 80, 440),)))
    for seen, ragged in ((source, True), (faced, False)):
        mask = drawn(contours(seen, own, labels=labels), shapes.shape)
        assert (mask[360:390, 150:400].any(axis=0).mean() > 0.8) == ragged
        assert mask[100:600, 552:568].any(axis=1).mean() > 0.9


def test_a_ground_without_lines_gets_no_contours() -> None:
    source = source_of(np.full((300, 300, 3), 255, np.uint8))
    pens = Contours(source).pen, Contours(source).ground_pen
    height, width = source.reading.shape
    outline = Stroke(ink((20, 20), (width - 20, 20)), pens[0])
    own = [Stroke(ink((20, y), (width - 20, y))) for y in (200, 300)]
    nowhere, everywhere = np.zeros((height, width), bool), np.ones((height, width), bool)
    assert not ground_strokes(source, [outline], nowhere, everywhere, pens)
    assert len(ground_strokes(source, [outline, *own], nowhere, everywhere, pens)) == 3
    assert ground_strokes(source, [outline], everywhere, everywhere, pens) == [outline]


@pytest.mark.parametrize(("colour", "skin"), [((205, 160, 135), True), ((180, 168, 154), False)])
def test_a_hand_in_the_shade_has_its_faces_flat_wherever_it_lies_and_greyer_cloth_has_not(
    colour: Colour, skin: bool
) -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    for at, half, paint in (
        ((150, 100), (50, 50), (241, 203, 176)),
        ((150, 220), (90, 60), (60, 80, 150)),
        ((150, 220), (30, 20), colour),
    ):
        cv2.ellipse(picture, at, half, 0, 0, 360, paint, -1, cv2.LINE_AA)
    source = source_of(picture)
    labels = source.reading.labels
    head, hand = (int(labels[round(y / source.reading.scale), labels.shape[1] // 2]) for y in (100, 220))
    parts = {head: Part.SKIN, hand: Part.SKIN}
    regions = tuple(
        replace(region, figure=0, part=parts.get(region.label, region.part)) for region in source.reading.regions
    )
    face = replace(face_at(*(round(side / source.reading.scale) for side in (100, 50, 100))), skin=(241, 203, 176))
    source = replace(source, reading=replace(source.reading, faces=(face,), regions=regions))
    assert head != hand
    assert (find_shades(source, [region.label for region in regions]).get(hand) == head) is skin


def ink(*points: tuple[float, float]) -> InkPath:
    """A stroke of an even width."""
    path = np.array(points, np.float32)
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    return InkPath(path, np.full(len(path), 2, np.float32), length, 0, (20, 20, 20))


def test_both_eyes_of_a_face_are_drawn_before_anything_else_is() -> None:
    lashes = [ink((x - 8, y), (x, y - 6), (x + 8, y)) for x, y in EYES] + [ink((x - 8, y), (x + 8, y)) for x, y in EYES]
    # As large as the grid, so that places on both are the same.
    picture = np.full((700, 700, 3), 255, np.uint8)
    for lash in lashes:
        cv2.polylines(picture, [np.rint(lash.points).astype(np.int32)], False, (20, 20, 20), 2, cv2.LINE_AA)
    source = source_of(picture)
    # A nose, and locks that hang beside each eye.
    others = [ink((150, 100), (152, 118)), *(ink((x, 60), (x + 2, 86)) for x in range(112, 192, 6))]
    paths = tuple(others[:6] + lashes + others[6:])
    reading = replace(source.reading, faces=(face_at(100, 60, 100),), ink=replace(source.reading.ink, paths=paths))
    source = replace(source, reading=reading)
    order = [any(stroke.path is lash for lash in lashes) for stroke in ordered_strokes(source)]
    first = order.index(True)
    assert order[first : first + 4] == [True] * 4
    # The sketch has simpler eyes than the ink, in the same places.
    lines = rough_lines(source)
    rough = [line.name.startswith("eye") for line in lines]
    assert rough.count(True) > 1
    first = rough.index(True)
    assert all(rough[first : first + rough.count(True)])
    for x, y in EYES:
        assert any(np.hypot(*(line.points.mean(axis=0) - (x, y))) < 12 for line in lines[first:] if "eye" in line.name)
    assert not any(np.shares_memory(line.points, lash.points) for line in lines for lash in lashes)


def test_the_outline_of_a_face_is_inked_right_before_its_eyes() -> None:
    source = source_of(np.full((300, 300, 3), 255, np.uint8))
    face = face_at(100, 60, 100)
    left, right = (np.array(eye.centre) for eye in face.eyes)
    middle, (_, chin) = (left + right) / 2, face.chin
    turn = np.linspace(0.3, np.pi - 0.3, 30)
    jaw = ink(*((middle[0] + 50 * np.cos(at), middle[1] + (chin - middle[1]) * np.sin(at)) for at in turn))
    eyes = [ink((x - 8, y), (x + 8, y)) for x, y in EYES]
    nose, lock = ink((150, 100), (152, 118)), ink((112, 60), (114, 86))
    reading = replace(source.reading, faces=(face,), ink=replace(source.reading.ink, paths=(nose, lock, *eyes, jaw)))
    order = [stroke.path for stroke in ordered_strokes(replace(source, reading=reading))]
    at = next(number for number, path in enumerate(order) if path is jaw)
    assert {id(path) for path in order[at + 1 : at + 3]} == {id(path) for path in eyes}


def test_eyes_have_their_colours_among_the_flats_and_no_tone_comes_before_the_last_flat() -> None:
    picture = portrait(400)
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    flats = [operation for operation in document.operations if operation.phase is Phase.FLATS]
    shading = [operation.index for operation in document.operations if operation.phase is Phase.SHADING]
    assert max(operation.index for operation in flats) < min(shading)
    looks = [operation.index for operation in flats if operation.label.startswith("eyes")]
    # The whites of the eyes are "white skin".
    others = [op.index for op in flats if not op.label.startswith("eyes") and "skin" not in op.label]
    assert max(looks) < min(others)
    state = document.render(max(looks) + 1)
    for x in (0.38, 0.62):
        eye = np.s_[round(0.54 * 400) : round(0.6 * 400), round((x - 0.03) * 400) : round((x + 0.03) * 400)]
        assert np.abs(state[eye].astype(int) - picture[eye]).mean() < 20


def comic() -> Pixels:
    """Balls with black outlines before a sky, in which a band of another blue lies without a line: uint8."""
    picture = np.full((300, 400, 3), (150, 170, 240), np.uint8)
    cv2.polylines(picture, [BAND], False, (90, 100, 220), 22, cv2.LINE_AA)
    for x, y, radius, colour in (
        (90, 200, 60, (60, 170, 70)),
        (220, 220, 50, (230, 180, 60)),
        (330, 190, 48, (220, 90, 80)),
    ):
        cv2.circle(picture, (x, y), radius, colour, -1, cv2.LINE_AA)
        cv2.circle(picture, (x, y), radius, (15, 15, 20), 4, cv2.LINE_AA)
        for turn in (0.4, 0.7):
            cv2.ellipse(picture, (x, y), (round(turn * radius),) * 2, 20, 0, 250, (15, 15, 20), 4, cv2.LINE_AA)
    return picture


BAND = np.stack([np.linspace(20, 380, 60), 70 + 18 * np.sin(np.linspace(0, 7, 60))], axis=1).astype(np.int32)


def test_what_has_no_line_in_a_picture_of_lines_is_not_inked() -> None:
    picture = comic()
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    inked = document.render(max(op.index for op in document.operations if op.phase is Phase.LINE) + 1)
    band = np.zeros(picture.shape[:2], np.uint8)
    cv2.polylines(band, [BAND], False, 1, 34)
    dark = inked[..., :3].max(axis=2) < 130
    assert dark[band == 0].mean() > 0.02
    assert not dark[band > 0].any()
    # Its form is there, with a paler pen and not in a paint's colour.
    assert (inked[band > 0, :3].max(axis=1) < 210).mean() > 0.03
    assert np.ptp(inked[band > 0, :3].astype(int), axis=1).max() < 40


def test_the_white_border_of_a_sticker_has_no_line() -> None:
    sticker = np.zeros((300, 300, 4), np.uint8)
    cv2.circle(sticker, (150, 150), 125, (255, 255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(sticker, (150, 150), 95, (20, 20, 30, 255), 4, cv2.LINE_AA)
    for x in (115, 185):
        cv2.circle(sticker, (x, 130), 14, (20, 20, 30, 255), 4, cv2.LINE_AA)
    cv2.ellipse(sticker, (150, 180), (40, 20), 0, 0, 180, (20, 20, 30, 255), 4, cv2.LINE_AA)
    cv2.circle(sticker, (150, 95), 18, (220, 90, 70, 255), -1, cv2.LINE_AA)
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(sticker, read_picture(sticker), table, Options())
    for path in contours(source, [region.label for region in source.reading.regions]):
        away = np.hypot(*(path.points * source.reading.scale - 150).T)
        assert away.max() < 115


def test_what_lies_in_a_flat_is_never_bare_paper_in_it() -> None:
    picture = np.zeros((320, 320, 4), np.uint8)
    cv2.rectangle(picture, (40, 30), (280, 290), (150, 70, 50, 255), -1)
    small = np.zeros((320, 320), np.uint8)
    cv2.ellipse(small, (160, 120), (22, 16), 0, 0, 360, 1, -1)
    picture[small > 0] = (60, 90, 190, 255)
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    flats = [op.index for op in document.operations if op.phase is Phase.FLATS]
    around = (cv2.dilate(small, np.ones((31, 31), np.uint8)) > 0) & (cv2.dilate(small, np.ones((9, 9), np.uint8)) == 0)
    inside = cv2.erode(small, np.ones((5, 5), np.uint8)) > 0
    filled = 0
    for index in range(min(flats), max(flats) + 2):
        state = document.render(index)
        painted = np.abs(state[..., :3].astype(int) - picture[..., :3]).max(axis=2) < 40
        if (painted & (state[..., 3] > 200))[around].all():
            filled += 1
            assert (state[inside, 3] > 200).all()
    assert filled


def test_a_strip_lies_in_the_flat_beside_it_and_what_stands_free_in_none() -> None:
    labels = np.full((300, 300), -1, np.int32)
    labels[50:250, 50:150] = 0
    labels[90:250, 153:250] = 1
    labels[50:250, 150:153] = 2
    labels[100:120, 80:110] = 3
    labels[10:30, 10:30] = 4
    assert hosts_of(labels, [0, 1, 2, 3, 4]) == {2: 0, 3: 0}
    assert hosts_of(labels, [3, 4, 2, 1, 0]) == {}


def test_a_bucket_flows_into_what_no_line_parts_from_a_flat_unless_that_is_closed() -> None:
    labels = np.zeros((200, 200), np.int32)
    labels[:, 100:] = 1
    labels[60:90, 88:118] = 2
    bare = np.ones(labels.shape, bool)
    assert hosts_of(labels, [0, 1, 2]) == {}, "half of it lies beside either"
    bare[58:92, 86:101] = False
    assert hosts_of(labels, [0, 1, 2], bare) == {2: 1}
    assert hosts_of(labels, [0, 1, 2], bare, closed=[1]) == {}
    assert hosts_of(labels, [0, 1, 2], np.zeros_like(bare)) == {}


def test_contours_are_painted_over_when_a_quarter_of_the_forms_is() -> None:
    picture = np.full((200, 200, 3), 255, np.uint8)
    cv2.rectangle(picture, (50, 50), (150, 150), (120, 160, 220), -1)
    outlines = Contours(source_of(picture))
    outlines.strokes([ink((50, 50), (150, 50))])
    flats, tones, forms = (
        [ScriptStep(phase, Tool.BRUSH, "", (0, 0, 9, 9), 1, lambda begin, end: None) for _ in range(100)]
        for phase in (Phase.FLATS, Phase.SHADING, Phase.PAINTING)
    )
    outlines.pen.line(np.array([[50, 50], [150, 50]], np.float32), Phase.LINE, "")
    outlines.fade(flats, tones, forms)
    for at, step in enumerate([*flats, *tones, *forms]):
        step.when(at * UNIT, (at + 1) * UNIT)
    (layer,) = outlines.layers()
    seen = [layer.opacity(at * UNIT) for at in (100, 150, 200, 225)]
    assert seen[0] == 1
    assert 0.5 < seen[1] < 0.7
    assert seen[2] == seen[1]
    assert seen[3] == 0


def test_a_patch_in_a_coat_has_its_own_colour_before_the_next_flat() -> None:
    picture = np.zeros((320, 320, 4), np.uint8)
    cv2.rectangle(picture, (40, 30), (280, 180), (150, 70, 50, 255), -1)
    cv2.rectangle(picture, (40, 180), (280, 290), (90, 150, 90, 255), -1)
    # A coat has a neck and is cut in below its sleeves; a rectangle on nothing is a sheet.
    cv2.circle(picture, (160, 30), 34, (0, 0, 0, 0), -1)
    for x in (40, 280):
        cv2.circle(picture, (x, 200), 44, (0, 0, 0, 0), -1)
    cv2.ellipse(picture, (160, 105), (22, 16), 0, 0, 360, (60, 90, 190, 255), -1)
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    flats = [op.index for op in document.operations if op.phase is Phase.FLATS]
    for index in range(min(flats), max(flats) + 2):
        state = document.render(index).astype(int)
        if state[235, 160, 3] > 200 and np.abs(state[235, 160, :3] - picture[235, 160, :3]).max() < 40:
            break
    assert np.abs(state[105, 160, :3] - picture[105, 160, :3]).max() < 40
