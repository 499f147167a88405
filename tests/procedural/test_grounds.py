"""What lies behind a drawn figure is drawn and filled as the figure is. The network that sees the figure is our own."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from procedural.reading.tflite import install_red_network, red_figure

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.document.document import Document
from paints_undo_engine.procedural.document.model import Phase, Pixels, Tool
from paints_undo_engine.procedural.reading.crisp import crisp_places
from paints_undo_engine.procedural.techniques.lassoing import merged, unragged
from paints_undo_engine.request import Corrections, Method

WALL, ROOF = (236, 214, 150), (150, 70, 120)


def before_a_house() -> Pixels:
    """A red figure with an outline before a sky that grows lighter and a house with outlines: uint8 [400, 480, 3]."""
    _, inside = red_figure(480, 400)
    picture = np.empty((400, 480, 3), np.uint8)
    picture[:] = np.linspace((60, 90, 170), (150, 190, 240), 400).astype(np.uint8)[:, None]
    cv2.rectangle(picture, (310, 170), (460, 390), WALL, -1)
    roof = np.array([(296, 170), (385, 90), (474, 170)])
    cv2.fillPoly(picture, [roof], ROOF)
    cv2.rectangle(picture, (310, 170), (460, 390), (20, 16, 30), 3)
    cv2.polylines(picture, [roof], True, (20, 16, 30), 3)
    cv2.rectangle(picture, (350, 220), (390, 270), (20, 16, 30), 3)
    picture[inside] = (220, 60, 40)
    cv2.ellipse(picture, (192, 200), (72, 140), 0, 0, 360, (20, 20, 20), 3)
    return picture


@pytest.fixture(params=[0, 1])
def document(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Document:
    """How it is drawn, with two seeds: the ground before the figure's flats, and after them."""
    install_red_network(tmp_path, monkeypatch)
    options = Options(seed=request.param, method=Method.LINE, corrections=Corrections.NONE)
    return make_document(before_a_house(), options)


def test_the_lines_of_a_ground_stand_before_its_flats(document: Document) -> None:
    first = next(op.index for op in document.operations if op.phase is Phase.BACKGROUND)
    state = document.render(first)
    for x, y in ((310, 300), (460, 300), (385, 390), (350, 245), (340, 130)):
        assert int(state[y - 4 : y + 5, x - 4 : x + 5].min()) < 110, (x, y)


def test_a_ground_is_filled_shape_by_shape(document: Document) -> None:
    work = [op for op in document.operations if op.phase is Phase.BACKGROUND]
    assert work[0].tool in (Tool.BUCKET, Tool.LASSO)
    assert not any("broad brush" in op.label for op in work)
    wall = np.s_[290:370, 330:440]
    for at in range(work[0].index, document.count + 1, 8):
        colours = document.render(at)[wall].reshape(-1, 3).astype(int)
        bare, painted = (np.abs(colours - one).max(axis=1) < 40 for one in ((255, 255, 255), WALL))
        # Nothing of another colour lies there at any time.
        assert (bare | painted).mean() > 0.95, at


def test_a_gradient_is_airbrushed_on_its_flat(document: Document) -> None:
    work = [op for op in document.operations if op.phase is Phase.BACKGROUND]
    assert any(op.tool is Tool.AIRBRUSH for op in work)


@pytest.mark.parametrize("method", [Method.LINE, Method.LINELESS])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_figure_has_its_first_tones_before_its_ground_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, method: Method
) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture = before_a_house()
    red = (picture == (220, 60, 40)).all(axis=2)
    light = np.linspace((150, 20, 10), (250, 110, 90), 400).astype(np.uint8)[:, None]
    picture[red] = np.broadcast_to(light, picture.shape)[red]
    document = make_document(picture, Options(seed=seed, method=method, corrections=Corrections.NONE))
    ground = [op.index for op in document.operations if op.phase is Phase.BACKGROUND]
    tones = [op.index for op in document.operations if op.phase is Phase.SOFT_SHADING]
    assert min(tones) < np.quantile(ground, 0.8)


@pytest.mark.parametrize("grain", [0, 30])
def test_bristles_are_for_what_has_texture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grain: int) -> None:
    install_red_network(tmp_path, monkeypatch)
    picture = before_a_house()
    inside = picture[..., 0].astype(int) > picture[..., 2].astype(int) + 100
    spots = cv2.resize(np.random.default_rng(4).normal(0, 25, (40, 48, 1)), (480, 400), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(5).normal(0, grain, (400, 480))
    uneven = np.clip(picture + spots[..., None] + noise[..., None], 0, 255).astype(np.uint8)
    uneven[inside] = picture[inside]
    document = make_document(uneven, Options(method=Method.LINE, corrections=Corrections.NONE))
    labels = [op.label for op in document.operations if op.phase is Phase.BACKGROUND]
    bristles = sum(label.endswith(("medium brush", "small brush")) for label in labels)
    forms = sum(label.endswith("forms") for label in labels)
    assert bristles + forms > 3, (bristles, forms)
    assert (bristles > 3 * forms) is (grain > 0), (bristles, forms)
    assert (forms > 3 * bristles) is (grain == 0), (bristles, forms)


def test_small_pieces_lie_in_their_neighbours_flats() -> None:
    labels = np.zeros((60, 80), np.int32)
    labels[:, 40:] = 1
    labels[5:8, 5:8] = 1
    labels[20:40, 50:70] = 2
    labels[50:53, 60:63] = 3
    within = np.ones(labels.shape, bool)
    within[45:] = False
    shapes = merged(labels, within, 50)
    assert set(shapes[:45, :40].ravel().tolist()) == {0}
    assert int((shapes == 2).sum()) == 400
    assert int((shapes == 3).sum()) == 9, "what lies elsewhere stays as it is"


def test_only_ragged_borders_are_smoothed() -> None:
    """Leaves against the sky are filled in simple shapes, the corner of a house stays one."""
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, (160, 200)), (0, 0), 1.2)
    labels = np.where(np.arange(160)[:, None] + 40 * noise / noise.std() > 80, 1, 0).astype(np.int32)
    labels[:, 120:] = 0
    labels[60:130, 140:190] = 1
    shapes = unragged(labels, np.ones(labels.shape, bool), 6.0)
    before, after = (int((some[:, 1:110] != some[:, :109]).sum()) for some in (labels, shapes))
    assert after < 0.5 * before
    np.testing.assert_array_equal(shapes[:, 136:], labels[:, 136:])


def test_a_soft_border_is_not_crisp() -> None:
    picture = np.full((60, 120, 3), 200, np.uint8)
    picture[:, 30:90] = 40
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 5), np.uint8)
    assert crisp_places(picture)[:, 29:31].all()
    assert not crisp_places(soft).any()
