"""Titles and authors on films, and the fonts that they are written in."""

from __future__ import annotations

import numpy as np
import pytest
from export.filming import SIZE, difference, shown
from export.readers import made, probed
from export.sources import process

from paints_undo_engine.errors import ExportError, InvalidRequestError
from paints_undo_engine.export import ExportOptions
from paints_undo_engine.export.lettering import font_for, letters, unwritable


def test_the_title_goes_and_comes_back_with_the_painting():
    given = {"frames_per_second": 1, "omit_end_card": True}
    plain = shown(process(**SIZE), **given, pace_curve="0:0,1:1")
    drawn = shown(process(**SIZE), **given, title="Sea", author="me", pace_curve="0:0,1:1")
    changed = [bool(difference(a, b).any()) for a, b in zip(plain, drawn, strict=True)]
    assert changed[0]
    assert not any(changed[150:240])
    assert changed[-1]


@pytest.mark.parametrize(
    "title", ["A day by the sea with {} and a dog that has run on and on as far as the {}", "{}" * 70 + "{}"]
)
def test_a_long_title_is_written_to_its_end(title):
    given = {"frames_per_second": 1, "omit_end_card": True}
    ends = [title.format(*["x"] * (title.count("{}") - 1), end) for end in "xm"]
    one, other = (shown(process(2, **SIZE), **given, title=text)[0] for text in ends)
    assert difference(one, other).max() > 60
    bare = shown(process(2, **SIZE), **given, title="x")[0]
    assert not difference(bare, one)[:, -10:].any(), "and keeps clear of the edge"


def test_a_title_that_does_not_fit_is_written_smaller():
    given = {"frames_per_second": 1, "omit_end_card": True, "author": "Maler"}
    words = "Die lange Nacht der Fuchsjägerin am Rande des großen Überlandwaldes — Leinwand"
    ends = [f"{words} {end}" for end in "aM"]
    one, other = (shown(process(2, 270, 480), **given, title=title)[0] for title in ends)
    assert difference(one, other).max() > 60


def test_a_title_on_a_narrow_picture_takes_the_lines_that_it_needs():
    given = {"frames_per_second": 1, "omit_end_card": True, "author": "M" * 80}
    ends = ["WWWWWWW " * 9 + end for end in "aM"]
    one, other = (shown(process(2, 64, 640), **given, title=title)[0] for title in ends)
    assert difference(one, other).max() > 60


def test_all_lines_of_a_title_have_one_font():
    """A sign that Pillow's own font lacks has the whole title written in another one."""
    ink = letters("wwwwwwww wwwwwwww—", 20, 200, 3)[..., 0] > 200
    rows = np.flatnonzero(ink.any(axis=1))
    first, second = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    across = np.flatnonzero(ink[first].any(axis=0))[-1] + 1
    assert np.array_equal(ink[first, :across], ink[second[: len(first)], :across])


def test_a_title_is_written_in_any_script_that_a_font_here_has(tmp_path):
    with pytest.raises(ExportError, match="No font"):
        font_for("\U000132f4\ufdd0", 20)
    path = made(tmp_path / "a.mp4", process(**SIZE), title="x" * 80, author="été — ñ", duration_seconds=2)
    assert float(probed(path)[1]["duration"]) == pytest.approx(2, abs=0.05)
    with pytest.raises(InvalidRequestError, match="title"):
        ExportOptions(title="x" * 81)


@pytest.mark.parametrize(
    ("title", "drawn"),
    [("Sea \U0001fae8", "Sea"), ("\U0001f468\u200d\U0001faf5\ufe0f  Sea\U0001f44d\U0001f3fd", "Sea"), ("Sea", "Sea")],
)
def test_signs_that_only_decorate_are_left_out_where_no_font_has_them(title, drawn):
    assert font_for(title, 20)[1] == drawn
    assert set(unwritable(title)) <= set(title) - set(drawn)
    assert np.array_equal(letters(title, 20, 200), letters(drawn, 20, 200))


def test_a_title_of_nothing_but_such_signs_is_refused():
    for title in ("\U0001fae8", "\U0001fae8 \U0001faf5"):
        with pytest.raises(ExportError, match="No font"):
            unwritable(title)
    assert unwritable("  ") == ""
