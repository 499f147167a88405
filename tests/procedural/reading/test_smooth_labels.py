"""Borders of flats and tones: smooth where the picture is ragged, as they are where it is crisp."""

import numpy as np

from paints_undo_engine.procedural.reading.readings import read_picture

LIGHT, DARK = (232, 186, 96), (96, 62, 140)


def _two_halves(*, ragged: bool) -> np.ndarray:
    """A light left half and a dark right one of 400 pixels, whose border is straight or has teeth and crumbs."""
    rng = np.random.default_rng(3)
    border = np.full(400, 200)
    if ragged:
        border = border + rng.integers(-3, 4, 400)
    picture = np.where((np.arange(400)[None] < border[:, None])[..., None], LIGHT, DARK).astype(np.uint8)
    if ragged:
        for x, y in rng.integers(4, 396, (60, 2)):
            picture[y : y + 2, x : x + 2] = LIGHT if picture[y, x, 0] == DARK[0] else DARK
    return picture


def _edge_length(labels: np.ndarray) -> int:
    return int((labels[1:] != labels[:-1]).sum() + (labels[:, 1:] != labels[:, :-1]).sum())


def test_a_ragged_border_is_drawn_smoothly() -> None:
    picture = _two_halves(ragged=True)
    assert _edge_length(picture[..., 0]) > 1500
    assert _edge_length(read_picture(picture).cel_labels) < 1250


def test_a_crisp_border_stays_where_it_is() -> None:
    labels = read_picture(_two_halves(ragged=False)).cel_labels
    assert _edge_length(labels) == labels.shape[0]
    assert labels[0, labels.shape[1] // 2 - 1] != labels[0, labels.shape[1] // 2]
