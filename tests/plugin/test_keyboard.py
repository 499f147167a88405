"""Everything in the docker and its settings can be reached and used with the keyboard, and has a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_the_keyboard_reaches_everything(run_script: Callable[..., list[Any]]) -> None:
    (found,) = run_script("keyboard_script.py")
    for window in ("docker", "settings"):
        assert found[window]["count"] > 8
        assert found[window]["missed"] == []
        assert found[window]["nameless"] == [], found[window]["nameless"]
        assert found[window]["jumps"] == [], "Tab goes down the window"
    for code in ("en", "de", "fr"):
        letters, without, jumped = found["letters"][code]
        assert len(set(letters)) == len(letters) >= 12, f"{code}: no letter twice"
        assert without == []
        assert jumped, "Alt and the letter go to the field that the caption names"
    assert found["pressed"] == [True]
    assert found["closed"]
