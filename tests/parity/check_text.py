"""Parity of the tokenizers and the text encoders."""

from __future__ import annotations

import torch
from diffusion.networks import load_text_encoder

from paints_undo_engine.diffusion.text import Tokenizer, encode_prompt
from parity.compare import Compare
from parity.golden import Golden
from parity.registry import handles

TOLERANCE = 1e-4


@handles("text", what="CLIPTokenizer")
def check_text(golden: Golden, compare: Compare) -> None:
    for repo in sorted({name.partition(".")[0] for name in golden.outputs}):
        tokenizer = Tokenizer(golden.repo(repo, "tokenizer"))
        encoder = load_text_encoder(golden.repo(repo, "text_encoder"))
        for index, prompt in enumerate(golden.meta["prompts"]):
            call = f"{repo}.{index}"
            if f"{call}.input_ids" not in golden.outputs:
                continue
            compare.output(f"{call}.input_ids", tokenizer(prompt).ids)
            if f"{call}.last_hidden_state" in golden.outputs:
                stored = golden.expected(f"{call}.input_ids").to(torch.int64)
                compare.output(f"{call}.last_hidden_state", encode_prompt(encoder, stored), TOLERANCE)
