"""Solid blacks of a line drawing."""

from __future__ import annotations

import cv2
import numpy as np

from paints_undo_engine.procedural.document.model import Phase, Tool
from paints_undo_engine.procedural.reading.model import InkPath
from paints_undo_engine.procedural.script import ScriptStep
from paints_undo_engine.procedural.techniques.blacks import Blacks, pairs_in
from paints_undo_engine.procedural.techniques.lining import filled_soon


def sockets() -> Blacks:
    """Two eyes of a skull side by side, a mouth below them, and a blot far away."""
    labels = np.zeros((300, 300), np.int32)
    for number, (x, y, a, b) in enumerate(
        ((80, 100, 20, 24), (160, 104, 18, 22), (120, 180, 50, 12), (270, 280, 8, 8))
    ):
        cv2.ellipse(labels, (x, y), (a, b), 0, 0, 360, number + 1, -1)
    return Blacks(labels, 4, 2.0)


def test_both_eyes_are_one_pair_and_nothing_else_is() -> None:
    assert pairs_in(sockets()) == [(1, 2)]
    assert pairs_in(Blacks(np.zeros((20, 20), np.int32), 0, 2.0)) == []


def test_the_blacks_of_a_pair_are_filled_together() -> None:
    def step(label: str) -> ScriptStep:
        return ScriptStep(Phase.LINE, Tool.PEN, label, (0, 0, 1, 1), 1.0, lambda begin, end: None)

    def line(x: int, y: int) -> InkPath:
        points = np.array([[x - 4, y], [x, y], [x + 4, y]], np.float32)
        return InkPath(points, np.ones(3, np.float32), 8.0, 0, (0, 0, 0))

    paths = [line(80, 100), line(120, 180), line(160, 104)]
    lines = [step("left"), step("mouth"), step("right")]
    fills = {number: [step(f"black {number}")] for number in (1, 2, 3)}
    blacks = sockets()
    made = [one.label for one in filled_soon(lines, paths, blacks.numbered(), fills, pairs=pairs_in(blacks))]
    assert made == ["left", "black 1", "black 2", "mouth", "black 3", "right"]
