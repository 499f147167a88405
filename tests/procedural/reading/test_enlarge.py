"""Label maps at the picture's own size have smooth borders."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading import enlarge


def disc(side: int) -> NDArray[np.bool_]:
    y, x = np.mgrid[:side, :side]
    return np.hypot((x + 0.5) / side - 0.5, (y + 0.5) / side - 0.5) < 0.31


def test_a_discs_border_has_no_stairs() -> None:
    found = enlarge(disc(160).astype(np.int32), (960, 960))
    y, x = np.mgrid[:960, :960]
    radius = np.hypot(x + 0.5 - 480, y + 0.5 - 480)
    cover = found.cover(1) / 255.0
    true = np.clip(0.31 * 960 - radius + 0.5, 0, 1)
    off = np.abs(radius - 0.31 * 960)[(cover > 0.5) != (true > 0.5)]
    assert off.max() < 0.75 * 960 / 160
    assert float(np.abs(cover - true).sum()) / (2 * np.pi * 0.31 * 960) < 1.2
    nearest = np.kron(disc(160), np.ones((6, 6)))
    assert np.abs(cover - true).sum() < 0.7 * np.abs(nearest - true).sum()


def test_borders_are_mixed_and_covers_complete() -> None:
    labels = disc(64).astype(np.int32) + 2 * (np.arange(64) > 40)[None].astype(np.int32)
    found = enlarge(labels, (256, 256))
    total = np.sum([found.cover(label) for label in range(4)], axis=0, dtype=int)
    assert (total == 255).all()
    painted = found.paint(np.array([[0, 0, 0], [255, 255, 255], [0, 0, 0], [255, 255, 255]], np.uint8))
    assert 0.001 < float(((painted > 20) & (painted < 235)).mean()) < 0.1


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(-1, 5)),
    st.integers(1, 60),
    st.integers(1, 60),
)
def test_any_map_is_enlarged_to_any_size(labels: NDArray[np.int32], height: int, width: int) -> None:
    found = enlarge(labels, (height, width))
    assert found.labels.shape == (height, width)
    assert set(np.unique(found.labels)) <= set(np.unique(labels))
    assert len(found.at) == len(found.other) == len(found.share)
    assert found.paint(np.zeros((7, 3), np.uint8)).shape == (height, width, 3)
