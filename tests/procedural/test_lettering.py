"""Letters are written; no line, colour or detail has a part of one."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from paints_undo_engine.procedural import Options, make_document
from paints_undo_engine.procedural.reading.read import read

LOGO = Path(__file__).parents[2] / "assets" / "logo.png"


def test_nothing_stands_where_letters_will_be_written() -> None:
    with Image.open(LOGO) as image:
        picture = np.asarray(image.convert("RGB").resize((512, 512)))
    found = read(picture)
    [line] = found.text
    rows, columns = line.box.scaled(found.scale).grown(0.02, 0.1, 0.02, 0.1).slices((512, 512))
    document = make_document(picture, Options())
    paper = picture[0, 0].astype(int)
    first = next(operation.index for operation in document.operations if "lettering" in operation.label)
    outlined = [operation for operation in document.operations[:first] if "outline" in operation.label]
    assert outlined
    tops = [operation.bounds[1] for operation in outlined]
    assert not [top for top in tops if rows.start <= top < rows.stop]
    standing = document.render(first)[rows, columns].astype(int)
    # Thin guides may cross it.
    assert float((np.abs(standing - paper).max(axis=2) > 40).mean()) < 0.02


def test_letters_come_whole_and_nothing_else_brings_a_part_of_one() -> None:
    picture = np.full((480, 480, 3), 255, np.uint8)
    cv2.ellipse(picture, (240, 310), (220, 140), 0, 0, 360, (200, 60, 50), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (240, 310), (220, 140), 0, 0, 360, (20, 20, 20), 4, cv2.LINE_AA)
    cv2.putText(picture, "On paper", (60, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 4, cv2.LINE_AA)
    cv2.putText(picture, "On colour", (70, 320), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (250, 240, 120), 4, cv2.LINE_AA)
    found = read(picture)
    assert len(found.text) == 2
    document = make_document(picture, Options())
    letters = [operation.index for operation in document.operations if operation.label.startswith("lettering, letter")]
    assert letters[-1] < 0.9 * document.count  # little is left to do here but the last work beside them
    bare = document.render(letters[0]).astype(int)
    rows = [line.box.scaled(found.scale).slices((480, 480)) for line in found.text]
    # Before the first letter nothing of the dark ones is there, and after the last all of both.
    assert int(bare[rows[0]].min()) > 150
    written = document.render(letters[-1] + 1).astype(int)
    assert float(np.abs(written[rows[0]] - picture[rows[0]]).max()) < 24
    done = document.render(letters[-1] + 1).astype(int)[rows[1]]
    light = picture[rows[1]][..., 1] > 200
    assert float((np.abs(done - picture[rows[1]]).max(axis=2)[light] < 40).mean()) > 0.9
    states = [document.render(at) for at in (letters[0], letters[-1], letters[0])]
    assert np.array_equal(states[0], states[2])
    assert np.array_equal(document.render(document.count), picture)
