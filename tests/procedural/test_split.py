"""The layer split composites to the painting exactly, and its layers are an artist's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from paints_undo_engine.procedural import ProceduralOptions, make_plan
from paints_undo_engine.procedural.solve import composite, translucent
from paints_undo_engine.procedural.split import Layer, split_layers
from paints_undo_engine.request import PaintingMode

Pixels = NDArray[np.uint8]
ILLUSTRATION = Path(__file__).parents[2] / "assets" / "illustration.png"


def cartoon(size: int = 160) -> Pixels:
    """Outlined shapes with a hard shadow, a soft one, grain and a highlight."""
    canvas = np.full((size, size, 3), (150, 200, 230), np.uint8)
    cv2.circle(canvas, (70, 80), 50, (220, 120, 60), -1)
    cv2.ellipse(canvas, (60, 100), (40, 22), 20, 0, 360, (170, 70, 50), -1)
    cv2.rectangle(canvas, (110, 30), (150, 140), (90, 150, 80), -1)
    glow = np.exp(-((np.hypot(*np.mgrid[-30 : size - 30, -130 : size - 130]) / 40) ** 2))[..., None]
    canvas = (canvas + glow * (40, 30, 0)).clip(0, 255).astype(np.uint8)
    cv2.circle(canvas, (70, 80), 50, (30, 20, 30), 3)
    cv2.rectangle(canvas, (110, 30), (150, 140), (30, 20, 30), 3)
    cv2.circle(canvas, (86, 56), 5, (255, 250, 240), -1)
    grain = np.random.default_rng(1).integers(-2, 3, canvas.shape)
    return (canvas.astype(int) + grain).clip(0, 255).astype(np.uint8)


def shown(layers: list[Layer], *, integer: bool) -> Pixels:
    """What a compositor makes of the visible layers."""
    return composite([layer.rgba for layer in layers if layer.visible], integer=integer)


@pytest.mark.parametrize("mode", [PaintingMode.LINE, PaintingMode.FLAT, PaintingMode.PAINT])
@pytest.mark.parametrize("integer", [False, True])
def test_opaque_painting_is_met_exactly(mode: PaintingMode, integer: bool) -> None:
    painting = cartoon()
    result = shown(split_layers(make_plan(painting, ProceduralOptions(mode=mode))), integer=integer)
    np.testing.assert_array_equal(result[..., :3], painting)
    assert (result[..., 3] == 255).all()


@pytest.mark.parametrize("integer", [False, True])
def test_transparent_painting_is_met_exactly_wherever_something_is_seen(integer: bool) -> None:
    alpha = np.clip(420 - 6 * np.hypot(*np.mgrid[-80:80, -80:80]), 0, 255).astype(np.uint8)
    painting = np.dstack([cartoon(), alpha])
    layers = split_layers(make_plan(painting))
    result = shown(layers, integer=integer)
    np.testing.assert_array_equal(result[..., 3], alpha)
    np.testing.assert_array_equal(result[alpha > 0], painting[alpha > 0])
    assert all(not layer.rgba[layer.rgba[..., 3] == 0].any() for layer in layers)


def test_layers_are_what_an_artist_would_have() -> None:
    picture = cv2.cvtColor(cv2.imread(str(ILLUSTRATION)), cv2.COLOR_BGR2RGB)
    picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    plan = make_plan(picture, ProceduralOptions(mode=PaintingMode.LINE))
    layers = {layer.kind: layer for layer in split_layers(plan)}
    assert list(layers)[:2] == ["sketch", "flats"]
    assert "correction" not in layers
    assert not layers["sketch"].visible
    assert (layers["flats"].rgba[..., 3] == 255).all()
    ink = layers["ink"].rgba
    drawn = ink[..., 3] > 100
    assert 0.01 < drawn.mean() < 0.2
    assert ink[drawn][:, :3].mean() < 110


def test_grain_leaves_no_faint_residue() -> None:
    layers = split_layers(make_plan(cartoon(), ProceduralOptions(mode=PaintingMode.FLAT)))
    for layer in layers:
        if layer.kind != "sketch":
            faint = (layer.rgba[..., 3] > 0) & (layer.rgba[..., 3] < 30)
            assert faint.mean() < 0.05, layer.kind


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 40, 3), (24, 24, 4)])
def test_tiny_pictures(shape: tuple[int, int, int]) -> None:
    painting = np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)
    result = shown(split_layers(make_plan(painting)), integer=False)
    seen = result[..., 3] > 0
    np.testing.assert_array_equal(result[..., : shape[2]][seen], painting[seen])
    assert seen.sum() == (painting[..., 3] > 0).sum() if shape[2] == 4 else seen.all()


colours = arrays(np.uint8, (40, 3))


@given(below=colours, goal=colours, least=arrays(np.uint8, 40))
def test_solved_colours_hold_whether_a_compositor_rounds_or_cuts(below: Pixels, goal: Pixels, least: Pixels) -> None:
    top = translucent(below, goal, least)
    assert (top[:, 3] >= least).all()
    share = top[:, 3:].astype(np.float64) / 255
    blend = below + (top[:, :3].astype(np.float64) - below) * share
    np.testing.assert_array_equal(np.floor(blend + 1e-9), goal)
    np.testing.assert_array_equal(np.rint(blend), goal)
    ground = np.column_stack([below, np.full(40, 255, np.uint8)])[None]
    for integer in (False, True):
        np.testing.assert_array_equal(composite([ground, top[None]], integer=integer)[0, :, :3], goal)


@given(level=st.integers(0, 255), alpha=st.integers(1, 255))
def test_paint_on_an_empty_canvas_stays_itself(level: int, alpha: int) -> None:
    dab = np.array([[[level, 7, 200, alpha]]], np.uint8)
    for integer in (False, True):
        np.testing.assert_array_equal(composite([np.zeros_like(dab), dab], integer=integer), dab)
