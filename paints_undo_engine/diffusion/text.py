"""Prompts for both models: the published cleaning, CLIP's byte-pair tokens, and CLIP's text encoder.

Source: Radford et al. 2021 (CLIP); docs/models.md, "Text".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex  # type: ignore[import-untyped]
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from paints_undo_engine.checkpoints.loading import empty, number_positions
from paints_undo_engine.errors import CheckpointError

LENGTH = 77

_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)
_MARKERS = ("<|startoftext|>", "<|endoftext|>")
_WORDS = regex.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", regex.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's token ids, int64 [1, 77], and how many of its tokens did not fit in."""

    ids: torch.Tensor
    dropped: int


def clean(text: str, markers: Sequence[str] = _MARKERS) -> str:
    """The words of `text` as the published tokenizer splits it, with one space between them.

    Control characters go, ideographs (not kana) stand alone, accents stay, and everything is in lower case. `markers`
    are the tokenizer's special tokens, which are cut out first. The newer tokenizer gives the published ids for the
    result.
    """
    cut = regex.compile("(" + "|".join(map(regex.escape, markers)) + ")")
    words: list[str] = []
    for part in cut.split(text):
        words += [part] if part in markers else _WORDS.findall(_cleaned(part))
    return " ".join(words)


def _cleaned(text: str) -> str:
    kept = "".join(_kept(character) for character in text)
    return " ".join(unicodedata.normalize("NFC", kept).split()).lower()


def _kept(character: str) -> str:
    if character in "\t\n\r":
        return " "
    category = unicodedata.category(character)
    if character == "\ufffd" or category.startswith("C"):
        return ""
    if category == "Zs":
        return " "
    point = ord(character)
    return f" {character} " if any(low <= point <= high for low, high in _IDEOGRAPHS) else character


class Tokenizer:
    """CLIP's tokenizer, read from a checkpoint's ``tokenizer`` folder with its own padding token."""

    def __init__(self, folder: Path) -> None:
        """Raises `CheckpointError` when the folder holds no usable tokenizer."""
        try:
            self._tokenizer: Any = CLIPTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CheckpointError(f"{folder} holds no usable tokenizer ({error}). Download the model again.") from error
        self._markers: tuple[str, ...] = tuple(self._tokenizer.all_special_tokens)

    def __call__(self, text: str) -> Prompt:
        """Tokens of `text`: start, at most 75 tokens, end, and padding to 77. What is longer is cut off."""
        cleaned = clean(text, self._markers)
        whole = self._tokenizer(cleaned, truncation=False, verbose=False)["input_ids"]
        ids = self._tokenizer(cleaned, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt")[
            "input_ids"
        ]
        return Prompt(ids, max(0, len(whole) - LENGTH))

    def chunks(self, text: str) -> torch.Tensor:
        """All tokens of `text`, int64 [n, 77]: as many rows as it takes, each a prompt of at most 75 tokens."""
        cleaned = clean(text, self._markers)
        start, *whole, end = self._tokenizer(cleaned, truncation=False, verbose=False)["input_ids"]
        inside = LENGTH - 2
        rows = [whole[at : at + inside] for at in range(0, max(1, len(whole)), inside)]
        padding = self._tokenizer.pad_token_id
        return torch.tensor([[start, *row, end, *[padding] * (inside - len(row))] for row in rows])


def build_text_encoder(config: Mapping[str, Any]) -> CLIPTextModel:
    """CLIP's text encoder without storage; the published models have 11 (single-frame) and 23 (multi-frame) layers."""
    settings = CLIPTextConfig.from_dict({key: value for key, value in config.items() if key != "torch_dtype"})
    model = empty(lambda: CLIPTextModel(settings))
    number_positions(model)
    return model


def encode_prompt(encoder: CLIPTextModel, ids_bl: torch.Tensor) -> torch.Tensor:
    """Text context [b, 77, d] of token ids int64 [b, 77]: the last layer after its norm; padding is attended to."""
    device = next(encoder.parameters()).device
    context_bld: torch.Tensor = encoder(input_ids=ids_bl.to(device)).last_hidden_state
    return context_bld
