"""What is written on a picture: what the network for lettering takes for it, and what of that are letters."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paints_undo_engine.procedural.reading import text_network
from paints_undo_engine.procedural.reading.letters import unlettered
from paints_undo_engine.procedural.reading.lines_of_text import is_downward
from paints_undo_engine.procedural.reading.model import Box, Pixels
from paints_undo_engine.procedural.reading.networks import LETTERING
from paints_undo_engine.procedural.reading.text_network import find_text_boxes
from paints_undo_engine.procedural.reading.written import find_lettering

INK = (20, 20, 30)


def page() -> Pixels:
    return np.full((640, 640, 3), (240, 230, 220), np.uint8)


def write(picture: Pixels, words: str, x: int, y: int, scale: float = 0.9) -> Box:
    """Words on a picture, their baseline at y, and the box that holds them."""
    (width, height), below = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    cv2.putText(picture, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, INK, 2, cv2.LINE_AA)
    return Box(x, y - height, width, height + below / 2)


def seen_at(monkeypatch: pytest.MonkeyPatch, *boxes: Box, likely_as: float = 0.9) -> None:
    """A network that takes what lies in some boxes of a page for lettering: their middles, as it was trained to."""

    def answer(_file: object, blob: NDArray[np.float32], _outputs: object = ()) -> tuple[NDArray[np.float32], ...]:
        likely = np.zeros(blob.shape[2:], np.float32)
        for box in boxes:
            narrow = 0.25 * min(box.width, box.height)
            inner = Box(box.x + narrow, box.y + narrow, box.width - 2 * narrow, box.height - 2 * narrow)
            likely[inner.slices(likely.shape)] = likely_as
        return (likely[None, None],)

    monkeypatch.setattr(text_network, "run_network", answer)


def test_words_are_read_and_what_only_looks_like_them_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    words = write(picture, "Tell me more", 60, 100)
    spots = Box(60, 300, 120, 36)
    cv2.ellipse(picture, (120, 318), (58, 16), 0, 0, 360, INK, -1)  # too thick
    fence = Box(300, 300, 120, 36)
    for x in range(305, 420, 12):
        cv2.line(picture, (x, 200), (x, 420), INK, 2)  # goes on beyond
    pale = Box(60, 500, 120, 36)
    cv2.putText(picture, "mist", (60, 530), cv2.FONT_HERSHEY_SIMPLEX, 1, (235, 222, 214), 2)
    seen_at(monkeypatch, words, spots, fence, pale)
    found = find_lettering(picture)
    (line,) = found.lines
    assert line.box.shared(words) > 0.8 * min(words.area, line.box.area)
    assert len(line.letters) == 10
    assert int(found.letters.max()) == 10
    left = unlettered(picture, found.letters)
    assert int(np.abs(left[words.slices(left.shape)].astype(int) - picture[0, 0]).max()) < 12
    kept = np.s_[200:, :]
    assert np.array_equal(left[kept], picture[kept])


def test_a_letter_that_touches_its_balloon_is_read_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    words = write(picture, "HAHAHAHA", 80, 100)
    cv2.ellipse(picture, (150, 92), (130, 60), 0, 0, 360, INK, 2)
    cv2.line(picture, (83, 80), (83, 30), INK, 2)  # an H runs into it
    seen_at(monkeypatch, words)
    (line,) = find_lettering(picture).lines
    assert len(line.letters) == 8
    assert line.box.height < 1.6 * words.height


def test_words_beyond_what_the_network_saw_belong_to_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    write(picture, "Tell me no lies", 60, 100)
    seen_at(monkeypatch, write(page(), "Tell me", 60, 100))
    (line,) = find_lettering(picture).lines
    assert len(line.letters) == 12


def test_what_the_network_has_no_doubt_about_is_read_though_it_is_one_stroke(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    x = np.arange(240, 420)
    script = np.stack([x, 300 + 20 * np.sin(x / 7)], 1).astype(np.int32)
    cv2.polylines(picture, [script], False, INK, 3, cv2.LINE_AA)
    word = Box(240, 278, 180, 44)
    seen_at(monkeypatch, word)
    assert not find_lettering(picture).lines
    seen_at(monkeypatch, word, likely_as=0.995)
    (line,) = find_lettering(picture).lines
    assert line.box.shared(word) > 0.8 * word.area


def test_words_across_a_thing_are_read_and_the_thing_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    for x in (140, 200):
        cv2.line(picture, (x, 20), (x, 500), (150, 60, 60), 3)
    words = write(picture, "Tell me more", 60, 300)
    seen_at(monkeypatch, words, likely_as=0.995)
    found = find_lettering(picture)
    (line,) = found.lines
    assert line.box.shared(words) > 0.8 * min(words.area, line.box.area)
    left = unlettered(picture, found.letters)
    assert np.array_equal(left[:240], picture[:240])
    dark = (left.max(axis=2) < 60)[words.slices(left.shape)]
    assert dark.mean() < 0.01


def test_an_outlined_letter_is_taken_with_its_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    words = Box(66, 74, 178, 52)
    fill = np.zeros(picture.shape[:2], np.uint8)
    cv2.putText(fill, "T O U R", (70, 122), cv2.FONT_HERSHEY_SIMPLEX, 1.7, 1, 9)
    picture[cv2.dilate(fill, np.ones((7, 7), np.uint8)) > 0] = INK
    picture[fill > 0] = (240, 226, 196)
    seen_at(monkeypatch, words)
    found = find_lettering(picture)
    assert len(found.lines) == 1
    left = unlettered(picture, found.letters)
    assert int(np.abs(left.astype(int) - picture[0, 0]).max()) < 12


def test_columns_are_read_downward_from_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    columns = []
    for x in (100, 140):
        for number, letter in enumerate("TELL"):
            write(picture, letter, x, 100 + 34 * number)
        columns.append(Box(x - 3, 74, 26, 134))
    seen_at(monkeypatch, *columns)
    lines = find_lettering(picture).lines
    assert [is_downward(line) for line in lines] == [True, True]
    assert lines[0].box.x > lines[1].box.x
    assert [letter.y for letter in lines[0].letters] == sorted(letter.y for letter in lines[0].letters)


def test_panels_come_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    boxes = [
        write(picture, "second one", 360, 80),
        write(picture, "first one", 40, 120),
        write(picture, "the last one", 40, 400),
    ]
    seen_at(monkeypatch, *boxes)
    panels = [Box(20, 20, 280, 300), Box(340, 20, 280, 300), Box(20, 340, 600, 280)]
    assert [line.box.x > 300 for line in find_lettering(picture, panels).lines] == [False, True, False]


def test_without_the_network_rows_of_even_marks_are_read(tmp_path: Path) -> None:
    picture = page()
    words = write(picture, "Tell me more", 60, 100)
    assert find_text_boxes(picture) is None
    (line,) = find_lettering(picture).lines
    assert line.box.shared(words) > 0.8 * min(words.area, line.box.area)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / LETTERING.name).write_bytes(b"another file")
    assert find_text_boxes(picture) is None


def test_all_that_stands_in_a_balloon_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.full((640, 640, 3), (90, 140, 90), np.uint8)
    cv2.ellipse(picture, (290, 200), (180, 120), 0, 0, 360, (255, 255, 255), -1)
    cv2.ellipse(picture, (290, 200), (180, 120), 0, 0, 360, INK, 3)
    boxes = [write(picture, words, 190, y) for words, y in (("Tell me", 150), ("no more", 190), ("stories", 230))]
    for x in (240, 260, 280):
        cv2.circle(picture, (x, 280), 4, INK, -1)
    write(picture, "I", 160, 190)
    seen_at(monkeypatch, *boxes)
    found = find_lettering(picture)
    assert len(found.lines) == 4
    assert found.lines[1].box.x < 170
    assert len(found.lines[3].letters) == 3
    balloon = found.balloons > 0
    assert 0.85 < balloon.sum() / (np.pi * 180 * 120) < 1.02
    assert int(unlettered(picture, found.letters)[balloon].min()) > 200


def test_a_caption_is_a_box_though_its_colour_goes_on_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.full((640, 640, 3), (90, 80, 80), np.uint8)
    cv2.line(picture, (80, 620), (560, 20), (180, 215, 240), 40)
    cv2.rectangle(picture, (200, 200), (440, 380), (180, 215, 240), -1)
    boxes = [write(picture, words, 230, y) for words, y in (("Tell me", 250), ("no more", 290), ("stories", 330))]
    seen_at(monkeypatch, *boxes)
    balloon = find_lettering(picture).balloons > 0
    rows, columns = np.nonzero(balloon)
    assert abs(rows.min() - 200) < 4
    assert abs(rows.max() - 380) < 4
    assert abs(columns.min() - 200) < 4
    assert abs(columns.max() - 440) < 4
    assert balloon[210:370, 210:430].all()


def test_short_strokes_beside_each_other_are_not_lettering_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    boxes = [write(picture, words, 60, y) for words, y in (("Tell me", 80), ("no more", 130), ("stories", 180))]
    for step in range(4):
        cv2.line(picture, (400 + 16 * step, 400 + 12 * step), (406 + 16 * step, 392 + 12 * step), INK, 3)
    seen_at(monkeypatch, *boxes, Box(396, 388, 70, 56))
    assert len(find_lettering(picture).lines) == 3


def test_letters_whose_outlines_touch_are_read_one_by_one_with_their_outlines(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    picture[:] = (240, 200, 90)
    words = write(picture, "OBJECTS", 80, 100)
    letters = (np.abs(picture.astype(int) - (240, 200, 90)).max(axis=2) > 60).astype(np.uint8)
    outlined = cv2.dilate(letters, np.ones((11, 11), np.uint8)) > 0
    picture[outlined] = (255, 255, 255)
    write(picture, "OBJECTS", 80, 100)
    around = Box(words.x - 6, words.y - 6, words.width + 12, words.height + 6)
    seen_at(monkeypatch, around, likely_as=0.99)
    found = find_lettering(picture)
    (line,) = found.lines
    assert len(line.letters) == 7
    assert float((found.letters[outlined] > 0).mean()) > 0.95


def test_a_bar_with_a_rim_is_no_lettering(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    cv2.rectangle(picture, (80, 80), (240, 110), (255, 255, 255), -1)
    cv2.rectangle(picture, (86, 86), (234, 104), INK, -1)
    seen_at(monkeypatch, Box(76, 76, 168, 38), likely_as=0.99)
    assert not find_lettering(picture).lines


def test_a_short_word_on_even_ground_is_read_if_the_network_has_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = page()
    word = write(picture, "hap", 300, 300, 1.2)
    word = Box(word.x, word.y - 2, word.width, word.height + 2)
    seen_at(monkeypatch, word, likely_as=0.99)
    assert len(find_lettering(picture).lines) == 1
    seen_at(monkeypatch, word, likely_as=0.9)
    assert not find_lettering(picture).lines
