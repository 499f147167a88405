"""What is wrong can be read in every theme."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krita_plugin.undo_painting.core import contrast

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


def test_the_ratio_is_that_of_the_standard() -> None:
    assert contrast.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast.contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@given(COLOURS)
def test_an_alarm_can_be_read_on_anything(background: tuple[int, int, int]) -> None:
    assert contrast.contrast(contrast.alarm(background), background) >= 4.5


@given(COLOURS, COLOURS)
def test_quiet_words_are_never_less_readable_than_allowed(
    text: tuple[int, int, int], background: tuple[int, int, int]
) -> None:
    made = contrast.dim(text, background)
    least = min(4.5, contrast.contrast(text, background))
    assert contrast.contrast(made, background) >= least - 1e-9


@pytest.mark.parametrize("theme", [(71, 71, 71), (49, 54, 59), (239, 239, 239), (178, 178, 178)])
def test_in_kritas_themes_an_alarm_is_red(theme: tuple[int, int, int]) -> None:
    red, green, blue = contrast.alarm(theme)
    assert red > green
    assert red > blue
