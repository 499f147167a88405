"""Work on pixels: what is blank, and pictures made small band by band."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_blank_pictures_and_bands(run_script: Callable[..., list[Any]]) -> None:
    (found,) = run_script("pixels_script.py")
    for side in (8, 3000):
        paper, dotted, transparent, painting = found.pop(f"blank {side}")
        assert [paper, dotted, transparent] == [True, False, True], "one pixel in the corner is enough"
        assert not painting
    for name, (apart, opaque) in found.items():
        assert apart < 0.02, "only where bands meet at an edge of the picture's own"
        assert opaque is name.endswith("255")
