"""Going on from a state another way: branches of the embedded engine."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from paints_undo_engine import painting as paintings
from paints_undo_engine import process
from paints_undo_engine.engines import EngineSettings
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.events import FrameMade, KeyframeMade
from paints_undo_engine.procedural.engine import ProceduralEngine
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.redo.candidates import candidate
from paints_undo_engine.request import (
    Branch,
    InterpolationParameters,
    KeyframeParameters,
    ProceduralParameters,
    ProcessRequest,
)
from paints_undo_engine.result import Result


def picture() -> paintings.Painting:
    """A round figure with outlines in front of two flats."""
    pixels = np.full((120, 96, 3), (150, 190, 220), np.uint8)
    pixels[80:] = (120, 150, 90)
    cv2.circle(pixels, (48, 60), 30, (210, 90, 70), -1, cv2.LINE_AA)
    cv2.circle(pixels, (48, 60), 30, (30, 20, 20), 2, cv2.LINE_AA)
    cv2.circle(pixels, (56, 52), 9, (240, 170, 150), -1, cv2.LINE_AA)
    return paintings.Painting(pixels)


def request(*branches: Branch) -> ProcessRequest:
    return ProcessRequest(
        keyframes=KeyframeParameters(operation_steps=(200, 500, 800)),
        interpolation=InterpolationParameters(frames=3),
        procedural=ProceduralParameters(branches=branches),
    )


def frames(*branches: Branch) -> dict[float, np.ndarray]:
    """The pictures of a process by operation step."""
    engine, source = ProceduralEngine(EngineSettings()), picture()
    made = {}
    for event in process.run(engine, source, request(*branches)):
        if isinstance(event, FrameMade):
            made[event.operation_step] = source.pixels if event.picture is None else event.picture.pixels
    return made


@pytest.fixture(scope="module")
def plain() -> dict[float, np.ndarray]:
    return frames()


@pytest.mark.parametrize("candidate", [1, 3, 6])
def test_a_branch_is_the_old_process_up_to_its_step_and_ends_elsewhere(
    plain: dict[float, np.ndarray], candidate: int
) -> None:
    made = frames(Branch(500, candidate))
    assert list(made) == list(plain)
    for step, pixels in made.items():
        if step >= 500:
            assert np.array_equal(pixels, plain[step])
    difference = np.abs(made[0.0].astype(int) - plain[0.0])
    assert difference.mean() > 2, "the end is another one"
    assert not np.array_equal(made[200.0], plain[200.0])


def test_the_candidates_differ_from_each_other() -> None:
    engine = ProceduralEngine(EngineSettings())
    ends = [next(engine.finished(picture(), request(Branch(500, n)), "")).pixels for n in range(1, 9)]
    for number, one in enumerate(ends):
        for other in ends[:number]:
            assert np.abs(one.astype(int) - other).mean() > 1.5


def test_the_palettes_of_a_drawing_without_colours_differ_too() -> None:
    pixels = np.full((120, 96, 3), 255, np.uint8)
    cv2.circle(pixels, (48, 60), 30, (40, 40, 40), 2, cv2.LINE_AA)
    reading = read_picture(pixels)
    at = pixels.min(axis=2) < 100
    drawn = [pixels, *(candidate(pixels, reading, number, 5)[1] for number in (1, 5, 7))]
    for one, other in itertools.combinations(drawn, 2):
        assert np.abs(one[at].astype(int) - other[at]).mean() > 8
    assert all(ends[0, 0].min() > 200 for ends in drawn)


def test_flat_tones_keep_what_is_pale() -> None:
    pixels = np.full((240, 192, 3), 255, np.uint8)
    cv2.circle(pixels, (96, 60), 40, (226, 226, 226), 2, cv2.LINE_AA)
    cv2.circle(pixels, (96, 170), 50, (255, 243, 236), -1, cv2.LINE_AA)
    flat = candidate(pixels, read_picture(pixels), 3, 5)[1]
    line = pixels[:120].min(axis=2) < 230
    assert flat[:120][line].mean() < 236, "a pale line"
    assert 226 < flat[170, 96, 2] < 246, "a pale colour"


def test_a_branch_of_a_branch_keeps_what_both_have_painted() -> None:
    first, second = frames(Branch(800, 2)), frames(Branch(800, 2), Branch(200, 1))
    for step in first:
        if step >= 200:
            assert np.array_equal(first[step], second[step])
    assert not np.array_equal(first[0.0], second[0.0])


def test_the_same_branch_is_the_same_bytes() -> None:
    assert all(
        np.array_equal(one, two)
        for one, two in zip(frames(Branch(500, 1)).values(), frames(Branch(500, 1)).values(), strict=True)
    )


def test_alpha_is_kept_and_the_layer_split_is_that_of_the_end() -> None:
    source = picture()
    alpha = np.zeros((120, 96), np.uint8)
    cv2.circle(alpha, (48, 60), 31, 255, -1)
    source = paintings.Painting(np.dstack([source.pixels, alpha]))
    engine = ProceduralEngine(EngineSettings())
    with Result(engine, source, request(Branch(500, 2))) as result:
        ends = [event for event in result.run() if isinstance(event, KeyframeMade) and event.operation_step == 0]
        assert ends[0].picture is not None
        assert np.array_equal(ends[0].picture.pixels[..., 3], alpha)
        assert np.array_equal(result.source().painting.pixels, ends[0].picture.pixels)
        assert result.layers


@pytest.mark.parametrize("branch", [Branch(0, 1), Branch(1000, 1), Branch(500, 0), Branch(500, 9)])
def test_what_lies_outside_is_refused_with_its_range(branch: Branch) -> None:
    with pytest.raises(InvalidRequestError, match=r"procedural.branches"):
        request(branch)


def test_outside_of_a_mask_the_old_process_goes_on(plain: dict[float, np.ndarray]) -> None:
    mask = np.zeros((120, 96), np.uint8)
    mask[:, 48:] = 255
    source = picture().with_masks({"right": paintings.Painting(np.dstack([mask] * 3))})
    made = {
        event.operation_step: event.picture.pixels
        for event in process.run(ProceduralEngine(EngineSettings()), source, request(Branch(500, 4, "right")))
        if isinstance(event, FrameMade) and event.picture is not None
    }
    everywhere = frames(Branch(500, 4))
    for step, pixels in made.items():
        assert np.array_equal(pixels[:, :48], plain[step][:, :48])
    assert np.array_equal(made[0][:, 48:], everywhere[0][:, 48:])
    assert not np.array_equal(made[0][:, 48:], plain[0][:, 48:])


def test_a_mask_is_light_and_opaque() -> None:
    drawn = np.zeros((120, 96, 4), np.uint8)
    drawn[:10, :10] = 255
    drawn[10:20, :10] = (255, 255, 255, 0)
    mask = picture().with_masks({"m": paintings.Painting(drawn)}).mask("m")
    assert mask is not None
    assert mask.sum() == 100


def test_a_mask_of_another_size_and_an_unknown_one_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"50 x 40 pixels.*96 x 120 pixels"):
        picture().with_masks({"m": paintings.Painting(np.zeros((40, 50, 3), np.uint8))})
    with pytest.raises(InvalidRequestError, match=r"'m'.*name of a mask"):
        next(ProceduralEngine(EngineSettings()).finished(picture(), request(Branch(500, 1, "m")), ""))
