"""Prompts: the published cleaning, and the published token ids."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.networks import load_text_encoder
from paints_undo_engine.diffusion.text import LENGTH, Tokenizer, clean, encode_prompt
from paints_undo_engine.errors import CheckpointError

DATA = Path(__file__).parent / "data" / "token_ids.json"
GOLDEN = Path(__file__).parents[1] / "parity" / "golden" / "repos"


@pytest.fixture(scope="module", params=["single_frame", "multi_frame"])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tokenizer(model: str) -> Tokenizer:
    return Tokenizer(GOLDEN / model / "tokenizer")


def test_token_ids_equal_those_of_the_published_tokenizer(model: str, tokenizer: Tokenizer) -> None:
    """The ids in the data file were made with transformers 4.41.1, for texts drawn from many scripts and marks."""
    for row in json.loads(DATA.read_text(encoding="utf-8")):
        assert tokenizer(row["text"]).ids[0].tolist() == row[model], row["text"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("1girl, Solo", "1 girl , solo"),
        ("  a\t\nb ", "a b"),
        ("日本ペ", "日 本 ペ"),
        ("caf\u00e9 e\u0301", "caf\u00e9 \u00e9"),
        ("a\u0000b\u200bc\ufffd", "abc"),
        ("it's", "it 's"),
        ("", ""),
    ],
)
def test_cleaning(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_makes_77_tokens(text: str) -> None:
    prompt = _any_tokenizer()(text)
    assert prompt.ids.shape == (1, LENGTH)
    assert prompt.ids.dtype == torch.int64
    assert prompt.dropped >= 0


def _any_tokenizer() -> Tokenizer:
    if not hasattr(_any_tokenizer, "made"):
        _any_tokenizer.made = Tokenizer(GOLDEN / "single_frame" / "tokenizer")  # type: ignore[attr-defined]
    return _any_tokenizer.made  # type: ignore[attr-defined, no-any-return]


def test_what_is_cut_off_is_counted(tokenizer: Tokenizer) -> None:
    assert tokenizer(" ".join("!" * 75)).dropped == 0
    assert tokenizer(" ".join("?" * 80)).dropped == 5
    assert torch.equal(tokenizer(" ".join("?" * 80)).ids, tokenizer(" ".join("?" * 75)).ids)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="tokenizer"):
        Tokenizer(tmp_path / "tokenizer")


def test_padding_is_attended_to_and_later_tokens_do_not_reach_back(model: str, tokenizer: Tokenizer) -> None:
    encoder = load_text_encoder(GOLDEN / model / "text_encoder")
    ids = tokenizer("a b").ids
    changed = ids.clone()
    changed[0, 40] = 5
    with torch.inference_mode():
        one, other = encode_prompt(encoder, ids), encode_prompt(encoder, changed)
    assert torch.equal(one[:, :40], other[:, :40])
    assert not torch.equal(one[:, 41:], other[:, 41:])
