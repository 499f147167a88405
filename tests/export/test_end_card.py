"""The card at a video's end."""

from __future__ import annotations

import numpy as np
import pytest
from export.readers import decoded, made, probed
from export.sources import process
from hypothesis import given
from hypothesis import strategies as st

from paints_undo_engine.export import Aspect, Language, end_card

SIDES = st.integers(1, 1400)
LANGUAGES = st.sampled_from(Language)


@given(LANGUAGES, SIDES, SIDES)
def test_every_word_is_on_the_card_and_inside_of_it(language, width, height):
    layout = end_card.lay_out(language, width, height)
    assert tuple(word for line in layout.lines for word in line) == end_card.words_of(language)
    line_height = end_card.strip_of(language).shape[0]
    for line in layout.lines:
        across = line[-1].left + line[-1].ink - line[0].left
        assert across * layout.scale <= 0.85 * width
    assert len(layout.lines) * line_height * layout.scale <= 0.71 * height


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("size", [(1, 1), (2, 400), (400, 2), (1080, 1920), (1920, 1080), (90, 700)])
def test_the_margin_stays_free(language, size):
    width, height = size
    card = end_card.draw(np.zeros((height, width, 3), np.uint8), language)
    assert card.shape == (height, width, 3)
    if min(size) > 50:
        rows, columns = np.nonzero(card.max(axis=2) > 100)
        assert width * 0.07 < columns.min() < columns.max() < width * 0.93
        assert height * 0.14 < rows.min() < rows.max() < height * 0.86
        assert (card > 100).mean() > 0.003


@pytest.mark.parametrize("size", [(540, 960), (800, 800), (960, 540)])
@pytest.mark.parametrize("language", [Language.DE, Language.EN, Language.JA, Language.ZH])
def test_no_line_goes_on_behind_a_part_of_the_sentence(language, size):
    lines = ["".join(word.text for word in line).strip() for line in end_card.lay_out(language, *size).lines]
    assert not [line for line in lines if set(line[:-1]) & set(",，。")]


def test_the_strips_hold_every_letter():
    """Each word has ink of its own, and no two languages say it with the same picture."""
    for language in Language:
        strip = end_card.strip_of(language)
        for word in end_card.words_of(language):
            assert word.left + word.width <= strip.shape[1]
            assert strip[:, word.left : word.left + word.ink].max() > 200
            assert word.ink > 10 * len(word.text.strip())
    assert len({end_card.strip_of(language).tobytes() for language in Language}) == len(Language)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
@pytest.mark.parametrize("aspect", [Aspect.OWN, Aspect.TALL])
def test_a_video_ends_with_the_card(tmp_path, name, aspect):
    source = process(width=400, height=320)
    path = made(tmp_path / name, source, frames_per_second=10, hold_last_seconds=0.5, aspect=aspect, reverse=True)
    stream, container = probed(path)
    assert float(container["duration"]) == pytest.approx(1 + 0.5 + 1.5, abs=0.02)
    shown = decoded(path, stream["width"], stream["height"])
    assert len(shown) == 30
    assert shown[-16].mean() > 1.5 * shown[-15].mean()
    white = [(frame.min(axis=2) > 235).mean() for frame in shown[-15:]]
    assert min(white) > 0.002
    assert np.abs(shown[-1].astype(int) - shown[-15]).mean() < 2
