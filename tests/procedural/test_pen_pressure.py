"""A pen's lines get thin where they end, and not where they go on as others."""

from __future__ import annotations

import numpy as np

from paints_undo_engine.procedural.document.model import Phase
from paints_undo_engine.procedural.options import Options
from paints_undo_engine.procedural.reading.readings import read_picture
from paints_undo_engine.procedural.source import Source
from paints_undo_engine.procedural.techniques.arriving import Points
from paints_undo_engine.procedural.techniques.sketching import Hand, Pencil

LONG = np.stack([np.linspace(60, 500, 89), np.full(89, 200.0)], axis=1).astype(np.float32)
ON = np.stack([np.full(40, 500.0), np.linspace(200, 400, 40)], axis=1).astype(np.float32)


def breadths(*lines: Points, thinned: float) -> list[float]:
    """How broad the first of some lines is at its beginning, in its middle and at its end, in pixels."""
    picture = np.full((600, 600, 3), 255, np.uint8)
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    source = Source(picture, read_picture(picture), table, Options())
    pen = Pencil(source, Hand((0, 0, 0), 0.006, 0.0, 1, taper=0.0, thinned=thinned), "Pen")
    for line in lines:
        pen.line(line / np.float32(source.scale), Phase.LINE, "line").when(0, 1)
    cover = pen.layer().cover
    assert cover is not None
    return [float(cover[180:221, x].sum()) / 255 for x in (63, 280, 493)]


def test_a_pen_is_set_down_and_lifted_and_a_pencil_stays_as_broad() -> None:
    begin, middle, end = breadths(LONG, thinned=0.75)
    assert max(begin, end) < 0.75 * middle
    assert np.ptp(breadths(LONG, thinned=0.0)) < 0.1 * middle


def test_a_line_that_goes_on_as_another_one_is_not_lifted() -> None:
    begin, middle, end = breadths(LONG, ON, thinned=0.75)
    assert begin < 0.75 * middle
    assert end > 0.9 * middle


def test_a_pen_is_as_broad_as_it_says() -> None:
    _, middle, _ = breadths(LONG, thinned=0.75)
    assert abs(middle - 0.95 * 0.006 * np.hypot(600, 600)) < 0.6
