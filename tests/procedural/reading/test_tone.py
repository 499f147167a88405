"""What the tones of a drawing without colour are made of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from procedural.test_pencil import balls

from paints_undo_engine.procedural.document.model import Pixels
from paints_undo_engine.procedural.reading.model import PictureKind
from paints_undo_engine.procedural.reading.read import read
from paints_undo_engine.procedural.reading.tone import Tone, by_tone, made_of


def drawn(levels: tuple[int, ...], noise: float = 0.0) -> Pixels:
    """Outlined shapes in greys on white."""
    picture = np.full((480, 640), 255.0)
    for at, level in enumerate(levels):
        middle = (110 + 200 * at, 240)
        cv2.ellipse(picture, middle, (85, 160), 0, 0, 360, float(level), -1, cv2.LINE_AA)
        cv2.ellipse(picture, middle, (85, 160), 0, 0, 360, 10.0, 2, cv2.LINE_AA)
    picture += np.random.default_rng(1).normal(0, 1, picture.shape) * noise * (picture < 250)
    return np.repeat(np.clip(np.rint(picture), 0, 255)[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (drawn((110, 150, 190), 9.0), Tone.GREY),
        (drawn((110, 150, 190)), Tone.EVEN),
        (drawn((12, 255, 14), 5.0), Tone.BLACK),
        (drawn((255, 255, 255)), Tone.LINES),
    ],
)
def test_tones_tell_graphite_from_ink_and_from_what_a_program_fills(picture: Pixels, expected: Tone) -> None:
    assert made_of(picture) is expected


def test_grained_greys_alone_on_white_paper_were_drawn_with_a_pencil() -> None:
    assert read(balls()).kind is PictureKind.PENCIL


def test_the_dots_of_a_screen_beside_solid_blacks_are_no_pencils() -> None:
    greyish = dict.fromkeys(PictureKind, 0.0) | {PictureKind.LINE_ART: 0.95, PictureKind.PENCIL: 0.96}
    inked = {**greyish, **by_tone(greyish, Tone.GREY, 0.15, 0.02)}
    assert max(inked, key=lambda kind: inked[kind]) is PictureKind.LINE_ART
    for dark, middle in ((0.02, 0.02), (0.15, 0.1)):
        drawn = {**greyish, **by_tone(greyish, Tone.GREY, dark, middle)}
        assert max(drawn, key=lambda kind: drawn[kind]) is PictureKind.PENCIL
