"""How things are drawn before they are painted: construction, contours, hatching, and what the parts are called."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from procedural import pictures
from procedural.reading.drawn import face_at, portrait

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.arrival import Arrival
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import NEVER, UNIT, Phase, Pixels
from paints_undo_engine.procedural.reading.borders import hard_borders
from paints_undo_engine.procedural.reading.hatching import find_hatching
from paints_undo_engine.procedural.reading.model import InkPath, Part, PictureKind
from paints_undo_engine.procedural.reading.parts import find_names
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.construction import constructed
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil
from paints_undo_engine.request import Corrections, Method


def cut_out(*shapes: np.ndarray) -> Pixels:
    """Polygons of different colours without any line on a transparent ground: uint8 [200, 200, 4]."""
    canvas = np.zeros((200, 200, 4), np.uint8)
    for shape, colour in zip(shapes, ((220, 90, 60, 255), (70, 120, 200, 255)), strict=False):
        cv2.fillPoly(canvas, [shape.astype(np.int32)], colour)
    return canvas


BOX = np.array([[30, 50], [150, 40], [170, 150], [40, 165]])
ANIMAL = np.concatenate(
    [
        cv2.ellipse2Poly((80, 120), (60, 38), 0, 0, 360, 5)[:45],
        cv2.ellipse2Poly((150, 70), (28, 26), 0, 90, 400, 5),
    ]
)


def document_of(picture: Pixels, method: Method = Method.AUTO) -> Document:
    return make_document(picture, Options(method=method, corrections=Corrections.NONE))


def test_what_has_no_line_is_outlined_before_it_is_painted() -> None:
    picture = cut_out(BOX, np.array([[60, 80], [130, 70], [120, 130]]))
    document = document_of(picture, Method.LINE)
    last = max(op.index for op in document.operations if op.phase is Phase.LINE)
    canvas = document.render(last + 1)
    # A pen's pressure ebbs away at the ends of its strokes.
    drawn = (canvas[..., 3] > 60) & (canvas[..., :3].max(axis=2) < 170)
    borders = cv2.Canny(np.ascontiguousarray(picture[..., :3]), 30, 90) > 0
    near = cv2.dilate(drawn.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert near[borders].mean() > 0.82
    # The lines lie below the paint.
    flats = max(op.index for op in document.operations if op.phase is Phase.FLATS)
    painted = document.render(flats + 60)
    inside = cv2.erode(picture[..., 3], np.ones((5, 5), np.uint8)) > 0
    assert (painted[..., :3].max(axis=2)[inside] < 60).mean() < 0.01


def test_most_of_the_construction_is_rubbed_out_before_the_ink() -> None:
    document = document_of(cut_out(ANIMAL), Method.LINE)
    opacity = {layer.name: layer.opacity for layer in document.layers}
    clocks = np.arange(document.count) * UNIT
    built, rough = (opacity[name].along(clocks) for name in ("Construction", "Rough sketch"))
    pale = (rough > 0) & (rough < 1)
    assert pale.any()
    assert (built[pale] < rough[pale]).all()
    assert (built[rough == 1] == 1).all()


def test_the_ball_is_rubbed_out_of_the_face_alone() -> None:
    picture = portrait(300)
    reading = read_picture(picture)
    scale = reading.scale
    face = face_at(90 / scale, 100 / scale, 120 / scale)
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, replace(reading, faces=(face,), heads=(), poses=()), table, Options(seed=0))
    pencil = Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), "Construction")
    steps = constructed(source, pencil)
    (rubbing,) = pencil.rubbed("rubbed out")
    for number, step in enumerate([*steps, rubbing]):
        step.when(number * UNIT, (number + 1) * UNIT)
    layer = pencil.layer()
    assert layer.leave is not None
    gone = (layer.come != NEVER) & (layer.leave != NEVER)
    assert (layer.leave[gone] > layer.come[gone]).all()
    rows = np.flatnonzero(gone.any(axis=1))
    assert rows.min() > face.eyes[0].centre[1]
    assert rows.max() < face.chin[1]
    assert 0.03 < gone.sum() / (layer.come != NEVER).sum() < 0.3
    # What stands beside it is there to the end.
    layer.attach(source.grid)
    stays = (layer.come != NEVER) & (layer.leave == NEVER)
    for tile in source.grid.tiles:
        assert (layer.draw(tile, (len(steps) + 9) * UNIT) is not None) == bool(stays[tile.window].any())


CHAIN = np.concatenate(
    [
        [(15 + 12 * at, 100 + (-1) ** at * 14 - 6) for at in range(15)],
        [(183 - 12 * at, 100 + (-1) ** at * 14 + 8) for at in range(15)],
    ]
)


def sketched(picture: Pixels, seed: int) -> list[tuple[str, np.ndarray]]:
    """The label of each line of a picture's construction, and its places float32 [n, 2]."""
    reading, table = read_picture(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, reading, table, Options(seed=seed))
    pencil = Pencil(source, Hand((90, 90, 90), 0.002, 0.002, 1), "Construction")
    labels = [step.label for step in constructed(source, pencil)]
    return [(label, points * reading.scale) for label, (points, _) in zip(labels, pencil._lines, strict=True)]


def near_borders(picture: Pixels, points: np.ndarray, reach: int) -> float:
    """The share of places that lie near where a picture's colours change."""
    edges = cv2.Canny(picture, 30, 90)
    near = cv2.dilate(edges, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    x, y = np.clip(np.rint(points).astype(int), 0, (near.shape[1] - 1, near.shape[0] - 1)).T
    return float(near[y, x].mean())


def test_what_a_cut_out_hides_is_not_sketched() -> None:
    picture = cut_out(BOX)
    hidden = picture[..., 3] == 0
    for colour, rows in (((90, 40, 160), np.s_[:60]), ((230, 180, 40), np.s_[60:120]), ((20, 90, 60), np.s_[120:])):
        picture[rows, :, :3][hidden[rows]] = colour
    source = Source(picture, read_picture(picture), np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1), Options())
    edges = [np.rint(edge.points * source.scale).astype(int) for edge in source.reading.edges.main]
    near = cv2.dilate(picture[..., 3], np.ones((15, 15), np.uint8)) > 0
    assert edges
    assert all(near[np.clip(points[:, 1], 0, 199), np.clip(points[:, 0], 0, 199)].all() for points in edges)


def test_straight_things_are_boxed_and_others_searched_for_as_the_seed_has_it() -> None:
    assert any(label.startswith("shape, ") for label, _ in sketched(cut_out(BOX), 0))
    picture = cut_out(ANIMAL)
    built = [sketched(picture, seed) for seed in range(4)]
    assert len({frozenset(label for label, _ in lines) for lines in built}) >= 3
    outline = np.where(picture[..., 3:] > 0, np.uint8(0), np.uint8(255)).repeat(3, axis=2)
    for lines in built:
        sides = [points for label, points in lines if label == "figure, silhouette"]
        assert near_borders(outline, np.concatenate(sides), 10) > 0.9
        assert not any("ball" in label or "egg" in label or "envelope" in label for label, _ in lines)


def masses_before_a_ground() -> Pixels:
    """Soft hills before a sky, and no straight line anywhere: uint8 [240, 320, 3]."""
    y, x = np.mgrid[:240, :320].astype(float)
    picture = np.full((240, 320, 3), (170, 200, 232), np.uint8)
    picture[y > 130 + 30 * np.sin(x / 40)] = (110, 140, 90)
    picture[y > 190 + 16 * np.sin(x / 27 + 1)] = (70, 84, 52)
    grain = np.random.Generator(np.random.PCG64(3)).normal(0, 5, (240, 320, 1))
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(4))
def test_a_scene_without_straight_edges_gets_its_masses_and_no_vanishing_lines(seed: int) -> None:
    picture = masses_before_a_ground()
    lines = sketched(picture, seed)
    assert {label.removesuffix(", loosely").removesuffix(", again") for label, _ in lines} == {"mass, outline"}
    smooth = np.asarray(cv2.medianBlur(picture, 7), np.uint8)
    nearly = [points for label, points in lines if label == "mass, outline"]
    assert near_borders(smooth, np.concatenate(nearly), 10) > 0.85


def _stroke(x: float, y: float, angle: float, length: float) -> InkPath:
    along = np.linspace(0, length, max(2, int(length)))[:, None]
    points = (np.array([x, y]) + along * np.array([np.cos(angle), np.sin(angle)])).astype(np.float32)
    return InkPath(points, np.ones(len(points), np.float32), length, -1, (40, 40, 40))


def test_parallel_strokes_side_by_side_are_hatching_and_outlines_are_not() -> None:
    hatching = [_stroke(100 + 6 * number, 100, 1.0, 60) for number in range(20)]
    outlines = [_stroke(20, 20, 0.1, 500), _stroke(20, 20, 1.5, 500), _stroke(300, 400, 2.2, 60)]
    found = find_hatching([*hatching, *outlines], 1000.0)
    assert found[:20].mean() > 0.9
    assert not found[20:].any()
    assert not find_hatching(outlines * 4, 1000.0)[::3].any()


def test_colour_that_fades_into_paper_is_watercolour() -> None:
    soft = np.full((240, 320, 3), (252, 250, 244), np.uint8)
    for centre, colour in (((90, 90), (120, 170, 220)), ((220, 140), (210, 140, 110)), ((130, 190), (140, 190, 120))):
        cv2.circle(soft, centre, 48, colour, -1)
    hard = soft.copy()
    soft = np.asarray(cv2.GaussianBlur(soft, (0, 0), 14), np.uint8)
    grain = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 16, (240, 320)), (0, 0), 1)[..., None]
    soft, hard = (np.clip(paint + grain, 0, 255).astype(np.uint8) for paint in (soft, hard))
    assert read(soft).kind is PictureKind.WATERCOLOUR
    assert read(hard).kind is not PictureKind.WATERCOLOUR


@pytest.mark.parametrize(("blur", "cut"), [(0.0, True), (9.0, False)])
def test_only_cut_out_shapes_have_hard_borders(blur: float, cut: bool) -> None:
    y, x = np.mgrid[:300, :400].astype(np.float32)
    picture = np.stack([90 + y / 4, 120 + x / 6, 200 - y / 5], axis=2)
    shapes = [((90, 200), 70, (60, 90, 70)), ((260, 230), 90, (150, 80, 60)), ((300, 70), 40, (250, 230, 180))]
    labels = np.zeros((300, 400), np.int32)
    for number, (centre, radius, colour) in enumerate(shapes, 1):
        cv2.circle(labels, centre, radius, number, -1)
        picture[labels == number] = np.array(colour) + y[labels == number, None] / 8
    soft = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    pixels = np.clip(np.rint(soft), 0, 255).astype(np.uint8)
    assert (hard_borders(pixels, labels) > 0.9) is cut
    assert (hard_borders(pixels, labels) < 0.2) is not cut
    wide, high = 4 * labels.shape[1], 4 * labels.shape[0]
    enlarged = np.asarray(cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_CUBIC), np.uint8)
    areas = np.asarray(cv2.resize(labels, (wide, high), interpolation=cv2.INTER_NEAREST), np.int32)
    assert (hard_borders(enlarged, areas) > 0.8) is cut


def test_two_of_a_name_are_told_apart_by_their_side() -> None:
    parts = [Part.CLOTH, Part.HAIR, Part.CLOTH, Part.CLOTH, Part.CLOTH, Part.CLOTH]
    colours = [(40, 70, 200), (90, 50, 30), (40, 80, 210), (220, 40, 40), (210, 40, 40), (200, 30, 30)]
    places = np.array([[90, 50], [50, 5], [10, 55], [50, 60], [50, 70], [50, 80]], float)
    names = find_names(parts, colours, np.array([9, 8, 7, 6, 5, 4]), places, coloured=True)
    assert names == ["right blue cloth", "hair", "left blue cloth", "red cloth", "red cloth 2", "red cloth 3"]
    plain = find_names(parts, colours, np.array([9, 8, 7, 6, 5, 4]), places, coloured=False)
    assert len(set(plain)) == len(plain)
    assert all(name.startswith("figure") for name in plain)


def test_black_lines_on_nothing_are_a_line_drawing() -> None:
    picture = np.zeros((240, 200, 4), np.uint8)
    for centre, axes in (((100, 60), (40, 36)), ((100, 150), (60, 56)), ((80, 55), (8, 10)), ((120, 55), (8, 10))):
        cv2.ellipse(picture, centre, axes, 0, 0, 360, (10, 10, 10, 255), 4, cv2.LINE_AA)
    solid = picture.copy()
    cv2.ellipse(solid, (100, 150), (60, 56), 0, 0, 360, (10, 10, 10, 255), -1)
    assert document_of(picture).kind is PictureKind.LINE_ART
    assert read(np.ascontiguousarray(solid[..., :3]), solid[..., 3].copy()).alpha is not None


def test_dark_shapes_are_filled_and_thin_lines_inked() -> None:
    picture = np.full((300, 300, 3), (240, 200, 170), np.uint8)
    cv2.rectangle(picture, (0, 150), (300, 300), (90, 150, 220), -1)
    for place in range(20, 280, 24):
        cv2.line(picture, (place, 20), (place + 10, 130), (60, 30, 30), 1, cv2.LINE_AA)
    cv2.line(picture, (60, 220), (240, 240), (20, 10, 20), 5, cv2.LINE_AA)
    ink = read(picture).ink
    drawn = cv2.resize(ink.cover, (300, 300), interpolation=cv2.INTER_AREA) > 60
    assert drawn[20:130].mean() > 0.02
    assert drawn[215:245].mean() < 0.005


def test_what_has_another_paint_than_its_flat_gets_it_with_the_flats() -> None:
    """So many small things are not flats of their own, but their colours do not wait for the shadows."""
    picture = pictures.crowded(6, 12)
    document = document_of(picture, Method.LINE)
    filled = max(op.index for op in document.operations if op.phase is Phase.FLATS) + 1
    state = document.render(filled).astype(int)
    x, y = np.array([pictures.disc(row, column, 6, 12) for row in range(6) for column in range(12)]).T
    assert (np.abs(state[y, x] - picture[y, x]).max(axis=1) < 40).mean() > 0.6  # .4 are flats


def test_a_smooth_ground_is_blended_before_the_details() -> None:
    down, across = np.mgrid[:150, :200].astype(np.float32)
    soft = np.stack([40 + 0.9 * across, 80 + 0.8 * down, np.full_like(down, 190)], axis=2)
    cv2.rectangle(soft, (120, 90), (150, 149), (70, 50, 40), -1)
    picture = np.clip(soft + np.random.default_rng(5).normal(0, 2, soft.shape), 0, 255).astype(np.uint8)
    document = document_of(picture, Method.PAINTER)
    blending = [op.index for op in document.operations if op.label.endswith("blended")]
    assert blending
    blended, detailed = (
        next(layer.come for layer in document.layers if isinstance(layer, Arrival) and layer.name == name)
        for name in ("Blended", "Details")
    )
    assert (blended < detailed)[:80].mean() > 0.93
    # Area after area is finished: each place is looked at just before it is blended, and just before its details.
    squares = [np.s_[top : top + 20, left : left + 20] for top in range(0, 80, 20) for left in range(0, 200, 20)]
    rough = []
    for times in (blended, detailed):
        moments = np.interp([times[square].min() for square in squares], document.ticks, np.arange(document.count + 1))
        states = [cv2.Laplacian(document.render(float(at))[:80], cv2.CV_32F) for at in moments]
        rough.append(np.stack([state[square] for state, square in zip(states, squares, strict=True)]).std())
    assert rough[1] < 0.6 * rough[0]


def balls(ground: tuple[int, int, int]) -> Pixels:
    """Three soft-shaded balls without grain, as a program paints them, before an even ground: uint8 [220, 260, 3]."""
    y, x = np.mgrid[:220, :260].astype(np.float32)
    canvas = np.empty((220, 260, 3), np.float32)
    canvas[:] = ground
    for middle, colour in (((90, 110), (190, 90, 70)), ((150, 90), (80, 120, 190)), ((160, 150), (120, 160, 80))):
        away = np.hypot(x - middle[0], y - middle[1]) / 45
        light = 0.35 + 0.9 * np.clip(1 - np.hypot(x - middle[0] + 14, y - middle[1] + 14) / 60, 0, 1)
        canvas = np.where((away < 1)[..., None], np.array(colour) * light[..., None], canvas)
    return np.clip(canvas, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("method", [Method.PAINTER, Method.VALUES])
@pytest.mark.parametrize("ground", [(255, 255, 255), (24, 30, 52)])
def test_an_even_ground_is_left_white_or_poured_before_all_else(ground: tuple[int, int, int], method: Method) -> None:
    document = document_of(balls(ground), method)
    assert not any("toned ground" in op.label for op in document.operations)
    first = min(op.index for op in document.operations if op.phase is Phase.BLOCK_IN)
    curves = min(op.index for op in document.operations if op.phase is Phase.ADJUSTMENT)
    corners = [document.render(at)[:30, :30, :3].astype(int) for at in (first + 3, (first + curves) // 2, curves)]
    assert np.abs(corners[0] - corners[-1]).max() <= 3
    assert np.abs(corners[1] - corners[-1]).max() <= 3
    # The curves at the end move all colours a little.
    assert np.abs(corners[-1] - ground).max() < 20


@pytest.mark.parametrize("paper", [(255, 255, 255), (238, 226, 198)])
def test_a_drawing_begins_on_its_own_paper(paper: tuple[int, int, int]) -> None:
    picture = np.full((300, 260, 3), paper, np.uint8)
    for radius in (40, 70, 100):
        cv2.ellipse(picture, (130, 150), (radius, radius + 20), 0, 20, 330, (60, 56, 52), 2, cv2.LINE_AA)
    assert read(picture).kind is PictureKind.LINE_ART
    begun = document_of(picture).render(0)
    assert np.abs(begun[..., :3].astype(int) - paper).max() <= 3


def test_a_sign_with_hard_edges_is_no_pixel_art() -> None:
    picture = np.full((256, 256, 3), 255, np.uint8)
    cv2.fillPoly(picture, [np.array([[20, 40], [200, 20], [236, 200], [60, 236]])], (190, 0, 20))
    cv2.circle(picture, (128, 128), 50, (255, 255, 255), -1)
    assert read(picture).kind is not PictureKind.PIXEL
