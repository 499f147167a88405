"""A reading brought to the picture's own grid says the same at other places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from procedural import pictures

from paints_undo_engine.procedural.reading import read
from paints_undo_engine.procedural.reading.fitting import fitted

PICTURES = {"line": pictures.cartoon(), "alpha": pictures.sticker(), "outline": pictures.outlines(420, 340)}


@pytest.mark.parametrize("name", PICTURES)
def test_a_small_picture_is_worked_on_its_own_grid(name: str) -> None:
    picture = PICTURES[name]
    colours = np.ascontiguousarray(picture[..., :3])
    alpha = np.ascontiguousarray(picture[..., 3]) if picture.shape[2] == 4 else None
    fine = read(colours, alpha)
    own = fitted(fine, colours, alpha)
    assert fine.scale < 1 == own.scale
    height, width = picture.shape[:2]
    for found in (own.labels, own.cel_labels, own.clean, own.pixels, own.ink.cover, own.figure.cover):
        assert found.shape[:2] == (height, width)
    assert (own.kind, own.subject, len(own.regions), len(own.ink.paths)) == (
        fine.kind,
        fine.subject,
        len(fine.regions),
        len(fine.ink.paths),
    )
    for one, other in zip(fine.regions, own.regions, strict=True):
        assert one.name == other.name
        assert one.box.scaled(fine.scale) == other.box
    for stroke in own.ink.paths:
        assert stroke.points.min() > -1
        assert (stroke.points.max(axis=0) < (width, height)).all()
        assert len(stroke.points) == len(stroke.width)
    assert sum(region.area for region in own.regions) == (own.labels >= 0).sum()


def test_what_a_network_saw_is_brought_along_with_the_rest() -> None:
    picture = pictures.cartoon()
    fine = read(picture)
    grid = fine.labels.shape
    seen = np.zeros(grid, np.uint8)
    seen[: grid[0] // 2] = 255
    own = fitted(replace(fine, seen_lines=seen), picture, None)
    assert own.seen_lines is not None
    assert own.seen_lines.shape == own.walls.shape == own.labels.shape == picture.shape[:2]
    assert abs(float((own.seen_lines > 127).mean()) - 0.5) < 0.02


def test_a_picture_as_large_as_the_grid_stays_as_it_is() -> None:
    picture = pictures.cartoon(800, 1000)
    reading = read(picture)
    assert fitted(reading, picture, None) is reading
