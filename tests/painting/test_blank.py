"""A painting that could not be undone: one colour, or nothing at all."""

from __future__ import annotations

import numpy as np
import pytest

from paints_undo_engine.engines import load
from paints_undo_engine.errors import BlankPaintingError
from paints_undo_engine.painting import Painting
from paints_undo_engine.process import run
from paints_undo_engine.request import ProcessRequest


def paper(channels: int, depth: type[np.unsignedinteger] = np.uint8, side: int = 50) -> np.ndarray:
    pixels = np.full((side, side, channels), 200, depth)
    pixels[..., 1] = 90
    return pixels


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_one_pixel_in_the_corner_is_enough(channels: int, depth: type[np.unsignedinteger]) -> None:
    pixels = paper(channels, depth)
    assert Painting(pixels).is_blank
    for channel in range(channels):
        dotted = pixels.copy()
        dotted[-1, -2, channel] += 1
        assert not Painting(dotted).is_blank


def test_the_colour_of_what_is_transparent_does_not_count() -> None:
    pixels = paper(4)
    pixels[..., 3] = 0
    pixels[3, 4, :3] = 7
    assert Painting(pixels).is_blank
    pixels[3, 4, 3] = 1
    assert not Painting(pixels).is_blank


def test_a_blank_painting_has_no_process() -> None:
    with pytest.raises(BlankPaintingError, match="only one colour"):
        list(run(load("procedural"), Painting(paper(3)), ProcessRequest()))
