"""Painted figures that a network has seen: what is painted when, and what is drawn before. The network is our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.reading.drawn import face_at
from procedural.reading.tflite import install_red_network, red_figure

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.methods.choosing import method_for
from paints_undo_engine.procedural.reading.model import FaceSource, FigureSource, InkPath, PictureKind
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.roughing import Rough, rough_lines
from paints_undo_engine.procedural.techniques.underdrawing import is_drawn_first
from paints_undo_engine.request import Corrections, Method

OPTIONS = Options(method=Method.PAINTER, corrections=Corrections.NONE)


def test_figure_and_ground_are_laid_in_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture, inside = red_figure(300, 260)
    document = make_document(picture, OPTIONS)
    masses = [op.index for op in document.operations if op.phase is Phase.BLOCK_IN and op.label != "toned ground"]
    ground, figure = [], []
    for share in (0.0, 0.5, 0.75, 1.0):
        state = document.render(round(masses[0] + share * (masses[-1] + 1 - masses[0]))).astype(int)
        ground.append(float((state[..., 2] > state[..., 0] + 40)[~inside].mean()))
        figure.append(float((state[..., 0] > state[..., 2] + 40)[inside].mean()))
    assert figure[0] < 0.1
    assert min(ground[1:]) > 0.8  # neither stands finished beside the other's bare canvas
    assert min(figure[1:]) > 0.7


def test_no_bare_canvas_is_left_along_the_outline_of_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture, inside = red_figure(300, 260)
    shape = inside.astype(np.uint8)
    outline = cv2.dilate(shape, np.ones((13, 13), np.uint8)) > cv2.erode(shape, np.ones((13, 13), np.uint8))
    document = make_document(picture, OPTIONS)
    masses = [op.index for op in document.operations if op.phase is Phase.BLOCK_IN and op.label != "toned ground"]
    state = document.render((masses[0] + masses[-1]) // 2).astype(int)
    assert float((np.abs(state[..., 0] - state[..., 2]) < 25)[outline].mean()) < 0.03


def test_a_ground_of_even_shapes_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_red_network(tmp_path, monkeypatch)
    _, inside = red_figure(480, 400)
    picture = np.full((400, 480, 3), (60, 90, 200), np.uint8)
    cv2.circle(picture, (380, 90), 45, (190, 250, 220), -1)
    picture[inside] = (220, 60, 40)
    cv2.ellipse(picture, (192, 200), (72, 140), 0, 0, 360, (20, 20, 20), 3)
    document = make_document(picture, Options(method=Method.LINE, corrections=Corrections.NONE))
    work = [op for op in document.operations if op.phase is Phase.BACKGROUND]
    assert len({op.label for op in work}) > 1
    assert {op.tool for op in work} == {Tool.BUCKET}


@pytest.mark.parametrize(("source", "first"), [(FaceSource.ANIMEFACE, True), (FaceSource.MTCNN, False)])
def test_borders_of_light_in_a_portrait_are_not_drawn_first(source: FaceSource, *, first: bool) -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    reading = read(picture)
    path = InkPath(
        np.zeros((2, 2), np.float32), np.ones(2, np.float32), 4 * float(np.hypot(*reading.shape)), 0, (0, 0, 0)
    )
    ink = replace(reading.ink, paths=(path,), connected=0.4, explained=0.6)
    painting = replace(reading, ink=ink, faces=(replace(face_at(60, 60, 50), source=source),))
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert is_drawn_first(Source(picture, painting, unchanged, OPTIONS)) is first


def test_few_lines_of_the_surroundings_are_sketched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture, inside = red_figure(600, 520)
    for at in range(8, 520, 24):
        picture[at : at + 3][~inside[at : at + 3]] = (10, 20, 60)
    reading = read(picture)
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, reading, unchanged, OPTIONS)
    about = cv2.dilate((reading.figure.cover > 127).astype(np.uint8), np.ones((17, 17), np.uint8)) > 0

    def beside(lines: list[Rough]) -> int:
        middles = np.array([line.points[len(line.points) // 2] for line in lines]).astype(int)
        return int((~about[middles[:, 1], middles[:, 0]]).sum())

    assert beside(rough_lines(source, 30)) <= 6
    unknown = replace(reading, figure=replace(reading.figure, source=FigureSource.FACE))
    assert beside(rough_lines(replace(source, reading=unknown), 30)) > 6


@pytest.mark.parametrize(
    ("noise", "blur", "lines", "bits", "methods"),
    [
        (0, 0, 4, 0, {Method.LINE, Method.PARTS}),
        (0, 0, 4, 80, {Method.LINELESS}),
        (0, 0, 0, 0, {Method.LINELESS}),
        (12, 0, 4, 0, {Method.LINE, Method.PARTS}),
        (12, 6, 4, 0, {Method.PAINTER, Method.VALUES}),
    ],
)
def test_a_figure_that_a_program_painted_is_drawn(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    noise: float,
    blur: float,
    lines: int,
    bits: int,
    methods: set[Method],
) -> None:
    """Crisp borders and no grain, in the dark as well, or grain over borders that are crisp all the same: no bristles
    leave those. Without lines, or where most of them are bits of a pattern, it is shapes.
    """
    install_red_network(tmp_path, monkeypatch)
    picture, _ = red_figure(480, 400)
    soft = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    lit = soft / 4 + np.random.default_rng(1).normal(0, noise, picture.shape)
    dark = np.clip(lit, 0, 255).astype(np.uint8)
    seen = read(dark)
    reading = replace(read(picture), kind=PictureKind.PAINTED, pixels=seen.pixels, made_by=seen.made_by)
    paths = [
        InkPath(np.array([(x, 40), (x, 40 + length)], np.float32), np.full(2, 2, np.float32), length, 0, (20, 20, 20))
        for length, number in ((260.0, lines), (25.0, bits))
        for x in range(100, 100 + 2 * number, 2)
    ]
    reading = replace(reading, ink=replace(reading.ink, paths=tuple(paths)))
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    chosen = {method_for(Source(dark, reading, unchanged, Options(seed=seed)))[0] for seed in range(6)}
    assert chosen <= methods


@pytest.mark.parametrize(("heads", "methods"), [(True, {Method.PAINTER, Method.VALUES}), (False, {Method.LINE})])
def test_a_soft_head_in_the_dark_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heads: bool, methods: set[Method]
) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture, inside = red_figure(480, 400)
    y, x = np.mgrid[:400, :480].astype(np.float32)
    shade = 0.2 + 0.15 * (np.sin(x / 14) * np.cos(y / 17))[..., None]
    dark = np.rint(picture * np.where(inside[..., None], shade, shade / 3)).astype(np.uint8)
    seen = read(dark)
    reading = replace(read(picture), kind=PictureKind.PAINTED, pixels=seen.pixels, made_by=seen.made_by, heads=())
    lines = tuple(
        InkPath(np.array([(x, 40), (x, 300)], np.float32), np.full(2, 2, np.float32), 260.0, 0, (20, 20, 20))
        for x in range(100, 180, 20)
    )
    reading = replace(reading, ink=replace(reading.ink, paths=lines), faces=(face_at(150, 120, 60),) if heads else ())
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert method_for(Source(dark, reading, unchanged, Options()))[0] in methods


@pytest.mark.parametrize("face", [True, False])
def test_a_figure_with_clean_lines_is_drawn_however_soft_its_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face: bool
) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture, _ = red_figure(480, 400)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 9.0), np.uint8)
    for reach in range(24, 150, 14):
        cv2.ellipse(picture, (190, 200), (reach // 2, reach), 0, 0, 360, (60, 20, 30), 2, cv2.LINE_AA)
    reading = read(picture)
    reading = replace(reading, kind=PictureKind.PAINTED, heads=(), faces=(face_at(150, 120, 60),) if face else ())
    assert reading.figure.source is FigureSource.NETWORK
    unchanged = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert method_for(Source(picture, reading, unchanged, Options()))[0] in {Method.LINE, Method.PARTS}
    shapes = replace(reading, made_by={Method.LINELESS: 0.8, Method.LINE: 0.1, Method.PAINTER: 0.1})
    assert method_for(Source(picture, shapes, unchanged, Options()))[0] is Method.LINELESS
